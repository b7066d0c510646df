//===- MemoryMapTest.cpp - The renderings of a plan -----------------------===//

#include "Memory/MemoryMap.h"
#include "gtest/gtest.h"

using namespace mlc;

namespace {
class MemoryMapTest : public testing::Test {
protected:
  MemoryMapTest() {
    problem.addBuffer({"image", 1000, 64, 0, 1});
    problem.addBuffer({"conv", 2000, 64, 1, 2});
    problem.addBuffer({"relu", 2000, 64, 2, 10});
    problem.allowInPlace(1, 2);
    plan = llvm::cantFail(planArena(problem));
  }
  ArenaProblem problem;
  ArenaPlan plan;
};
} // namespace

TEST_F(MemoryMapTest, Text) {
  std::string text;
  llvm::raw_string_ostream os(text);
  MemoryMap(problem, plan).printText(os);
  EXPECT_EQ(text, "arena 3072 bytes, alignment 64, lower bound 3072, ratio "
                  "1.0000\n"
                  "solver greedy-by-size\n"
                  " offset  size  points  buffer  in place of\n"
                  "      0  2000    1..2  conv\n"
                  "      0  2000   2..10  relu    conv\n"
                  "   2048  1000    0..1  image\n");
}

TEST_F(MemoryMapTest, Json) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << MemoryMap(problem, plan).toJSON();
  EXPECT_EQ(
      text,
      R"({"alignment":64,"arena_bytes":3072,"buffers":[)"
      R"({"first":1,"id":1,"in_place_of":null,"last":2,"name":"conv","offset":0,"size":2000},)"
      R"({"first":2,"id":2,"in_place_of":1,"last":10,"name":"relu","offset":0,"size":2000},)"
      R"({"first":0,"id":0,"in_place_of":null,"last":1,"name":"image","offset":2048,"size":1000}],)"
      R"("lower_bound_bytes":3072,"ratio":1,"solver":"greedy-by-size"})");
}

TEST_F(MemoryMapTest, NamesThatAreNotUtf8) {
  ArenaProblem odd;
  odd.addBuffer({"\xff", 1, 1, 0, 0});
  llvm::json::Value json =
      MemoryMap(odd, llvm::cantFail(planArena(odd))).toJSON();
  llvm::json::Object *row =
      (*json.getAsObject()->getArray("buffers"))[0].getAsObject();
  EXPECT_EQ(row->getString("name"), "\xEF\xBF\xBD");
}
