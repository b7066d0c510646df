//===- ChooseLayouts.cpp - each CPU's own order of weights ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Lowering has bytes in quads, which all CPUs can read. Here each CPU has its
// own functions: those of one that wants another order (Schedule/WeightOrder.h)
// get other constants, and what they multiply by changes its type. Where orders
// are to be shared, all CPUs have to want it. A narrower block alone is no
// reason: AVX2 takes as long by its own of 16 output
// channels as by those of 32 that AVX-512 has, and constants double.
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Backend/Report.h"
#include "Kernel/IR/Kernel.h"
#include "Schedule/WeightOrder.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_CHOOSELAYOUTS
#include "Backend/Passes.h.inc"

namespace {

/// The weights of a kernel in one of its calls.
struct Source {
  OpOperand *operand; ///< of the call
  memref::ViewOp view;
  memref::GlobalOp global;
  kernel::PackedAttr packed;
};

/// What they become: of one type in all calls.
struct Choice {
  SmallVector<ElementsAttr> values; ///< a call each; none: all stay
  std::optional<int64_t> extras;    ///< of pairs

  explicit operator bool() const { return !values.empty(); }
};

class LayoutChooser {
public:
  LayoutChooser(ModuleOp module, ArrayRef<TargetInfo> targets, bool own)
      : module(module), targets(targets), own(own) {}

  LogicalResult run();

private:
  void choose(func::FuncOp function, const TargetInfo &target);
  SmallVector<Source> sourcesOf(func::FuncOp function, kernel::ConvOp conv);
  std::optional<Source> sourceOf(OpOperand &operand);
  Choice inPairs(kernel::ConvOp conv, ArrayRef<Source> sources,
                 const TargetInfo &target);
  Choice inOctets(ArrayRef<Source> sources, const TargetInfo &target);
  void apply(func::FuncOp function, kernel::ConvOp conv,
             ArrayRef<Source> sources, const Choice &choice);
  memref::GlobalOp globalOf(ElementsAttr value, memref::GlobalOp origin);
  void eraseUnused();

  using Paired = std::pair<ElementsAttr, int64_t>; ///< and its extra quads

  /// Those of `packed` with room for as many extra quads; null where there are
  /// no such pairs.
  Paired pairsOf(kernel::PackedAttr packed, int64_t block, int64_t extras);

  ModuleOp module;
  ArrayRef<TargetInfo> targets;
  bool own;                                         ///< Each CPU alone decides.
  llvm::StringMap<SmallVector<func::CallOp>> calls; ///< by callee
  llvm::StringMap<memref::GlobalOp> globals;
  llvm::DenseMap<Attribute, memref::GlobalOp> made; ///< by value
  llvm::DenseMap<std::pair<Attribute, int64_t>, Paired> pairs;
  SmallVector<memref::ViewOp> replaced;
};

} // namespace

std::optional<Source> LayoutChooser::sourceOf(OpOperand &operand) {
  auto view = operand.get().getDefiningOp<memref::ViewOp>();
  auto use = view ? view.getSource().getDefiningOp<memref::GetGlobalOp>()
                  : memref::GetGlobalOp();
  if (!use || !isConstantIntValue(view.getByteShift(), 0))
    return std::nullopt;
  memref::GlobalOp global = globals.lookup(use.getName());
  auto packed = global
                    ? global->getAttrOfType<kernel::PackedAttr>(attrs::constant)
                    : kernel::PackedAttr();
  if (!packed)
    return std::nullopt;
  return Source{&operand, view, global, packed};
}

/// None where not all calls give the whole of a constant that is not packed
/// yet, or where the kernel does anything else with it.
SmallVector<Source> LayoutChooser::sourcesOf(func::FuncOp function,
                                             kernel::ConvOp conv) {
  auto argument = dyn_cast<BlockArgument>(conv.getWeights());
  if (!argument || argument.getOwner() != &function.front() ||
      !argument.hasOneUse())
    return {};
  SmallVector<Source> sources;
  for (func::CallOp call : calls.lookup(function.getName())) {
    std::optional<Source> source =
        sourceOf(call->getOpOperand(argument.getArgNumber()));
    if (!source)
      return {};
    sources.push_back(*source);
  }
  return sources;
}

