/* The clock counts nanoseconds, and never goes back. */
#define _POSIX_C_SOURCE 199309L

#include "mlc/clock.h"

#include <stdio.h>
#ifdef _WIN32
#include <windows.h>
static void wait_ms(unsigned ms) { Sleep(ms); }
#else
#include <time.h>
static void wait_ms(unsigned ms) {
  struct timespec time = {0, (long)ms * 1000000};
  nanosleep(&time, NULL);
}
#endif

int main(void) {
  uint64_t start = mlc_clock_ns(), last = start;
  for (int i = 0; i < 100000; ++i) {
    uint64_t now = mlc_clock_ns();
    if (now < last) {
      printf("went back\n");
      return 1;
    }
    last = now;
  }
  uint64_t before = mlc_clock_ns();
  wait_ms(50);
  uint64_t waited = mlc_clock_ns() - before;
  /* A busy machine waits longer, a wrong unit by a factor of 1,000. */
  if (waited < 45 * UINT64_C(1000000) || waited > 20 * UINT64_C(1000000000)) {
    printf("a wait of 50 ms took %llu ns\n", (unsigned long long)waited);
    return 1;
  }
  printf("a wait of 50 ms took as long\n");
  return 0;
}
