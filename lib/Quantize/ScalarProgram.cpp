//===- ScalarProgram.cpp - Arithmetic of f32 at compile time --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Quantize/ScalarProgram.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/TypeSwitch.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlc;

namespace {

class ScalarRun {
public:
  explicit ScalarRun(size_t cases) : cases(cases) {}

  void set(Value v, Column column) { columns[v] = std::move(column); }
  const Column &get(Value v) const { return columns.find(v)->second; }
  /// Whether `op` is one that can be computed.
  bool compute(Operation *op);

private:
  template <typename Function>
  bool unary(Operation *op, Function function) {
    const Column &x = get(op->getOperand(0));
    Column result(cases);
    for (size_t i = 0; i < cases; ++i)
      result[i] = function(x[i]);
    set(op->getResult(0), std::move(result));
    return true;
  }
  template <typename Function>
  bool binary(Operation *op, Function function) {
    const Column &x = get(op->getOperand(0)), &y = get(op->getOperand(1));
    Column result(cases);
    for (size_t i = 0; i < cases; ++i)
      result[i] = function(x[i], y[i]);
    set(op->getResult(0), std::move(result));
    return true;
  }
  bool constant(arith::ConstantOp op);
  bool compare(arith::CmpFOp op);
  bool choose(arith::SelectOp op);

  size_t cases;
  llvm::DenseMap<Value, Column> columns; ///< of i1: 0 and 1
};

} // namespace

bool ScalarRun::constant(arith::ConstantOp op) {
  float number;
  if (auto f32 = dyn_cast<FloatAttr>(op.getValue()))
    number = f32.getValue().convertToFloat();
  else
    number = cast<IntegerAttr>(op.getValue()).getValue().isZero() ? 0 : 1;
  set(op, Column(cases, number));
  return true;
}

bool ScalarRun::compare(arith::CmpFOp op) {
  // Bits of a predicate: ordered and equal, greater, less; unordered.
  auto bits = static_cast<uint64_t>(op.getPredicate());
  return binary(op, [bits](float x, float y) -> float {
    unsigned holds = x == y ? 0 : x > y ? 1 : x < y ? 2 : 3;
    return bits >> holds & 1;
  });
}

bool ScalarRun::choose(arith::SelectOp op) {
  const Column &condition = get(op.getCondition());
  const Column &x = get(op.getTrueValue()), &y = get(op.getFalseValue());
  Column result(cases);
  for (size_t i = 0; i < cases; ++i)
    result[i] = condition[i] != 0 ? x[i] : y[i];
  set(op, std::move(result));
  return true;
}

static float minimum(float x, float y) {
  if (std::isnan(x) || std::isnan(y))
    return std::numeric_limits<float>::quiet_NaN();
  return y < x || (x == y && std::signbit(y)) ? y : x;
}

bool ScalarRun::compute(Operation *op) {
  auto isKnown = [](Type type) { return type.isF32() || type.isInteger(1); };
  if (!llvm::all_of(op->getResultTypes(), isKnown) ||
      !llvm::all_of(op->getOperandTypes(), isKnown))
    return false;
  return llvm::TypeSwitch<Operation *, bool>(op)
      .Case([&](arith::ConstantOp each) { return constant(each); })
      .Case([&](arith::CmpFOp each) { return compare(each); })
      .Case([&](arith::SelectOp each) { return choose(each); })
      .Case(
          [&](arith::NegFOp) { return unary(op, [](float x) { return -x; }); })
      .Case([&](math::AbsFOp) {
        return unary(op, [](float x) { return std::fabs(x); });
      })
      .Case([&](math::SqrtOp) {
        return unary(op, [](float x) { return std::sqrt(x); });
      })
      .Case([&](arith::AddFOp) { return binary(op, std::plus<float>()); })
      .Case([&](arith::SubFOp) { return binary(op, std::minus<float>()); })
      .Case([&](arith::MulFOp) { return binary(op, std::multiplies<float>()); })
      .Case([&](arith::DivFOp) { return binary(op, std::divides<float>()); })
      .Case([&](arith::MinimumFOp) { return binary(op, minimum); })
      .Case([&](arith::MaximumFOp) {
        return binary(op, [](float x, float y) { return -minimum(-x, -y); });
      })
      .Default([](Operation *) { return false; });
}

std::optional<Column> mlc::runScalars(Block &block, Value result,
                                      ArrayRef<Column> arguments) {
  ScalarRun run(arguments.front().size());
  for (auto [argument, column] : llvm::zip(block.getArguments(), arguments))
    run.set(argument, column);
  for (Operation &op : block)
    if (!run.compute(&op))
      return std::nullopt;
  return run.get(result);
}
