//===- ForkKernels.cpp - calls of shared kernels by the executor ----------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For a kernel k(a, b, part, parts) that may be divided:
//
//   k_fork(a, b, executor):
//     parts = executor ? min(executor->threads, most) : 1
//     if parts < 2: k(a, b, 0, 1)
//     else: mlc_parallel_for(executor, k_task, &{a, b, parts}, parts)
//
//   k_task(data, part): k(data->a, data->b, part, data->parts)
//
// Of a kernel with scratch memory, part 0 has that of the call. The others'
// lies behind the planned part of the arena, the same for all kernels, of which
// one runs at a time: a program that sets no executor need not have it.
//
//   k_fork(a, scratch, executor, further): as above, with `further` in data
//   k_task(data, part):
//     scratch = part ? data->further + (part - 1) * bytes of a thread
//                    : data->scratch
//
// Functions of their own, rather than code at each call, keep the frame of the
// entry small: the arguments are in memory only while the kernel runs.
//
//===----------------------------------------------------------------------===//

#include "Backend/Attributes.h"
#include "Backend/Passes.h"
#include "Emit/Entry.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

using namespace mlir;

namespace mlc {

#define GEN_PASS_DEF_FORKKERNELS
#include "Backend/Passes.h.inc"

namespace {

/// What each thread needs for itself.
struct Scratch {
  /// Numbers of arguments, and where they point to in the memory of a thread.
  SmallVector<std::pair<unsigned, int64_t>> arguments;
  int64_t bytes = 0; ///< of all

  static Scratch of(LLVM::LLVMFuncOp kernel);
};

/// Makes the functions around one kernel.
class Forker {
public:
  /// `threadBytes`: from the memory of one thread to that of the next.
  Forker(LLVM::LLVMFuncOp kernel, LLVM::LLVMFuncOp parallelFor,
         int64_t threadBytes)
      : kernel(kernel), parallelFor(parallelFor), threadBytes(threadBytes),
        scratch(Scratch::of(kernel)), loc(kernel.getLoc()),
        builder(kernel.getContext()),
        pointer(LLVM::LLVMPointerType::get(kernel.getContext())),
        i32(builder.getI32Type()) {
    ArrayRef<Type> types = kernel.getFunctionType().getParams();
    index = types.back();
    arguments.assign(types.begin(), types.end() - 2);
    SmallVector<Type> fields = arguments;
    fields.push_back(i32);
    if (needsFurther())
      fields.push_back(pointer);
    data = LLVM::LLVMStructType::getLiteral(kernel.getContext(), fields);
  }

  LLVM::LLVMFuncOp makeFork();
  /// Whether the fork takes memory of further threads behind the executor.
  bool needsFurther() const { return !scratch.arguments.empty(); }

private:
  LLVM::LLVMFuncOp makeTask();
  LLVM::LLVMFuncOp define(StringRef suffix, ArrayRef<Type> types);
  void callKernel(ValueRange values, Value part, Value parts);
  Value countParts(Value executor);
  void runDirectly(ValueRange values);
  void runInParallel(LLVM::LLVMFuncOp fork, Value parts, Value memory,
                     LLVM::LLVMFuncOp task);
  void chooseScratch(MutableArrayRef<Value> values, Value from, Value part);
  Value field(Value base, unsigned number) {
    return LLVM::GEPOp::create(
        builder, loc, pointer, data, base,
        ArrayRef<LLVM::GEPArg>{0, static_cast<int32_t>(number)});
  }
  Value constant(Type type, int64_t value) {
    return LLVM::ConstantOp::create(builder, loc, type, value);
  }
  /// A number of 32 bits, not negative, as an index.
  Value widen(Value value) {
    if (index == i32)
      return value;
    return LLVM::ZExtOp::create(builder, loc, index, value);
  }

