//===- ArenaProblem.cpp - Input checks and the lower bound ----------------===//

#include "Memory/ArenaProblem.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>
#include <limits>
#include <map>

using namespace mlc;

// The promise made at the limits: every buffer stacked on the others, each
// padded for alignment, and the arena rounded up.
static_assert(ArenaProblem::maxBuffers <=
                  std::numeric_limits<int64_t>::max() /
                      (ArenaProblem::maxSize + ArenaProblem::maxAlignment) / 4,
              "the limits must rule out overflow");

static llvm::Error refuse(const llvm::Twine &message) {
  return llvm::createStringError(message);
}

BufferId ArenaProblem::addBuffer(ArenaBuffer buffer) {
  buffers.push_back(std::move(buffer));
  return buffers.size() - 1;
}

std::string ArenaProblem::describe(BufferId id) const {
  return ("buffer " + llvm::Twine(id) + " '" + buffers[id].name + "'").str();
}

llvm::Error ArenaProblem::checkBuffer(BufferId id) const {
  const ArenaBuffer &buffer = buffers[id];
  if (buffer.size < 0 || buffer.size > maxSize)
    return refuse(describe(id) + ": found size " + llvm::Twine(buffer.size) +
                  ", required is 0 to " + llvm::Twine(maxSize) + " bytes");
  if (buffer.alignment < 1 || buffer.alignment > maxAlignment ||
      !llvm::isPowerOf2_64(buffer.alignment))
    return refuse(
        describe(id) + ": found alignment " + llvm::Twine(buffer.alignment) +
        ", required is a power of two from 1 to " + llvm::Twine(maxAlignment));
  if (buffer.first < 0)
    return refuse(describe(id) + ": found first point " +
                  llvm::Twine(buffer.first) + ", required is 0 or more");
  if (buffer.last < buffer.first)
    return refuse(describe(id) + ": found last point " +
                  llvm::Twine(buffer.last) + ", required is the first point, " +
                  llvm::Twine(buffer.first) + ", or later");
  return llvm::Error::success();
}

llvm::Error ArenaProblem::checkPair(InPlacePair pair) const {
  for (BufferId id : {pair.from, pair.to})
    if (id >= buffers.size())
      return refuse("in-place pair (" + llvm::Twine(pair.from) + ", " +
                    llvm::Twine(pair.to) + "): found buffer " +
                    llvm::Twine(id) + ", required is an id below " +
                    llvm::Twine(buffers.size()));
  const ArenaBuffer &from = buffers[pair.from], &to = buffers[pair.to];
  std::string where =
      "in-place pair of " + describe(pair.from) + " and " + describe(pair.to);
  if (from.last != to.first)
    return refuse(where + ": found the first dying at point " +
                  llvm::Twine(from.last) + " and the second born at point " +
                  llvm::Twine(to.first) + ", required is one point");
  if (from.first >= to.first)
    return refuse(where + ": found both born at point " +
                  llvm::Twine(to.first) +
                  ", required is that the first is born earlier");
  return llvm::Error::success();
}

llvm::Error ArenaProblem::check() const {
  if (int64_t(buffers.size()) > maxBuffers)
    return refuse("arena problem: found " + llvm::Twine(buffers.size()) +
                  " buffers, required is at most " + llvm::Twine(maxBuffers));
  for (BufferId id = 0, e = buffers.size(); id != e; ++id)
    if (llvm::Error error = checkBuffer(id))
      return error;
  for (InPlacePair pair : pairs)
    if (llvm::Error error = checkPair(pair))
      return error;
  return llvm::Error::success();
}

int64_t ArenaProblem::getArenaAlignment() const {
  int64_t alignment = 1;
  for (const ArenaBuffer &buffer : buffers)
    alignment = std::max(alignment, buffer.alignment);
  return alignment;
}

namespace {
/// What in-place pairs can save at one point, by dying and by born buffer.
struct Sharing {
  llvm::DenseMap<BufferId, int64_t> byFrom;
  llvm::DenseMap<BufferId, int64_t> byTo;

  void add(InPlacePair pair, int64_t bytes) {
    int64_t &from = byFrom[pair.from], &to = byTo[pair.to];
    from = std::max(from, bytes);
    to = std::max(to, bytes);
  }
  int64_t total() const {
    int64_t from = 0, to = 0;
    for (auto [id, bytes] : byFrom)
      from += bytes;
    for (auto [id, bytes] : byTo)
      to += bytes;
    return std::min(from, to);
  }
};
} // namespace

int64_t ArenaProblem::getLowerBound() const {
  if (buffers.empty())
    return 0;
  int64_t granule = maxAlignment;
  for (const ArenaBuffer &buffer : buffers)
    granule = std::min(granule, buffer.alignment);
  auto padded = [&](BufferId id) {
    return int64_t(llvm::alignTo(buffers[id].size, granule));
  };

  std::map<int64_t, Sharing> shared;
  for (InPlacePair pair : pairs)
    shared[buffers[pair.to].first].add(
        pair, std::min(padded(pair.from), padded(pair.to)));

  std::vector<BufferId> births(buffers.size());
  for (BufferId id = 0, e = buffers.size(); id != e; ++id)
    births[id] = id;
  std::vector<BufferId> deaths = births;
  llvm::sort(births, [&](BufferId a, BufferId b) {
    return buffers[a].first < buffers[b].first;
  });
  llvm::sort(deaths, [&](BufferId a, BufferId b) {
    return buffers[a].last < buffers[b].last;
  });

  int64_t live = 0, bound = 0;
  for (size_t born = 0, died = 0; born != births.size();) {
    int64_t point = buffers[births[born]].first;
    for (; born != births.size() && buffers[births[born]].first == point;
         ++born)
      live += padded(births[born]);
    for (; buffers[deaths[died]].last < point; ++died)
      live -= padded(deaths[died]);
    auto it = shared.find(point);
    bound =
        std::max(bound, live - (it == shared.end() ? 0 : it->second.total()));
  }
  return llvm::alignTo(bound, getArenaAlignment());
}
