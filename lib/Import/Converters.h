//===- Converters.h - The table of ONNX converters --------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One row an ONNX operator; one file per op family. findConverter looks through
// all of them. An operator without a row is expanded by its ONNX function body,
// where it has one, and is reported as unsupported otherwise.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_IMPORT_CONVERTERS_H
#define MLC_IMPORT_CONVERTERS_H

#include "Import/Node.h"

namespace mlc {

/// The domain of the operators that onnxruntime's optimiser and quantiser
/// write.
constexpr const char *kMicrosoft = "com.microsoft";

/// The values of the node's outputs, null for outputs it does not give; ignored
/// where the node has failed.
using ConvertFunction = Values (*)(Node &node);

struct Converter {
  const char *opType;
  ConvertFunction convert;
  const char *domain = "";
  /// Whether it takes sequences and optionals too, through Node::item.
  bool takesItems = false;
};

llvm::ArrayRef<Converter> boundedConverters();
llvm::ArrayRef<Converter> constantConverters();
llvm::ArrayRef<Converter> contribAttentionConverters();
llvm::ArrayRef<Converter> contribBlockConverters();
llvm::ArrayRef<Converter> contribFusedConverters();
llvm::ArrayRef<Converter> contribGroupQueryConverters();
llvm::ArrayRef<Converter> contribLayoutConverters();
llvm::ArrayRef<Converter> contribNormConverters();
llvm::ArrayRef<Converter> contribQuantizedConverters();
llvm::ArrayRef<Converter> contribRecurrentConverters();
llvm::ArrayRef<Converter> contribTensorConverters();
llvm::ArrayRef<Converter> controlConverters();
llvm::ArrayRef<Converter> determinantConverters();
llvm::ArrayRef<Converter> einsumConverters();
llvm::ArrayRef<Converter> elementwiseConverters();
llvm::ArrayRef<Converter> experimentalConverters();
llvm::ArrayRef<Converter> gridConverters();
llvm::ArrayRef<Converter> indexingConverters();
llvm::ArrayRef<Converter> linearConverters();
llvm::ArrayRef<Converter> mlConverters();
llvm::ArrayRef<Converter> movementConverters();
llvm::ArrayRef<Converter> ngramConverters();
llvm::ArrayRef<Converter> normConverters();
llvm::ArrayRef<Converter> quantizedConverters();
llvm::ArrayRef<Converter> randomConverters();
llvm::ArrayRef<Converter> recurrentConverters();
llvm::ArrayRef<Converter> reductionConverters();
llvm::ArrayRef<Converter> resizeConverters();
llvm::ArrayRef<Converter> samplingConverters();
llvm::ArrayRef<Converter> scatterConverters();
llvm::ArrayRef<Converter> sequenceConverters();
llvm::ArrayRef<Converter> signalConverters();
llvm::ArrayRef<Converter> spatialConverters();
llvm::ArrayRef<Converter> transposedConverters();
llvm::ArrayRef<Converter> treeConverters();
llvm::ArrayRef<Converter> uniqueConverters();

const Converter *findConverter(llvm::StringRef domain, llvm::StringRef opType);

} // namespace mlc

#endif // MLC_IMPORT_CONVERTERS_H
