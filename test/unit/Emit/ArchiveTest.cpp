//===- ArchiveTest.cpp - static libraries that C programs link ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Emit/Archive.h"
#include "Emit/Contract.h"
#include "RuntimeObjects/RuntimeObjects.h"
#include "ScaleModel.h"
#include "llvm/Object/Archive.h"
#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

using namespace llvm;
using namespace mlc;
using namespace mlc::test;

namespace {

std::string read(const std::string &path) {
  auto buffer = MemoryBuffer::getFile(path);
  EXPECT_TRUE(bool(buffer)) << path;
  return buffer ? (*buffer)->getBuffer().str() : "";
}

/// lib<prefix>.a in `folder`; returns its path.
std::string makeArchive(const TemporaryFolder &folder, StringRef triple,
                        StringRef cpus, StringRef prefix) {
  ScaleModel model = makeScale(triple, cpus, prefix);
  Triple normal = model.targets.front().triple;
  std::unique_ptr<MemoryBuffer> object = compile(model);
  if (!object)
    return "";
  ArrayRef<char> runtime = runtimeObject(normal);
  EXPECT_FALSE(runtime.empty()) << normal.str();
  std::string path = folder.path(("lib" + prefix + ".a").str());
  Error error = writeArchive(
      path, {{(prefix + ".o").str(), object->getMemBufferRef()},
             {"mlc_runtime.o",
              MemoryBufferRef(StringRef(runtime.data(), runtime.size()), "")}});
  EXPECT_EQ(toString(std::move(error)), "");
  return path;
}

/// The headers of the model in makeArchive.
void writeHeaders(const TemporaryFolder &folder, StringRef triple) {
  ModelContract contract;
  contract.name = contract.prefix = "scale";
  contract.triple = triple.str();
  contract.pointerBytes = Triple(triple).isArch64Bit() ? 8 : 4;
  contract.arenaBytes = 64 + 128;
  contract.inputs.resize(1);
  contract.inputs[0].name = "x";
  contract.inputs[0].shape = {1, kScaleCount};
  contract.outputs = contract.inputs;
  contract.outputs[0].name = "y";
  assignIdentifiers(contract);
  std::string text;
  raw_string_ostream os(text);
  writeHeader(contract, os);
  folder.write("scale.h", text);
  folder.write("mlc_runtime.h", runtimeHeader());
}

constexpr const char *program = R"(
#include "scale.h"
#include <stdio.h>
static scale_arena arena;
static float x[SCALE_X_SIZE], y[SCALE_Y_SIZE];
int main(void) {
  for (int i = 0; i < SCALE_X_DIM1; ++i)
    x[i] = 3;
  scale_inputs in = {0};
  in.x = x;
  scale_outputs out = {0};
  out.y = y;
  if (scale_model()->arena_size != SCALE_ARENA_SIZE)
    return 1;
  if (scale_run(&arena, &in, &out) != MLC_NOT_INITIALISED)
    return 2;
  if (scale_init(&arena, sizeof arena - 1) != MLC_ARENA_TOO_SMALL)
    return 3;
  mlc_status status = scale_init(&arena, sizeof arena);
  if (status == MLC_OK)
    status = scale_run(&arena, &in, &out);
  if (status == MLC_OK)
    status = mlc_model_verify_weights(scale_model());
  printf("%s %s %g %g\n", mlc_status_string(status),
         mlc_model_variant_name(scale_model(), &arena), y[1], y[255]);
  return status;
}
)";

struct LinkRow {
  const char *triple, *cpus, *compiler, *runner, *printed;
};

void PrintTo(const LinkRow &row, std::ostream *os) { *os << row.triple; }

class Link : public testing::TestWithParam<LinkRow> {};

TEST_P(Link, RunsFromC) {
  const LinkRow &row = GetParam();
  if (!found(row.compiler) || (*row.runner && !found(row.runner)))
    GTEST_SKIP() << row.compiler << " or " << row.runner << " is not here";
  TemporaryFolder folder;
  std::string archive = makeArchive(folder, row.triple, row.cpus, "scale");
  writeHeaders(folder, row.triple);
  std::string source = folder.write("main.c", program);
  run(std::string(row.compiler) + " -static -std=c11 " + source + " " +
      archive + " -o " + folder.path("main"));
  EXPECT_EQ(run(std::string(row.runner) + " " + folder.path("main")),
            row.printed);
}

