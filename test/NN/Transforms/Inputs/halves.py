"""Prints a function that takes a tensor's halves apart and joins them again, time after time: halves.py TIMES."""
import sys

full, half = "tensor<1x4x2x2xf32>", "tensor<1x2x2x2xf32>"
print(f"func.func @main(%v0: {full}) -> {full} {{")
for i in range(int(sys.argv[1])):
    for start in (0, 2):
        boxes = f"starts = array<i64: 0, {start}, 0, 0>, sizes = array<i64: 1, 2, 2, 2>, steps = array<i64: 1, 1, 1, 1>"
        print(f"  %h{i}_{start} = nn.slice %v{i} {{{boxes}}} : ({full}) -> {half}")
    print(f"  %v{i + 1} = nn.concat %h{i}_2, %h{i}_0 {{axis = 1 : i64}} : ({half}, {half}) -> {full}")
print(f"  return %v{sys.argv[1]} : {full}\n}}")