  LLVM::LLVMFuncOp kernel, parallelFor;
  int64_t threadBytes;
  Scratch scratch;
  Location loc;
  OpBuilder builder;
  Type pointer, i32, index;
  SmallVector<Type> arguments; ///< of the kernel but part and parts
  Type data;
};

} // namespace

Scratch Scratch::of(LLVM::LLVMFuncOp kernel) {
  constexpr uint64_t line = 64; // as the arena's buffers
  Scratch result;
  for (unsigned i = 0; i < kernel.getNumArguments(); ++i)
    if (auto size = kernel.getArgAttrOfType<IntegerAttr>(i, attrs::scratch)) {
      result.arguments.push_back({i, result.bytes});
      result.bytes += llvm::alignTo(size.getInt(), line);
    }
  return result;
}

LLVM::LLVMFuncOp Forker::define(StringRef suffix, ArrayRef<Type> types) {
  builder.setInsertionPointAfter(kernel);
  auto none = LLVM::LLVMVoidType::get(kernel.getContext());
  auto function = LLVM::LLVMFuncOp::create(
      builder, loc, (kernel.getName() + suffix).str(),
      LLVM::LLVMFunctionType::get(none, types), LLVM::Linkage::Internal);
  function->setAttr(attrs::variant, kernel->getAttr(attrs::variant));
  // Few calls, and the frame is for the time of the call only.
  function.setNoInline(true);
  builder.setInsertionPointToStart(function.addEntryBlock(builder));
  return function;
}

void Forker::callKernel(ValueRange values, Value part, Value parts) {
  SmallVector<Value> operands(values);
  operands.append({part, parts});
  LLVM::CallOp::create(builder, loc, kernel, operands);
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

/// Parts but the first have memory of their own for what is scratch in
/// `values`, the kernel's arguments of the first part.
void Forker::chooseScratch(MutableArrayRef<Value> values, Value from,
                           Value part) {
  if (!needsFurther())
    return;
  Value further = LLVM::LoadOp::create(builder, loc, pointer,
                                       field(from, arguments.size() + 1));
  Value isFirst = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::eq,
                                       part, constant(index, 0));
  Value before = LLVM::SubOp::create(builder, loc, part, constant(index, 1));
  Value offset =
      LLVM::MulOp::create(builder, loc, before, constant(index, threadBytes));
  for (auto [argument, at] : scratch.arguments) {
    Value place =
        LLVM::AddOp::create(builder, loc, offset, constant(index, at));
    Value own = LLVM::GEPOp::create(builder, loc, pointer, builder.getI8Type(),
                                    further, ArrayRef<LLVM::GEPArg>{place});
    values[argument] =
        LLVM::SelectOp::create(builder, loc, isFirst, values[argument], own);
  }
}

LLVM::LLVMFuncOp Forker::makeTask() {
  LLVM::LLVMFuncOp task = define("_task", {pointer, i32});
  Value from = task.getArgument(0);
  SmallVector<Value> values;
  for (auto [i, type] : llvm::enumerate(arguments))
    values.push_back(LLVM::LoadOp::create(builder, loc, type, field(from, i)));
  Value parts =
      LLVM::LoadOp::create(builder, loc, i32, field(from, arguments.size()));
  Value part = widen(task.getArgument(1));
  chooseScratch(values, from, part);
  callKernel(values, part, widen(parts));
  return task;
}

/// executor->threads, but no more than are worth it; at a place where there is
/// an executor.
Value Forker::countParts(Value executor) {
  // mlc_executor: void *context; uint32_t threads; ...
  auto type = LLVM::LLVMStructType::getLiteral(kernel.getContext(),
                                               {pointer, i32, pointer});
  Value address = LLVM::GEPOp::create(builder, loc, pointer, type, executor,
                                      ArrayRef<LLVM::GEPArg>{0, 1});
  Value threads = LLVM::LoadOp::create(builder, loc, i32, address);
  int64_t most = kernel->getAttrOfType<IntegerAttr>(attrs::mostParts).getInt();
  return LLVM::UMinOp::create(builder, loc, threads, constant(i32, most));
}

void Forker::runDirectly(ValueRange values) {
  callKernel(values, constant(index, 0), constant(index, 1));
}

void Forker::runInParallel(LLVM::LLVMFuncOp fork, Value parts, Value memory,
                           LLVM::LLVMFuncOp task) {
  unsigned count = arguments.size();
  Value executor = fork.getArgument(count);
  for (unsigned i = 0; i < count; ++i)
    LLVM::StoreOp::create(builder, loc, fork.getArgument(i), field(memory, i));
  LLVM::StoreOp::create(builder, loc, parts, field(memory, count));
  if (needsFurther())
    LLVM::StoreOp::create(builder, loc, fork.getArgument(count + 1),
                          field(memory, count + 1));
  Value body = LLVM::AddressOfOp::create(builder, loc, task);
  LLVM::CallOp::create(builder, loc, parallelFor,
                       ValueRange{executor, body, memory, parts});
  LLVM::ReturnOp::create(builder, loc, ValueRange());
}

LLVM::LLVMFuncOp Forker::makeFork() {
  LLVM::LLVMFuncOp task = makeTask();
  SmallVector<Type> types = arguments;
  types.append(needsFurther() ? 2 : 1, pointer);
  LLVM::LLVMFuncOp fork = define("_fork", types);
  ValueRange values = fork.getArguments().take_front(arguments.size());
  Value executor = fork.getArgument(arguments.size());
  Region &body = fork.getBody();
  Block *entry = &body.front(), *count = &body.emplaceBlock(),
        *parallel = &body.emplaceBlock(), *direct = &body.emplaceBlock();
  builder.setInsertionPointToStart(entry);
  // In the first block: the frame has a fixed size.
  Value memory =
      LLVM::AllocaOp::create(builder, loc, pointer, data, constant(i32, 1));
  Value null = LLVM::ZeroOp::create(builder, loc, pointer);
  Value isSet = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ne,
                                     executor, null);
  LLVM::CondBrOp::create(builder, loc, isSet, count, direct);
  builder.setInsertionPointToStart(count);
  Value parts = countParts(executor);
  Value isMany = LLVM::ICmpOp::create(builder, loc, LLVM::ICmpPredicate::ugt,
                                      parts, constant(i32, 1));
  LLVM::CondBrOp::create(builder, loc, isMany, parallel, direct);
  builder.setInsertionPointToStart(parallel);
  runInParallel(fork, parts, memory, task);
  builder.setInsertionPointToStart(direct);
  runDirectly(values);
  return fork;
}

