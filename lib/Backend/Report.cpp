//===- Report.cpp - what a module says of itself --------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Report.h"
#include "Backend/Attributes.h"

using namespace mlir;

namespace mlc {

namespace {

/// Builds a dictionary.
class Writer {
public:
  explicit Writer(MLIRContext *context) : builder(context) {}

  Writer &add(StringRef name, Attribute value) {
    list.set(name, value);
    return *this;
  }
  Writer &text(StringRef name, const std::string &value) {
    return add(name, builder.getStringAttr(value));
  }
  Writer &number(StringRef name, int64_t value) {
    return add(name, builder.getI64IntegerAttr(value));
  }
  DictionaryAttr get() { return list.getDictionary(builder.getContext()); }

private:
  Builder builder;
  NamedAttrList list;
};

/// Reads one; what is missing, as an IR by hand may leave it, is "" or 0.
class Reader {
public:
  explicit Reader(Attribute from)
      : from(dyn_cast_or_null<DictionaryAttr>(from)) {}

  std::string text(StringRef name) const {
    auto value = get<StringAttr>(name);
    return value ? value.str() : std::string();
  }
  std::optional<int64_t> find(StringRef name) const {
    auto value = get<IntegerAttr>(name);
    return value ? std::optional(value.getInt()) : std::nullopt;
  }
  int64_t number(StringRef name) const { return find(name).value_or(0); }
  template <typename T>
  T get(StringRef name) const {
    return from ? from.getAs<T>(name) : T();
  }

private:
  DictionaryAttr from;
};

} // namespace

static ArrayRef<Attribute> itemsOf(ArrayAttr list) {
  return list ? list.getValue() : ArrayRef<Attribute>();
}

static Attribute attributeOf(const NodeId &node, MLIRContext *context) {
  return Writer(context)
      .text("name", node.name)
      .text("op", node.op)
      .number("opset", node.opset)
      .number("index", node.index)
      .get();
}

static NodeId nodeFrom(Attribute attribute) {
  Reader from(attribute);
  return {from.text("name"), from.text("op"), from.number("opset"),
          from.find("index").value_or(-1)};
}

//===----------------------------------------------------------------------===//
// Kernels
//===----------------------------------------------------------------------===//

Attribute attributeOf(const KernelInfo &info, MLIRContext *context) {
  SmallVector<Attribute> nodes;
  for (const NodeId &node : info.nodes)
    nodes.push_back(attributeOf(node, context));
  return Writer(context)
      .text("function", info.function)
      .text("kind", info.kind)
      .add("nodes", ArrayAttr::get(context, nodes))
      .number("input_bytes", info.inputBytes)
      .number("output_bytes", info.outputBytes)
      .number("weight_bytes", info.weightBytes)
      .number("calls", info.calls)
      .text("element", info.element)
      .text("detail", info.detail)
      .text("problem", info.problem)
      .number("operations", info.operations)
      .number("nominal_operations", info.nominalOperations)
      .number("macs", info.macs)
      .get();
}

static KernelInfo kernelFrom(Attribute attribute) {
  Reader from(attribute);
  KernelInfo info;
  info.function = from.text("function");
  info.kind = from.text("kind");
  for (Attribute node : itemsOf(from.get<ArrayAttr>("nodes")))
    info.nodes.push_back(nodeFrom(node));
  info.inputBytes = from.number("input_bytes");
  info.outputBytes = from.number("output_bytes");
  info.weightBytes = from.number("weight_bytes");
  info.calls = from.number("calls");
  info.element = from.text("element");
  info.detail = from.text("detail");
  info.problem = from.text("problem");
  info.operations = from.number("operations");
  info.nominalOperations = from.number("nominal_operations");
  info.macs = from.number("macs");
  return info;
}

std::vector<KernelInfo> kernelsOf(ModuleOp module) {
  std::vector<KernelInfo> kernels;
  for (Operation &op : *module.getBody())
    if (Attribute kernel = op.getAttr(attrs::kernel))
      kernels.push_back(kernelFrom(kernel));
  return kernels;
}

void addWeightBytes(Operation *function, int64_t more) {
  auto known = function->getAttrOfType<DictionaryAttr>(attrs::kernel);
  if (!known || more == 0)
    return;
  Builder builder(function->getContext());
  NamedAttrList list(known);
  for (StringRef name : {"input_bytes", "weight_bytes"})
    if (auto bytes = known.getAs<IntegerAttr>(name))
      list.set(name, builder.getI64IntegerAttr(bytes.getInt() + more));
  function->setAttr(attrs::kernel, list.getDictionary(function->getContext()));
}

Attribute attributeOf(ArrayRef<KernelCall> calls, MLIRContext *context) {
  SmallVector<Attribute> items;
  for (const KernelCall &call : calls)
    items.push_back(Writer(context)
                        .text("function", call.function)
                        .add("node", attributeOf(call.node, context))
                        .text("place", call.place)
                        .get());
  return ArrayAttr::get(context, items);
}

std::vector<KernelCall> callsOf(ModuleOp module) {
  std::vector<KernelCall> calls;
  Operation *mark = module.lookupSymbol(profileMark);
  if (!mark)
    return calls;
  for (Attribute item : itemsOf(mark->getAttrOfType<ArrayAttr>(attrs::calls))) {
    Reader from(item);
    calls.push_back({from.text("function"),
                     nodeFrom(from.get<DictionaryAttr>("node")),
                     from.text("place")});
  }
  return calls;
}

//===----------------------------------------------------------------------===//
// The arena
//===----------------------------------------------------------------------===//

Attribute attributeOf(const MemoryMap &map, MLIRContext *context) {
  SmallVector<Attribute> buffers(map.getRows().size());
  for (const MemoryMap::Row &row : map.getRows()) {
    Writer buffer(context);
    buffer.text("name", row.buffer.name)
        .number("offset", row.offset)
        .number("size", row.buffer.size)
        .number("first", row.buffer.first)
        .number("last", row.buffer.last);
    if (row.inPlaceOf)
      buffer.number("in_place_of", *row.inPlaceOf);
    buffers[row.id] = buffer.get();
  }
  return Writer(context)
      .number("alignment", map.getAlignment())
      .text("solver", map.getSolver().str())
      .add("buffers", ArrayAttr::get(context, buffers))
      .get();
}

std::optional<MemoryMap> memoryMapOf(ModuleOp module) {
  Attribute plan = module->getAttr(attrs::arenaPlan);
  if (!plan)
    return std::nullopt;
  Reader from(plan);
  int64_t alignment = from.number("alignment");
  std::vector<MemoryMap::Row> rows;
  for (Attribute item : itemsOf(from.get<ArrayAttr>("buffers"))) {
    Reader buffer(item);
    MemoryMap::Row row;
    row.id = rows.size();
    row.buffer = {buffer.text("name"), buffer.number("size"), alignment,
                  buffer.number("first"), buffer.number("last")};
    row.offset = buffer.number("offset");
    if (auto other = buffer.find("in_place_of"))
      row.inPlaceOf = *other;
    rows.push_back(std::move(row));
  }
  return MemoryMap(std::move(rows), numberOf(module, attrs::arenaSize),
                   alignment, numberOf(module, attrs::arenaLowerBound),
                   from.text("solver"));
}

} // namespace mlc
