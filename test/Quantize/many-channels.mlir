// RUN: mlc-opt %s --nn-quantize | FileCheck %s --check-prefix=ONNX
// RUN: mlc-opt %s --nn-quantize=mode=integer | FileCheck %s --check-prefix=INT

// Of more than 64 channels that differ, and are no lines, vectors of floats are faster than tables; mode integer has tables
// all the same.
// ONNX: nn.mul
// ONNX: nn.quantize
// INT: nn.constant {{.*}} : tensor<16896xui8>
// INT: nn.gather
// INT-NOT: nn.mul
func.func @ties(%q: tensor<66x4xui8>) -> tensor<66x4xui8> {
  %s = nn.constant dense<0.5> : tensor<f32>
  %z = nn.constant dense<0> : tensor<ui8>
  %factors = nn.constant dense<[[0.25], [0.5], [0.75], [1.0], [1.25], [1.5], [1.75], [2.0], [2.25], [2.5], [2.75], [3.0], [3.25], [3.5], [3.75], [4.0], [4.25], [4.5], [4.75], [5.0], [5.25], [5.5], [5.75], [6.0], [6.25], [6.5], [6.75], [7.0], [7.25], [7.5], [7.75], [8.0], [8.25], [8.5], [8.75], [9.0], [9.25], [9.5], [9.75], [10.0], [10.25], [10.5], [10.75], [11.0], [11.25], [11.5], [11.75], [12.0], [12.25], [12.5], [12.75], [13.0], [13.25], [13.5], [13.75], [14.0], [14.25], [14.5], [14.75], [15.0], [15.25], [15.5], [15.75], [16.0], [16.25], [16.5]]> : tensor<66x1xf32>
  %x = nn.dequantize %q, %s, %z : tensor<66x4xui8>, tensor<f32>, tensor<ui8>
  %0 = nn.mul %x, %factors : tensor<66x4xf32>, tensor<66x1xf32>
  %r = nn.quantize %0, %s, %z : tensor<66x4xf32>, tensor<f32>, tensor<ui8>
  return %r : tensor<66x4xui8>
}
