//===- MemoryMap.cpp - An arena plan for people and tools -----------------===//

#include "Memory/MemoryMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include <algorithm>
#include <tuple>

using namespace mlc;

MemoryMap::MemoryMap(const ArenaProblem &problem, const ArenaPlan &plan)
    : arenaSize(plan.arenaSize), alignment(plan.alignment),
      lowerBound(plan.lowerBound), ratio(plan.getRatio()),
      solver(plan.solver.str()) {
  llvm::ArrayRef<ArenaBuffer> buffers = problem.getBuffers();
  for (BufferId id = 0, e = buffers.size(); id != e; ++id) {
    rows.push_back({id, buffers[id], plan.offsets[id], std::nullopt});
    names.push_back(buffers[id].name);
  }
  for (InPlacePair pair : problem.getInPlacePairs())
    if (plan.offsets[pair.from] == plan.offsets[pair.to] &&
        buffers[pair.from].size != 0 && buffers[pair.to].size != 0)
      rows[pair.to].inPlaceOf = pair.from;
  llvm::sort(rows, [](const Row &a, const Row &b) {
    return std::make_tuple(a.offset, a.buffer.first, a.id) <
           std::make_tuple(b.offset, b.buffer.first, b.id);
  });
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
                            {"ratio", ratio},
                            {"solver", solver},
                            {"buffers", std::move(buffers)}};
}

void MemoryMap::printText(llvm::raw_ostream &os) const {
  os << "arena " << arenaSize << " bytes, alignment " << alignment
     << ", lower bound " << lowerBound << ", ratio "
     << llvm::format("%.4f", ratio) << "\nsolver " << solver << "\n";
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
