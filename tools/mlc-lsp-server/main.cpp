//===- main.cpp - The mlc-lsp-server tool ---------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "mlc/Commands.h"

int main(int argc, char **argv) { return mlc::runLanguageServer(argc, argv); }
