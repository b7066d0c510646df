//===- CompressReport.h - What a compression found out -----------*- C++
//-*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_COMPRESS_COMPRESSREPORT_H
#define MLC_COMPRESS_COMPRESSREPORT_H

#include "Compress/Candidate.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace mlc::compress {

struct CompressReport {
  std::vector<Candidate> candidates; ///< the model as it was first
  std::vector<Skipped> skipped;
  Budget budget;
  ScoreMetric metric = ScoreMetric::Top1; ///< that drops are of
  size_t chosen = 0;
  std::string file;          ///< where the chosen one is
  std::string missed;        ///< of the budget
  bool isUnfinished = false; ///< for want of time

  /// How to compile the chosen one.
  std::string command() const;
  std::string summary() const; ///< on one line
  void writeText(llvm::raw_ostream &os) const;
  llvm::json::Value toJSON() const;
};

} // namespace mlc::compress

#endif // MLC_COMPRESS_COMPRESSREPORT_H
