//===- Weights.cpp - constants in one blob --------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Kernel/IR/Kernel.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
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
  LogicalResult appendValue(memref::GlobalOp global, Attribute value);
  LogicalResult appendPacked(memref::GlobalOp global,
                             kernel::PackedAttr packed);
  FailureOr<ArrayRef<char>> bytesOf(memref::GlobalOp global,
                                    DenseResourceElementsAttr resource);
  /// One constant less needs it.
  void release(DenseResourceElementsAttr resource);
  /// Moves the bytes from `start` on to an equal constant, if there is one.
  int64_t shareFrom(int64_t start);
  LogicalResult replaceUses();
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

static int64_t sizeOf(ShapedType type) {
  return type.getNumElements() * elementBytes(type.getElementType());
}

static void appendDense(DenseElementsAttr dense, AlignedBytes &bytes) {
  if (dense.getElementType().isInteger(1)) {
    for (bool value : dense.getValues<bool>())
      bytes.push_back(value);
    return;
  }
  if (dense.getElementType().isIndex()) {
    for (const APInt &value : dense.getValues<APInt>()) {
      int64_t number = value.getSExtValue();
      bytes.insert(bytes.end(), reinterpret_cast<char *>(&number),
                   reinterpret_cast<char *>(&number + 1));
    }
    return;
  }
  ArrayRef<char> raw = dense.getRawData();
  int64_t times = dense.isSplat() ? dense.getNumElements() : 1;
  for (int64_t i = 0; i < times; ++i)
    bytes.insert(bytes.end(), raw.begin(), raw.end());
}

FailureOr<ArrayRef<char>>
WeightLayout::bytesOf(memref::GlobalOp global,
                      DenseResourceElementsAttr resource) {
  AsmResourceBlob *data = resource.getRawHandle().getBlob();
  if (!data)
    return global.emitError("constant '")
           << resource.getRawHandle().getKey() << "' has no data";
  ArrayRef<char> from = data->getData();
  int64_t size = sizeOf(resource.getType());
  if (int64_t(from.size()) != size)
    return global.emitError("constant '")
           << resource.getRawHandle().getKey() << "' has " << from.size()
           << " bytes, " << size << " are required";
  return from;
}

void WeightLayout::release(DenseResourceElementsAttr resource) {
  StringRef key = resource.getRawHandle().getKey();
  if (--waiting[key] == 0 && freeConstants)
    resource.getRawHandle().getResource()->setBlob(AsmResourceBlob());
}

LogicalResult WeightLayout::appendValue(memref::GlobalOp global,
                                        Attribute value) {
  if (auto packed = dyn_cast<kernel::PackedAttr>(value))
    return appendPacked(global, packed);
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    appendDense(dense, bytes);
    return success();
  }
  auto resource = dyn_cast<DenseResourceElementsAttr>(value);
  if (!resource)
    return global.emitError("constant of unknown form found, dense elements "
                            "are required");
  FailureOr<ArrayRef<char>> from = bytesOf(global, resource);
  if (failed(from))
    return failure();
  bytes.insert(bytes.end(), from->begin(), from->end());
  release(resource);
  return success();
}

/// Straight to where the bytes are to be: there is no packed copy.
LogicalResult WeightLayout::appendPacked(memref::GlobalOp global,
                                         kernel::PackedAttr packed) {
  AlignedBytes few;
  ArrayRef<char> from;
  auto resource = dyn_cast<DenseResourceElementsAttr>(packed.getValue());
  if (auto dense = dyn_cast<DenseElementsAttr>(packed.getValue())) {
    appendDense(dense, few);
    from = few;
  } else if (resource) {
    FailureOr<ArrayRef<char>> data = bytesOf(global, resource);
    if (failed(data))
      return failure();
    from = *data;
  } else {
    return global.emitError("packed constant of unknown form found, dense "
                            "elements are required");
  }
  size_t start = bytes.size();
  bytes.resize(start + sizeOf(packed.getType()));
  packed.getPacked().pack(from, elementBytes(packed.getElementType()),
                          bytes.data() + start);
  if (resource)
    release(resource);
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
  Attribute value = global->getAttr(attrs::constant);
  if (!value)
    return global.emitError("no attribute '")
           << attrs::constant << "' found, run plan-arena first";
  int64_t start = llvm::alignTo(bytes.size(), constantAlign);
  bytes.resize(start);
  if (failed(appendValue(global, value)))
    return failure();
  offsets[global.getSymName()] = shareFrom(start);
  return success();
}

/// A view of a constant becomes one of the blob.
static void moveView(memref::ViewOp view, Value weights, int64_t offset) {
  OpBuilder builder(view);
  Location loc = view.getLoc();
  std::optional<int64_t> inside = getConstantIntValue(view.getByteShift());
  Value shift =
      arith::ConstantIndexOp::create(builder, loc, offset + inside.value_or(0));
  if (!inside)
    shift = arith::AddIOp::create(builder, loc, shift, view.getByteShift());
  Operation *old = view.getByteShift().getDefiningOp();
  view.getSourceMutable().assign(weights);
  view.getByteShiftMutable().assign(shift);
  if (old && isOpTriviallyDead(old))
    old->erase();
}

LogicalResult WeightLayout::replaceUses() {
  SmallVector<memref::GetGlobalOp> uses;
  module.walk([&](memref::GetGlobalOp op) { uses.push_back(op); });
  if (uses.empty())
    return success();
  OpBuilder builder(module.getContext());
  auto type = MemRefType::get({int64_t(bytes.size())}, builder.getI8Type());
  builder.setInsertionPointToStart(module.getBody());
  memref::GlobalOp::create(builder, module.getLoc(), weightsName,
                           /*sym_visibility=*/StringAttr(), type,
                           /*initial_value=*/Attribute(), /*constant=*/true,
                           builder.getI64IntegerAttr(constantAlign));
  for (memref::GetGlobalOp use : uses) {
    builder.setInsertionPoint(use);
    Value weights =
        memref::GetGlobalOp::create(builder, use.getLoc(), type, weightsName);
    int64_t offset = offsets.at(use.getName());
    for (Operation *user : llvm::make_early_inc_range(use->getUsers())) {
      auto view = dyn_cast<memref::ViewOp>(user);
      if (!view)
        return user->emitError("bytes of a constant found, a view of them is "
                               "required");
      moveView(view, weights, offset);
    }
    use.erase();
  }
  return success();
}

void WeightLayout::countResources(ArrayRef<memref::GlobalOp> globals) {
  for (memref::GlobalOp global : globals) {
    Attribute value = global->getAttr(attrs::constant);
    if (auto packed = dyn_cast_or_null<kernel::PackedAttr>(value))
      value = packed.getValue();
    if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(value))
      ++waiting[resource.getRawHandle().getKey()];
  }
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
    total = llvm::alignTo(total, constantAlign) + sizeOf(global.getType());
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
  if (failed(replaceUses()))
    return failure();
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
