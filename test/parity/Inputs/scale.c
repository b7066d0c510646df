/* A model by hand, as mlc would emit it: y = 2 x, z = 1, or with
 * SCALE_FORGETFUL the runs on this arena. */
#include "mlc/runtime.h"

static mlc_status run(void *arena, const void *const *inputs,
                      void *const *outputs, const mlc_executor *executor) {
  const float *x = inputs[0];
  float *y = outputs[0];
  int32_t *z = outputs[1];
  (void)executor;
  for (int i = 0; i < 3; ++i)
    y[i] = 2 * x[i];
#ifdef SCALE_FORGETFUL
  *z = ++*(int32_t *)arena; /* A bug that another arena brings to light. */
#else
  (void)arena;
  *z = 1;
#endif
  return MLC_OK;
}

static const int64_t shape[] = {3};
static const mlc_tensor_desc inputs[] = {
    {"x", shape, 12, MLC_TYPE_F32, 1, 64, 0}};
static const mlc_tensor_desc outputs[] = {
    {"y", shape, 12, MLC_TYPE_F32, 1, 64, 0},
    {"z", 0, 4, MLC_TYPE_I32, 0, 4, 0}};
static const mlc_variant variants[] = {{0, run, "baseline"}};
static const mlc_model_desc model = {
    MLC_ABI_WORD, 1,      128,    0, 64, 1, 2, variants, 0, 0, 0, 1,
    "scale",      inputs, outputs};

const mlc_model_desc *p_scale_model(void) { return &model; }
