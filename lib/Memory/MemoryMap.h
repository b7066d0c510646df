//===- MemoryMap.h - An arena plan for people and tools ---------*- C++ -*-===//
//
// What `mlc compile --report` shows of a plan: one row a buffer, by offset,
// then birth, then id, so that the same plan gives the same bytes.
//
// Text (bytes throughout; points are inclusive; `in place of` names the buffer
// that dies at the row's first point and whose storage the row takes over):
//
//   arena 1605632 bytes, alignment 64, lower bound 1605632, ratio 1.0000
//   solver greedy-by-size
//    offset    size  points  buffer  in place of
//         0  802816    0..1  conv
//         0  802816    1..2  relu    conv
//    802816  802816    0..1  image
//
// JSON:
//   {"arena_bytes": 1605632, "alignment": 64, "lower_bound_bytes": 1605632,
//    "ratio": 1, "solver": "greedy-by-size",
//    "buffers": [{"id": 1, "name": "conv", "offset": 0, "size": 802816,
//                 "first": 0, "last": 1, "in_place_of": null}, ...]}
//
//===----------------------------------------------------------------------===//

#ifndef MLC_MEMORY_MEMORYMAP_H
#define MLC_MEMORY_MEMORYMAP_H

#include "Memory/ArenaPlanner.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

namespace mlc {

class MemoryMap {
public:
  struct Row {
    BufferId id;
    ArenaBuffer buffer;
    int64_t offset;
    /// The in-place pair's other buffer, if this one shares its storage.
    std::optional<BufferId> inPlaceOf;
  };

  /// Of a plan that planArena made for this problem; keeps no reference to
  /// either.
  MemoryMap(const ArenaProblem &problem, const ArenaPlan &plan);
  /// Of the rows of one, in any order, whose ids are 0, 1, ...
  MemoryMap(std::vector<Row> rows, int64_t arenaSize, int64_t alignment,
            int64_t lowerBound, std::string solver);

  llvm::ArrayRef<Row> getRows() const { return rows; }
  int64_t getSize() const { return arenaSize; }
  int64_t getLowerBound() const { return lowerBound; }
  int64_t getAlignment() const { return alignment; }
  llvm::StringRef getSolver() const { return solver; }

  llvm::json::Value toJSON() const;
  void printText(llvm::raw_ostream &os) const;

private:
  double ratio() const;

  std::vector<Row> rows;          ///< by offset, birth and id
  std::vector<std::string> names; ///< by id
  int64_t arenaSize;
  int64_t alignment;
  int64_t lowerBound;
  std::string solver;
};

} // namespace mlc

#endif // MLC_MEMORY_MEMORYMAP_H
