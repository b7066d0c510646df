/*===-- runtime.c - The freestanding core of the runtime ------------------===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
\*===----------------------------------------------------------------------===*/

#include "mlc/runtime.h"

#include <stdbool.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

/* Weak: two models' archives linked as whole archives both bring this file.
   Windows has no such symbols that all linkers take. */
#ifdef _WIN32
#define MLC_API
#else
#define MLC_API __attribute__((weak))
#endif

/* The compiler writes these structs by LLVM's data layout. */
#define LAYOUT(condition)                                                      \
  _Static_assert(condition, "this struct's layout is part of the ABI")
#define WORDS(bytes64, bytes32) (sizeof(void *) == 8 ? (bytes64) : (bytes32))
LAYOUT(sizeof(mlc_arena_header) == MLC_ARENA_HEADER_SIZE);
LAYOUT(sizeof(mlc_variant) == WORDS(24, 16));
LAYOUT(sizeof(mlc_tensor_desc) == WORDS(40, 32));
LAYOUT(offsetof(mlc_model_desc, variants) == 40);
LAYOUT(offsetof(mlc_model_desc, weights_size) == WORDS(56, 48));
LAYOUT(offsetof(mlc_model_desc, name) == WORDS(72, 64));
LAYOUT(sizeof(mlc_model_desc) == WORDS(96, 80));

MLC_API const char *mlc_status_string(mlc_status status) {
  switch (status) {
  case MLC_OK:
    return "ok";
  case MLC_BAD_ABI:
    return "model and runtime have different ABI versions";
  case MLC_NO_CPU_VARIANT:
    return "the CPU lacks features of every variant of the model";
  case MLC_BAD_ALIGNMENT:
    return "arena or tensor is less aligned than the model requires";
  case MLC_ARENA_TOO_SMALL:
    return "arena is smaller than the model requires";
  case MLC_NULL_POINTER:
    return "a required pointer is null";
  case MLC_NOT_INITIALISED:
    return "arena was not initialised for this model";
  case MLC_BAD_WEIGHTS:
    return "the checksum of the weights differs";
  case MLC_BAD_EXECUTOR:
    return "executor has no parallel_for or no threads";
  case MLC_BAD_INPUT_VALUE:
    return "an input has a value that the model does not take";
  case MLC_BAD_THREAD_COUNT:
    return "thread count is zero or more than a pool holds";
  case MLC_THREAD_START_FAILED:
    return "the operating system could not start a thread";
  case MLC_STATUS_FORCE_32_BIT:
    break;
  }
  return "unknown status";
}

/*===-- Models ------------------------------------------------------------===*/

static bool is_aligned(const void *pointer, uint64_t alignment) {
  return ((uintptr_t)pointer & (alignment - 1)) == 0;
}

static const mlc_variant *choose_variant(const mlc_model_desc *model,
                                         uint64_t features) {
  for (uint32_t i = 0; i < model->variant_count; ++i)
    if ((model->variants[i].required_features & ~features) == 0)
      return &model->variants[i];
  return NULL;
}

static mlc_status check_init(const mlc_model_desc *model, const void *arena,
                             size_t size) {
  if (!model || !arena)
    return MLC_NULL_POINTER;
  if (model->abi != MLC_ABI_WORD)
    return MLC_BAD_ABI;
  if (!is_aligned(arena, model->arena_align))
    return MLC_BAD_ALIGNMENT;
  if (size < model->arena_size || size < sizeof(mlc_arena_header))
    return MLC_ARENA_TOO_SMALL;
  return MLC_OK;
}

/* By sums: the M profiles multiply and divide 64 bits in a library. */
MLC_API uint64_t mlc_model_arena_size(const mlc_model_desc *model,
                                      uint32_t threads) {
  if (!model)
    return 0;
  uint64_t size = model->arena_size;
  for (uint32_t i = 1; i < threads && i < model->threads; ++i)
    size += model->arena_per_thread;
  return size;
}

/* How many threads `size` bytes are enough for. */
static uint32_t count_threads(const mlc_model_desc *model, size_t size) {
  uint32_t threads = 1;
  uint64_t needed = model->arena_size + model->arena_per_thread;
  for (; threads < model->threads && needed <= size; ++threads)
    needed += model->arena_per_thread;
  return threads;
}

