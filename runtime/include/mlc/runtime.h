/*===-- mlc/runtime.h - What a compiled model needs at run time --*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* The core of the runtime: it prepares the memory of a compiled model, chooses
|* the variant that fits the CPU, checks pointers, and calls the model. It is
|* freestanding C11 (C++ may include this header): no allocation, no system
|* call, no mutable global; it needs no library, and mlc puts it into every
|* model's archive. Threads, clocks and CPU detection through the operating
|* system are separate files (mlc/threads.h, mlc/clock.h, mlc/cpu_linux.h).
|*
|* Most programs call only the typed functions of their model's own header:
|*
|*   static digits_arena arena;                      // zeroed, aligned, sized
|*   mlc_status s = digits_init(&arena, sizeof arena);
|*   if (s == MLC_OK)
|*     s = digits_run(&arena, &(digits_inputs){...}, &(digits_outputs){...});
|*   if (s != MLC_OK)
|*     puts(mlc_status_string(s));
|*
|* Functions of this header serve generic runners, which know a model only by
|* its descriptor, and those who set an executor or choose CPU features.
|*
|* Threads: functions without an arena may be called from anywhere at any time.
|* One arena belongs to one call at a time; different arenas, of one model or
|* of several, may be in use at once.
|*
|* Units: sizes and alignments are bytes.
|*
\*===----------------------------------------------------------------------===*/

#ifndef MLC_RUNTIME_H
#define MLC_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*===-- Status
 * -------------------------------------------------------------===*/

/* What a call came to. Values are part of the ABI and never change meaning. */
typedef enum mlc_status {
  MLC_OK = 0,
  MLC_BAD_ABI = 1,        /* model and runtime of different ABI versions */
  MLC_NO_CPU_VARIANT = 2, /* the CPU lacks features of every variant */
  MLC_BAD_ALIGNMENT = 3,  /* arena or tensor less aligned than required */
  MLC_ARENA_TOO_SMALL = 4,
  MLC_NULL_POINTER = 5,    /* a required pointer is null */
  MLC_NOT_INITIALISED = 6, /* no init on this arena for this model */
  MLC_BAD_WEIGHTS = 7,     /* the weights' checksum differs */
  MLC_BAD_EXECUTOR = 8,    /* no parallel_for, or no threads */
  MLC_BAD_INPUT_VALUE = 9, /* an input's value is outside what the model takes,
                              as an index beyond its axis */
  MLC_BAD_THREAD_COUNT = 10,
  MLC_THREAD_START_FAILED = 11,
  MLC_STATUS_FORCE_32_BIT = 0x7fffffff
} mlc_status;

/* A short English text for `status`, static, never null; "unknown status" for
   values that are none. */
const char *mlc_status_string(mlc_status status);

/*===-- ABI word
 * -----------------------------------------------------------===*/

/* Grows whenever a struct of this header or the meaning of a field changes. */
#define MLC_ABI_VERSION 1u

/* The ABI word of a target: version in bits 0-15, bytes of a pointer in bits
   16-23, byte order in bits 24-31 (1 little, 2 big). The compiler writes the
   target's word into the descriptor; init compares it with MLC_ABI_WORD. */
#define MLC_ABI_WORD_FOR(pointer_bytes, big_endian)                            \
  (MLC_ABI_VERSION | (uint32_t)(pointer_bytes) << 16 |                         \
   ((big_endian) ? UINT32_C(2) : UINT32_C(1)) << 24)

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define MLC_ABI_WORD MLC_ABI_WORD_FOR(sizeof(void *), 1)
#else
#define MLC_ABI_WORD MLC_ABI_WORD_FOR(sizeof(void *), 0)
#endif

/*===-- Executor
 * -----------------------------------------------------------===*/

/* Runs the parallel regions of a model. A null executor means the caller's
   thread; mlc/threads.h has a pool; an application may wrap its own.

   parallel_for calls task(data, i) exactly once for each i in [0, count), on
   any threads in any order, and returns when all calls have returned; what the
   tasks wrote is then visible to the caller. Tasks never throw, never block on
   each other, and may be few: `count` need not reach `threads`. parallel_for
   may be called by several threads at once if their arenas share the executor.

   `threads` (at least 1) is how many tasks can run at once: a hint for the
   partition; results do not depend on it. */
typedef struct mlc_executor {
  void *context; /* first argument of parallel_for */
  uint32_t threads;
  void (*parallel_for)(void *context, void (*task)(void *data, uint32_t index),
                       void *data, uint32_t count);
} mlc_executor;

