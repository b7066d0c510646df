//===- SanitizerDefaults.c - How sanitized tools run ----------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// LLVM's libraries are not instrumented, its headers in our code are: what one
// side says of an allocator's or a container's memory, the other does not know.
// Both checks would report what is fine. Memory that LLVM keeps to the end is
// no leak. $ASAN_OPTIONS and $UBSAN_OPTIONS come after these.
//
//===----------------------------------------------------------------------===//

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) {
  return "allow_user_poisoning=0:detect_container_overflow=0:detect_leaks=0:"
         "detect_stack_use_after_return=0:allocator_may_return_null=1";
}

const char *__ubsan_default_options(void) { return "print_stacktrace=1"; }
