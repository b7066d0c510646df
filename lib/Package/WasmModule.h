//===- WasmModule.h - a library as a WebAssembly module ---------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_PACKAGE_WASMMODULE_H
#define MLC_PACKAGE_WASMMODULE_H

#include "Package/CompiledModel.h"

namespace mlc {

/// Links the library of `model` with wasm-ld, which is looked for on the PATH,
/// to a module that imports nothing: memory, the model's functions and where
/// its memory is free are exported. Errors: a library of another target; no
/// wasm-ld, or what it says.
llvm::Expected<std::string> linkWasm(const CompiledModel &model);

} // namespace mlc

#endif // MLC_PACKAGE_WASMMODULE_H
