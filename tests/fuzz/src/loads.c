/* Counts the loads from memory of the code under test: LLVM's SanitizerCoverage calls these with -sanitizer-coverage-trace-loads.
   In C, because Rust's own functions are compiled with those calls too, and would call themselves. */

#include <stdint.h>

static uint64_t loads;

#define COUNT(bytes, type) \
  void __sanitizer_cov_load##bytes(type *address) { \
    (void)address; \
    loads++; \
  }

COUNT(1, uint8_t)
COUNT(2, uint16_t)
COUNT(4, uint32_t)
COUNT(8, uint64_t)
COUNT(16, void)

uint64_t fuzz_loads(void) { return loads; }