static mlc_status write_header(const mlc_model_desc *model, void *arena,
                               size_t size, const mlc_variant *variant) {
  if (!variant)
    return MLC_NO_CPU_VARIANT;
  mlc_arena_header *header = arena;
  header->magic = MLC_ARENA_MAGIC;
  header->model = model;
  header->variant = variant;
  header->executor = NULL;
  header->threads = count_threads(model, size);
  return MLC_OK;
}

MLC_API mlc_status mlc_model_init_with_features(const mlc_model_desc *model,
                                                void *arena, size_t size,
                                                uint64_t features) {
  mlc_status status = check_init(model, arena, size);
  if (status != MLC_OK)
    return status;
  return write_header(model, arena, size, choose_variant(model, features));
}

/* What the CPU has, as far as the model cares: the kernel is asked for AMX
   only where a variant wants it. */
static uint64_t features_for(const mlc_model_desc *model) {
  uint64_t features = mlc_cpu_features();
#if defined(__x86_64__)
  for (uint32_t i = 0; i < model->variant_count; ++i)
    if (model->variants[i].required_features & MLC_CPU_X86_AMX_TILE)
      return features | mlc_cpu_features_amx();
#else
  (void)model;
#endif
  return features;
}

MLC_API mlc_status mlc_model_init(const mlc_model_desc *model, void *arena,
                                  size_t size) {
  mlc_status status = check_init(model, arena, size);
  if (status != MLC_OK)
    return status;
  const mlc_variant *variant = choose_variant(model, features_for(model));
#if !MLC_CPU_TELLS_FEATURES
  if (!variant && model->variant_count)
    variant = &model->variants[model->variant_count - 1];
#endif
  return write_header(model, arena, size, variant);
}

static mlc_status check_arena(const mlc_model_desc *model, const void *arena) {
  if (!model || !arena)
    return MLC_NULL_POINTER;
  /* Before the header is read: a misaligned load may trap. */
  if (!is_aligned(arena, model->arena_align))
    return MLC_BAD_ALIGNMENT;
  const mlc_arena_header *header = arena;
  if (header->magic != MLC_ARENA_MAGIC || header->model != model)
    return MLC_NOT_INITIALISED;
  return MLC_OK;
}

MLC_API mlc_status mlc_model_set_executor(const mlc_model_desc *model,
                                          void *arena,
                                          const mlc_executor *executor) {
  mlc_status status = check_arena(model, arena);
  if (status != MLC_OK)
    return status;
  if (executor && (!executor->parallel_for || executor->threads == 0))
    return MLC_BAD_EXECUTOR;
  mlc_arena_header *header = arena;
  if (executor && header->threads < executor->threads &&
      header->threads < model->threads)
    return MLC_ARENA_TOO_SMALL;
  header->executor = executor;
  return MLC_OK;
}

static mlc_status check_buffers(const void *const *buffers,
                                const mlc_tensor_desc *tensors,
                                uint32_t count) {
  if (count && !buffers)
    return MLC_NULL_POINTER;
  for (uint32_t i = 0; i < count; ++i) {
    if (!buffers[i])
      return MLC_NULL_POINTER;
    uint32_t alignment = tensors[i].alignment;
    if (alignment && !is_aligned(buffers[i], alignment))
      return MLC_BAD_ALIGNMENT;
  }
  return MLC_OK;
}

MLC_API mlc_status mlc_model_run(const mlc_model_desc *model, void *arena,
                                 const void *const *inputs,
                                 void *const *outputs) {
  mlc_status status = check_arena(model, arena);
  if (status == MLC_OK)
    status = check_buffers(inputs, model->inputs, model->input_count);
  if (status == MLC_OK)
    status = check_buffers((const void *const *)outputs, model->outputs,
                           model->output_count);
  if (status != MLC_OK)
    return status;
  const mlc_arena_header *header = arena;
  return header->variant->run((unsigned char *)arena + MLC_ARENA_HEADER_SIZE,
                              inputs, outputs, header->executor);
}

MLC_API const char *mlc_model_variant_name(const mlc_model_desc *model,
                                           const void *arena) {
  if (check_arena(model, arena) != MLC_OK)
    return NULL;
  return ((const mlc_arena_header *)arena)->variant->name;
}

MLC_API void mlc_parallel_for(const mlc_executor *executor,
                              void (*task)(void *data, uint32_t index),
                              void *data, uint32_t count) {
  if (executor && count > 1) {
    executor->parallel_for(executor->context, task, data, count);
    return;
  }
  for (uint32_t i = 0; i < count; ++i)
    task(data, i);
}

/*===-- Weights -----------------------------------------------------------===*/

