//===- Bindings.h - What --dim and --shape bind -----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The sizes of a model's inputs. A dimension is what --shape says of its input,
// or what the file says, where that is a number above 0; or what --dim says of
// its name, which may be an expression that follows from other names
// (DimExpression.h); or, of the first one, what --batch says, unless others
// have its name, too. One without a name, which files write as nothing, -1 or
// any negative number, has the name "input[index]"; so has one of 0, which
// some exporters mean as any size, and which stays 0 where nothing binds it.
//
//   Bindings bindings(graph, options);
//   bool isValid = succeeded(bindings.check(loc));
//   FailureOr<...> shape = bindings.shapeOf(graph.input(0), inputLoc);
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_BINDINGS_H
#define MLC_IMPORT_BINDINGS_H

#include "Import/Importer.h"

#include "mlir/IR/Location.h"
#include "onnx/onnx_pb.h"
#include "llvm/Support/LogicalResult.h"

namespace mlc {

class Bindings {
public:
  /// Both stay the caller's and must outlive this.
  Bindings(const onnx::GraphProto &graph, const ModelOptions &options);

  /// Every binding must mean something to an input: a misspelt name would else
  /// have no effect. Nor may two contradict each other. Reports all that do, at
  /// `loc`.
  llvm::LogicalResult check(mlir::Location loc) const;

  /// The shape of a tensor input; reports what is not bound, at `loc`.
  llvm::FailureOr<llvm::SmallVector<int64_t>>
  shapeOf(const onnx::ValueInfoProto &input, mlir::Location loc) const;

private:
  void bindBatch(int64_t size);
  llvm::LogicalResult checkNames(mlir::Location loc) const;
  llvm::LogicalResult checkShape(const onnx::ValueInfoProto &input,
                                 mlir::Location loc) const;
  llvm::LogicalResult checkExpressions(mlir::Location loc) const;
  llvm::FailureOr<int64_t> sizeOf(const onnx::ValueInfoProto &input, int i,
                                  mlir::Location loc) const;

  const onnx::GraphProto &graph;
  const ModelOptions &options;
  /// Of names: what --dim and --batch say, and what follows from --shape.
  llvm::StringMap<int64_t> sizes;
};

} // namespace mlc

#endif // MLC_IMPORT_BINDINGS_H
