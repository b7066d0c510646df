/*===-- mlc-c/mlc.h - The compiler as a C library -----------------*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions. See LICENSE.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* What mlc/Compiler.h is to C++, for bindings of other languages:
|*
|*   MlcCompiler *compiler = mlcCompilerCreate(MLC_C_API_VERSION);
|*   MlcGraph *graph = NULL;
|*   MlcExecutable *model = NULL;
|*   MlcDiagnostics *wrong = mlcCompilerSet(compiler, "dim", "N=1");
|*   if (!wrong)
|*     wrong = mlcGraphImportFile(compiler, "digits.onnx", &graph);
|*   if (!wrong)
|*     wrong = mlcGraphLoad(compiler, graph, &model);
|*   if (!wrong)
|*     wrong = mlcExecutableRun(model, inputs, outputs);
|*   if (wrong)
|*     puts(mlcDiagnosticsText(wrong));
|*
|* What can fail returns null where all is well, else diagnostics that the
|* caller destroys; results are then untouched. Functions that destroy take
|* null. Texts are UTF-8, end with 0, and belong to the object that gave them.
|* An object, and a graph with its clones, belongs to one thread at a time.
|*
|* The ABI only grows: functions are added, none changes or goes while the
|* number of the version stays.
|*
\*===----------------------------------------------------------------------===*/

#ifndef MLC_C_MLC_H
#define MLC_C_MLC_H

#include "mlc/runtime.h" /* mlc_type */

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MLC_C_API_VERSION 1u

/* Of the library that the program has found; "0.1.0" for people. */
uint32_t mlcApiVersion(void);
const char *mlcVersion(void);

typedef struct MlcDiagnostics MlcDiagnostics;
typedef struct MlcCompiler MlcCompiler;
typedef struct MlcGraph MlcGraph;
typedef struct MlcLibrary MlcLibrary;
typedef struct MlcExecutable MlcExecutable;

/*===-- Diagnostics
 * --------------------------------------------------------===*/

typedef enum MlcSeverity {
  MLC_SEVERITY_ERROR = 0,
  MLC_SEVERITY_WARNING = 1
} MlcSeverity;

/* One of them. Texts are "" where there is nothing to say, never null. */
typedef struct MlcDiagnostic {
  const char *file, *message;
  const char *node, *op; /* of the model: "conv1", "Conv" */
  int64_t opset;
  int64_t index; /* of the node in its graph, -1 where it is about none */
  MlcSeverity severity;
} MlcDiagnostic;

size_t mlcDiagnosticsCount(const MlcDiagnostics *diagnostics);
/* `index` is less than the count. */
MlcDiagnostic mlcDiagnosticsGet(const MlcDiagnostics *diagnostics,
                                size_t index);
/* All of them, a line each. */
const char *mlcDiagnosticsText(const MlcDiagnostics *diagnostics);
void mlcDiagnosticsDestroy(MlcDiagnostics *diagnostics);

/*===-- Compilers
 * ----------------------------------------------------------===*/

/* `version` is MLC_C_API_VERSION of the caller's header. Null where the library
   has another. */
MlcCompiler *mlcCompilerCreate(uint32_t version);
void mlcCompilerDestroy(MlcCompiler *compiler);
/* Sets an option by the name that it has in `mlc compile --help`. */
MlcDiagnostics *mlcCompilerSet(MlcCompiler *compiler, const char *name,
                               const char *value);

/* Names and helps of all options, for i from 0; 0 where there is none left. */
int mlcOptionAt(size_t i, const char **name, const char **help);

/*===-- Graphs
 * -------------------------------------------------------------===*/

MlcDiagnostics *mlcGraphImportFile(const MlcCompiler *compiler,
                                   const char *path, MlcGraph **graph);
/* An ONNX model in memory, which need not outlive the call; `name` is what
   diagnostics and C names call it. */
MlcDiagnostics *mlcGraphImportBytes(const MlcCompiler *compiler,
                                    const void *bytes, size_t size,
                                    const char *name, MlcGraph **graph);
MlcGraph *mlcGraphClone(const MlcGraph *graph);
MlcDiagnostics *mlcGraphRunTo(MlcGraph *graph, const char *phase);
/* The IR; valid until the graph is printed again or destroyed. */
const char *mlcGraphPrint(MlcGraph *graph);
void mlcGraphDestroy(MlcGraph *graph);

/*===-- Libraries
 * ----------------------------------------------------------===*/

/* The graph stays as it is. */
MlcDiagnostics *mlcGraphCompile(const MlcCompiler *compiler,
                                const MlcGraph *graph, MlcLibrary **library);

typedef enum MlcPart {
  MLC_PART_OBJECT = 0,   /* code and constants but the weights */
  MLC_PART_ARCHIVE = 1,  /* the static library */
  MLC_PART_HEADER = 2,   /* of C */
  MLC_PART_CONTRACT = 3, /* JSON */
  MLC_PART_RUNTIME_HEADER = 4
} MlcPart;

/* The bytes belong to the library. */
MlcDiagnostics *mlcLibraryPart(MlcLibrary *library, MlcPart part,
                               const char **bytes, size_t *size);
MlcDiagnostics *mlcLibraryWrite(const MlcLibrary *library, const char *folder);
void mlcLibraryDestroy(MlcLibrary *library);

/*===-- Models in this process
 * ---------------------------------------------===*/

/* The graph stays as it is. */
MlcDiagnostics *mlcGraphLoad(const MlcCompiler *compiler, const MlcGraph *graph,
                             MlcExecutable **executable);

typedef struct MlcTensor {
  const char *name;
  const int64_t *shape;
  size_t rank;
  uint64_t bytes;
  mlc_type type;
} MlcTensor;

size_t mlcExecutableInputCount(const MlcExecutable *executable);
size_t mlcExecutableOutputCount(const MlcExecutable *executable);
/* `index` is less than the count. */
MlcTensor mlcExecutableInput(const MlcExecutable *executable, size_t index);
MlcTensor mlcExecutableOutput(const MlcExecutable *executable, size_t index);
MlcDiagnostics *mlcExecutableUseThreads(MlcExecutable *executable,
                                        uint32_t threads);
/* As many pointers as inputs and outputs, to buffers of their bytes. */
MlcDiagnostics *mlcExecutableRun(MlcExecutable *executable,
                                 const void *const *inputs,
                                 void *const *outputs);
void mlcExecutableDestroy(MlcExecutable *executable);

#ifdef __cplusplus
}
#endif

#endif /* MLC_C_MLC_H */
