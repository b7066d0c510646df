//===- Outline.cpp - compute operations become functions ------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/Address.h"
#include "Backend/Attributes.h"
#include "Backend/Describe.h"
#include "Backend/InPlace.h"
#include "Backend/Passes.h"
#include "Backend/Report.h"
#include "Kernel/IR/Kernel.h"
#include "Support/NodeLocation.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_OUTLINEKERNELS
#include "Backend/Passes.h.inc"

namespace {

/// A piece of memory that one operation accesses, by one or several values.
struct Memory {
  Address address;
  MemRefType type; ///< at offset 0; run of bytes if values differ in type
  SmallVector<Value> values;
  bool read = false, written = false;
  int64_t bytes = 0; ///< from the address on
  bool isScratch = false;
};

/// Turns one operation into a call.
class Outliner {
public:
  Outliner(ModuleOp module, func::FuncOp main) : module(module), main(main) {}

  LogicalResult outline(Operation *op);
  /// Gives each function its attrs::kernel.
  void describeKernels();

private:
  LogicalResult collect(Operation *op);
  LogicalResult addMemory(Operation *op, Value value);
  bool mayOverlap(const Memory &a, const Memory &b) const;
  DictionaryAttr argumentAttrs(const Memory &memory);
  int64_t alignment(const Memory &memory) const;
  func::FuncOp build(Operation *op);
  Value pointTo(Operation *op, const Memory &memory);
  void record(Operation *op, unsigned kernel);

  ModuleOp module;
  func::FuncOp main;
  // Of the operation at hand:
  SmallVector<Memory> memories;
  SmallVector<Value> scalars;
  llvm::SetVector<Operation *> constants;

  llvm::StringMap<unsigned> byText;
  llvm::DenseMap<unsigned, llvm::StringSet<>> nodes; ///< by kernel
  std::vector<func::FuncOp> functions;
  std::vector<KernelInfo> kernels;
};

} // namespace

static std::string kindOf(Operation *op) {
  StringRef name = op->getName().stripDialect();
  return name.str();
}

