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

namespace mlc {

class Epilogue {
public:
  /// Fails if an operand's layout does.
  static mlir::FailureOr<Epilogue> create(Emitter &e, mlir::Region &region,
                                          ValueRange operands, const View &out);

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

  /// Whether it takes many operations, one after the other: vectors should be
  /// stored some at a time, so that one computes while another one waits.
  bool isLong() const;

  /// Whether accumulators may wait in the out, where registers are too few:
  /// `keep` puts them there, `kept` reads them again.
  bool mayKeep() const;
  void keep(Emitter &e, Value accumulators, const Place &at,
            int64_t lanes) const;
  Value kept(Emitter &e, const Place &at, int64_t lanes) const;

  /// Stores the first `lanes` of each of the accumulators at its place.
  void store(Emitter &e, ValueRange accumulators, llvm::ArrayRef<Place> places,
             int64_t lanes) const;
  /// One vector.
  void store(Emitter &e, Value accumulators, ValueRange position, Value channel,
             int64_t lanes) const {
    store(e, accumulators, Place{Values(position), channel}, lanes);
  }

private:
  struct Operand {
    View view;
    /// Of rank-0 operands.
    Value scalar;
  };
  Value load(Emitter &e, const Operand &operand, const Place &at,
             int64_t lanes) const;
  Value apply(Emitter &e, Value accumulators, llvm::ArrayRef<Place> places,
              int64_t lanes) const;

  mlir::Region *region = nullptr;
  View out;
  llvm::SmallVector<Operand> operands;
};

} // namespace mlc

#endif // MLC_CODEGEN_EPILOGUE_H
