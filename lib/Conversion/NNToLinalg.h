//===- NNToLinalg.h - nn to linalg and kernel ops ---------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowers @main from the nn dialect to linalg, tensor and kernel ops on signless
// tensors: kernel ops for what costs time (convolution, matrix product,
// pooling, softmax, reduction), linalg.generic for the rest, in one file per op
// family.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CONVERSION_NNTOLINALG_H
#define MLC_CONVERSION_NNTOLINALG_H

#include "mlc/Options.h"

#include "mlir/Pass/Pass.h"
#include "mlir/Transforms/DialectConversion.h"

namespace mlc {

class ScheduleTable;

struct LoweringOptions : ModelOptions {
  LoweringOptions() = default;
  explicit LoweringOptions(const ModelOptions &options)
      : ModelOptions(options) {}

  /// Output channels per packed block of weights: a multiple of the vector
  /// length of every CPU the archive is for.
  int64_t block = 32;
  /// Algorithms that go before the cost model's choice where `maxUlp` permits
  /// them; null for none.
  std::shared_ptr<const ScheduleTable> schedule;
  /// Whether every CPU the archive is for multiplies bytes as words
  /// (ByteUnit::pmaddwd).
  bool wordsOfBytes = false;
  /// Whether these also multiply pairs of them (TargetInfo::bytePairs), by
  /// vectors of which two are a block.
  bool pairsOfBytes = false;
  /// Whether every CPU the archive is for multiplies bf16 by a matrix unit
  /// (TargetInfo::matrixBf16), before which Winograd's transforms do not pay.
  bool matricesOfBf16 = false;
};

std::unique_ptr<mlir::Pass>
createNNToLinalgPass(const LoweringOptions &options = {});

/// nn.if, nn.scan and nn.loop to scf; runs before nn-to-linalg.
std::unique_ptr<mlir::Pass> createNNControlToSCFPass();

/// Chains of elementwise linalg ops become one op each, within the budget of
/// NN/IR/ScalarCost.h.
std::unique_ptr<mlir::Pass> createFuseElementwisePass();

/// What a loop carries stays in one destination from step to step, as the
/// backend requires. Runs last: to canonicalisation, copies are identities.
std::unique_ptr<mlir::Pass> createCarryInPlacePass();

/// Registers --nn-to-linalg="block=N max-ulp=X ..." (mlc/Options.def has all of
/// them), --nn-control-to-scf, --fuse-elementwise and --carry-in-place.
void registerConversionPasses();

/// Unsigned and quantised integers become signless.
class SignlessConverter : public mlir::TypeConverter {
public:
  SignlessConverter();
};

void populateBatchNormLowering(SignlessConverter &types,
                               mlir::RewritePatternSet &patterns);
void populateBlockedLowering(SignlessConverter &types,
                             mlir::RewritePatternSet &patterns);
void populateBoundedLowering(SignlessConverter &types,
                             mlir::RewritePatternSet &patterns);
/// Signless types for the tensor ops that nn-control-to-scf has made.
void populateControlLowering(SignlessConverter &types,
                             mlir::RewritePatternSet &patterns,
                             mlir::ConversionTarget &target);
void populateElementwiseLowering(SignlessConverter &types,
                                 mlir::RewritePatternSet &patterns);
void populateIndexingLowering(SignlessConverter &types,
                              mlir::RewritePatternSet &patterns);
void populateLinearLowering(SignlessConverter &types,
                            mlir::RewritePatternSet &patterns,
                            const LoweringOptions &options);
void populateMovementLowering(SignlessConverter &types,
                              mlir::RewritePatternSet &patterns);
void populateNormalizationLowering(SignlessConverter &types,
                                   mlir::RewritePatternSet &patterns);
void populateOrderLowering(SignlessConverter &types,
                           mlir::RewritePatternSet &patterns);
void populateReductionLowering(SignlessConverter &types,
                               mlir::RewritePatternSet &patterns);
void populateRegionsLowering(SignlessConverter &types,
                             mlir::RewritePatternSet &patterns);
void populateSpatialLowering(SignlessConverter &types,
                             mlir::RewritePatternSet &patterns,
                             const LoweringOptions &options);

} // namespace mlc

#endif // MLC_CONVERSION_NNTOLINALG_H
