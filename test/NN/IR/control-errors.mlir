// RUN: mlc-opt %s --split-input-file --verify-diagnostics

func.func @if_c1(%p: tensor<2xi1>, %x: tensor<4xf32>) {
  // expected-error @+1 {{(C1) condition is 'tensor<2xi1>', one element is required}}
  %y = nn.if %p : (tensor<2xi1>) -> tensor<4xf32> {
    nn.yield %x : tensor<4xf32>
  } else {
    nn.yield %x : tensor<4xf32>
  }
  return
}

// -----

func.func @if_c2(%p: tensor<i1>, %x: tensor<4xf32>, %z: tensor<8xf32>) {
  // expected-error @+1 {{(C2) a region yields 'tensor<8xf32>', 'tensor<4xf32>' are required}}
  %y = nn.if %p : (tensor<i1>) -> tensor<4xf32> {
    nn.yield %x : tensor<4xf32>
  } else {
    nn.yield %z : tensor<8xf32>
  }
  return
}

// -----

func.func @scan_c1(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C1) trip_count is -1, at least 0 is required}}
  %y = nn.scan inits(%x) {trip_count = -1 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1>} : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c2(%x: tensor<2xf32>, %s: tensor<4x2xf32>) {
  // expected-error @+1 {{(C2) input is 'tensor<4x2xf32>', dimension 0 of 3 is required}}
  %y = nn.scan inits(%x) inputs(%s) {trip_count = 3 : i64, reverse_inputs = array<i1: false>, reverse_outputs = array<i1>} : (tensor<2xf32>, tensor<4x2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>, %b: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c3(%x: tensor<2xf32>, %s: tensor<3x2xf32>) {
  // expected-error @+1 {{(C3) reverse_inputs has 0 elements, 1 are required}}
  %y = nn.scan inits(%x) inputs(%s) {trip_count = 3 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1>} : (tensor<2xf32>, tensor<3x2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>, %b: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c4(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C4) arguments of the region are 'tensor<2xf32>', 'tensor<i64>', 'tensor<2xf32>' are required}}
  %y = nn.scan inits(%x) {trip_count = 3 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1>} : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c5_count(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C5) has 0 results, at least 1 are required}}
  nn.scan inits(%x) {trip_count = 3 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1>} : (tensor<2xf32>) -> () {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c5(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C5) first results are 'tensor<3xf32>', 'tensor<2xf32>' are required}}
  %y = nn.scan inits(%x) {trip_count = 3 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1>} : (tensor<2xf32>) -> tensor<3xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c5_stack(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C5) stacked result is 'tensor<4x2xf32>', dimension 0 of 3 is required}}
  %y:2 = nn.scan inits(%x) {trip_count = 3 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1: false>} : (tensor<2xf32>) -> (tensor<2xf32>, tensor<4x2xf32>) {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a, %a : tensor<2xf32>, tensor<2xf32>
  }
  return
}

// -----

func.func @scan_c6(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C6) the region yields 'tensor<i64>', 'tensor<2xf32>' are required}}
  %y = nn.scan inits(%x) {trip_count = 3 : i64, reverse_inputs = array<i1>, reverse_outputs = array<i1>} : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %i : tensor<i64>
  }
  return
}

// -----

func.func @loop_c1(%x: tensor<2xf32>) {
  // expected-error @+1 {{(C1) has neither limit nor condition}}
  %y = nn.loop inits(%x) : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @loop_c2_limit(%n: tensor<i32>, %x: tensor<2xf32>) {
  // expected-error @+1 {{(C2) limit is 'tensor<i32>', one element of i64 is required}}
  %y = nn.loop limit(%n) inits(%x) : (tensor<i32>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @loop_c2_condition(%p: tensor<2xi1>, %x: tensor<2xf32>) {
  // expected-error @+1 {{(C2) condition is 'tensor<2xi1>', one element is required}}
  %y = nn.loop condition(%p) inits(%x) : (tensor<2xi1>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %p, %a : tensor<2xi1>, tensor<2xf32>
  }
  return
}

// -----

func.func @loop_c3(%n: tensor<i64>, %x: tensor<2xf32>) {
  // expected-error @+1 {{(C3) arguments of the region are 'tensor<i64>', 'tensor<i64>', 'tensor<2xf32>' are required}}
  %y = nn.loop limit(%n) inits(%x) : (tensor<i64>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>):
    nn.yield %x : tensor<2xf32>
  }
  return
}

// -----

func.func @loop_c4(%n: tensor<i64>, %x: tensor<2xf32>) {
  // expected-error @+1 {{(C4) results are 'tensor<3xf32>', 'tensor<2xf32>' are required}}
  %y = nn.loop limit(%n) inits(%x) : (tensor<i64>, tensor<2xf32>) -> tensor<3xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @loop_c5_condition(%p: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error @+1 {{(C5) the region yields no condition of one element first}}
  %y = nn.loop condition(%p) inits(%x) : (tensor<i1>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %a : tensor<2xf32>
  }
  return
}

// -----

func.func @loop_c5(%n: tensor<i64>, %x: tensor<2xf32>) {
  // expected-error @+1 {{(C5) the region yields 'tensor<i64>', 'tensor<2xf32>' are required}}
  %y = nn.loop limit(%n) inits(%x) : (tensor<i64>, tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %a: tensor<2xf32>):
    nn.yield %i : tensor<i64>
  }
  return
}
