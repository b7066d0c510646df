//===- GiveBack.cpp - freed memory goes back to the system ----------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support/GiveBack.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

void mlc::giveBackMemory() {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
