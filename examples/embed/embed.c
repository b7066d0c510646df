/*===-- embed.c - The same in C
---------------------------------------------===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|*   embed digits.onnx out
|*
|* What a binding of another language does: mlc-c/mlc.h, and nothing else.
|*
\*===----------------------------------------------------------------------===*/

#include <mlc-c/mlc.h>

#include <stdio.h>
#include <stdlib.h>

/* Ends the program where there is something wrong. */
static void check(MlcDiagnostics *wrong) {
  if (!wrong)
    return;
  for (size_t i = 0; i < mlcDiagnosticsCount(wrong); ++i) {
    MlcDiagnostic one = mlcDiagnosticsGet(wrong, i);
    fprintf(stderr, "embed: %s: [%s %s] %s\n", one.file, one.op, one.node,
            one.message);
  }
  mlcDiagnosticsDestroy(wrong);
  exit(1);
}

static void *allocate(uint64_t bytes) {
  void *memory = calloc(1, (size_t)bytes);
  if (!memory)
    exit(1);
  return memory;
}

/* Runs the model once, on zeros, and prints its first output. */
static void run(MlcExecutable *model) {
  size_t in = mlcExecutableInputCount(model);
  size_t out = mlcExecutableOutputCount(model);
  const void **inputs = allocate(in * sizeof *inputs);
  void **outputs = allocate(out * sizeof *outputs);
  for (size_t i = 0; i < in; ++i)
    inputs[i] = allocate(mlcExecutableInput(model, i).bytes);
  for (size_t i = 0; i < out; ++i)
    outputs[i] = allocate(mlcExecutableOutput(model, i).bytes);
  check(mlcExecutableRun(model, inputs, outputs));
  MlcTensor first = mlcExecutableOutput(model, 0);
  printf("%s:", first.name);
  for (size_t i = 0; i < first.bytes / sizeof(float); ++i)
    printf(" %g", ((const float *)outputs[0])[i]);
  printf("\n");
  for (size_t i = 0; i < in; ++i)
    free((void *)inputs[i]);
  for (size_t i = 0; i < out; ++i)
    free(outputs[i]);
  free(inputs);
  free(outputs);
}

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: embed model.onnx folder\n");
    return 1;
  }
  MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
  if (!compiler) {
    fprintf(stderr,
            "embed: libmlc-compiler has version %u of the API, %u is "
            "required\n",
            (unsigned)mlcApiVersion(), MLC_C_API_VERSION);
    return 1;
  }
  MlcGraph *graph = NULL;
  MlcLibrary *library = NULL;
  MlcExecutable *model = NULL;
  check(mlcCompilerSet(compiler, "dim", "N=1"));
  check(mlcGraphImportFile(compiler, argv[1], &graph));
  check(mlcGraphCompile(compiler, graph, &library));
  check(mlcLibraryWrite(library, argv[2]));
  const char *archive = NULL;
  size_t size = 0;
  check(mlcLibraryPart(library, MLC_PART_ARCHIVE, &archive, &size));
  printf("archive: %.7s, %zu bytes\n", archive, size);
  check(mlcGraphLoad(compiler, graph, &model));
  run(model);
  mlcExecutableDestroy(model);
  mlcLibraryDestroy(library);
  mlcGraphDestroy(graph);
  mlcCompilerDestroy(compiler);
  return 0;
}
