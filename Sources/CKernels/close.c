#include "CKernels.h"

#include <stdatomic.h>

// Only a word with at least `depth` closing brackets can hold the one that is looked for; in the others the brackets
// are just counted.
#define CLOSE_BODY                                                                                  \
    size_t words = (length + 63) / 64;                                                              \
    uint64_t mask = ~0ULL << (start & 63);                                                          \
    ptrdiff_t open = *depth;                                                                        \
    for (size_t word = start / 64; word < words; word++) {                                          \
        uint64_t o = opens[word] & mask, c = closes[word] & mask;                                   \
        mask = ~0ULL;                                                                               \
        ptrdiff_t closing = __builtin_popcountll(c);                                                \
        if (closing >= open) {                                                                      \
            ptrdiff_t seen = 0;                                                                     \
            for (uint64_t rest = c; rest; rest &= rest - 1) {                                       \
                uint64_t below = (rest & -rest) - 1;                                                \
                if (open + __builtin_popcountll(o & below) == ++seen) {                             \
                    size_t place = word * 64 + (size_t)__builtin_ctzll(rest);                       \
                    return place < length ? (ptrdiff_t)place : -1;                                  \
                }                                                                                   \
            }                                                                                       \
        }                                                                                           \
        open += __builtin_popcountll(o) - closing;                                                  \
    }                                                                                               \
    *depth = open;                                                                                  \
    return -1;

static ptrdiff_t close_portable(
    const uint64_t *opens, const uint64_t *closes, size_t start, size_t length, ptrdiff_t *depth) {
    CLOSE_BODY
}

#if defined(__x86_64__)
__attribute__((target("popcnt,bmi,bmi2"))) static ptrdiff_t close_popcnt(
    const uint64_t *opens, const uint64_t *closes, size_t start, size_t length, ptrdiff_t *depth) {
    CLOSE_BODY
}
#endif

typedef ptrdiff_t (*close_function)(const uint64_t *, const uint64_t *, size_t, size_t, ptrdiff_t *);

ptrdiff_t tw_close(const uint64_t *opens, const uint64_t *closes, size_t start, size_t length, ptrdiff_t *depth) {
    static _Atomic(close_function) chosen;
    close_function version = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!version) {
        version = close_portable;
#if defined(__x86_64__)
        __builtin_cpu_init();
        if (__builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi2")) version = close_popcnt;
#endif
        atomic_store_explicit(&chosen, version, memory_order_relaxed);
    }
    return version(opens, closes, start, length, depth);
}
