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
|* The ABI only grows: functions and values of enumerations are added, none
|* changes or goes while the number of the version stays.
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
typedef struct MlcNames MlcNames;
typedef struct MlcQuantizer MlcQuantizer;
typedef struct MlcQuantizedModel MlcQuantizedModel;
typedef struct MlcCommand MlcCommand;

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
/* Where in the file it is, for people: "input 'x'", or a node. */
const char *mlcDiagnosticsPlace(const MlcDiagnostics *diagnostics,
                                size_t index);
/* All that there is to say of one, on one line. */
const char *mlcDiagnosticsLine(const MlcDiagnostics *diagnostics, size_t index);
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

/* Has `function` called when a phase begins, with `context`, the phase's name,
   and its place among all; null for no more calls. Graphs that are imported
   after that keep both, as long as they or their clones are. */
typedef void (*MlcPhaseFunction)(void *context, const char *phase,
                                 unsigned index, unsigned count);
void mlcCompilerOnPhase(MlcCompiler *compiler, MlcPhaseFunction function,
                        void *context);

/* The machines that code is made for, as `mlc targets --json` prints them. */
const char *mlcTargetsJson(void);

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
/* Inputs of an ONNX model in memory that decide shapes, as the target of
   Reshape, in the model's order: where no initializer has their values, the
   option "value" has to. */
MlcDiagnostics *mlcShapeInputs(const void *bytes, size_t size,
                               MlcNames **names);
size_t mlcNamesCount(const MlcNames *names);
/* `index` is less than the count. */
const char *mlcNamesGet(const MlcNames *names, size_t index);
void mlcNamesDestroy(MlcNames *names);

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
  MLC_PART_RUNTIME_HEADER = 4,
  MLC_PART_REPORT = 5,    /* JSON: what the compilation found out */
  MLC_PART_MEMORY_MAP = 6 /* JSON: the plan of the arena */
} MlcPart;

/* The bytes belong to the library. */
MlcDiagnostics *mlcLibraryPart(MlcLibrary *library, MlcPart part,
                               const char **bytes, size_t *size);
/* What the compilation warned of; the caller destroys it. Null for nothing. */
MlcDiagnostics *mlcLibraryWarnings(const MlcLibrary *library);
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
/* JSON, as of a library for this machine. */
const char *mlcExecutableContract(const MlcExecutable *executable);
const char *mlcExecutableReport(const MlcExecutable *executable);
MlcDiagnostics *mlcExecutableWarnings(const MlcExecutable *executable);
MlcDiagnostics *mlcExecutableUseThreads(MlcExecutable *executable,
                                        uint32_t threads);
/* As many pointers as inputs and outputs, to buffers of their bytes. */
MlcDiagnostics *mlcExecutableRun(MlcExecutable *executable,
                                 const void *const *inputs,
                                 void *const *outputs);
void mlcExecutableDestroy(MlcExecutable *executable);

/*===-- From floats to integers
 * ----------------------------------------------===*/

/* `version` as for mlcCompilerCreate. */
MlcQuantizer *mlcQuantizerCreate(uint32_t version);
void mlcQuantizerDestroy(MlcQuantizer *quantizer);
/* Sets an option by the name that it has in `mlc quantize --help`, but for
   those that say what the tool writes and where. */
MlcDiagnostics *mlcQuantizerSet(MlcQuantizer *quantizer, const char *name,
                                const char *value);
/* Has `function` called with what is being done, how much of all is done, from
   0 to 1, and how many seconds are left, less than 0 where that is unknown. */
typedef void (*MlcShareFunction)(void *context, const char *what, double share,
                                 double seconds_left);
void mlcQuantizerOnProgress(MlcQuantizer *quantizer, MlcShareFunction function,
                            void *context);

/* Quantises the model in a file on the samples of the option "calibration". */
MlcDiagnostics *mlcQuantize(const MlcQuantizer *quantizer, const char *path,
                            MlcQuantizedModel **model);

typedef enum MlcQuantizedPart {
  MLC_QUANTIZED_FILE = 0,   /* ONNX, in QDQ form */
  MLC_QUANTIZED_REPORT = 1, /* JSON: by layer and by value */
  MLC_QUANTIZED_MISSED = 2  /* what of a budget is not met; "" where all is */
} MlcQuantizedPart;

/* The bytes belong to the model. */
MlcDiagnostics *mlcQuantizedModelPart(MlcQuantizedModel *model,
                                      MlcQuantizedPart part, const char **bytes,
                                      size_t *size);
void mlcQuantizedModelDestroy(MlcQuantizedModel *model);

/*===-- Commands on files
 * ----------------------------------------------------*/

/* A command of the tool, by its name: "compress", "eval", "factorize", "prune"
   or "report". `version` as for mlcCompilerCreate. Nothing is printed: what the
   command tells is the text of its JSON where it has an option "json". */
MlcDiagnostics *mlcCommandCreate(uint32_t version, const char *name,
                                 MlcCommand **command);
void mlcCommandDestroy(MlcCommand *command);
/* Sets an option by the name that it has in `mlc NAME --help`. */
MlcDiagnostics *mlcCommandSet(MlcCommand *command, const char *name,
                              const char *value);
void mlcCommandOnProgress(MlcCommand *command, MlcShareFunction function,
                          void *context);
/* Runs it on the models in `count` files: report takes any number but 0, the
   others one. */
MlcDiagnostics *mlcCommandRun(MlcCommand *command, const char *const *paths,
                              size_t count);
/* What the last run told. */
const char *mlcCommandText(const MlcCommand *command);
/* What it warned of, and what of a budget it missed; the caller destroys it.
   Null for nothing. */
MlcDiagnostics *mlcCommandWarnings(const MlcCommand *command);

#ifdef __cplusplus
}
#endif

#endif /* MLC_C_MLC_H */
