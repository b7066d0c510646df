//===- Epilogue.cpp - a kernel op's epilogue on vectors -------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CodeGen/Epilogue.h"

#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace mlc;

FailureOr<Epilogue> Epilogue::create(Emitter &e, Region &region,
                                     ValueRange operands, const View &out) {
  Epilogue result;
  result.region = &region;
  result.out = out;
  for (Value operand : operands) {
    FailureOr<View> view = e.view(operand);
    if (failed(view))
      return failure();
    Value scalar;
    if (view->sizes.empty())
      scalar = memref::LoadOp::create(e.builder, e.loc, view->flat, e.index(0));
    result.operands.push_back({*view, scalar});
  }
  return result;
}

bool Epilogue::isContiguous(unsigned first, unsigned last) const {
  return out.isContiguous(first, last) &&
         llvm::all_of(operands, [&](const Operand &operand) {
           return operand.view.sizes.size() < 2 ||
                  operand.view.isContiguous(first, last);
         });
}

static Value linear(Emitter &e, const View &view, ValueRange position,
                    Value channel) {
  Value at = channel;
  // Dims that were merged into a later one come without an index.
  unsigned skipped = view.sizes.size() - 1 - position.size();
  for (auto [i, index] : llvm::enumerate(position))
    at = e.add(at, e.mul(index, view.strides[skipped + i]));
  return at;
}

/// The same op on vectors: result types of `lanes`, constants as splats.
static Value cloneOnVectors(Emitter &e, Operation &op, IRMapping &map,
                            int64_t lanes) {
  if (op.hasTrait<OpTrait::ConstantLike>()) {
    Operation *scalar = e.builder.clone(op);
    return e.splat(scalar->getResult(0), lanes);
  }
  Operation *clone = Operation::create(
      op.getLoc(), op.getName(),
      TypeRange{e.vectorOf(op.getResult(0).getType(), lanes)},
      llvm::map_to_vector(op.getOperands(),
                          [&](Value v) {
                            Value mapped = map.lookupOrNull(v);
                            return mapped ? mapped : e.splat(v, lanes);
                          }),
      op.getDiscardableAttrDictionary(), op.getPropertiesStorage(), {}, 0);
  return e.builder.insert(clone)->getResult(0);
}

Value Epilogue::apply(Emitter &e, Value accumulators, ValueRange position,
                      Value channel, int64_t lanes) const {
  if (region->empty())
    return e.convert(accumulators, out.element);
  Block &block = region->front();
  IRMapping map;
  map.map(block.getArgument(0), accumulators);
  for (auto [operand, argument] :
       llvm::zip(operands, block.getArguments().drop_front())) {
    if (operand.scalar)
      map.map(argument, e.splat(operand.scalar, lanes));
    else if (operand.view.sizes.size() == 1 && out.sizes.size() != 1)
      map.map(argument, e.load(operand.view, channel, lanes));
    else
      map.map(argument,
              e.load(operand.view, linear(e, operand.view, position, channel),
                     lanes));
  }
  for (Operation &op : block.without_terminator())
    map.map(op.getResult(0), cloneOnVectors(e, op, map, lanes));
  Value yielded = block.getTerminator()->getOperand(0);
  Value result = map.lookupOrNull(yielded);
  return result ? result : e.splat(yielded, lanes);
}

void Epilogue::store(Emitter &e, Value accumulators, ValueRange position,
                     Value channel, int64_t lanes) const {
  Value result =
      apply(e, e.narrow(accumulators, lanes), position, channel, lanes);
  e.store(out, linear(e, out, position, channel), result);
}
