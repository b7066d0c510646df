// What a layout and packed weights may be (KernelBase.td).
// RUN: mlc-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{2 groups of matmul weights found, one is required, or several of a convolution}}
func.func private @groups() attributes {a = #kernel.layout<kind = matmul, groups = 2, block = 8>}

// -----

// expected-error @+1 {{0 groups of conv weights found, one is required, or several of a convolution}}
func.func private @no_groups() attributes {a = #kernel.layout<kind = conv, groups = 0, block = 8>}

// -----

// expected-error @+1 {{block of 0 of conv weights found, 1 to 1024 are required, and 0 of depthwise ones}}
func.func private @no_block() attributes {a = #kernel.layout<kind = conv>}

// -----

// expected-error @+1 {{block of 8 of depthwise weights found, 1 to 1024 are required, and 0 of depthwise ones}}
func.func private @block() attributes {a = #kernel.layout<kind = depthwise, block = 8>}

// -----

// expected-error @+1 {{depthwise weights in octets found, single ones or quads are required}}
func.func private @depthwise_steps() attributes {a = #kernel.layout<kind = depthwise, step = octets>}

// -----

// expected-error @+1 {{conv weights are 'tensor<4x4xf32>', 4 sizes are required}}
func.func private @rank() attributes {a = #kernel.packed<dense<1.0> : tensor<4x4xf32>, <kind = conv, block = 8>> : tensor<1x1x1x1x4x8xf32>}

// -----

// expected-error @+1 {{matmul weights are 'tensor<4x4x1x1xf32>', 2 sizes are required}}
func.func private @rank() attributes {a = #kernel.packed<dense<1.0> : tensor<4x4x1x1xf32>, <kind = matmul, block = 8>> : tensor<1x1x1x1x4x8xf32>}

// -----

// expected-error @+1 {{weights of 'f32' in quads found, bf16 in halves, i8 in quads, octets or nibbles, or single ones of whole bytes are required}}
func.func private @element() attributes {a = #kernel.packed<dense<1.0> : tensor<4x4x1x1xf32>, <kind = conv, step = quads, block = 8>> : tensor<1x1x1x1x2x8x4xf32>}

// -----

// expected-error @+1 {{5 output channels in 2 groups found, a multiple is required}}
func.func private @divided() attributes {a = #kernel.packed<dense<1.0> : tensor<5x4x1x1xf32>, <kind = conv, groups = 2, block = 8>> : tensor<2x1x1x1x4x8xf32>}

// -----

// expected-error @+1 {{packed weights are 'tensor<1x1x1x1x4x4xf32>', 'tensor<1x1x1x1x4x8xf32>' is required}}
func.func private @shape() attributes {a = #kernel.packed<dense<1.0> : tensor<4x4x1x1xf32>, <kind = conv, block = 8>> : tensor<1x1x1x1x4x4xf32>}