/* Runs task(data, i) for each i in [0, count) on `executor`, or in order on
   the caller's thread if it is null. Models reach their executor through this
   one function. `task` must not be null. */
void mlc_parallel_for(const mlc_executor *executor,
                      void (*task)(void *data, uint32_t index), void *data,
                      uint32_t count);

/*===-- Descriptors
 * --------------------------------------------------------===*/

/* Element types, by the numbers of ONNX's TensorProto.DataType. Sub-byte types
   are packed, the first element in the low bits. */
typedef enum mlc_type {
  MLC_TYPE_F32 = 1,
  MLC_TYPE_U8 = 2,
  MLC_TYPE_I8 = 3,
  MLC_TYPE_U16 = 4,
  MLC_TYPE_I16 = 5,
  MLC_TYPE_I32 = 6,
  MLC_TYPE_I64 = 7,
  MLC_TYPE_BOOL = 9, /* one byte, 0 or 1 */
  MLC_TYPE_F16 = 10,
  MLC_TYPE_F64 = 11,
  MLC_TYPE_U32 = 12,
  MLC_TYPE_U64 = 13,
  MLC_TYPE_BF16 = 16,
  MLC_TYPE_F8E4M3FN = 17,
  MLC_TYPE_F8E4M3FNUZ = 18,
  MLC_TYPE_F8E5M2 = 19,
  MLC_TYPE_F8E5M2FNUZ = 20,
  MLC_TYPE_U4 = 21,
  MLC_TYPE_I4 = 22,
  MLC_TYPE_FORCE_32_BIT = 0x7fffffff
} mlc_type;

/* One input or output: dense, row-major in the order of `shape`. */
typedef struct mlc_tensor_desc {
  const char *name;
  const int64_t *shape; /* `rank` extents; may be null if rank is 0 */
  uint64_t byte_size;   /* of the caller's buffer */
  uint32_t type;        /* an mlc_type */
  uint32_t rank;
  uint32_t alignment; /* of the caller's buffer; a power of two, or 0 for 1 */
  uint32_t reserved;  /* 0 */
} mlc_tensor_desc;

/* A variant's code. `arena` is the planned part, behind the header. Buffers
   are as many as the descriptor says, in its order; they may not overlap. */
typedef mlc_status (*mlc_run_fn)(void *arena, const void *const *inputs,
                                 void *const *outputs,
                                 const mlc_executor *executor);

/* One compilation of the model for one set of CPU features. */
typedef struct mlc_variant {
  uint64_t required_features; /* MLC_CPU_* of the target's architecture */
  mlc_run_fn run;
  const char *name; /* the --cpu value, as "x86-64-v3" */
} mlc_variant;

/* A compiled model: constant, emitted by mlc, one a model. */
typedef struct mlc_model_desc {
  uint32_t abi; /* MLC_ABI_WORD; first in every version */
  uint32_t variant_count;
  uint64_t arena_size;  /* with the header */
  uint64_t arena_align; /* a power of two, at least 64 */
  uint32_t input_count;
  uint32_t output_count;
  const mlc_variant *variants; /* best first */
  const uint8_t *weights;      /* null if the model has none */
  uint64_t weights_size;
  uint32_t weights_crc; /* mlc_crc32 of the weights */
  uint32_t reserved;    /* 0 */
  const char *name;
  const mlc_tensor_desc *inputs;
  const mlc_tensor_desc *outputs;
} mlc_model_desc;

/*===-- Arena
 * --------------------------------------------------------------===*/

/* The arena, all the memory a model writes besides its outputs and stack:

     0            64                                arena_size
     +------------+---------------------------------+
     | header     | planned buffers (arena + 64)    |
     +------------+---------------------------------+

   init writes the header; nothing in the planned part outlives a run, and
   nothing in it needs to be zero. The header points at constants and at the
   executor, never into the arena. */
#define MLC_ARENA_HEADER_SIZE 64
#define MLC_ARENA_MAGIC UINT64_C(0x314e455241434c4d) /* "MLCAREN1" */

typedef struct mlc_arena_header {
  uint64_t magic;
  const mlc_model_desc *model;
  const mlc_variant *variant;
  const mlc_executor *executor; /* null: the caller's thread */
  unsigned char padding[MLC_ARENA_HEADER_SIZE - 8 - 3 * sizeof(void *)];
} mlc_arena_header;

/*===-- Model
 * --------------------------------------------------------------===*/

