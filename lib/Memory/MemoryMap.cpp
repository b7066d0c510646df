//===- MemoryMap.cpp - An arena plan for people and tools -----------------===//

#include "Memory/MemoryMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <tuple>

using namespace mlc;

static std::vector<MemoryMap::Row> rowsOf(const ArenaProblem &problem,
                                          const ArenaPlan &plan) {
  std::vector<MemoryMap::Row> rows;
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  for (BufferId id = 0, e = buffers.size(); id != e; ++id)
    rows.push_back({id, buffers[id], plan.offsets[id], std::nullopt});
  for (InPlacePair pair : problem.getInPlacePairs())
    if (plan.offsets[pair.from] == plan.offsets[pair.to] &&
        buffers[pair.from].size != 0 && buffers[pair.to].size != 0)
      rows[pair.to].inPlaceOf = pair.from;
  return rows;
}

MemoryMap::MemoryMap(const ArenaProblem &problem, const ArenaPlan &plan)
    : MemoryMap(rowsOf(problem, plan), plan.arenaSize, plan.alignment,
                plan.lowerBound, plan.solver.str()) {}

MemoryMap::MemoryMap(std::vector<Row> given, int64_t arenaSize,
                     int64_t alignment, int64_t lowerBound, std::string solver)
    : rows(std::move(given)), names(rows.size()), arenaSize(arenaSize),
      alignment(alignment), lowerBound(lowerBound), solver(std::move(solver)) {
  for (const Row &row : rows)
    names[row.id] = row.buffer.name;
  llvm::sort(rows, [](const Row &a, const Row &b) {
    return std::make_tuple(a.offset, a.buffer.first, a.id) <
           std::make_tuple(b.offset, b.buffer.first, b.id);
  });
}

double MemoryMap::ratio() const {
  return lowerBound == 0 ? 1.0 : double(arenaSize) / double(lowerBound);
}

llvm::json::Value MemoryMap::toJSON() const {
  llvm::json::Array buffers;
  for (const Row &row : rows)
    buffers.push_back(llvm::json::Object{
        {"id", row.id},
        {"name", llvm::json::fixUTF8(row.buffer.name)},
        {"offset", row.offset},
        {"size", row.buffer.size},
        {"first", row.buffer.first},
        {"last", row.buffer.last},
        {"in_place_of",
         row.inPlaceOf ? llvm::json::Value(*row.inPlaceOf) : nullptr}});
  return llvm::json::Object{{"arena_bytes", arenaSize},
                            {"alignment", alignment},
                            {"lower_bound_bytes", lowerBound},
                            {"ratio", ratio()},
                            {"solver", solver},
                            {"buffers", std::move(buffers)}};
}

void MemoryMap::printText(llvm::raw_ostream &os) const {
  os << "arena " << arenaSize << " bytes, alignment " << alignment
     << ", lower bound " << lowerBound << ", ratio "
     << llvm::format("%.4f", ratio()) << "\nsolver " << solver << "\n";
  using Cells = std::array<std::string, 5>;
  std::vector<Cells> table = {
      {"offset", "size", "points", "buffer", "in place of"}};
  for (const Row &row : rows)
    table.push_back(
        {std::to_string(row.offset), std::to_string(row.buffer.size),
         llvm::formatv("{0}..{1}", row.buffer.first, row.buffer.last).str(),
         row.buffer.name, row.inPlaceOf ? names[*row.inPlaceOf] : ""});
  std::array<size_t, 4> width = {};
  for (const Cells &cells : table)
    for (size_t i = 0; i != width.size(); ++i)
      width[i] = std::max(width[i], cells[i].size());
  for (const Cells &cells : table) {
    os << ' ' << llvm::right_justify(cells[0], width[0]) << "  "
       << llvm::right_justify(cells[1], width[1]) << "  "
       << llvm::right_justify(cells[2], width[2]) << "  ";
    if (cells[4].empty())
      os << cells[3] << "\n";
    else
      os << llvm::left_justify(cells[3], width[3]) << "  " << cells[4] << "\n";
  }
}
