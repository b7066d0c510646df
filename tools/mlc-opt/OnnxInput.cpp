//===- OnnxInput.cpp - ONNX models as input of mlc-opt ----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "OnnxInput.h"

#include "Import/Importer.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"

using namespace mlir;

static llvm::cl::list<std::string>
    dimOption("dim",
              llvm::cl::desc("Value of a symbolic dimension of a .onnx input"),
              llvm::cl::value_desc("name=value"));
static llvm::cl::list<std::string>
    shapeOption("shape", llvm::cl::desc("Shape of an input of a .onnx input"),
                llvm::cl::value_desc("name=1x3x224x224"));
static llvm::cl::list<std::string> valueOption(
    "value", llvm::cl::desc("Value of an input of a .onnx input, a constant"),
    llvm::cl::value_desc("name=number,...|@file.npy"));

static LogicalResult reject(StringRef option, StringRef text, StringRef form) {
  llvm::errs() << "error: --" << option << "=" << text << ": --" << option
               << "=" << form << " is required\n";
  return failure();
}

/// Positive integers separated by `x`; failure where the text is anything else.
static FailureOr<SmallVector<int64_t>> parseSizes(StringRef text) {
  SmallVector<int64_t> sizes;
  SmallVector<StringRef> parts;
  text.split(parts, 'x');
  for (StringRef part : parts) {
    int64_t size;
    if (part.getAsInteger(10, size) || size < 1)
      return failure();
    sizes.push_back(size);
  }
  return sizes;
}

/// Names may contain `=`: the last one separates.
static LogicalResult parseOptions(mlc::ImportOptions &options) {
  for (const std::string &text : dimOption) {
    auto [name, value] = StringRef(text).rsplit('=');
    FailureOr<SmallVector<int64_t>> sizes = parseSizes(value);
    if (name.empty() || failed(sizes) || sizes->size() != 1)
      return reject("dim", text, "NAME=VALUE");
    options.dims[name] = sizes->front();
  }
  for (const std::string &text : shapeOption) {
    auto [name, value] = StringRef(text).rsplit('=');
    FailureOr<SmallVector<int64_t>> sizes = parseSizes(value);
    if (name.empty() || failed(sizes))
      return reject("shape", text, "INPUT=1x3x224x224");
    options.shapes[name] = *sizes;
  }
  for (const std::string &text : valueOption) {
    auto [name, value] = StringRef(text).rsplit('=');
    if (name.empty() || value.empty())
      return reject("value", text, "INPUT=16000");
    options.values[name] = value.str();
  }
  return success();
}

FailureOr<std::unique_ptr<llvm::MemoryBuffer>>
mlc::readOnnx(StringRef path, const DialectRegistry &registry) {
  ImportOptions options;
  if (failed(parseOptions(options)))
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
