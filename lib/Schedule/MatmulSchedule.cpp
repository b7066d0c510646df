//===- MatmulSchedule.cpp - how products of two matrices are computed -----===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Schedule/Models.h"

using namespace mlir;
using namespace mlc;

/// Rows of the right side run along the reduction, as those of the left do:
/// accumulators are rows * columns, and each step loads rows + columns.
static SmallVector<int64_t> transposedTile(const TargetInfo &target) {
  constexpr int64_t most = 4;
  return {target.vectorRegisters >= 32 ? most : 2, most};
}

/// Full tiles, then tiles for the vectors that remain.
static void chooseTiles(const TargetInfo &target, int64_t m, int64_t n,
                        ScheduleFields &fields) {
  auto any = [](unsigned) { return true; };
  int64_t lanes = fields.lanes;
  GemmTile tile = chooseTile(target, m, llvm::divideCeil(n, lanes), any);
  fields.setTile(tile);
  int64_t rest = llvm::divideCeil(n % (tile.vectors * lanes), lanes);
  if (rest == 0)
    return;
  GemmTile tail =
      chooseTile(target, m, rest, [&](unsigned nv) { return nv == rest; });
  for (int64_t done = 0; done < rest; done += tail.vectors)
    fields.addRest(
        {tail.rows, unsigned(std::min<int64_t>(tail.vectors, rest - done))});
}

namespace {
struct MatmulModel
    : ScheduleOpInterface::ExternalModel<MatmulModel, kernel::MatmulOp> {
  kernel::ScheduleAttr makeSchedule(Operation *op,
                                    const ScheduleRequest &request) const {
    auto matmul = cast<kernel::MatmulOp>(op);
    FailureOr<OperandLayout> lhs = OperandLayout::get(matmul.getLhs());
    FailureOr<OperandLayout> rhs = OperandLayout::get(matmul.getRhs());
    FailureOr<OperandLayout> out = OperandLayout::get(matmul.getInit());
    if (failed(lhs) || failed(rhs) || failed(out))
      return {};
    int64_t m = out->sizes[out->sizes.size() - 2], n = out->sizes.back();
    int64_t along = matmul.getTransposeRhs() ? lhs->sizes.back() : n;
    constexpr unsigned bitsOfF16 = 16;
    bool inF16 = sumsF16(matmul.getLhs(), matmul.getRhs(), request.target);
    ScheduleFields fields;
    fields.lanes = std::min<int64_t>(
        request.target.lanes(
            inF16 ? bitsOfF16
                  : matmul.getAccumulatorType().getIntOrFloatBitWidth()),
        llvm::PowerOf2Ceil(along));
    if (inF16)
      setTerms(request.target, fields);
    if (matmul.getTransposeRhs())
      fields.tile = transposedTile(request.target);
    else
      chooseTiles(request.target, m, n, fields);
    fields.epilogue = epilogueVectors(request.target);
    return fields.get(op->getContext());
  }
};
} // namespace

template <>
void mlc::attachSchedule<kernel::MatmulOp>(MLIRContext *context) {
  kernel::MatmulOp::attachInterface<MatmulModel>(*context);
}
