//===- Bufferization.cpp - kernel ops from tensors to memrefs -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Kernel/Transforms/Bufferization.h"

#include "Kernel/IR/ForEachKernelOp.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;
using namespace mlir::bufferization;

namespace {

template <typename OpT>
struct Model : DstBufferizableOpInterfaceExternalModel<Model<OpT>, OpT> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand,
                              const AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }

  /// The input is read at other elements than the one that is written; epilogue
  /// operands of the out's shape are not.
  bool bufferizesToElementwiseAccess(Operation *op, const AnalysisState &,
                                     ArrayRef<OpOperand *> operands) const {
    auto dst = cast<DestinationStyleOpInterface>(op);
    SmallVector<OpOperand *> epilogue =
        cast<kernel::KernelOpInterface>(op).getEpilogueUses();
    Type out = dst.getDpsInits()[0].getType();
    return llvm::all_of(operands, [&](OpOperand *operand) {
      return dst.isDpsInit(operand) || (llvm::is_contained(epilogue, operand) &&
                                        operand->get().getType() == out);
    });
  }

  LogicalResult bufferize(Operation *op, RewriterBase &rewriter,
                          const BufferizationOptions &options,
                          BufferizationState &state) const {
    auto dst = cast<DestinationStyleOpInterface>(op);
    if (!dst.hasPureTensorSemantics())
      return success();
    SmallVector<Value> buffers;
    for (Value operand : op->getOperands()) {
      FailureOr<Value> buffer = getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      buffers.push_back(*buffer);
    }
    rewriter.setInsertionPoint(op);
    SmallVector<Value> inits;
    for (OpOperand &init : dst.getDpsInitsMutable())
      inits.push_back(buffers[init.getOperandNumber()]);
    OperationState clone(op->getLoc(), op->getName(), buffers, TypeRange(),
                         op->getAttrs());
    for (unsigned i = 0; i < op->getNumRegions(); ++i)
      clone.addRegion();
    Operation *onBuffers = rewriter.create(clone);
    for (auto [from, to] : llvm::zip(op->getRegions(), onBuffers->getRegions()))
      rewriter.inlineRegionBefore(from, to, to.begin());
    replaceOpWithBufferizedValues(rewriter, op, inits);
    return success();
  }
};

} // namespace

void kernel::registerBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, KernelDialect *) {
    forEachKernelOp([&](auto tag) {
      using OpT = typename decltype(tag)::Op;
      // A stream is made of ops on memrefs.
      if constexpr (!std::is_same_v<OpT, StreamOp>)
        OpT::template attachInterface<Model<OpT>>(*context);
    });
  });
}
