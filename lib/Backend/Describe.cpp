//===- Describe.cpp - what an operation costs, in words -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Describe.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace mlc {

/// As many operations an iteration as its body has arithmetic ones on values.
/// Where the result is of floats, integers there are places in tensors: they
/// change with fewer of the dimensions than the values do.
static kernel::KernelCost linalgCost(linalg::LinalgOp op) {
  uint64_t each = 0, products = 0;
  kernel::KernelCost cost;
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(op.getDpsInits().front()));
  op.getBlock()->walk([&](Operation *inner) {
    StringRef dialect = inner->getName().getDialectNamespace();
    if ((dialect != "arith" && dialect != "math") ||
        inner->hasTrait<OpTrait::ConstantLike>())
      return;
    Type type = inner->getResult(0).getType();
    if (isa<IndexType>(type) || (isFloat && !isa<FloatType>(type)))
      return;
    ++each;
    products += isa<arith::MulFOp, arith::MulIOp>(inner);
    cost.element = kernel::typeText(type);
  });
  uint64_t iterations = 1;
  for (int64_t size : op.getStaticLoopRanges())
    iterations *= size;
  cost.nominal = cost.operations = each * iterations;
  // What is multiplied is added up where a loop is a reduction.
  if (op.getNumReductionLoops() > 0)
    cost.macs = products * iterations;
  Value out = op.getDpsInits().front();
  cost.detail = op.getNumDpsInputs() > 0 &&
                        isa<MemRefType>(op.getDpsInputs().front().getType())
                    ? kernel::flowText(op.getDpsInputs().front(), out)
                    : kernel::shapeText(out);
  return cost;
}

kernel::KernelCost costOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, kernel::KernelCost>(op)
      .Case([](kernel::KernelOpInterface o) { return o.getCost(); })
      .Case([](linalg::LinalgOp o) { return linalgCost(o); })
      .Case([](memref::CopyOp o) {
        kernel::KernelCost cost;
        cost.detail = kernel::flowText(o.getSource(), o.getTarget());
        return cost;
      })
      .Default([](Operation *) { return kernel::KernelCost(); });
}

} // namespace mlc
