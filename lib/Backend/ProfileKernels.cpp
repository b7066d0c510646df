//===- Profile.cpp - tell when each kernel is done ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Backend/Report.h"
#include "Support/NodeLocation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_PROFILEKERNELS
#include "Backend/Passes.h.inc"

static void mark(OpBuilder &builder, Location loc, func::FuncOp callback,
                 int64_t index) {
  Value value =
      arith::ConstantOp::create(builder, loc, builder.getI64IntegerAttr(index));
  func::CallOp::create(builder, loc, callback, value);
}

namespace {
struct ProfileKernels : mlc::impl::ProfileKernelsBase<ProfileKernels> {
  using ProfileKernelsBase::ProfileKernelsBase;
  void runOnOperation() override;
};
} // namespace

void ProfileKernels::runOnOperation() {
  ModuleOp module = getOperation();
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main))
    return signalPassFailure();
  SmallVector<func::CallOp> calls;
  main->walk([&](func::CallOp call) { calls.push_back(call); });
  OpBuilder builder(module.getContext());
  builder.setInsertionPointToStart(module.getBody());
  auto callback =
      func::FuncOp::create(builder, module.getLoc(), profileMark,
                           builder.getFunctionType(builder.getI64Type(), {}));
  callback.setPrivate();
  std::vector<KernelCall> marked;
  for (func::CallOp call : calls) {
    builder.setInsertionPointAfter(call);
    mark(builder, call.getLoc(), callback, marked.size());
    marked.push_back({call.getCallee().str(), nodeOf(call.getLoc()),
                      nodeName(call.getLoc()).str()});
  }
  builder.setInsertionPointToStart(&main->getBody().front());
  mark(builder, main->getLoc(), callback, -1);
  callback->setAttr(attrs::calls, attributeOf(marked, module.getContext()));
}

} // namespace mlc
