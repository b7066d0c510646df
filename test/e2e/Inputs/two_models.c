/*===-- two_models.c - Two models in one program ----------------*- C -*-===*\
|*
|* Part of mlc, under the Apache License v2.0 with LLVM Exceptions.
|* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
|*
|*===----------------------------------------------------------------------===*|
|*
|* Runs them by turns: neither disturbs the other's answers, though they share
|* the runtime.
|*
\*===----------------------------------------------------------------------===*/

#include "mlp.h"
#include "residual.h"

#include <stdio.h>
#include <string.h>

static mlp_arena first;
static residual_arena second;
static float mlp_in[MLP_X_SIZE], mlp_out[2][MLP_Y_SIZE];
static float residual_in[RESIDUAL_X_SIZE], residual_out[2][RESIDUAL_Y_SIZE];

int main(void) {
  for (int i = 0; i < MLP_X_SIZE; ++i)
    mlp_in[i] = 0.25f * (float)(i % 7) - 0.5f;
  for (int i = 0; i < RESIDUAL_X_SIZE; ++i)
    residual_in[i] = 0.125f * (float)(i % 11) - 0.5f;
  if (mlp_init(&first, sizeof first) != MLC_OK ||
      residual_init(&second, sizeof second) != MLC_OK)
    return 1;
  for (int turn = 0; turn < 2; ++turn) {
    if (mlp_run(&first, &(mlp_inputs){.x = mlp_in},
                &(mlp_outputs){.y = mlp_out[turn]}) != MLC_OK)
      return 2;
    if (residual_run(&second, &(residual_inputs){.x = residual_in},
                     &(residual_outputs){.y = residual_out[turn]}) != MLC_OK)
      return 3;
  }
  if (memcmp(mlp_out[0], mlp_out[1], sizeof mlp_out[0]) != 0 ||
      memcmp(residual_out[0], residual_out[1], sizeof residual_out[0]) != 0)
    return 4;
  float sum = 0; /* of a softmax */
  for (int i = 0; i < MLP_Y_SIZE; ++i)
    sum += mlp_out[1][i];
  printf("%.4f\n", sum);
  return 0;
}