/// void mlc_parallel_for(const mlc_executor *, void (*)(void *, uint32_t),
///                       void *, uint32_t);
static LLVM::LLVMFuncOp declareParallelFor(ModuleOp module,
                                           const TargetInfo &target) {
  OpBuilder builder = OpBuilder::atBlockBegin(module.getBody());
  auto pointer = LLVM::LLVMPointerType::get(module.getContext());
  auto none = LLVM::LLVMVoidType::get(module.getContext());
  auto type = LLVM::LLVMFunctionType::get(
      none, {pointer, pointer, pointer, builder.getI32Type()});
  auto function = LLVM::LLVMFuncOp::create(builder, module.getLoc(),
                                           "mlc_parallel_for", type);
  function.setNoUnwind(true);
  // There, C passes numbers of 32 bits with their sign extended.
  if (target.triple.isRISCV())
    function.setArgAttr(3, LLVM::LLVMDialect::getSExtAttrName(),
                        builder.getUnitAttr());
  return function;
}

/// Sets attrs::threadBytes to what the most demanding of `kernels` needs.
static int64_t countThreadBytes(ModuleOp module,
                                ArrayRef<LLVM::LLVMFuncOp> kernels) {
  int64_t bytes = 0;
  for (LLVM::LLVMFuncOp kernel : kernels)
    bytes = std::max(bytes, Scratch::of(kernel).bytes);
  module->setAttr(attrs::threadBytes,
                  Builder(module.getContext()).getI64IntegerAttr(bytes));
  return bytes;
}

/// Where the memory of further threads begins: at a cache line behind the
/// planned part of the arena, whose address is the entry's first argument.
static Value furtherMemory(OpBuilder &builder, LLVM::CallOp call) {
  auto entry = call->getParentOfType<LLVM::LLVMFuncOp>();
  auto size = call->getParentOfType<ModuleOp>()->getAttrOfType<IntegerAttr>(
      attrs::arenaSize);
  int64_t planned =
      size ? llvm::alignTo(uint64_t(size.getInt()), kArenaAlign) : 0;
  Value arena = entry.getArgument(0);
  // By a constant operand: an immediate one has 32 bits.
  Value offset = LLVM::ConstantOp::create(builder, call.getLoc(),
                                          builder.getI64Type(), planned);
  return LLVM::GEPOp::create(builder, call.getLoc(), arena.getType(),
                             builder.getI8Type(), arena,
                             ArrayRef<LLVM::GEPArg>{offset});
}

namespace {
struct ForkKernels : mlc::impl::ForkKernelsBase<ForkKernels> {
  using ForkKernelsBase::ForkKernelsBase;
  void runOnOperation() override;
};
} // namespace

void ForkKernels::runOnOperation() {
  ModuleOp module = getOperation();
  auto targets = targetsOf(&getContext(), triple, "");
  if (failed(targets))
    return signalPassFailure();
  SmallVector<LLVM::LLVMFuncOp> kernels;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>())
    if (function->hasAttr(attrs::mostParts))
      kernels.push_back(function);
  int64_t threadBytes = countThreadBytes(module, kernels);
  if (kernels.empty())
    return;
  llvm::StringMap<SmallVector<LLVM::CallOp>> calls;
  module.walk([&](LLVM::CallOp call) {
    if (auto callee = call.getCallee())
      calls[*callee].push_back(call);
  });
  LLVM::LLVMFuncOp parallelFor = declareParallelFor(module, targets->back());
  for (LLVM::LLVMFuncOp kernel : kernels) {
    Forker forker(kernel, parallelFor, threadBytes);
    LLVM::LLVMFuncOp fork = forker.makeFork();
    for (LLVM::CallOp call : calls[kernel.getName()]) {
      // The entry's last argument, see Emit/Entry.h.
      Value executor =
          call->getParentOfType<LLVM::LLVMFuncOp>().getArguments().back();
      SmallVector<Value> operands(call.getArgOperands().drop_back(2));
      operands.push_back(executor);
      OpBuilder builder(call);
      if (forker.needsFurther())
        operands.push_back(furtherMemory(builder, call));
      LLVM::CallOp::create(builder, call.getLoc(), fork, operands);
      call.erase();
    }
  }
}

} // namespace mlc
