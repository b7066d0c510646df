/* From the pixels of a picture to the name of what it shows: all that is done
 * to them is in the library.
 *
 *   mlc compile digits.onnx --dim=N=1 -o out \
 *     --io=image:u8,nhwc,grey,size=32x32,std=15.9375,range=0..255 \
 *     --io=scores:top_k=3,labels=labels.txt
 *   cc label.c out/libdigits.a -I out -lm -o label && ./label scan.pgm
 *
 * Prints the three most likely digits. Exits with 1 where a picture is none. */
#include "digits.h" /* written by mlc */

#include <stdio.h>

static digits_arena arena;
static unsigned char pixels[DIGITS_IMAGE_SIZE];

/* Reads a binary PGM of the size that the library takes. */
static int read_picture(const char *path) {
  int width = 0, height = 0, white = 0;
  FILE *file = fopen(path, "rb");
  int good = file != NULL &&
             fscanf(file, "P5 %d %d %d", &width, &height, &white) == 3 &&
             height == DIGITS_IMAGE_DIM1 && width == DIGITS_IMAGE_DIM2 &&
             white == 255 && fgetc(file) != EOF &&
             fread(pixels, 1, sizeof pixels, file) == sizeof pixels;
  if (file != NULL)
    fclose(file);
  return good;
}

int main(int argc, char **argv) {
  float scores[DIGITS_SCORES_SIZE];
  int32_t classes[DIGITS_SCORES_INDICES_SIZE];
  digits_inputs inputs = {.image = pixels};
  digits_outputs outputs = {.scores = scores, .scores_indices = classes};
  mlc_status status = digits_init(&arena, sizeof arena);
  for (int picture = 1; status == MLC_OK && picture < argc; ++picture) {
    if (!read_picture(argv[picture])) {
      fprintf(stderr, "%s: is no PGM of %dx%d bytes\n", argv[picture],
              DIGITS_IMAGE_DIM1, DIGITS_IMAGE_DIM2);
      return 1;
    }
    status = digits_run(&arena, &inputs, &outputs);
    for (int i = 0; status == MLC_OK && i < DIGITS_SCORES_SIZE; ++i)
      printf("%s%s %.2f", i ? ", " : "", digits_scores_labels[classes[i]],
             scores[i]);
    putchar('\n');
  }
  if (status != MLC_OK)
    fprintf(stderr, "%s\n", mlc_status_string(status));
  return status != MLC_OK;
}
