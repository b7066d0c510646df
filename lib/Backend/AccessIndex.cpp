//===- AccessIndex.cpp - who accesses which bytes of a memory -------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Backend/AccessIndex.h"
#include "llvm/ADT/bit.h"

using namespace mlir;

namespace mlc {

AccessIndex::AccessIndex(Value root) {
  SmallVector<OpOperand *> users;
  collectUsers(root, users);
  for (OpOperand *use : users)
    add(use);
}

void AccessIndex::add(OpOperand *use) {
  size_t position = accesses.size();
  accesses.push_back({use, makeBox(use->get())});
  positions[use] = position;
  const std::optional<Box> &box = accesses.back().box;
  if (!box || !box->address.isStatic() ||
      llvm::any_of(box->dims, [](const Box::Dim &d) { return d.stride < 0; }))
    unplaced.push_back(position);
  else
    placed[llvm::bit_width(uint64_t(box->end() - box->address.offset))].insert(
        {box->address.offset, position});
}

void AccessIndex::erase(OpOperand *use) {
  auto found = positions.find(use);
  if (found == positions.end())
    return;
  accesses[found->second].use = nullptr;
  positions.erase(found);
}

bool AccessIndex::all(const Box &box,
                      llvm::function_ref<bool(OpOperand *)> holds) const {
  auto isFine = [&](size_t position) {
    const Access &access = accesses[position];
    return !access.use || (access.box && !mayOverlap(box, *access.box)) ||
           holds(access.use);
  };
  if (!llvm::all_of(unplaced, isFine))
    return false;
  if (!box.address.isStatic()) {
    for (size_t position = 0; position < accesses.size(); ++position)
      if (!isFine(position))
        return false;
    return true;
  }
  for (auto &[bits, byStart] : placed) {
    int64_t longest = bits < 63 ? int64_t(1) << bits : INT64_MAX / 2;
    auto at = byStart.lower_bound(box.address.offset - longest);
    for (; at != byStart.end() && at->first < box.end(); ++at)
      if (!isFine(at->second))
        return false;
  }
  return true;
}

} // namespace mlc
