//===- ReportJson.cpp - What a compilation found out, as JSON -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Contract.h"
#include "mlc/Report.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlc;
using llvm::json::OStream;

static void writeNode(OStream &json, const NodeId &node) {
  json.attribute("operator", node.op);
  if (!node.isKnown())
    return;
  json.attribute("name", node.name);
  json.attribute("opset", node.opset);
  json.attribute("index", node.index);
}

static void writeTensors(OStream &json, llvm::StringRef key,
                         const std::vector<TensorSpec> &tensors) {
  json.attributeArray(key, [&] {
    for (const TensorSpec &tensor : tensors)
      json.object([&] {
        const ElementTypeInfo *type = findElementType(tensor.type);
        json.attribute("name", tensor.name);
        json.attribute("type", type ? type->name : "");
        json.attribute("shape", llvm::json::Array(tensor.shape));
        json.attribute("bytes", tensor.bytes);
      });
  });
}

static void writeSizes(OStream &json, const Report &report) {
  json.attribute("macs", report.macs);
  json.attribute("parameters", report.parameters);
  json.attribute("weights_bytes", report.weightsBytes);
  json.attribute("code_bytes", report.codeBytes);
  json.attribute("stack_bytes", report.stackBytes);
  json.attribute("arena_bytes", report.arenaBytes);
  json.attribute("arena_bytes_per_thread", report.arenaBytesPerThread);
  json.attribute("arena_lower_bound", report.arenaLowerBound);
  json.attribute("threads", report.threads);
}

static void writeKernel(OStream &json, const KernelCost &kernel) {
  json.object([&] {
    json.attribute("function", kernel.function);
    json.attribute("kind", kernel.kind);
    json.attribute("element", kernel.element);
    json.attribute("detail", kernel.detail);
    json.attribute("calls", kernel.calls);
    json.attribute("input_bytes", kernel.inputBytes);
    json.attribute("output_bytes", kernel.outputBytes);
    json.attribute("weight_bytes", kernel.weightBytes);
    json.attribute("operations", kernel.operations);
    json.attribute("nominal_operations", kernel.nominalOperations);
    json.attribute("macs", kernel.macs);
    json.attributeArray("nodes", [&] {
      for (const NodeId &node : kernel.nodes)
        json.object([&] { writeNode(json, node); });
    });
  });
}

std::string Report::json() const {
  std::string text;
  llvm::raw_string_ostream os(text);
  OStream json(os, 2);
  json.object([&] {
    json.attribute("prefix", prefix);
    writeTensors(json, "inputs", inputs);
    writeTensors(json, "outputs", outputs);
    writeSizes(json, *this);
    if (!narrowFloats.type.empty())
      json.attributeObject("narrow_floats", [&] {
        json.attribute("type", narrowFloats.type);
        json.attribute("products", narrowFloats.products);
        json.attribute("expected_error", narrowFloats.expectedError);
      });
    json.attributeArray("float_nodes", [&] {
      for (const FloatNode &each : floatNodes)
        json.object([&] {
          writeNode(json, each.node);
          json.attribute("reason", each.reason);
        });
    });
    json.attributeArray("kernels", [&] {
      for (const KernelCost &kernel : kernels)
        writeKernel(json, kernel);
    });
  });
  os << "\n";
  return text;
}
