"""Writes an nn graph that is rich in what restructuring channels looks for.

    random_channels.py SEED > graph.mlir

Block diagonal weights under random permutations, filters and columns of zeros, depthwise and group convolutions,
shuffles, gathers, concat and slice, residual sums, pools, epilogues with operands, flattening and matrix products; in
either layout, with some values returned as they are. The same seed gives the same graph.
"""
import random
import sys

import numpy as np


class Graph:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.np = np.random.RandomState(seed)
        self.lines: list[str] = []
        self.count = 0
        self.first = self.rng.random() < 0.5
        self.size = 4

    def name(self) -> str:
        self.count += 1
        return f"%v{self.count}"

    def emit(self, text: str) -> str:
        name = self.name()
        self.lines.append(f"    {name} = {text}")
        return name

    def type(self, channels: int) -> str:
        s = self.size
        return f"tensor<1x{channels}x{s}x{s}xf32>" if self.first else f"tensor<1x{s}x{s}x{channels}xf32>"

    @property
    def axis(self) -> int:
        return 1 if self.first else 3

    @property
    def layout(self) -> str:
        return "layout = #nn.layout<" + ("channels_first>" if self.first else "channels_last>")

    def constant(self, array: np.ndarray, element: str = "f32") -> tuple[str, str]:
        kind = f"tensor<{'x'.join(map(str, array.shape))}x{element}>"
        return self.emit(f"nn.constant dense<{array.tolist()}> : {kind}"), kind

    def weights(self, outs: int, ins: int, kernel: int) -> np.ndarray:
        """Multiples of 1/8, so that sums are exact in any order."""
        w = self.np.randint(-3, 4, (outs, ins, kernel, kernel)) / 8
        kind = self.rng.random()
        if kind < 0.35 and outs % 2 == 0 and ins % 2 == 0:
            blocks = 2 if self.rng.random() < 0.6 or outs % 4 or ins % 4 else 4
            mask = np.kron(np.eye(blocks), np.ones((outs // blocks, ins // blocks)))
            mask = mask[self.np.permutation(outs)][:, self.np.permutation(ins)]
            w *= mask[:, :, None, None]
        if self.rng.random() < 0.4:
            w[self.np.rand(outs) < 0.3] = 0
        if self.rng.random() < 0.4:
            w[:, self.np.rand(ins) < 0.3] = 0
        return w

    def conv(self, x: tuple[str, int], outs: int, groups: int = 1, residual: str | None = None) -> tuple[str, int]:
        value, ins = x
        kernel = self.rng.choice([1, 1, 3])
        pad = kernel // 2
        w, wtype = self.constant(self.weights(outs, ins // groups, kernel))
        operands, types, text = [value, w], [self.type(ins), wtype], f"nn.conv {value}, {w}"
        if self.rng.random() < 0.6:
            bias = self.np.randint(-8, 9, outs) / 8 * (self.np.rand(outs) < 0.6)
            b, btype = self.constant(bias)
            text += f" bias({b})"
            types.append(btype)
        body = ""
        if residual or self.rng.random() < 0.3:
            extra = residual
            kind = self.type(outs)
            if not extra:
                extra, kind = self.constant(self.np.randint(-8, 9, outs) / 8)
            text += f" epilogue({extra})"
            types.append(kind)
            body = (" {\n    ^bb0(%a: f32, %b: f32):\n      %s = arith.addf %a, %b : f32\n"
                    "      %z = arith.constant 0.0 : f32\n      %m = arith.maximumf %s, %z : f32\n"
                    "      nn.yield %m : f32\n    }")
        text += (f" {{strides = array<i64: 1, 1>, pads = array<i64: {pad}, {pad}, {pad}, {pad}>, "
                 f"dilations = array<i64: 1, 1>, groups = {groups} : i64, {self.layout}}} : "
                 f"({', '.join(types)}) -> {self.type(outs)}{body}")
        return self.emit(text), outs

    def relu(self, x: tuple[str, int]) -> tuple[str, int]:
        return self.emit(f"nn.relu {x[0]} : {self.type(x[1])}"), x[1]

    def scale(self, x: tuple[str, int]) -> tuple[str, int]:
        shape = (x[1], 1, 1) if self.first else (x[1],)
        c, kind = self.constant((self.np.randint(1, 3, shape) / 2))
        return self.emit(f"nn.mul {x[0]}, {c} : {self.type(x[1])}, {kind}"), x[1]

    def pool(self, x: tuple[str, int]) -> tuple[str, int]:
        kind = self.rng.choice(["max", "average"])
        return self.emit(
            f"nn.pool {x[0]} {{kind = #nn.pool_kind<{kind}>, kernel = array<i64: 2, 2>, strides = array<i64: 1, 1>, "
            f"pads = array<i64: 0, 0, 1, 1>, dilations = array<i64: 1, 1>, count_include_pad, {self.layout}}} : "
            f"({self.type(x[1])}) -> {self.type(x[1])}"), x[1]

    def shuffle(self, x: tuple[str, int]) -> tuple[str, int]:
        value, c = x
        if c % 2 or c < 4:
            return x
        g = self.rng.choice([g for g in (2, 3, 4) if c % g == 0])
        s = self.size
        split, perm, joined = ((1, g, c // g, s, s), (0, 2, 1, 3, 4), (1, c // g, g, s, s)) if self.first else \
            ((1, s, s, g, c // g), (0, 1, 2, 4, 3), (1, s, s, c // g, g))
        t = [f"tensor<{'x'.join(map(str, d))}xf32>" for d in (split, joined)]
        a = self.emit(f"nn.reshape {value} : {self.type(c)} to {t[0]}")
        b = self.emit(f"nn.transpose {a} {{permutation = array<i64: {', '.join(map(str, perm))}>}} : ({t[0]}) -> {t[1]}")
        return self.emit(f"nn.reshape {b} : {t[1]} to {self.type(c)}"), c

    def gather(self, x: tuple[str, int]) -> tuple[str, int]:
        value, c = x
        indices = self.np.permutation(c) if self.rng.random() < 0.7 else self.np.randint(0, c, c)
        i, kind = self.constant(indices, "i64")
        return self.emit(f"nn.gather {value}, {i} {{axis = {self.axis} : i64}} : ({self.type(c)}, {kind}) -> "
                         f"{self.type(c)}"), c

    def slice(self, x: tuple[str, int], start: int, count: int) -> tuple[str, int]:
        sizes, starts = [1, self.size, self.size, self.size], [0, 0, 0, 0]
        sizes[self.axis], starts[self.axis] = count, start
        text = ", ".join(map(str, sizes)), ", ".join(map(str, starts))
        return self.emit(f"nn.slice {x[0]} {{starts = array<i64: {text[1]}>, sizes = array<i64: {text[0]}>, steps = "
                         f"array<i64: 1, 1, 1, 1>}} : ({self.type(x[1])}) -> {self.type(count)}"), count

    def concat(self, x: tuple[str, int], y: tuple[str, int]) -> tuple[str, int]:
        c = x[1] + y[1]
        return self.emit(f"nn.concat {x[0]}, {y[0]} {{axis = {self.axis} : i64}} : ({self.type(x[1])}, "
                         f"{self.type(y[1])}) -> {self.type(c)}"), c

    def matmul(self, x: tuple[str, int]) -> str:
        features = x[1] * self.size * self.size
        flat = self.emit(f"nn.reshape {x[0]} : {self.type(x[1])} to tensor<1x{features}xf32>")
        m = self.np.randint(-2, 3, (features, 3)) / 8
        m[self.np.rand(features) < 0.3] = 0
        w, kind = self.constant(m)
        return self.emit(f"nn.matmul {flat}, {w} : (tensor<1x{features}xf32>, {kind}) -> tensor<1x3xf32>")

    def step(self, values: list[tuple[str, int]]) -> None:
        rng = self.rng
        x = rng.choice(values[-3:])
        kind = rng.choice(["conv", "conv", "conv", "group", "depthwise", "relu", "scale", "pool", "shuffle", "shuffle",
                           "gather", "concat", "split", "add", "residual"])
        mates = [v for v in values if v[1] == x[1] and v[0] != x[0]]
        if kind == "conv":
            values.append(self.conv(x, rng.choice([4, 6, 8, 12])))
        elif kind == "group" and x[1] % 2 == 0:
            values.append(self.conv(x, rng.choice([4, 8]), groups=2))
        elif kind == "depthwise":
            values.append(self.conv(x, x[1] * rng.choice([1, 1, 2]), groups=x[1]))
        elif kind == "concat" and x[1] <= 12:
            values.append(self.concat(x, rng.choice(values[-4:])))
        elif kind == "split" and x[1] % 2 == 0:
            values += [self.slice(x, 0, x[1] // 2), self.slice(x, x[1] // 2, x[1] // 2)]
        elif kind == "add" and mates:
            y = rng.choice(mates)
            values.append((self.emit(f"nn.add {x[0]}, {y[0]} : {self.type(x[1])}, {self.type(x[1])}"), x[1]))
        elif kind == "residual" and mates:
            values.append(self.conv(x, x[1], residual=rng.choice(mates)[0]))
        elif kind in ("relu", "scale", "pool", "shuffle", "gather"):
            values.append(getattr(self, kind)(x))

    def write(self) -> str:
        values = [("%x", 8), self.conv(("%x", 8), 8)]
        for _ in range(self.rng.randint(4, 12)):
            self.step(values)
        results = [(self.matmul(values[-1]), "tensor<1x3xf32>")]
        end = self.conv(values[-2], 4)
        results.append((end[0], self.type(4)))
        if self.rng.random() < 0.5:
            kept = self.rng.choice(values[1:])
            results.append((kept[0], self.type(kept[1])))
        named = ", ".join(f'{t} {{nn.name = "y{i}"}}' for i, (_, t) in enumerate(results))
        values_text, types = ", ".join(r[0] for r in results), ", ".join(r[1] for r in results)
        body = "\n".join(self.lines)
        return (f'module {{\n  func.func @main(%x: {self.type(8)} {{nn.name = "x"}}) -> ({named}) {{\n{body}\n'
                f"    return {values_text} : {types}\n  }}\n}}")


if __name__ == "__main__":
    print(Graph(int(sys.argv[1])).write())
