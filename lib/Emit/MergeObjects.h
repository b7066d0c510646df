//===- MergeObjects.h - several objects into one ----------------*- C++ -*-===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What `ld -r` does, for objects that LLVM wrote of one model's functions:
// sections stay what they are, one behind the other; symbols become one table.
//
//   Expected<std::unique_ptr<MemoryBuffer>> whole =
//       mergeObjects({*ofOneCpu, *ofAnother, *ofTheRest});
//
//===----------------------------------------------------------------------===//

#ifndef MLC_EMIT_MERGEOBJECTS_H
#define MLC_EMIT_MERGEOBJECTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"

namespace mlc {

/// The most functions that mergeObjects takes in all: a section's number has 16
/// bits, and a function has six of them at most.
constexpr size_t kMostMergedFunctions = 8 << 10;

/// One relocatable object of all that `objects` hold. What one defines as a
/// hidden symbol is there for the others, and a local symbol of the whole.
/// Equal bytes give equal bytes. Errors: no ELF object, objects of different
/// machines, a symbol that two define, section groups.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
mergeObjects(llvm::ArrayRef<llvm::MemoryBufferRef> objects);

} // namespace mlc

#endif // MLC_EMIT_MERGEOBJECTS_H