/// The bytes of constant weights of i8.
static SmallVector<char> bytesOf(ElementsAttr value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? SmallVector<char>(blob->getData()) : SmallVector<char>();
  }
  SmallVector<char> bytes;
  if (auto dense = dyn_cast<DenseElementsAttr>(value))
    for (const APInt &number : dense.getValues<APInt>())
      bytes.push_back(number.getSExtValue());
  return bytes;
}

LayoutChooser::Paired LayoutChooser::pairsOf(kernel::PackedAttr packed,
                                             int64_t block, int64_t extras) {
  auto [known, isNew] = pairs.try_emplace({packed, extras});
  if (!isNew)
    return known->second;
  ShapedType type = packed.getValue().getShapedType();
  SmallVector<char> bytes = bytesOf(packed.getValue());
  if (int64_t(bytes.size()) != type.getNumElements())
    return {};
  auto paired = kernel::PairedWeights::get(
      bytes, type.getShape(), packed.getLayout().getGroups(), block, extras);
  if (!paired)
    return {};
  AsmResourceBlob blob = HeapAsmResourceBlob::allocateAndCopyWithAlign(
      paired->bytes, alignof(int64_t));
  auto value = DenseResourceElementsAttr::get(type.clone(paired->shape),
                                              "pairs", std::move(blob));
  return known->second = {value, paired->rows.extras};
}

/// Where all CPUs of a library multiply pairs, lowering makes these: it has
/// their algorithms to choose among. All calls share the kernel, and so have
/// room for as many extra quads.
Choice LayoutChooser::inPairs(kernel::ConvOp conv, ArrayRef<Source> sources,
                              const TargetInfo &target) {
  auto isOfQuads = [](const Source &source) {
    kernel::LayoutAttr layout = source.packed.getLayout();
    return layout.getKind() == kernel::WeightsKind::conv &&
           layout.getStep() == kernel::PackStep::quads;
  };
  if (!own || !multipliesPairs(target) || !llvm::all_of(sources, isOfQuads) ||
      conv.getInputChannelsFirst() ||
      !gainsByPairs(conv.getInit().getType().getShape()))
    return {};
  int64_t block = packedBlock(target);
  Choice choice;
  choice.extras = 0;
  for (const Source &source : sources) {
    Paired paired = pairsOf(source.packed, block, /*extras=*/0);
    if (!paired.first)
      return {};
    choice.extras = std::max(*choice.extras, paired.second);
  }
  for (const Source &source : sources) {
    Paired paired = pairsOf(source.packed, block, /*extras=*/0);
    if (paired.second != *choice.extras)
      paired = pairsOf(source.packed, block, *choice.extras);
    if (!paired.first || paired.second != *choice.extras)
      return {};
    choice.values.push_back(paired.first);
  }
  return choice;
}

Choice LayoutChooser::inOctets(ArrayRef<Source> sources,
                               const TargetInfo &target) {
  kernel::PackStep step = sources.front().packed.getLayout().getStep();
  bool isWanted =
      own ? multipliesOctets(target) : llvm::all_of(targets, multipliesOctets);
  if (!isWanted || step != kernel::PackStep::quads)
    return {};
  Choice choice;
  for (const Source &source : sources) {
    kernel::WeightLayout layout = source.packed.getLayout().getLayout();
    layout.block = packedBlock(target);
    layout.step = kernel::PackStep::octets;
    choice.values.push_back(kernel::PackedAttr::get(
        source.packed.getValue(),
        kernel::LayoutAttr::get(module.getContext(), layout)));
  }
  return choice;
}

static int64_t bytesOf(ShapedType type) {
  return type.getNumElements() * kernel::elementBytes(type.getElementType());
}

