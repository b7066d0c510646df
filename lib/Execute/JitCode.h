//===- JitCode.h - functions of a module in this process --------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Any LLVM module, compiled and linked into this process.
//
//   auto code = JitCode::create(module, *hostTarget());
//   if (!code) return code.takeError();
//   void (*f)(float *) = nullptr;
//   if (Error e = (*code)->find("f", f)) return e;
//   f(data);                               // while *code lives
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EXECUTE_JITCODE_H
#define MLC_EXECUTE_JITCODE_H

#include "Emit/Object.h"
#include "Target/Target.h"
#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class Module;
namespace orc {
class LLJIT;
} // namespace orc
} // namespace llvm

namespace mlc {

/// Something of this process that code may refer to by name.
struct JitSymbol {
  std::string name;
  const void *address;
};

struct JitOptions {
  OptLevel level = OptLevel::Full;
  llvm::ArrayRef<JitSymbol> symbols; ///< besides those the process exports
};

class JitCode {
public:
  /// Optimises `module`, generates and links its code with the runtime's. The
  /// module is not used afterwards and may be freed, with its context. Errors:
  /// another architecture than this process's, or what optimize and emitObject
  /// say.
  static llvm::Expected<std::unique_ptr<JitCode>>
  create(llvm::Module &module, const TargetInfo &target,
         const JitOptions &options = {});

  ~JitCode();

  /// Sets `function` to the function called `name`. Errors name it, and each
  /// symbol that it needs and nobody has.
  template <typename Function>
  llvm::Error find(llvm::StringRef name, Function *&function) {
    llvm::Expected<void *> address = lookup(name);
    if (!address)
      return address.takeError();
    function = reinterpret_cast<Function *>(*address);
    return llvm::Error::success();
  }

private:
  explicit JitCode(std::unique_ptr<llvm::orc::LLJIT> jit);
  llvm::Expected<void *> lookup(llvm::StringRef name);

  std::unique_ptr<llvm::orc::LLJIT> jit;
};

} // namespace mlc

#endif // MLC_EXECUTE_JITCODE_H
