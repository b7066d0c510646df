//===- ArenaProblem.h - What the arena planner has to solve -----*- C++ -*-===//
//
// A set of buffers, each live over an interval of program points, that are to
// share one arena. A solver (ArenaSolvers.h) gives every buffer an offset, the
// verifier (ArenaVerifier.h) checks them against this problem alone, and
// planArena (ArenaPlanner.h) does both.
//
// Rules of a correct solution:
//  (M1) every offset is at least 0 and a multiple of its buffer's alignment;
//  (M2) every buffer ends at or before the end of the arena;
//  (M3) the arena's size is a multiple of the largest alignment, as the sizeof
//       of a C type of that alignment is;
//  (M4) two buffers that are live at a common point share no byte, also when
//       one dies where the other is born, unless (M5) holds;
//  (M5) an in-place pair (a, b) may share storage if both have the same offset.
// A buffer of size 0 shares no byte with any other.
//
// Buffers that must alias (a concat and the slices written into it, a reshape
// and its source) are one buffer here: the caller merges them.
//
// Example:
//   mlc::ArenaProblem problem;
//   auto conv = problem.addBuffer({"conv", 802816, 64, /*first=*/0,
//   /*last=*/1}); auto relu = problem.addBuffer({"relu", 802816, 64,
//   /*first=*/1, /*last=*/2}); problem.allowInPlace(conv, relu); if
//   (llvm::Error error = problem.check())
//     return error;
//
//===----------------------------------------------------------------------===//

#ifndef MLC_MEMORY_ARENAPROBLEM_H
#define MLC_MEMORY_ARENAPROBLEM_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace mlc {

/// A buffer's number: its position in the order of addBuffer calls, from 0.
using BufferId = uint32_t;

struct ArenaBuffer {
  /// For messages and reports; need not be unique.
  std::string name;
  /// Bytes, 0 to ArenaProblem::maxSize.
  int64_t size = 0;
  /// Bytes, a power of two, 1 to ArenaProblem::maxAlignment.
  int64_t alignment = 1;
  /// The program points of the first write and the last read, both inclusive
  /// and at least 0.
  int64_t first = 0;
  int64_t last = 0;

  /// Whether some program point is in the lifetime of both.
  bool isLiveWith(const ArenaBuffer &other) const {
    return first <= other.last && other.first <= last;
  }
};

/// `from` dies where `to` is born, and `to` may be written over it.
struct InPlacePair {
  BufferId from;
  BufferId to;
  bool operator==(const InPlacePair &other) const {
    return from == other.from && to == other.to;
  }
  bool operator<(const InPlacePair &other) const {
    return std::make_pair(from, to) < std::make_pair(other.from, other.to);
  }
};

class ArenaProblem {
public:
  /// Within these limits the sum of all sizes, each padded to its alignment,
  /// fits int64_t with room to spare, so that no offset a solver can form
  /// overflows.
  static constexpr int64_t maxBuffers = int64_t(1) << 15;
  static constexpr int64_t maxSize = int64_t(1) << 40;
  static constexpr int64_t maxAlignment = int64_t(1) << 20;

  /// Nothing is checked here: see check().
  BufferId addBuffer(ArenaBuffer buffer);

  /// States that `to` may reuse the storage of `from`, from the same offset
  /// on. The caller vouches for the operation: it reads no byte of `from` after
  /// it has written that byte of `to`. Stating a pair twice is the same as
  /// once.
  void allowInPlace(BufferId from, BufferId to) { pairs.push_back({from, to}); }

  llvm::ArrayRef<ArenaBuffer> getBuffers() const { return buffers; }
  llvm::ArrayRef<InPlacePair> getInPlacePairs() const { return pairs; }

  /// Checks the limits above, lifetimes and in-place pairs; the error names the
  /// first buffer or pair that is wrong, what was found and what is required.
  /// Of an in-place pair is required that `from` dies at the point where `to`
  /// is born, and was born before it.
  llvm::Error check() const;

  /// The arena's alignment: the largest of any buffer; 1 if there is none.
  int64_t getArenaAlignment() const;

  /// A size no correct solution can go below. Requires check() to succeed.
  ///
  /// Definition. Let g be the smallest alignment and up(s) be s rounded up to
  /// a multiple of g. At a point p where a buffer is born,
  ///   live(p)   = sum of up(size) of all buffers live at p
  ///   shared(p) = the lesser of
  ///                 sum over buffers a dying at p of max_b min(up(a), up(b)),
  ///                 sum over buffers b born  at p of max_a min(up(a), up(b)),
  ///               where (a, b) ranges over the in-place pairs at p
  ///   bound     = max over p of live(p) - shared(p),
  ///               rounded up to the arena's alignment.
  ///
  /// Proof. Alignments are powers of two, so g divides every offset. Cut the
  /// arena into granules of g bytes: a buffer covers up(size)/g whole granules,
  /// and of each granule that it touches it holds the first byte. Hence two
  /// buffers live at p that share a granule share a byte, and by (M4, M5) they
  /// are an in-place pair (a, b) at the same offset; they share min(up(a),
  /// up(b)) bytes of granules. Two buffers dying at p after an earlier birth
  /// are both live at p and form no pair, so they cannot both lie at b's offset
  /// (if they are not empty): b shares with at most one a, and likewise a with
  /// at most one b. The sharing pairs are thus a matching, no granule is
  /// covered three times, and the matching saves no more than either sum in
  /// shared(p), since it uses each a and each b at most once. The granules
  /// covered at p come to at least live(p) - shared(p) bytes, the arena
  /// contains them, and by (M3) its size is a multiple of its alignment.
  ///
  /// shared(p) is exact where the pairs at p have one source or one
  /// destination in common, as when every operation has its own point.
  int64_t getLowerBound() const;

  /// "buffer 3 'conv1'": how messages name a buffer.
  std::string describe(BufferId id) const;

private:
  llvm::Error checkBuffer(BufferId id) const;
  llvm::Error checkPair(InPlacePair pair) const;

  std::vector<ArenaBuffer> buffers;
  std::vector<InPlacePair> pairs;
};

/// What a solver returns: one offset a buffer, by BufferId, and the arena's
/// size, all in bytes.
struct ArenaSolution {
  std::vector<int64_t> offsets;
  int64_t arenaSize = 0;
};

} // namespace mlc

#endif // MLC_MEMORY_ARENAPROBLEM_H