MLC_API uint32_t mlc_crc32(uint32_t crc, const void *data, size_t size) {
  /* By half bytes: 64 bytes of flash for the table instead of 1024. */
  static const uint32_t table[16] = {
      0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
      0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
      0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t *bytes = data;
  crc = ~crc;
  for (size_t i = 0; i < size; ++i) {
    crc ^= bytes[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

MLC_API mlc_status mlc_model_verify_weights(const mlc_model_desc *model) {
  if (!model || (!model->weights && model->weights_size))
    return MLC_NULL_POINTER;
  if (model->abi != MLC_ABI_WORD)
    return MLC_BAD_ABI;
  uint32_t crc = mlc_crc32(0, model->weights, (size_t)model->weights_size);
  return crc == model->weights_crc ? MLC_OK : MLC_BAD_WEIGHTS;
}

/*===-- CPU features ------------------------------------------------------===*/

#if defined(__x86_64__) || defined(__i386__)

enum { EAX, EBX, ECX, EDX };
enum { LEAF_1, LEAF_7, LEAF_7_1, LEAF_EXTENDED, LEAF_COUNT };

static const struct {
  uint32_t leaf, subleaf;
} x86_leaves[LEAF_COUNT] = {{1, 0}, {7, 0}, {7, 1}, {0x80000001u, 0}};

/* The bits of XCR0 that say which registers the operating system saves. */
enum { SAVES_NONE = 0, SAVES_YMM = 0x06, SAVES_ZMM = 0xe6 };

/* One feature: where cpuid shows it, and the state it needs saved. */
typedef struct x86_feature {
  uint64_t feature;
  uint8_t leaf, reg, bit, saves;
} x86_feature;

static const x86_feature x86_features[] = {
    {MLC_CPU_X86_SSE2, LEAF_1, EDX, 26, SAVES_NONE},
    {MLC_CPU_X86_SSE3, LEAF_1, ECX, 0, SAVES_NONE},
    {MLC_CPU_X86_PCLMUL, LEAF_1, ECX, 1, SAVES_NONE},
    {MLC_CPU_X86_SSSE3, LEAF_1, ECX, 9, SAVES_NONE},
    {MLC_CPU_X86_FMA, LEAF_1, ECX, 12, SAVES_YMM},
    {MLC_CPU_X86_CX16, LEAF_1, ECX, 13, SAVES_NONE},
    {MLC_CPU_X86_SSE4_1, LEAF_1, ECX, 19, SAVES_NONE},
    {MLC_CPU_X86_SSE4_2, LEAF_1, ECX, 20, SAVES_NONE},
    {MLC_CPU_X86_MOVBE, LEAF_1, ECX, 22, SAVES_NONE},
    {MLC_CPU_X86_POPCNT, LEAF_1, ECX, 23, SAVES_NONE},
    {MLC_CPU_X86_AES, LEAF_1, ECX, 25, SAVES_NONE},
    {MLC_CPU_X86_AVX, LEAF_1, ECX, 28, SAVES_YMM},
    {MLC_CPU_X86_F16C, LEAF_1, ECX, 29, SAVES_YMM},
    {MLC_CPU_X86_BMI1, LEAF_7, EBX, 3, SAVES_NONE},
    {MLC_CPU_X86_AVX2, LEAF_7, EBX, 5, SAVES_YMM},
    {MLC_CPU_X86_BMI2, LEAF_7, EBX, 8, SAVES_NONE},
    {MLC_CPU_X86_AVX512F, LEAF_7, EBX, 16, SAVES_ZMM},
    {MLC_CPU_X86_AVX512DQ, LEAF_7, EBX, 17, SAVES_ZMM},
    {MLC_CPU_X86_ADX, LEAF_7, EBX, 19, SAVES_NONE},
    {MLC_CPU_X86_AVX512IFMA, LEAF_7, EBX, 21, SAVES_ZMM},
    {MLC_CPU_X86_AVX512CD, LEAF_7, EBX, 28, SAVES_ZMM},
    {MLC_CPU_X86_SHA, LEAF_7, EBX, 29, SAVES_NONE},
    {MLC_CPU_X86_AVX512BW, LEAF_7, EBX, 30, SAVES_ZMM},
    {MLC_CPU_X86_AVX512VL, LEAF_7, EBX, 31, SAVES_ZMM},
    {MLC_CPU_X86_AVX512VBMI, LEAF_7, ECX, 1, SAVES_ZMM},
    {MLC_CPU_X86_AVX512VBMI2, LEAF_7, ECX, 6, SAVES_ZMM},
    {MLC_CPU_X86_GFNI, LEAF_7, ECX, 8, SAVES_NONE},
    {MLC_CPU_X86_VAES, LEAF_7, ECX, 9, SAVES_YMM},
    {MLC_CPU_X86_VPCLMULQDQ, LEAF_7, ECX, 10, SAVES_YMM},
    {MLC_CPU_X86_AVX512VNNI, LEAF_7, ECX, 11, SAVES_ZMM},
    {MLC_CPU_X86_AVX512BITALG, LEAF_7, ECX, 12, SAVES_ZMM},
    {MLC_CPU_X86_AVX512VPOPCNTDQ, LEAF_7, ECX, 14, SAVES_ZMM},
    {MLC_CPU_X86_AVX512FP16, LEAF_7, EDX, 23, SAVES_ZMM},
    {MLC_CPU_X86_AVXVNNI, LEAF_7_1, EAX, 4, SAVES_YMM},
    {MLC_CPU_X86_AVX512BF16, LEAF_7_1, EAX, 5, SAVES_ZMM},
    {MLC_CPU_X86_AVXIFMA, LEAF_7_1, EAX, 23, SAVES_YMM},
    {MLC_CPU_X86_AVXVNNIINT8, LEAF_7_1, EDX, 4, SAVES_YMM},
    {MLC_CPU_X86_AVXNECONVERT, LEAF_7_1, EDX, 5, SAVES_YMM},
    {MLC_CPU_X86_AVXVNNIINT16, LEAF_7_1, EDX, 10, SAVES_YMM},
    {MLC_CPU_X86_LAHF, LEAF_EXTENDED, ECX, 0, SAVES_NONE},
    {MLC_CPU_X86_LZCNT, LEAF_EXTENDED, ECX, 5, SAVES_NONE},
    {MLC_CPU_X86_SSE4A, LEAF_EXTENDED, ECX, 6, SAVES_NONE},
    {MLC_CPU_X86_XOP, LEAF_EXTENDED, ECX, 11, SAVES_YMM},
    {MLC_CPU_X86_FMA4, LEAF_EXTENDED, ECX, 16, SAVES_YMM},
    {MLC_CPU_X86_TBM, LEAF_EXTENDED, ECX, 21, SAVES_NONE},
};

/* The low half of XCR0, 0 if the operating system does not use xsave: without
   OSXSAVE the instruction itself is illegal. */
static uint32_t x86_saved_state(uint32_t leaf_1_ecx) {
  if (!(leaf_1_ecx >> 27 & 1))
    return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

MLC_API uint64_t mlc_cpu_features(void) {
  uint32_t regs[LEAF_COUNT][4];
  for (int i = 0; i < LEAF_COUNT; ++i) {
    uint32_t *r = regs[i];
    /* A leaf beyond the CPU's last reads as "nothing". */
    if (!__get_cpuid_count(x86_leaves[i].leaf, x86_leaves[i].subleaf, &r[EAX],
                           &r[EBX], &r[ECX], &r[EDX]))
      r[EAX] = r[EBX] = r[ECX] = r[EDX] = 0;
  }
  uint32_t saved = x86_saved_state(regs[LEAF_1][ECX]);
  uint64_t features = 0;
  for (size_t i = 0; i < sizeof x86_features / sizeof x86_features[0]; ++i) {
    const x86_feature *f = &x86_features[i];
    bool present = regs[f->leaf][f->reg] >> f->bit & 1;
    if (present && (f->saves & ~saved) == 0)
      features |= f->feature;
  }
  return features;
}

#if defined(__x86_64__) && defined(__linux__) && !defined(__ILP32__)

/* Numbers of the kernel's user interface. */
enum { ARCH_PRCTL = 158, REQ_XCOMP_PERM = 0x1023, XFEATURE_TILE_DATA = 18 };

/* 0 if the kernel saves the state of AMX from now on. Without a C library. */
static long ask_for_amx(void) {
  long result;
  __asm__ volatile("syscall"
                   : "=a"(result)
                   : "a"(ARCH_PRCTL), "D"(REQ_XCOMP_PERM),
                     "S"(XFEATURE_TILE_DATA)
                   : "rcx", "r11", "memory");
  return result;
}

MLC_API uint64_t mlc_cpu_features_amx(void) {
  uint32_t eax, ebx, ecx, edx;
  if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) || !(edx >> 24 & 1) ||
      ask_for_amx() != 0)
    return 0;
  uint64_t features = MLC_CPU_X86_AMX_TILE;
  if (edx >> 22 & 1)
    features |= MLC_CPU_X86_AMX_BF16;
  if (edx >> 25 & 1)
    features |= MLC_CPU_X86_AMX_INT8;
  if (__get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax >> 21 & 1))
    features |= MLC_CPU_X86_AMX_FP16;
  return features;
}

#else
MLC_API uint64_t mlc_cpu_features_amx(void) { return 0; }
#endif

#else

#if defined(__aarch64__) && defined(__APPLE__)

/* Of libSystem, which every program there has. */
int sysctlbyname(const char *name, void *value, size_t *size, void *other,
                 size_t other_size);

static const struct {
  uint64_t feature;
  const char *name;
} system_features[] = {
    {MLC_CPU_AARCH64_LSE, "hw.optional.arm.FEAT_LSE"},
    {MLC_CPU_AARCH64_RDM, "hw.optional.arm.FEAT_RDM"},
    {MLC_CPU_AARCH64_FP16, "hw.optional.arm.FEAT_FP16"},
    {MLC_CPU_AARCH64_DOTPROD, "hw.optional.arm.FEAT_DotProd"},
    {MLC_CPU_AARCH64_I8MM, "hw.optional.arm.FEAT_I8MM"},
    {MLC_CPU_AARCH64_BF16, "hw.optional.arm.FEAT_BF16"},
};

static uint64_t features_of_system(void) {
  uint64_t features = 0;
  for (size_t i = 0; i < sizeof system_features / sizeof system_features[0];
       ++i) {
    int32_t value = 0;
    size_t size = sizeof value;
    if (sysctlbyname(system_features[i].name, &value, &size, NULL, 0) == 0 &&
        value != 0)
      features |= system_features[i].feature;
  }
  return features;
}

#elif defined(__aarch64__) && defined(_WIN32)

/* Of kernel32. */
__declspec(dllimport) int IsProcessorFeaturePresent(unsigned long feature);

static uint64_t features_of_system(void) {
  enum { ATOMICS = 34, DOT_PRODUCTS = 43 }; /* PF_ARM_V81_ATOMIC..., V82_DP */
  uint64_t features = 0;
  if (IsProcessorFeaturePresent(ATOMICS))
    features |= MLC_CPU_AARCH64_LSE;
  if (IsProcessorFeaturePresent(DOT_PRODUCTS))
    features |= MLC_CPU_AARCH64_DOTPROD;
  return features;
}

#else
static uint64_t features_of_system(void) { return 0; }
#endif

MLC_API uint64_t mlc_cpu_features(void) {
  uint64_t features = features_of_system();
#if defined(__aarch64__)
#ifdef __ARM_NEON
  features |= MLC_CPU_AARCH64_NEON;
#endif
#ifdef __ARM_FEATURE_FP16_VECTOR_ARITHMETIC
  features |= MLC_CPU_AARCH64_FP16;
#endif
#ifdef __ARM_FEATURE_DOTPROD
  features |= MLC_CPU_AARCH64_DOTPROD;
#endif
#ifdef __ARM_FEATURE_MATMUL_INT8
  features |= MLC_CPU_AARCH64_I8MM;
#endif
#ifdef __ARM_FEATURE_QRDMX
  features |= MLC_CPU_AARCH64_RDM;
#endif
#ifdef __ARM_FEATURE_ATOMICS
  features |= MLC_CPU_AARCH64_LSE;
#endif
#elif defined(__arm__)
#ifdef __ARM_NEON
  features |= MLC_CPU_ARM_NEON;
#endif
#ifdef __ARM_FEATURE_FMA
  features |= MLC_CPU_ARM_VFP4;
#endif
#ifdef __ARM_FEATURE_IDIV
  features |= MLC_CPU_ARM_IDIV;
#endif
#ifdef __ARM_FEATURE_DOTPROD
  features |= MLC_CPU_ARM_DOTPROD;
#endif
#ifdef __ARM_FEATURE_MVE
  features |= MLC_CPU_ARM_MVE_INT;
#endif
#if defined(__ARM_FEATURE_MVE) && __ARM_FEATURE_MVE >= 3
  features |= MLC_CPU_ARM_MVE_FP;
#endif
#elif defined(__riscv_v)
  features |= MLC_CPU_RISCV_V;
#endif
  return features;
}

#endif