/// Whether `value` is memory that each thread which works on `op` needs for
/// itself.
static bool isScratch(Operation *op, Value value) {
  WalkResult result = op->walk([&](Operation *inner) {
    auto winograd = dyn_cast<kernel::WinogradOp>(inner);
    auto sparse = dyn_cast<kernel::SparseConvOp>(inner);
    auto blocked = dyn_cast<kernel::BlockedMatmulOp>(inner);
    auto chain = dyn_cast<kernel::StreamOp>(inner);
    bool isIts = (winograd && winograd.getScratch() == value) ||
                 (sparse && sparse.getScratch() == value) ||
                 (blocked && blocked.getScratch() == value) ||
                 (chain && chain.getScratch() == value);
    return isIts ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result.wasInterrupted();
}

LogicalResult Outliner::addMemory(Operation *op, Value value) {
  auto type = dyn_cast<MemRefType>(value.getType());
  MemRefType rebased = type ? rebasedType(type) : MemRefType();
  if (!rebased || !elementBytes(type.getElementType()))
    return op->emitError("operand of type ")
           << value.getType()
           << " found, static shape and strides are required";
  FailureOr<Address> address = resolveAddress(value);
  if (failed(address))
    return failure();
  bool read = readsOperand(op, value), written = writesOperand(op, value);
  int64_t bytes = spanBytes(rebased);
  for (Memory &memory : memories) {
    if (!(memory.address == *address) ||
        (memory.type != rebased && !memory.written && !written))
      continue;
    // One pointer for one address: LLVM sees at once that an in-place operation
    // reads what it writes, and vectorises it without a check for overlap.
    if (memory.type != rebased)
      memory.type = MemRefType::get({std::max(bytes, memory.bytes)},
                                    IntegerType::get(op->getContext(), 8));
    memory.values.push_back(value);
    memory.read |= read;
    memory.written |= written;
    memory.bytes = std::max(bytes, memory.bytes);
    return success();
  }
  memories.push_back(
      {*address, rebased, {value}, read, written, bytes, isScratch(op, value)});
  return success();
}

LogicalResult Outliner::collect(Operation *op) {
  memories.clear();
  scalars.clear();
  constants.clear();
  llvm::SetVector<Value> values(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), values);
  for (Value value : values) {
    if (isa<BaseMemRefType>(value.getType())) {
      if (failed(addMemory(op, value)))
        return failure();
      continue;
    }
    Operation *def = value.getDefiningOp();
    if (def && def->hasTrait<OpTrait::ConstantLike>())
      constants.insert(def);
    else
      scalars.push_back(value);
  }
  return success();
}

bool Outliner::mayOverlap(const Memory &a, const Memory &b) const {
  if (a.address.root != b.address.root) {
    // Two uses of the weights are two values.
    auto isGlobal = [](Value root) {
      return bool(root.getDefiningOp<memref::GetGlobalOp>());
    };
    return isGlobal(a.address.root) && isGlobal(b.address.root);
  }
  if (!a.address.isStatic() || !b.address.isStatic())
    return true;
  return a.address.offset < b.address.offset + b.bytes &&
         b.address.offset < a.address.offset + a.bytes;
}

int64_t Outliner::alignment(const Memory &memory) const {
  Type element =
      cast<MemRefType>(memory.values.front().getType()).getElementType();
  auto argument = dyn_cast<BlockArgument>(memory.address.root);
  int64_t callers = main->hasAttr(attrs::valid) +
                    main->getAttrOfType<IntegerAttr>(attrs::inputs).getInt() +
                    main->getAttrOfType<IntegerAttr>(attrs::outputs).getInt();
  if (argument && argument.getArgNumber() < callers)
    return llvm::bit_floor(uint64_t(elementBytes(element)));
  uint64_t bits = 64 | memory.address.offset;
  for (const Address::Term &term : memory.address.terms)
    bits |= term.bytes;
  return int64_t(bits & -bits);
}

DictionaryAttr Outliner::argumentAttrs(const Memory &memory) {
  Builder builder(module.getContext());
  NamedAttrList list;
  bool alone = llvm::none_of(memories, [&](const Memory &other) {
    return &other != &memory && (memory.written || other.written) &&
           mayOverlap(memory, other);
  });
  if (alone)
    list.set(LLVM::LLVMDialect::getNoAliasAttrName(), builder.getUnitAttr());
  list.set(LLVM::LLVMDialect::getAlignAttrName(),
           builder.getI64IntegerAttr(alignment(memory)));
  list.set(LLVM::LLVMDialect::getNoCaptureAttrName(), builder.getUnitAttr());
  if (!memory.written)
    list.set(LLVM::LLVMDialect::getReadonlyAttrName(), builder.getUnitAttr());
  if (memory.isScratch)
    list.set(attrs::scratch, builder.getI64IntegerAttr(memory.bytes));
  return list.getDictionary(module.getContext());
}

/// A function around a copy of `op`, not yet in the module.
func::FuncOp Outliner::build(Operation *op) {
  OpBuilder builder(module.getContext());
  SmallVector<Type> types;
  SmallVector<DictionaryAttr> attributes;
  for (const Memory &memory : memories) {
    types.push_back(memory.type);
    attributes.push_back(argumentAttrs(memory));
  }
  for (Value scalar : scalars) {
    types.push_back(scalar.getType());
    attributes.push_back(builder.getDictionaryAttr({}));
  }
  auto function = func::FuncOp::create(op->getLoc(), "kernel",
                                       builder.getFunctionType(types, {}));
  function.setPrivate();
  function.setAllArgAttrs(attributes);
  Block *body = function.addEntryBlock();
  builder.setInsertionPointToStart(body);
  IRMapping mapping;
  for (Operation *constant : constants)
    builder.clone(*constant, mapping);
  for (auto [memory, argument] :
       llvm::zip(memories, body->getArguments().take_front(memories.size())))
    for (Value value : memory.values) {
      MemRefType type = rebasedType(cast<MemRefType>(value.getType()));
      Value mapped = argument;
      if (type != memory.type) {
        Value zero = arith::ConstantIndexOp::create(builder, op->getLoc(), 0);
        auto plain = MemRefType::get(
            {spanBytes(type) / elementBytes(type.getElementType())},
            type.getElementType());
        mapped = memref::ViewOp::create(builder, op->getLoc(), plain, argument,
                                        zero, ValueRange());
        mapped = memref::ReinterpretCastOp::create(builder, op->getLoc(), type,
                                                   mapped, 0, type.getShape(),
                                                   *staticStrides(type));
      }
      mapping.map(value, mapped);
    }
  for (auto [scalar, argument] :
       llvm::zip(scalars, body->getArguments().drop_front(memories.size())))
    mapping.map(scalar, argument);
  builder.clone(*op, mapping);
  func::ReturnOp::create(builder, op->getLoc());
  return function;
}

/// The operand of the call: a memref at offset 0, made from the root's bytes.
Value Outliner::pointTo(Operation *op, const Memory &memory) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  Value offset =
      arith::ConstantIndexOp::create(builder, loc, memory.address.offset);
  for (const Address::Term &term : memory.address.terms) {
    Value bytes = arith::ConstantIndexOp::create(builder, loc, term.bytes);
    Value product = arith::MulIOp::create(builder, loc, term.value, bytes);
    offset = arith::AddIOp::create(builder, loc, offset, product);
  }
  MemRefType type = memory.type;
  int64_t elements = memory.bytes / elementBytes(type.getElementType());
  bool identity = type.getLayout().isIdentity();
  auto viewType =
      identity ? type : MemRefType::get({elements}, type.getElementType());
  Value view = memref::ViewOp::create(
      builder, loc, viewType, memory.address.root, offset, ValueRange());
  if (identity)
    return view;
  return memref::ReinterpretCastOp::create(
      builder, loc, type, view, 0, type.getShape(), *staticStrides(type));
}