/* Prepares `arena` (`size` bytes, at least the model's arena_size, aligned to
   its arena_align) for `model`, with the first variant whose features
   mlc_cpu_features() has, and no executor. May be called again at any time to
   start over. Where user code cannot ask the CPU (MLC_CPU_TELLS_FEATURES is 0)
   and no variant fits what is known, it takes the last one: the least CPU that
   the model was compiled for is the word of whoever compiled it.

   Errors, in this order: MLC_NULL_POINTER (model or arena), MLC_BAD_ABI,
   MLC_BAD_ALIGNMENT, MLC_ARENA_TOO_SMALL, MLC_NO_CPU_VARIANT. After an error
   the arena is unchanged. */
mlc_status mlc_model_init(const mlc_model_desc *model, void *arena,
                          size_t size);

/* The same, with features that the caller knows: MLC_CPU_* bits of this
   architecture, from mlc_cpu_features_linux() or from the board's manual. A
   bit that the CPU lacks leads to an illegal instruction in run; a variant that
   needs a bit not in `features` is never taken. */
mlc_status mlc_model_init_with_features(const mlc_model_desc *model,
                                        void *arena, size_t size,
                                        uint64_t features);

/* Makes later runs on `arena` use `executor`, which must live as long as it is
   set; null returns to the caller's thread.

   Errors: MLC_NULL_POINTER, MLC_BAD_ALIGNMENT and MLC_NOT_INITIALISED as for
   run; MLC_BAD_EXECUTOR if parallel_for is null or threads is 0. */
mlc_status mlc_model_set_executor(const mlc_model_desc *model, void *arena,
                                  const mlc_executor *executor);

/* Runs the model once. `inputs` and `outputs` have one pointer for each of the
   model's inputs and outputs, in order; the buffers have the descriptor's size
   and alignment and overlap neither each other nor the arena.

   Errors: MLC_NULL_POINTER (an argument or an element), MLC_BAD_ALIGNMENT
   (arena or a buffer), MLC_NOT_INITIALISED (no init on this arena, or one for
   another model), or what the model returns (MLC_BAD_INPUT_VALUE). Outputs are
   unspecified after an error. */
mlc_status mlc_model_run(const mlc_model_desc *model, void *arena,
                         const void *const *inputs, void *const *outputs);

/* The name of the variant that init chose for `arena`; null if there was no
   init for this model. */
const char *mlc_model_variant_name(const mlc_model_desc *model,
                                   const void *arena);

/* Compares the weights with the checksum the compiler wrote: for devices whose
   flash may decay, or after an update over the air. Reads every byte (about
   5 ns each on a slow microcontroller, 0.2 GB/s and more on a desktop).

   Errors: MLC_NULL_POINTER, MLC_BAD_ABI, MLC_BAD_WEIGHTS. */
mlc_status mlc_model_verify_weights(const mlc_model_desc *model);

/* CRC-32 as in zlib, PNG and Ethernet (reflected polynomial 0xedb88320),
   of `size` bytes, continuing from `crc`, which is 0 at first: for a, b one
   after the other, mlc_crc32(mlc_crc32(0, a, na), b, nb). */
uint32_t mlc_crc32(uint32_t crc, const void *data, size_t size);

/*===-- CPU features
 * -------------------------------------------------------===*/

/* What the CPU can do: MLC_CPU_* bits of the architecture that the code was
   compiled for (each architecture numbers its own).

   x86: cpuid, and xgetbv for the registers that the operating system saves.
   AMX is left out: Linux kills a process that has not asked for it, and the
   core cannot know; mlc_cpu_features_linux() asks.
   Others: what the compiler of this file was told to use (for the objects that
   mlc ships, the architecture's baseline), since user code may not read the
   registers that tell; mlc_cpu_features_linux() asks the kernel. */
uint64_t mlc_cpu_features(void);

/* 1 if mlc_cpu_features() is complete, 0 if it knows a baseline only. */
#if defined(__x86_64__) || defined(__i386__)
#define MLC_CPU_TELLS_FEATURES 1
#else
#define MLC_CPU_TELLS_FEATURES 0
#endif

#define MLC_CPU_BIT(n) (UINT64_C(1) << (n))

