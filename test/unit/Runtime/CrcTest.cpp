//===- CrcTest.cpp - Checksums of weights ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/runtime.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/CRC.h"
#include "gtest/gtest.h"

#include <random>
#include <vector>

// The check value of the CRC catalogues for CRC-32/ISO-HDLC.
TEST(Crc, CheckValue) { EXPECT_EQ(mlc_crc32(0, "123456789", 9), 0xcbf43926u); }

TEST(Crc, KnownAnswers) {
  EXPECT_EQ(mlc_crc32(0, nullptr, 0), 0u);
  EXPECT_EQ(mlc_crc32(0, "a", 1), 0xe8b7be43u);
  EXPECT_EQ(mlc_crc32(0, "\0\0\0\0", 4), 0x2144df1cu);
  EXPECT_EQ(mlc_crc32(0, "\xff\xff\xff\xff", 4), 0xffffffffu);
}

// The compiler computes weights_crc with LLVM's function.
TEST(Crc, AgreesWithTheCompilerAtEveryLength) {
  std::mt19937 random(1);
  std::vector<uint8_t> bytes(300);
  for (uint8_t &byte : bytes)
    byte = random();
  for (size_t size = 0; size <= bytes.size(); ++size)
    EXPECT_EQ(mlc_crc32(0, bytes.data(), size),
              llvm::crc32(llvm::ArrayRef<uint8_t>(bytes.data(), size)))
        << size << " bytes";
}

TEST(Crc, ContinuesFromAnyCut) {
  const char text[] = "the quick brown fox";
  size_t size = sizeof text - 1;
  uint32_t whole = mlc_crc32(0, text, size);
  for (size_t cut = 0; cut <= size; ++cut)
    EXPECT_EQ(mlc_crc32(mlc_crc32(0, text, cut), text + cut, size - cut),
              whole);
}
