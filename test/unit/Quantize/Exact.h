//===- Exact.h - Generated integer arithmetic on constants ------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Quantised graphs on constants go through nn-quantize and the phases that
// ship, and run on this machine.
//
//===----------------------------------------------------------------------===//

#ifndef MLC_UNITTESTS_QUANTIZE_EXACT_H
#define MLC_UNITTESTS_QUANTIZE_EXACT_H

#include "NN/IR/NN.h"
#include "Pipeline/FoldConstants.h"
#include "Quantize/Passes.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

#include <string>
#include <vector>

namespace mlc {

using Ints = std::vector<int64_t>;
using Floats = std::vector<float>;

template <typename T>
std::string hex(const std::vector<T> &values) {
  std::string text = "0x";
  for (T value : values)
    for (unsigned char byte :
         llvm::ArrayRef(reinterpret_cast<const char *>(&value), sizeof(T)))
      text += llvm::hexdigit(byte >> 4), text += llvm::hexdigit(byte & 15);
  return text;
}

/// An nn.constant of `type`, a tensor type, with these bytes.
template <typename T, typename From>
std::string constant(const std::string &type, const std::vector<From> &from) {
  std::vector<T> values(from.begin(), from.end());
  return "nn.constant dense<\"" + hex(values) + "\"> : tensor<" + type + ">\n";
}

/// The definitions %name_s and %name_z of a scale and a zero point.
inline std::string parameters(const std::string &name, float scale,
                              const std::string &stored, int64_t zeroPoint) {
  return "%" + name + "_s = " + constant<float>("f32", Floats{scale}) + "%" +
         name + "_z = nn.constant dense<" + std::to_string(zeroPoint) +
         "> : tensor<" + stored + ">\n";
}

class Exact : public testing::TestWithParam<QuantizeMode> {
protected:
  QuantizeMode mode() const { return GetParam(); }
  bool isOnnx() const { return mode() == QuantizeMode::Onnx; }

  /// Integers of the only result, of type tensor<`type`>, of @main with this
  /// body. Fails where nn-quantize leaves a float op named `forbidden`.
  Ints run(const std::string &body, const std::string &type,
           const std::string &forbidden) {
    context.loadDialect<mlir::nn::NNDialect, mlir::func::FuncDialect>();
    std::string text = "func.func @main() -> tensor<" + type + "> {\n" + body +
                       "return %r : tensor<" + type + ">\n}\n";
    auto module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (!module) {
      ADD_FAILURE() << text;
      return {};
    }
    mlir::PassManager pipeline(&context);
    buildQuantizePipeline(pipeline, mode());
    EXPECT_TRUE(succeeded(pipeline.run(*module)));
    module->walk([&](mlir::Operation *op) {
      EXPECT_NE(op->getName().getStringRef().str(), forbidden);
    });
    mlir::FailureOr<mlir::SmallVector<mlir::ElementsAttr>> results =
        evaluateConstants(*module);
    if (failed(results)) {
      ADD_FAILURE() << "is not computed: " << text;
      return {};
    }
    mlir::SmallVector<int64_t> values =
        *mlir::nn::constantIntegers(results->front());
    return Ints(values.begin(), values.end());
  }

  int32_t requantize(int32_t acc, float a, float b, float out,
                     StoredRange range) const {
    if (isOnnx())
      return requantizeOnnx(acc, onnxScale(a, b, out), range);
    FixedMultiplier m = fixedMultiplier(static_cast<double>(a) * b / out);
    return mode() == QuantizeMode::Tflite ? requantizeTflite(acc, m, range)
                                          : requantizeInteger(acc, m, range);
  }

  mlir::MLIRContext context;
};

/// Every byte: -128 ... 127, or 0 ... 255.
inline Ints allBytes(bool isSigned) {
  Ints bytes;
  for (int64_t i = 0; i < 256; ++i)
    bytes.push_back(isSigned ? i - 128 : i);
  return bytes;
}

/// For the names of tests.
inline std::string modeName(const testing::TestParamInfo<QuantizeMode> &info) {
  switch (info.param) {
  case QuantizeMode::Onnx:
    return "onnx";
  case QuantizeMode::Integer:
    return "integer";
  case QuantizeMode::Tflite:
    return "tflite";
  }
  return "";
}

} // namespace mlc

#endif // MLC_UNITTESTS_QUANTIZE_EXACT_H
