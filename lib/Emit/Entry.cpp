//===- Entry.cpp - a model's descriptor and public functions --------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Entry.h"
#include "Emit/Object.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/CRC.h"
#include "llvm/Support/MathExtras.h"

using namespace llvm;
using namespace mlc;

static Error fail(const Twine &message) {
  return createStringError(inconvertibleErrorCode(), message.str());
}

uint64_t EntrySpec::arenaSize() const {
  return MLC_ARENA_HEADER_SIZE + alignTo(plannedBytes, kArenaAlign);
}

uint64_t mlc::mostWeights(const Triple &triple) {
  // The archive's header has ten digits for a member's size.
  constexpr uint64_t archive = 9'999'000'000;
  // What else is between the code and the end of the weights.
  constexpr uint64_t others = 64 << 20;
  if (triple.isX86() && triple.isArch64Bit())
    return archive;
  // adrp reaches 4 GiB, others 2.
  return (triple.isAArch64() ? uint64_t(4) << 30 : uint64_t(2) << 30) - others;
}

void mlc::declareWeights(Module &module, EntrySpec &spec, StringRef name,
                         ArrayRef<char> bytes, uint64_t large) {
  spec.weightsSize = bytes.size();
  spec.weightsCrc = crc32(ArrayRef<uint8_t>(
      reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
  spec.weights = declareWeights(module, name, bytes.size(), large);
}

GlobalVariable *mlc::declareWeights(Module &module, StringRef name,
                                    uint64_t size, uint64_t large) {
  if (size == 0)
    return nullptr;
  auto *type = ArrayType::get(Type::getInt8Ty(module.getContext()), size);
  GlobalVariable *declared = module.getNamedGlobal(name);
  auto *weights = new GlobalVariable(module, type, /*isConstant=*/true,
                                     GlobalValue::ExternalLinkage, nullptr);
  if (declared) {
    declared->replaceAllUsesWith(weights);
    declared->eraseFromParent();
  }
  weights->setName(name);
  weights->setAlignment(Align(kWeightsAlign));
  weights->setVisibility(GlobalValue::HiddenVisibility);
  weights->setDSOLocal(true);
  if (size >= large && module.getTargetTriple().isX86() &&
      module.getTargetTriple().isArch64Bit())
    weights->setCodeModel(CodeModel::Large);
  return weights;
}

void mlc::letWeightsBeAnywhere(Module &module, StringRef name) {
  GlobalVariable *weights = module.getNamedGlobal(name);
  if (!weights)
    return;
  weights->setVisibility(GlobalValue::DefaultVisibility);
  weights->setDSOLocal(false);
  // The table of addresses, which the linker makes, is within reach.
  weights->clearCodeModel();
}

/// RISC-V callers rely on the sign extension of a 32-bit result.
static void extendStatus(Function &function) {
  if (function.getParent()->getTargetTriple().isRISCV())
    function.addRetAttr(Attribute::SExt);
}

//===----------------------------------------------------------------------===//
// Bodies
//===----------------------------------------------------------------------===//

static FunctionType *bodyType(LLVMContext &context) {
  auto *ptr = PointerType::getUnqual(context);
  return FunctionType::get(Type::getInt32Ty(context), {ptr, ptr, ptr, ptr},
                           /*isVarArg=*/false);
}

/// Gives the body of `variant` its attributes.
static Error adoptBody(Module &module, const EntryVariant &variant) {
  Function *body = module.getFunction(variant.body);
  if (!body || body->isDeclaration() ||
      body->getFunctionType() != bodyType(module.getContext()))
    return fail("variant '" + variant.target.name + "': the module has no " +
                "function '" + variant.body + "' of i32 (ptr, ptr, ptr, ptr)");
  setTargetAttributes(*body, variant.target);
  extendStatus(*body);
  return Error::success();
}

static void makeDefinitionsInternal(Module &module) {
  for (GlobalObject &object : module.global_objects())
    if (!object.isDeclaration())
      object.setLinkage(GlobalValue::InternalLinkage);
}

static void hide(Function &body) {
  body.setLinkage(GlobalValue::ExternalLinkage);
  body.setVisibility(GlobalValue::HiddenVisibility);
}

Error mlc::exportBody(Module &module, const EntryVariant &variant) {
  if (Error error = adoptBody(module, variant))
    return error;
  makeDefinitionsInternal(module);
  hide(*module.getFunction(variant.body));
  return Error::success();
}

void mlc::importBody(Module &module, const EntryVariant &variant) {
  FunctionCallee body =
      module.getOrInsertFunction(variant.body, bodyType(module.getContext()));
  hide(*cast<Function>(body.getCallee()));
}

//===----------------------------------------------------------------------===//
// Descriptor and public functions
//===----------------------------------------------------------------------===//

namespace {

/// Builds the constants and functions of one model.
class EntryBuilder {
public:
  EntryBuilder(Module &module, const EntrySpec &spec, const TargetInfo &least)
      : module(module), context(module.getContext()), spec(spec), least(least),
        builder(context), ptr(PointerType::get(context, 0)),
        i32(Type::getInt32Ty(context)), i64(Type::getInt64Ty(context)),
        sizeType(module.getDataLayout().getIntPtrType(context)) {}

  Error build();

private:
  Error checkNames();
  Error adoptBodies();
  GlobalVariable *global(const Twine &suffix, Constant *value);
  Constant *text(StringRef value);
  Constant *array(const Twine &suffix, ArrayRef<Constant *> elements);
  Constant *tensor(const EntryTensor &tensor);
  Constant *tensors(const Twine &suffix, ArrayRef<EntryTensor> list);
  Constant *variants();
  Constant *descriptor();
  Function *define(const Twine &suffix, Type *result, ArrayRef<Type *> params);
  Value *call(StringRef name, Type *result, ArrayRef<Value *> arguments);
  void addInit(Constant *desc);
  void addRun(Constant *desc);
  void addModel(Constant *desc);

  Constant *u32(uint64_t value) { return ConstantInt::get(i32, value); }
  Constant *u64(uint64_t value) { return ConstantInt::get(i64, value); }
  Constant *null() { return ConstantPointerNull::get(ptr); }

  Module &module;
  LLVMContext &context;
  const EntrySpec &spec;
  const TargetInfo &least;
  IRBuilder<> builder;
  PointerType *ptr;
  Type *i32, *i64, *sizeType;
};

} // namespace

static constexpr const char *publicSuffixes[] = {"_init", "_run", "_model"};

Error EntryBuilder::checkNames() {
  auto isWord = [](char c) { return isAlnum(c) || c == '_'; };
  if (spec.prefix.empty() || isDigit(spec.prefix.front()) ||
      !all_of(spec.prefix, isWord))
    return fail("prefix '" + spec.prefix + "' is no C identifier");
  for (const char *suffix : publicSuffixes)
    if (module.getNamedValue(spec.prefix + suffix))
      return fail("the module already has a '" + Twine(spec.prefix) + suffix +
                  "'");
  if (spec.variants.empty())
    return fail("a model needs at least one variant");
  return Error::success();
}

Error EntryBuilder::adoptBodies() {
  for (const EntryVariant &variant : spec.variants) {
    Function *body = module.getFunction(variant.body);
    bool isImported =
        body && body->isDeclaration() && body->hasHiddenVisibility();
    if (!isImported)
      if (Error error = adoptBody(module, variant))
        return error;
  }
  makeDefinitionsInternal(module);
  return Error::success();
}

//===----------------------------------------------------------------------===//
// Data
//===----------------------------------------------------------------------===//

GlobalVariable *EntryBuilder::global(const Twine &suffix, Constant *value) {
  return new GlobalVariable(module, value->getType(), /*isConstant=*/true,
                            GlobalValue::InternalLinkage, value,
                            spec.prefix + suffix);
}

Constant *EntryBuilder::text(StringRef value) {
  GlobalVariable *variable =
      global("_text", ConstantDataArray::getString(context, value));
  variable->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  variable->setAlignment(Align(1));
  return variable;
}

Constant *EntryBuilder::array(const Twine &suffix,
                              ArrayRef<Constant *> elements) {
  if (elements.empty())
    return null();
  auto *type = ArrayType::get(elements.front()->getType(), elements.size());
  return global(suffix, ConstantArray::get(type, elements));
}

/// mlc_tensor_desc.
Constant *EntryBuilder::tensor(const EntryTensor &tensor) {
  SmallVector<Constant *> shape;
  for (int64_t extent : tensor.shape)
    shape.push_back(u64(extent));
  return ConstantStruct::getAnon({text(tensor.name), array("_shape", shape),
                                  u64(tensor.byteSize), u32(tensor.type),
                                  u32(tensor.shape.size()),
                                  u32(tensor.alignment), u32(0)});
}

Constant *EntryBuilder::tensors(const Twine &suffix,
                                ArrayRef<EntryTensor> list) {
  SmallVector<Constant *> elements;
  for (const EntryTensor &item : list)
    elements.push_back(tensor(item));
  return array(suffix, elements);
}

/// mlc_variant. On a 32-bit target C pads the struct to the 8 bytes of its
/// first field, as LLVM does here.
Constant *EntryBuilder::variants() {
  SmallVector<Constant *> elements;
  for (const EntryVariant &variant : spec.variants)
    elements.push_back(ConstantStruct::getAnon(
        {u64(variant.target.runtimeFeatures), module.getFunction(variant.body),
         text(variant.target.name)}));
  return array("_variants", elements);
}

/// mlc_model_desc, field by field.
Constant *EntryBuilder::descriptor() {
  const DataLayout &layout = module.getDataLayout();
  uint32_t abi =
      MLC_ABI_WORD_FOR(layout.getPointerSize(), layout.isBigEndian());
  Constant *weights = spec.weights ? spec.weights : null();
  Constant *value = ConstantStruct::getAnon(
      {u32(abi), u32(spec.variants.size()), u64(spec.arenaSize()),
       u64(spec.threadBytes), u64(kArenaAlign), u32(spec.inputs.size()),
       u32(spec.outputs.size()), variants(), weights, u64(spec.weightsSize),
       u32(spec.weightsCrc), u32(spec.threads), text(spec.name),
       tensors("_input_descs", spec.inputs),
       tensors("_output_descs", spec.outputs)});
  return global("_desc", value);
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

Function *EntryBuilder::define(const Twine &suffix, Type *result,
                               ArrayRef<Type *> params) {
  auto *function = Function::Create(FunctionType::get(result, params, false),
                                    GlobalValue::ExternalLinkage,
                                    spec.prefix + suffix, module);
  setTargetAttributes(*function, least);
  builder.SetInsertPoint(BasicBlock::Create(context, "", function));
  return function;
}

Value *EntryBuilder::call(StringRef name, Type *result,
                          ArrayRef<Value *> arguments) {
  SmallVector<Type *> types;
  for (Value *argument : arguments)
    types.push_back(argument->getType());
  FunctionCallee callee =
      module.getOrInsertFunction(name, FunctionType::get(result, types, false));
  auto *function = cast<Function>(callee.getCallee());
  function->addFnAttr(Attribute::NoUnwind);
  if (result == i32)
    extendStatus(*function);
  CallInst *call = builder.CreateCall(callee, arguments);
  call->setAttributes(function->getAttributes());
  return call;
}

void EntryBuilder::addInit(Constant *desc) {
  Function *function = define("_init", i32, {ptr, sizeType});
  extendStatus(*function);
  Value *arena = function->getArg(0), *size = function->getArg(1);
  if (least.triple.isX86()) {
    builder.CreateRet(call("mlc_model_init", i32, {desc, arena, size}));
    return;
  }
  // Elsewhere user code cannot ask the CPU what it has. That it runs the least
  // variant is what --cpu promised; better ones need
  // mlc_model_init_with_features.
  Value *found = call("mlc_cpu_features", i64, {});
  Value *features =
      builder.CreateOr(found, u64(spec.variants.back().target.runtimeFeatures));
  builder.CreateRet(
      call("mlc_model_init_with_features", i32, {desc, arena, size, features}));
}

void EntryBuilder::addRun(Constant *desc) {
  Function *function = define("_run", i32, {ptr, ptr, ptr});
  extendStatus(*function);
  builder.CreateRet(call(
      "mlc_model_run", i32,
      {desc, function->getArg(0), function->getArg(1), function->getArg(2)}));
}

void EntryBuilder::addModel(Constant *desc) {
  define("_model", ptr, {});
  builder.CreateRet(desc);
}

Error EntryBuilder::build() {
  if (Error error = checkNames())
    return error;
  if (Error error = adoptBodies())
    return error;
  Constant *desc = descriptor();
  addInit(desc);
  addRun(desc);
  addModel(desc);
  module.setSourceFileName(spec.prefix);
  return Error::success();
}

Error mlc::addEntryPoints(Module &module, const EntrySpec &spec,
                          const TargetInfo &least) {
  if (Error error = prepareModule(module, least))
    return error;
  if (Error error = EntryBuilder(module, spec, least).build())
    return error;
  return prepareModule(module, least);
}
