//===- embed.cpp - A program that compiles a model and runs it ------------===//
//
// Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
//   embed digits.onnx out
//
// Imports the model once, then makes of it a library in `out` and a model in
// this process, which sees a black image. Built against mlc::compiler.
//
//===----------------------------------------------------------------------===//

#include <mlc/Compiler.h>

#include <fstream>
#include <iostream>
#include <iterator>

static int fail(const mlc::Diagnostics &diagnostics) {
  for (const mlc::Diagnostic &diagnostic : diagnostics)
    std::cerr << "embed: " << diagnostic.text() << '\n';
  return 1;
}

/// Runs the model once, on zeros, and prints its f32 outputs.
static int run(mlc::Executable &model) {
  std::vector<std::vector<char>> in, out;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
  for (const mlc::TensorSpec &tensor : model.inputs())
    inputs.push_back(in.emplace_back(tensor.bytes).data());
  for (const mlc::TensorSpec &tensor : model.outputs())
    outputs.push_back(out.emplace_back(tensor.bytes).data());
  if (mlc::Result<void> done = model.run(inputs, outputs); !done)
    return fail(done.errors());
  for (size_t i = 0; i < out.size(); ++i) {
    const mlc::TensorSpec &tensor = model.outputs()[i];
    std::cout << tensor.name << ':';
    if (tensor.type == MLC_TYPE_F32)
      for (size_t k = 0; k < tensor.bytes / sizeof(float); ++k)
        std::cout << ' ' << static_cast<const float *>(outputs[i])[k];
    std::cout << '\n';
  }
  return 0;
}

int main(int argc, char **argv) {
  if (argc != 3) {
    std::cerr << "usage: embed model.onnx folder\n";
    return 1;
  }
  std::ifstream file(argv[1], std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), {});

  mlc::Compiler compiler;
  compiler.options().dims["N"] = 1;
  if (std::optional<std::string> wrong = compiler.set("max-ulp", "64")) {
    std::cerr << "embed: " << *wrong << '\n';
    return 1;
  }
  mlc::Result<mlc::Graph> graph =
      compiler.import(bytes.data(), bytes.size(), argv[1]);
  if (!graph)
    return fail(graph.errors());
  // What both have in common is done once.
  if (mlc::Result<void> done = graph->runTo("layout"); !done)
    return fail(done.errors());

  mlc::Result<mlc::Library> library = compiler.compile(graph->clone());
  if (!library)
    return fail(library.errors());
  mlc::Result<std::vector<std::string>> files = library->write(argv[2]);
  if (!files)
    return fail(files.errors());
  const mlc::Report &report = library->report();
  std::cout << report.prefix << ": " << report.kernels.size() << " kernels, "
            << report.arenaBytes << " bytes of arena, " << files->size()
            << " files\n";

  mlc::Result<mlc::Executable> model = compiler.load(std::move(*graph));
  if (!model)
    return fail(model.errors());
  return run(*model);
}
