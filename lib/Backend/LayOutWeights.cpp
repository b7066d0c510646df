//===- Weights.cpp - constants in one blob --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"
#include <map>

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_LAYOUTWEIGHTS
#include "Backend/Passes.h.inc"

static constexpr int64_t constantAlign = 64;

namespace {

/// Programs find each constant at a multiple of constantAlign, and so does code
/// that reads the bytes where they are.
template <typename T>
struct AlignedAllocator {
  using value_type = T;
  T *allocate(size_t count) {
    return static_cast<T *>(
        llvm::allocate_buffer(count * sizeof(T), constantAlign));
  }
  void deallocate(T *data, size_t count) {
    llvm::deallocate_buffer(data, count * sizeof(T), constantAlign);
  }
  friend bool operator==(AlignedAllocator, AlignedAllocator) { return true; }
  friend bool operator!=(AlignedAllocator, AlignedAllocator) { return false; }
};
using AlignedBytes = std::vector<char, AlignedAllocator<char>>;

class WeightLayout {
public:
  WeightLayout(ModuleOp module, bool freeConstants, uint64_t most)
      : module(module), freeConstants(freeConstants), most(most) {}

  LogicalResult run();

private:
  LogicalResult append(memref::GlobalOp global);
  LogicalResult appendDense(memref::GlobalOp global, DenseElementsAttr dense,
                            int64_t size);
  LogicalResult appendResource(memref::GlobalOp global,
                               DenseResourceElementsAttr resource,
                               int64_t size);
  /// Moves the bytes from `start` on to an equal constant, if there is one.
  int64_t shareFrom(int64_t start);
  void replaceUses();
  void keepBytes();
  void countResources(ArrayRef<memref::GlobalOp> globals);

  ModuleOp module;
  bool freeConstants;
  uint64_t most; ///< bytes that can be linked
  AlignedBytes bytes;
  llvm::StringMap<int64_t> offsets;
  /// How many constants still need the resource of that name.
  llvm::StringMap<unsigned> waiting;
  /// By content hash: start and size.
  std::multimap<uint64_t, std::pair<int64_t, int64_t>> known;
};

} // namespace

LogicalResult WeightLayout::appendDense(memref::GlobalOp global,
                                        DenseElementsAttr dense, int64_t size) {
  if (dense.getElementType().isInteger(1)) {
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return success();
  }
  if (dense.getElementType().isIndex()) {
    for (const APInt &value : dense.getValues<APInt>()) {
      int64_t number = value.getSExtValue();
      bytes.insert(bytes.end(), reinterpret_cast<char *>(&number),
                   reinterpret_cast<char *>(&number + 1));
    }
    return success();
  }
  ArrayRef<char> raw = dense.getRawData();
  if (dense.isSplat())
    for (int64_t at = 0; at < size; at += raw.size())
      bytes.insert(bytes.end(), raw.begin(), raw.end());
  else
    bytes.insert(bytes.end(), raw.begin(), raw.end());
  return success();
}

LogicalResult WeightLayout::appendResource(memref::GlobalOp global,
                                           DenseResourceElementsAttr resource,
                                           int64_t size) {
  AsmResourceBlob *data = resource.getRawHandle().getBlob();
  if (!data)
    return global.emitError("constant '")
           << resource.getRawHandle().getKey() << "' has no data";
  ArrayRef<char> from = data->getData();
  if (int64_t(from.size()) != size)
    return global.emitError("constant '")
           << resource.getRawHandle().getKey() << "' has " << from.size()
           << " bytes, " << size << " are required";
  bytes.insert(bytes.end(), from.begin(), from.end());
  StringRef key = resource.getRawHandle().getKey();
  if (--waiting[key] == 0 && freeConstants)
    resource.getRawHandle().getResource()->setBlob(AsmResourceBlob());
  return success();
}

int64_t WeightLayout::shareFrom(int64_t start) {
  ArrayRef<char> added = ArrayRef<char>(bytes).drop_front(start);
  uint64_t hash = llvm::xxh3_64bits(ArrayRef<uint8_t>(
      reinterpret_cast<const uint8_t *>(added.data()), added.size()));
  auto [from, to] = known.equal_range(hash);
  for (auto at = from; at != to; ++at) {
    auto [offset, size] = at->second;
    if (ArrayRef<char>(bytes).slice(offset, size) == added) {
      bytes.resize(start);
      return offset;
    }
  }
  known.insert({hash, {start, int64_t(added.size())}});
  return start;
}