/// Equal ones are one, of all CPUs.
memref::GlobalOp LayoutChooser::globalOf(ElementsAttr value,
                                         memref::GlobalOp origin) {
  memref::GlobalOp &other = made[value];
  if (other)
    return other;
  other = cast<memref::GlobalOp>(origin->clone());
  std::string name;
  for (unsigned i = 1; name.empty() || globals.contains(name); ++i)
    name = (origin.getName() + "_" + Twine(i)).str();
  other.setName(name);
  other->setAttr(attrs::constant, value);
  other.setType(MemRefType::get({bytesOf(value.getShapedType())},
                                IntegerType::get(module.getContext(), 8)));
  module.getBody()->getOperations().insertAfter(origin->getIterator(), other);
  globals[name] = other;
  return other;
}

void LayoutChooser::apply(func::FuncOp function, kernel::ConvOp conv,
                          ArrayRef<Source> sources, const Choice &choice) {
  auto argument = cast<BlockArgument>(conv.getWeights());
  ShapedType packed = choice.values.front().getShapedType();
  auto type = MemRefType::get(packed.getShape(), packed.getElementType());
  addWeightBytes(function,
                 bytesOf(packed) - bytesOf(sources.front().packed.getType()));
  argument.setType(type);
  function.setFunctionType(FunctionType::get(
      module.getContext(), function.front().getArgumentTypes(), {}));
  if (choice.extras)
    conv.setExtraQuads(*choice.extras);
  for (auto [source, value] : llvm::zip_equal(sources, choice.values)) {
    OpBuilder builder(source.operand->getOwner());
    memref::ViewOp view = source.view;
    Location loc = view.getLoc();
    memref::GlobalOp own = globalOf(value, source.global);
    Value bytes =
        memref::GetGlobalOp::create(builder, loc, own.getType(), own.getName());
    source.operand->set(memref::ViewOp::create(
        builder, loc, type, bytes, view.getByteShift(), ValueRange()));
    replaced.push_back(view);
  }
}

void LayoutChooser::choose(func::FuncOp function, const TargetInfo &target) {
  SmallVector<kernel::ConvOp> convolutions;
  function.walk([&](kernel::ConvOp op) { convolutions.push_back(op); });
  for (kernel::ConvOp conv : convolutions) {
    SmallVector<Source> sources = sourcesOf(function, conv);
    if (sources.empty())
      continue;
    Choice choice = inPairs(conv, sources, target);
    if (!choice)
      choice = inOctets(sources, target);
    if (choice)
      apply(function, conv, sources, choice);
  }
}

/// Constants that no CPU reads any more as they were.
void LayoutChooser::eraseUnused() {
  llvm::SmallSetVector<Operation *, 16> views, uses;
  llvm::StringSet<> names;
  for (memref::ViewOp view : replaced)
    views.insert(view);
  for (Operation *view : views) {
    Operation *use = cast<memref::ViewOp>(view).getSource().getDefiningOp();
    uses.insert(use);
    names.insert(cast<memref::GetGlobalOp>(use).getName());
    if (view->use_empty())
      view->erase();
  }
  for (Operation *use : uses)
    if (use->use_empty())
      use->erase();
  module.walk([&](memref::GetGlobalOp use) { names.erase(use.getName()); });
  for (auto &name : names)
    globals.lookup(name.first()).erase();
}

LogicalResult LayoutChooser::run() {
  for (memref::GlobalOp global : module.getOps<memref::GlobalOp>())
    globals[global.getName()] = global;
  module.walk(
      [&](func::CallOp call) { calls[call.getCallee()].push_back(call); });
  for (func::FuncOp function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    FailureOr<const TargetInfo *> target = targetOf(function, targets);
    if (failed(target))
      return failure();
    choose(function, **target);
  }
  eraseUnused();
  return success();
}

namespace {
struct ChooseLayouts : mlc::impl::ChooseLayoutsBase<ChooseLayouts> {
  using ChooseLayoutsBase::ChooseLayoutsBase;
  void runOnOperation() override;
};
} // namespace

void ChooseLayouts::runOnOperation() {
  auto targets = targetsOf(&getContext(), triple, cpus);
  if (failed(targets) ||
      failed(LayoutChooser(getOperation(), *targets, own).run()))
    signalPassFailure();
}

} // namespace mlc
