/* Prints what net_check_inputs says of inputs at and beyond the ends of their
   ranges. */
#include "net.h"

#include <math.h>
#include <stdio.h>

static float image[NET_IMAGE_SIZE], grey[NET_GREY_SIZE];
static uint16_t flat[NET_FLAT_SIZE];
static uint8_t pixels[NET_PIXELS_SIZE], mask[NET_MASK_SIZE];

static void say(const char *what) {
  net_inputs inputs = {0};
  inputs.image = image;
  inputs.flat = flat;
  inputs.pixels = pixels;
  inputs.grey = grey;
  inputs.mask = mask;
  const char *found = net_check_inputs(&inputs);
  printf("%s: %s\n", what, found ? found : "fine");
}

int main(void) {
  for (size_t i = 0; i < NET_PIXELS_SIZE; ++i)
    pixels[i] = i % 2 ? 10 : 20;
  image[0] = 1;
  image[1] = -1;
  flat[0] = 0x4100; /* 2.5 */
  flat[1] = 0xbc00; /* -1 */
  say("ends");
  image[NET_IMAGE_SIZE - 1] = 1.001f;
  say("large");
  image[NET_IMAGE_SIZE - 1] = NAN;
  say("no number");
  image[NET_IMAGE_SIZE - 1] = 0;
  flat[3] = 0x4101;
  say("half");
  flat[3] = 0xbc01;
  say("negative half");
  flat[3] = 0x7e00;
  say("no half");
  flat[3] = 0x8000;
  say("minus zero");
  pixels[5] = 9;
  say("byte");
  grey[0] = 1e9f;
  pixels[5] = 10;
  say("no range");
  return 0;
}