/* x86-64 */
#define MLC_CPU_X86_SSE2 MLC_CPU_BIT(0)
#define MLC_CPU_X86_SSE3 MLC_CPU_BIT(1)
#define MLC_CPU_X86_SSSE3 MLC_CPU_BIT(2)
#define MLC_CPU_X86_SSE4_1 MLC_CPU_BIT(3)
#define MLC_CPU_X86_SSE4_2 MLC_CPU_BIT(4)
#define MLC_CPU_X86_POPCNT MLC_CPU_BIT(5)
#define MLC_CPU_X86_CX16 MLC_CPU_BIT(6)
#define MLC_CPU_X86_LAHF MLC_CPU_BIT(7)
#define MLC_CPU_X86_AVX MLC_CPU_BIT(8)
#define MLC_CPU_X86_F16C MLC_CPU_BIT(9)
#define MLC_CPU_X86_FMA MLC_CPU_BIT(10)
#define MLC_CPU_X86_AVX2 MLC_CPU_BIT(11)
#define MLC_CPU_X86_BMI1 MLC_CPU_BIT(12)
#define MLC_CPU_X86_BMI2 MLC_CPU_BIT(13)
#define MLC_CPU_X86_LZCNT MLC_CPU_BIT(14)
#define MLC_CPU_X86_MOVBE MLC_CPU_BIT(15)
#define MLC_CPU_X86_AVX512F MLC_CPU_BIT(16)
#define MLC_CPU_X86_AVX512BW MLC_CPU_BIT(17)
#define MLC_CPU_X86_AVX512CD MLC_CPU_BIT(18)
#define MLC_CPU_X86_AVX512DQ MLC_CPU_BIT(19)
#define MLC_CPU_X86_AVX512VL MLC_CPU_BIT(20)
#define MLC_CPU_X86_AVX512VNNI MLC_CPU_BIT(21)
#define MLC_CPU_X86_AVX512BF16 MLC_CPU_BIT(22)
#define MLC_CPU_X86_AVX512FP16 MLC_CPU_BIT(23)
#define MLC_CPU_X86_AVX512IFMA MLC_CPU_BIT(24)
#define MLC_CPU_X86_AVX512VBMI MLC_CPU_BIT(25)
#define MLC_CPU_X86_AVX512VBMI2 MLC_CPU_BIT(26)
#define MLC_CPU_X86_AVX512BITALG MLC_CPU_BIT(27)
#define MLC_CPU_X86_AVX512VPOPCNTDQ MLC_CPU_BIT(28)
#define MLC_CPU_X86_AVXVNNI MLC_CPU_BIT(29)
#define MLC_CPU_X86_AVXVNNIINT8 MLC_CPU_BIT(30)
#define MLC_CPU_X86_AVXVNNIINT16 MLC_CPU_BIT(31)
#define MLC_CPU_X86_AVXIFMA MLC_CPU_BIT(32)
#define MLC_CPU_X86_AVXNECONVERT MLC_CPU_BIT(33)
#define MLC_CPU_X86_GFNI MLC_CPU_BIT(34)
#define MLC_CPU_X86_PCLMUL MLC_CPU_BIT(35)
#define MLC_CPU_X86_VPCLMULQDQ MLC_CPU_BIT(36)
#define MLC_CPU_X86_AES MLC_CPU_BIT(37)
#define MLC_CPU_X86_VAES MLC_CPU_BIT(38)
#define MLC_CPU_X86_SHA MLC_CPU_BIT(39)
#define MLC_CPU_X86_ADX MLC_CPU_BIT(40)
#define MLC_CPU_X86_SSE4A MLC_CPU_BIT(41)
#define MLC_CPU_X86_FMA4 MLC_CPU_BIT(42)
#define MLC_CPU_X86_XOP MLC_CPU_BIT(43)
#define MLC_CPU_X86_TBM MLC_CPU_BIT(44)
#define MLC_CPU_X86_AMX_TILE MLC_CPU_BIT(48)
#define MLC_CPU_X86_AMX_INT8 MLC_CPU_BIT(49)
#define MLC_CPU_X86_AMX_BF16 MLC_CPU_BIT(50)
#define MLC_CPU_X86_AMX_FP16 MLC_CPU_BIT(51)

/* The levels of the x86-64 psABI, each with those below it. */
#define MLC_X86_64_V1 MLC_CPU_X86_SSE2
#define MLC_X86_64_V2                                                          \
  (MLC_X86_64_V1 | MLC_CPU_X86_SSE3 | MLC_CPU_X86_SSSE3 | MLC_CPU_X86_SSE4_1 | \
   MLC_CPU_X86_SSE4_2 | MLC_CPU_X86_POPCNT | MLC_CPU_X86_CX16 |                \
   MLC_CPU_X86_LAHF)