INSTANTIATE_TEST_SUITE_P(
    Emit, Link,
    testing::Values(LinkRow{"x86_64-linux-gnu", "x86-64-v2", "cc", "",
                            "ok x86-64-v2 1.5 382.5\n"},
                    LinkRow{"aarch64-linux-gnu", "", "aarch64-linux-gnu-gcc",
                            "qemu-aarch64", "ok generic 1.5 382.5\n"},
                    LinkRow{"aarch64-linux-gnu", "cortex-a76",
                            "aarch64-linux-gnu-gcc", "qemu-aarch64",
                            "ok cortex-a76 1.5 382.5\n"},
                    LinkRow{"arm-linux-gnueabihf", "",
                            "arm-linux-gnueabihf-gcc", "qemu-arm",
                            "ok generic 1.5 382.5\n"},
                    LinkRow{"riscv64-linux-gnu", "", "riscv64-linux-gnu-gcc",
                            "qemu-riscv64", "ok generic 1.5 382.5\n"}));

TEST(Archive, TwoModelsLinkIntoOneProgram) {
  TemporaryFolder folder;
  std::string one = makeArchive(folder, "x86_64-linux-gnu", "x86-64-v2", "one");
  std::string two = makeArchive(folder, "x86_64-linux-gnu", "x86-64-v2", "two");
  std::string source = folder.write("main.c", R"(
    #include "mlc/runtime.h"
    const mlc_model_desc *one_model(void);
    const mlc_model_desc *two_model(void);
    mlc_status two_init(void *arena, size_t size);
    mlc_status one_init(void *arena, size_t size);
    static _Alignas(64) unsigned char a[64 + 128], b[64 + 128];
    int main(void) {
      if (one_model() == two_model())
        return 1;
      return one_init(a, sizeof a) || two_init(b, sizeof b);
    })");
  run("cc -std=c11 -I" RUNTIME_INCLUDE " " + source + " -Wl,--whole-archive " +
      one + " " + two + " -Wl,--no-whole-archive -o " + folder.path("main"));
  run(folder.path("main"));
}

TEST(Archive, MembersAndSymbolTable) {
  TemporaryFolder folder;
  std::string path =
      makeArchive(folder, "x86_64-linux-gnu", "x86-64-v2", "scale");
  auto buffer = MemoryBuffer::getFile(path);
  ASSERT_TRUE(bool(buffer));
  auto archive = object::Archive::create((*buffer)->getMemBufferRef());
  ASSERT_TRUE(bool(archive)) << toString(archive.takeError());
  std::vector<std::string> members, models;
  Error error = Error::success();
  for (const object::Archive::Child &child : (*archive)->children(error))
    members.push_back(cantFail(child.getName()).str());
  ASSERT_EQ(toString(std::move(error)), "");
  EXPECT_EQ(members, (std::vector<std::string>{"scale.o", "mlc_runtime.o"}));
  for (const object::Archive::Symbol &symbol : (*archive)->symbols())
    if (symbol.getName().starts_with("scale"))
      models.push_back(symbol.getName().str());
  EXPECT_EQ(models, (std::vector<std::string>{"scale_init", "scale_run",
                                              "scale_model"}));
}

TEST(Archive, SameBytesInEveryFolder) {
  TemporaryFolder a, b;
  EXPECT_EQ(read(makeArchive(a, "x86_64-linux-gnu", "", "scale")),
            read(makeArchive(b, "x86_64-linux-gnu", "", "scale")));
}

TEST(Archive, RefusesWhatIsNoObject) {
  TemporaryFolder folder;
  Error error =
      writeArchive(folder.path("x.a"), {{"x.o", MemoryBufferRef("text", "")}});
  EXPECT_TRUE(StringRef(toString(std::move(error)))
                  .ends_with("archive member 'x.o' is no relocatable object"));
  EXPECT_FALSE(sys::fs::exists(folder.path("x.a")));
}

} // namespace
