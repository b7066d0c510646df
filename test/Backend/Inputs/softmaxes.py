"""Prints a function of so many softmaxes, one behind the other: softmaxes.py COUNT."""
import sys

count = int(sys.argv[1])
print("func.func @main(%v0: tensor<4x8xf32>) -> tensor<4x8xf32> {")
for i in range(count):
    print(f"  %v{i + 1} = nn.softmax %v{i} {{axis = 1 : i64}} : (tensor<4x8xf32>) -> tensor<4x8xf32>")
print(f"  return %v{count} : tensor<4x8xf32>\n}}")
