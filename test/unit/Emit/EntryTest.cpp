//===- EntryTest.cpp - what C code sees of a model ------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Entry.h"
#include "ScaleModel.h"
#include "llvm/IR/Constants.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

/// Offsets of mlc/runtime.h, for pointers of 8 and of 4 bytes.
void expectLayout(StringRef triple, std::vector<uint64_t> desc,
                  uint64_t descSize, uint64_t tensorSize,
                  uint64_t variantSize) {
  ScaleModel model = makeScale(triple);
  const DataLayout &layout = model.module->getDataLayout();
  auto *value = model.module->getNamedGlobal("scale_desc");
  ASSERT_TRUE(value);
  const StructLayout *fields =
      layout.getStructLayout(cast<StructType>(value->getValueType()));
  std::vector<uint64_t> offsets;
  for (TypeSize offset : fields->getMemberOffsets())
    offsets.push_back(offset.getFixedValue());
  EXPECT_EQ(offsets, desc);
  EXPECT_EQ(fields->getSizeInBytes(), descSize);
  auto elementSize = [&](StringRef name) {
    auto *global = model.module->getNamedGlobal(name);
    return layout
        .getTypeAllocSize(
            cast<ArrayType>(global->getValueType())->getElementType())
        .getFixedValue();
  };
  EXPECT_EQ(elementSize("scale_input_descs"), tensorSize);
  EXPECT_EQ(elementSize("scale_variants"), variantSize);
}

TEST(Entry, LayoutIsTheRuntimesOn64Bits) {
  static_assert(sizeof(void *) == 8, "this test runs on a 64-bit host");
  using D = mlc_model_desc;
  expectLayout("x86_64-linux-gnu",
               {offsetof(D, abi), offsetof(D, variant_count),
                offsetof(D, arena_size), offsetof(D, arena_per_thread),
                offsetof(D, arena_align), offsetof(D, input_count),
                offsetof(D, output_count), offsetof(D, variants),
                offsetof(D, weights), offsetof(D, weights_size),
                offsetof(D, weights_crc), offsetof(D, threads),
                offsetof(D, name), offsetof(D, inputs), offsetof(D, outputs)},
               sizeof(D), sizeof(mlc_tensor_desc), sizeof(mlc_variant));
}

TEST(Entry, LayoutIsTheRuntimesOn32Bits) {
  expectLayout("arm-linux-gnueabihf",
               {0, 4, 8, 16, 24, 32, 36, 40, 44, 48, 56, 60, 64, 68, 72}, 80,
               32, 16);
}

TEST(Entry, ArenaHasTheHeaderAndWholeLines) {
  EntrySpec spec;
  spec.plannedBytes = 100;
  EXPECT_EQ(spec.arenaSize(), 64u + 128u);
}

TEST(Entry, WeightsAreOneHiddenConstant) {
  LLVMContext context;
  Module module("m", context);
  EntrySpec spec;
  declareWeights(module, spec, "weights",
                 {'1', '2', '3', '4', '5', '6', '7', '8', '9'});
  GlobalVariable *weights = module.getNamedGlobal("weights");
  ASSERT_TRUE(weights);
  EXPECT_EQ(spec.weights, weights);
  EXPECT_TRUE(weights->isDeclaration() && weights->isConstant());
  EXPECT_TRUE(weights->hasHiddenVisibility() && weights->isDSOLocal());
  EXPECT_EQ(weights->getAlign()->value(), kWeightsAlign);
  EXPECT_EQ(spec.weightsSize, 9u);
  EXPECT_EQ(spec.weightsCrc, 0xcbf43926u) << "the standard check value";
}

TEST(Entry, WeightsMayBeAnywhere) {
  LLVMContext context;
  Module module("m", context);
  module.setTargetTriple(Triple("x86_64-linux-gnu"));
  EntrySpec spec;
  declareWeights(module, spec, "weights", {'1', '2'}, /*large=*/1);
  EXPECT_EQ(spec.weights->getCodeModel(), CodeModel::Large);
  letWeightsBeAnywhere(module, "weights");
  EXPECT_TRUE(spec.weights->hasDefaultVisibility());
  EXPECT_FALSE(spec.weights->isDSOLocal());
  EXPECT_FALSE(spec.weights->getCodeModel());
  letWeightsBeAnywhere(module, "none");
}

TEST(Entry, NoWeightsNoConstant) {
  LLVMContext context;
  Module module("m", context);
  EntrySpec spec;
  declareWeights(module, spec, "weights", {});
  EXPECT_EQ(spec.weights, nullptr);
  EXPECT_EQ(spec.weightsCrc, 0u);
  EXPECT_FALSE(module.getNamedGlobal("weights"));
}

std::string refusal(EntrySpec spec) {
  ScaleModel model = makeScale("x86_64-linux-gnu", "x86-64-v3", "first");
  return toString(addEntryPoints(*model.module, spec, model.targets.back()));
}

TEST(Entry, RefusesWhatIsWrong) {
  EntrySpec spec;
  spec.prefix = "3d-net";
  EXPECT_EQ(refusal(spec), "prefix '3d-net' is no C identifier");
  spec.prefix = "first";
  EXPECT_EQ(refusal(spec), "the module already has a 'first_init'");
  spec.prefix = "net";
  EXPECT_EQ(refusal(spec), "a model needs at least one variant");
  spec.variants = {
      {targetsFor("x86_64-linux-gnu", "x86-64-v3").front(), "absent"}};
  EXPECT_EQ(refusal(spec), "variant 'x86-64-v3': the module has no function "
                           "'absent' of i32 (ptr, ptr, ptr, ptr)");
}

} // namespace
