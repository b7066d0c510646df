//===- PackageCommand.cpp - mlc package -----------------------------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Commands/Shared.h"

#include "Package/Package.h"

using namespace llvm;
using namespace mlc;

static Expected<PackageFiles> filesOf(const Options &given,
                                      const std::string &path) {
  if (given.packageFolder.empty())
    return createStringError("package: -o is required, the folder to write");
  if (given.packageKind.empty())
    return createStringError("package: --kind is required; mlc package --help "
                             "explains");
  Expected<CompiledModel> model = readCompiled(path);
  if (!model)
    return model.takeError();
  std::string name =
      given.packageName.empty() ? model->prefix : given.packageName;
  return makePackage(*model, {given.packageKind, name, given.packageVersion});
}

Result<void> mlc::packageModel(const Options &given, const std::string &path,
                               const CommandOutput &output) {
  Expected<PackageFiles> files = filesOf(given, path);
  if (!files)
    return diagnosticsOf(files.takeError());
  if (Error error = writePackage(given.packageFolder, *files))
    return diagnosticsOf(std::move(error));
  if (!given.quiet)
    for (const auto &file : *files)
      output.out << given.packageFolder << "/" << file.first << "\n";
  return {};
}
