"""Prints a function of a chain of nn ops: chain.py LENGTH OP [--behind-product]."""
import sys

length, kind = int(sys.argv[1]), sys.argv[2]
behind_product = "--behind-product" in sys.argv
type_ = "tensor<4x8xf32>"
arguments = [f"%a{i}: {type_}" for i in range(length + 1 if kind == "add" else 1)]
lines, last = [], "%a0"
if behind_product:
    lines.append(f"%p = nn.matmul %a0, %w : ({type_}, tensor<8x8xf32>) -> {type_}")
    arguments.append("%w: tensor<8x8xf32>")
    last = "%p"
for i in range(length):
    if kind == "add":
        lines.append(f"%v{i} = nn.add {last}, %a{i + 1} : {type_}, {type_}")
    else:
        lines.append(f"%v{i} = nn.{kind} {last} : {type_}")
    last = f"%v{i}"
print(f"func.func @main({', '.join(arguments)}) -> {type_} {{")
print("\n".join("  " + line for line in lines))
print(f"  return {last} : {type_}\n}}")
