//===- Quantizer.h - The steps of mlc quantize ------------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef MLC_CALIBRATE_QUANTIZER_H
#define MLC_CALIBRATE_QUANTIZER_H

#include "mlc/Quantize.h"

#include "llvm/Support/Error.h"

namespace mlc::calibrate {

struct Quantized {
  std::string file; ///< the bytes of an ONNX model
  QuantizeReport report;
};

/// What mlc::quantize does. Errors hold one line a problem, with the file's
/// name.
llvm::Expected<Quantized> quantizeFile(const std::string &path,
                                       const QuantizeOptions &options,
                                       const QuantizeProgress &progress);

} // namespace mlc::calibrate

#endif // MLC_CALIBRATE_QUANTIZER_H
