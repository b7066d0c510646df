"""Prints functions of products by constant weights, some of which are zero: sparse.py ZEROS [of a thousand]."""
import random
import sys

zeros = int(sys.argv[1])
random.seed(1)


def constant(shape: list[int]) -> str:
    """Of f32, 1 where it is not zero; a dense<> literal."""
    def text(dims: list[int]) -> str:
        if not dims:
            return "0.0" if random.random() * 1000 < zeros else "1.0"
        return "[" + ", ".join(text(dims[1:]) for _ in range(dims[0])) + "]"
    return f"dense<{text(shape)}> : tensor<{'x'.join(map(str, shape))}xf32>"


def conv(name: str, weights: list[int], size: int = 14, stride: int = 1, pad: int = 0, groups: int = 1) -> None:
    out = (size + 2 * pad - weights[2]) // stride + 1
    x = f"tensor<1x{size}x{size}x{weights[1] * groups}xf32>"
    y = f"tensor<1x{out}x{out}x{weights[0]}xf32>"
    w = f"tensor<{'x'.join(map(str, weights))}xf32>"
    print(f"""func.func @{name}(%x: {x}) -> {y} {{
  %w = nn.constant {constant(weights)}
  %y = nn.conv %x, %w {{strides = array<i64: {stride}, {stride}>, pads = array<i64: {pad}, {pad}, {pad}, {pad}>,
      dilations = array<i64: 1, 1>, groups = {groups} : i64, layout = #nn.layout<channels_last>}} : ({x}, {w}) -> {y}
  return %y : {y}
}}""")


def matmul(name: str, rows: int, transposed: bool) -> None:
    x, y = f"tensor<{rows}x64xf32>", f"tensor<{rows}x96xf32>"
    shape = [96, 64] if transposed else [64, 96]
    print(f"""func.func @{name}(%x: {x}) -> {y} {{
  %w = nn.constant {constant(shape)}
  %y = nn.matmul %x, %w {"{transpose_rhs} " if transposed else ""}: ({x}, tensor<{shape[0]}x{shape[1]}xf32>) -> {y}
  return %y : {y}
}}""")


conv("pointwise", [96, 64, 1, 1])
conv("wide", [32, 300, 1, 1])
conv("large", [96, 64, 1, 1], size=28)
matmul("product", 100, False)
matmul("transposed", 100, True)
matmul("one_row", 1, False)
conv("strided", [96, 64, 1, 1], stride=2)
conv("padded", [96, 64, 1, 1], pad=1)
conv("window", [96, 64, 3, 3], pad=1)
conv("grouped", [96, 32, 1, 1], groups=2)
conv("narrow", [96, 8, 1, 1])
