#include "first_model.h"
#include "other.h"

#include <stdio.h>

int main(void) {
  return printf("%d %d\n", first_model_number(), other_number()) < 0;
}