#define MLC_X86_64_V3                                                          \
  (MLC_X86_64_V2 | MLC_CPU_X86_AVX | MLC_CPU_X86_F16C | MLC_CPU_X86_FMA |      \
   MLC_CPU_X86_AVX2 | MLC_CPU_X86_BMI1 | MLC_CPU_X86_BMI2 |                    \
   MLC_CPU_X86_LZCNT | MLC_CPU_X86_MOVBE)
#define MLC_X86_64_V4                                                          \
  (MLC_X86_64_V3 | MLC_CPU_X86_AVX512F | MLC_CPU_X86_AVX512BW |                \
   MLC_CPU_X86_AVX512CD | MLC_CPU_X86_AVX512DQ | MLC_CPU_X86_AVX512VL)

/* AArch64 */
#define MLC_CPU_AARCH64_NEON MLC_CPU_BIT(0)
#define MLC_CPU_AARCH64_FP16 MLC_CPU_BIT(1)    /* half arithmetic */
#define MLC_CPU_AARCH64_DOTPROD MLC_CPU_BIT(2) /* SDOT, UDOT */
#define MLC_CPU_AARCH64_I8MM MLC_CPU_BIT(3)    /* SMMLA, USDOT */
#define MLC_CPU_AARCH64_BF16 MLC_CPU_BIT(4)
#define MLC_CPU_AARCH64_FP16FML MLC_CPU_BIT(5)
#define MLC_CPU_AARCH64_RDM MLC_CPU_BIT(6) /* SQRDMLAH */
#define MLC_CPU_AARCH64_LSE MLC_CPU_BIT(7)
#define MLC_CPU_AARCH64_RCPC MLC_CPU_BIT(8)
#define MLC_CPU_AARCH64_CRC MLC_CPU_BIT(9)
#define MLC_CPU_AARCH64_AES MLC_CPU_BIT(10)
#define MLC_CPU_AARCH64_SHA2 MLC_CPU_BIT(11)
#define MLC_CPU_AARCH64_COMPLXNUM MLC_CPU_BIT(12) /* FCMLA */
#define MLC_CPU_AARCH64_JSCVT MLC_CPU_BIT(13)
#define MLC_CPU_AARCH64_FRINTTS MLC_CPU_BIT(14)
#define MLC_CPU_AARCH64_SVE MLC_CPU_BIT(16)
#define MLC_CPU_AARCH64_SVE2 MLC_CPU_BIT(17)
#define MLC_CPU_AARCH64_SVE_BITPERM MLC_CPU_BIT(18)
#define MLC_CPU_AARCH64_SVE_F32MM MLC_CPU_BIT(19)
#define MLC_CPU_AARCH64_SME MLC_CPU_BIT(20)
#define MLC_CPU_AARCH64_SME2 MLC_CPU_BIT(21)

/* ARM, 32 bits */
#define MLC_CPU_ARM_NEON MLC_CPU_BIT(0)
#define MLC_CPU_ARM_VFP4 MLC_CPU_BIT(1) /* fused multiply-add */
#define MLC_CPU_ARM_FP16 MLC_CPU_BIT(2) /* half arithmetic */
#define MLC_CPU_ARM_DOTPROD MLC_CPU_BIT(3)
#define MLC_CPU_ARM_I8MM MLC_CPU_BIT(4)
#define MLC_CPU_ARM_BF16 MLC_CPU_BIT(5)
#define MLC_CPU_ARM_IDIV MLC_CPU_BIT(6) /* SDIV, UDIV in ARM and Thumb */
#define MLC_CPU_ARM_MVE_INT MLC_CPU_BIT(7)
#define MLC_CPU_ARM_MVE_FP MLC_CPU_BIT(8)

/* RISC-V, 64 bits; the baseline is rv64gc */
#define MLC_CPU_RISCV_V MLC_CPU_BIT(0)
#define MLC_CPU_RISCV_ZBA MLC_CPU_BIT(1)
#define MLC_CPU_RISCV_ZBB MLC_CPU_BIT(2)
#define MLC_CPU_RISCV_ZBS MLC_CPU_BIT(3)
#define MLC_CPU_RISCV_ZFH MLC_CPU_BIT(4)
#define MLC_CPU_RISCV_ZFHMIN MLC_CPU_BIT(5)
#define MLC_CPU_RISCV_ZVFH MLC_CPU_BIT(6)
#define MLC_CPU_RISCV_ZVFHMIN MLC_CPU_BIT(7)

#ifdef __cplusplus
}
#endif

#endif /* MLC_RUNTIME_H */