LogicalResult WeightLayout::append(memref::GlobalOp global) {
  MemRefType type = global.getType();
  std::optional<Attribute> value = global.getInitialValue();
  int64_t width = elementBytes(type.getElementType());
  if (!value || !width || !type.getLayout().isIdentity())
    return global.emitError("constant of ")
           << type << " found, a value of whole bytes is required";
  int64_t size = type.getNumElements() * width;
  int64_t start = llvm::alignTo(bytes.size(), constantAlign);
  bytes.resize(start);
  LogicalResult appended =
      llvm::TypeSwitch<Attribute, LogicalResult>(*value)
          .Case([&](DenseElementsAttr dense) {
            return appendDense(global, dense, size);
          })
          .Case([&](DenseResourceElementsAttr resource) {
            return appendResource(global, resource, size);
          })
          .Default([&](Attribute) {
            return global.emitError("constant of unknown form found, dense "
                                    "elements are required");
          });
  if (failed(appended))
    return failure();
  offsets[global.getSymName()] = shareFrom(start);
  return success();
}

void WeightLayout::replaceUses() {
  SmallVector<memref::GetGlobalOp> uses;
  module.walk([&](memref::GetGlobalOp op) { uses.push_back(op); });
  OpBuilder builder(module.getContext());
  auto type = MemRefType::get({int64_t(bytes.size())}, builder.getI8Type());
  if (!uses.empty()) {
    builder.setInsertionPointToStart(module.getBody());
    memref::GlobalOp::create(builder, module.getLoc(), weightsName,
                             /*sym_visibility=*/StringAttr(), type,
                             /*initial_value=*/Attribute(), /*constant=*/true,
                             builder.getI64IntegerAttr(constantAlign));
  }
  for (memref::GetGlobalOp use : uses) {
    builder.setInsertionPoint(use);
    Value weights =
        memref::GetGlobalOp::create(builder, use.getLoc(), type, weightsName);
    Value offset = arith::ConstantIndexOp::create(builder, use.getLoc(),
                                                  offsets.at(use.getName()));
    auto view = memref::ViewOp::create(builder, use.getLoc(),
                                       cast<MemRefType>(use.getType()), weights,
                                       offset, ValueRange());
    use.replaceAllUsesWith(view.getResult());
    use.erase();
  }
}

void WeightLayout::countResources(ArrayRef<memref::GlobalOp> globals) {
  for (memref::GlobalOp global : globals)
    if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(
            global.getInitialValueAttr()))
      ++waiting[resource.getRawHandle().getKey()];
}

/// The module says what the bytes are.
void WeightLayout::keepBytes() {
  if (bytes.empty())
    return;
  auto kept = std::make_shared<AlignedBytes>(std::move(bytes));
  auto type = RankedTensorType::get({int64_t(kept->size())},
                                    IntegerType::get(module.getContext(), 8));
  // The blob shares the vector instead of copying it.
  AsmResourceBlob resource(
      ArrayRef<char>(*kept), constantAlign, [kept](void *, size_t, size_t) {},
      /*dataIsMutable=*/false);
  module->setAttr(attrs::weights, DenseResourceElementsAttr::get(
                                      type, weightsName, std::move(resource)));
}

LogicalResult WeightLayout::run() {
  SmallVector<memref::GlobalOp> globals(
      module.getBody()->getOps<memref::GlobalOp>());
  size_t total = 0;
  for (memref::GlobalOp global : globals)
    if (global.getType().hasStaticShape())
      total = llvm::alignTo(total, constantAlign) +
              global.getType().getNumElements() *
                  elementBytes(global.getType().getElementType());
  bytes.reserve(total);
  countResources(globals);
  for (memref::GlobalOp global : globals)
    if (failed(append(global)))
      return failure();
  if (bytes.size() > most)
    return module.emitError("weights take ")
           << bytes.size() << " bytes, and at most " << most
           << " can be linked for this target: keep them as f16 or int8 "
              "(--fc-weights=f16, or a quantised model), or divide the model";
  for (memref::GlobalOp global : globals)
    global.erase();
  replaceUses();
  keepBytes();
  return success();
}

namespace {
struct LayOutWeights : mlc::impl::LayOutWeightsBase<LayOutWeights> {
  using LayOutWeightsBase::LayOutWeightsBase;
  void runOnOperation() override;
};
} // namespace

void LayOutWeights::runOnOperation() {
  if (failed(WeightLayout(getOperation(), freeConstants, most).run()))
    signalPassFailure();
}

} // namespace mlc
