//===- OnnxInput.cpp - ONNX models as input of mlc-opt ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Opt/OnnxInput.h"

#include "Import/Importer.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;

namespace {
/// A flag of the table, for a model as input.
struct ImportFlag {
  ImportFlag(const char *name, const char *help, const char *value)
      : name(name), texts(StringRef(name), llvm::cl::desc(help),
                          llvm::cl::value_desc(value)) {}

  const char *name;
  llvm::cl::list<std::string> texts;
};
} // namespace

/// Made when they are asked for: a program that links the compiler and has a
/// command line of LLVM's does not see them.
static const auto &importFlags() {
  static const ImportFlag flags[] = {
#define MLC_IMPORT_OPTION(TYPE, MEMBER, NAME, DEFAULT, LIMITS, COMMANDS,       \
                          VALUE, HELP)                                         \
  {NAME, HELP, VALUE},
#include "mlc/Options.def"
  };
  return flags;
}

void mlc::registerImportFlags() { importFlags(); }

static LogicalResult readOptions(mlc::ModelOptions &options) {
  for (const ImportFlag &flag : importFlags())
    for (const std::string &text : flag.texts)
      if (auto wrong = mlc::setOption(options, flag.name, text)) {
        llvm::errs() << "error: " << *wrong << "\n";
        return failure();
      }
  return success();
}

FailureOr<std::unique_ptr<llvm::MemoryBuffer>>
mlc::readOnnx(StringRef path, const DialectRegistry &registry) {
  ModelOptions options;
  if (failed(readOptions(options)))
    return failure();
  MLIRContext context(registry);
  OwningOpRef<ModuleOp> module = importOnnxFile(path, options, &context);
  if (!module)
    return failure();
  SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  if (failed(writeBytecodeToFile(*module, stream)))
    return failure();
  // Bytecode with weights wants to lie at a multiple of their alignment.
  std::unique_ptr<llvm::WritableMemoryBuffer> buffer =
      llvm::WritableMemoryBuffer::getNewUninitMemBuffer(bytes.size(), path,
                                                        llvm::Align(64));
  if (!buffer) {
    llvm::errs() << "error: no memory for " << path << "\n";
    return failure();
  }
  llvm::copy(bytes, buffer->getBufferStart());
  return std::unique_ptr<llvm::MemoryBuffer>(std::move(buffer));
}