void Outliner::record(Operation *op, unsigned kernel) {
  KernelInfo &info = kernels[kernel];
  ++info.calls;
  auto add = [&](Operation *source) {
    NodeId node = nodeOf(source->getLoc());
    std::string key = std::to_string(node.index) + " " + node.name;
    if (node.isKnown() && nodes[kernel].insert(key).second)
      info.nodes.push_back(std::move(node));
  };
  if (auto chain = dyn_cast<kernel::StreamOp>(op))
    for (Operation &stage : chain.getBody().front())
      add(&stage);
  else
    add(op);
}

void Outliner::describeKernels() {
  for (auto [function, info] : llvm::zip(functions, kernels))
    function->setAttr(attrs::kernel, attributeOf(info, module.getContext()));
}

static std::string textOf(func::FuncOp function) {
  std::string text;
  llvm::raw_string_ostream os(text);
  function->print(os, OpPrintingFlags().useLocalScope().enableDebugInfo(false));
  return text;
}

LogicalResult Outliner::outline(Operation *op) {
  if (op->getNumResults() != 0)
    return op->emitError("operation with results found, one on buffers is "
                         "required");
  if (failed(collect(op)))
    return failure();
  func::FuncOp function = build(op);
  auto [entry, isNew] = byText.try_emplace(textOf(function), functions.size());
  unsigned kernel = entry->second;
  if (isNew) {
    KernelInfo info;
    info.kind = kindOf(op);
    info.function = ("k" + Twine(kernel) + "_" + info.kind).str();
    for (char &c : info.function)
      if (!llvm::isAlnum(c))
        c = '_';
    for (const Memory &memory : memories) {
      info.inputBytes += memory.read ? memory.bytes : 0;
      info.outputBytes += memory.written ? memory.bytes : 0;
      bool isConstant =
          memory.address.root.getDefiningOp<memref::GetGlobalOp>();
      info.weightBytes += memory.read && isConstant ? memory.bytes : 0;
    }
    kernel::KernelCost cost = costOf(op);
    info.element = std::move(cost.element);
    info.detail = std::move(cost.detail);
    info.operations = cost.operations;
    info.nominalOperations = cost.nominal;
    info.macs = cost.macs;
    auto kernelOp = dyn_cast<kernel::KernelOpInterface>(op);
    if (std::optional<kernel::Problem> problem =
            kernelOp ? kernelOp.getProblem() : std::nullopt)
      info.problem = problem->str();
    function.setName(info.function);
    module.insert(main, function);
    functions.push_back(function);
    kernels.push_back(info);
  } else {
    function.erase();
  }
  record(op, kernel);
  SmallVector<Value> operands;
  for (const Memory &memory : memories)
    operands.push_back(pointTo(op, memory));
  operands.append(scalars);
  OpBuilder builder(op);
  func::CallOp::create(builder, op->getLoc(), functions[kernel], operands);
  op->erase();
  return success();
}

/// Views that no call uses any more, the last first.
static void eraseDeadViews(func::FuncOp main) {
  SmallVector<Operation *> views;
  main.walk([&](Operation *op) {
    if (isView(op) || isa<memref::GetGlobalOp>(op) ||
        op->hasTrait<OpTrait::ConstantLike>())
      views.push_back(op);
  });
  for (Operation *view : llvm::reverse(views))
    if (view->use_empty())
      view->erase();
}

namespace {
struct OutlineKernels : mlc::impl::OutlineKernelsBase<OutlineKernels> {
  using OutlineKernelsBase::OutlineKernelsBase;
  void runOnOperation() override;
};
} // namespace

void OutlineKernels::runOnOperation() {
  FailureOr<func::FuncOp> main = findMain(getOperation());
  if (failed(main))
    return signalPassFailure();
  if (!(*main)->hasAttr(attrs::inputs) || !(*main)->hasAttr(attrs::outputs)) {
    main->emitError("no attribute '")
        << attrs::inputs << "' found, run to-destinations first";
    return signalPassFailure();
  }
  SmallVector<Operation *> ops;
  main->walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (!isComputeOp(op))
      return WalkResult::advance();
    ops.push_back(op);
    return WalkResult::skip();
  });
  Outliner outliner(getOperation(), *main);
  for (Operation *op : ops)
    if (failed(outliner.outline(op)))
      return signalPassFailure();
  outliner.describeKernels();
  eraseDeadViews(*main);
}

} // namespace mlc
