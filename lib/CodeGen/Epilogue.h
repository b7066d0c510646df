//===- Epilogue.h - a kernel op's epilogue on vectors -----------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Private to lib/CodeGen. Applies an epilogue region to vectors of accumulators
// and stores them. Create it before the loops: rank-0 operands and values from
// outside the region are broadcast there.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CODEGEN_EPILOGUE_H
#define MLC_CODEGEN_EPILOGUE_H

#include "CodeGen/Emitter.h"
#include "CodeGen/Saturate.h"
#include "Kernel/IR/Kernel.h"

namespace mlc {

class Epilogue {
public:
  /// Of `op`, which has a schedule. Fails if an operand's layout does.
  template <typename OpT>
  static mlir::FailureOr<Epilogue> create(Emitter &e, OpT op, const View &out) {
    return create(e, op.getEpilogue(), op.getEpilogueOperands(), out,
                  mlir::kernel::scheduleOf(op).getEpilogue());
  }

  /// Whether operands of the out's shape are contiguous like `out` in the dims
  /// from `first` to `last`.
  bool isContiguous(unsigned first, unsigned last) const;

  /// Where a vector of channels from `channel` on belongs: `position` is in all
  /// dims of the out but the last.
  struct Place {
    Values position;
    Value channel;
  };

  /// Fetches the line of the out that holds the place.
  void prefetch(Emitter &e, const Place &at) const;

  /// Stores the first `lanes` of each of the accumulators at its place. Of
  /// places, `run` at a time follow each other in memory.
  void store(Emitter &e, ValueRange accumulators, llvm::ArrayRef<Place> places,
             int64_t lanes, size_t run = 1) const;
  /// One vector.
  void store(Emitter &e, Value accumulators, ValueRange position, Value channel,
             int64_t lanes) const {
    store(e, accumulators, Place{Values(position), channel}, lanes);
  }

  using PlaceOf = llvm::function_ref<Place(Value pixel, unsigned vector)>;

  /// Stores a tile of accumulators [pixel * valid.size() + vector], the first
  /// `valid[vector]` lanes of each; only the last vector may have fewer.
  void storeTile(Emitter &e, ValueRange accumulators, unsigned pixels,
                 llvm::ArrayRef<int64_t> valid, PlaceOf place) const;

private:
  struct Operand {
    View view;
    /// Of rank-0 operands.
    Value scalar;
  };
  /// Whether it takes many operations, one after the other.
  bool isLong() const;
  static mlir::FailureOr<Epilogue> create(Emitter &e, mlir::Region &region,
                                          ValueRange operands, const View &out,
                                          mlir::DenseI64ArrayAttr atOnce);
  /// How many of so many vectors are computed at a time.
  size_t vectorsAtOnce(size_t vectors) const;
  /// The byte, or whatever else is stored, of what the operands are.
  Value applyBlock(Emitter &e, mlir::IRMapping &map, int64_t width,
                   int64_t lanes) const;
  /// Whether accumulators may wait in the out, where registers are too few:
  /// `keep` puts them there, `kept` reads them again.
  bool mayKeep() const;
  void keep(Emitter &e, Value accumulators, const Place &at,
            int64_t lanes) const;
  Value kept(Emitter &e, const Place &at, int64_t lanes) const;
  /// Of the tile, `accumulators.size() / valid.size()` pixels from `first` on.
  void storePixels(Emitter &e, ValueRange accumulators, Value first,
                   llvm::ArrayRef<int64_t> valid, PlaceOf place) const;
  void storeKept(Emitter &e, Value first, unsigned pixels,
                 llvm::ArrayRef<int64_t> valid, PlaceOf place) const;
  Value load(Emitter &e, const Operand &operand, const Place &at,
             int64_t lanes) const;
  Value apply(Emitter &e, Value accumulators, llvm::ArrayRef<Place> places,
              int64_t lanes) const;

  /// Whether vectors of `lanes` are packed by Saturation.
  bool saturates(const Emitter &e, int64_t lanes) const;

  mlir::Region *region = nullptr;
  std::optional<Saturation> saturation;
  View out;
  llvm::SmallVector<Operand> operands;
  /// Of a schedule: vectors at a time, and how many are all taken at once.
  size_t some = 1, all = 1;
};

} // namespace mlc

#endif // MLC_CODEGEN_EPILOGUE_H
