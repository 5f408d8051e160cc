#include "CKernels.h"

// Folding, after Gopal et al., "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ Instruction" (Intel, 2009),
// with registers of 256 bits: a piece of the text is multiplied by x^D mod P, which moves it D bits ahead, and added to
// what stands there. A factor is x^(D+32) and x^(D-32) mod P, each with its bits reversed and shifted by one.
#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,pclmul,vpclmulqdq"))), apply_to = function)

static inline __m256i ahead(__m256i piece, __m256i factor, __m256i there) {
    __m256i low = _mm256_clmulepi64_epi128(piece, factor, 0x00), high = _mm256_clmulepi64_epi128(piece, factor, 0x11);
    return _mm256_xor_si256(_mm256_xor_si256(low, high), there);
}

static size_t fold(const uint8_t *text, size_t length, uint8_t *residue) {
    const __m256i by1024 = _mm256_set_epi64x(0x14a7fe880, 0x1e88ef372, 0x14a7fe880, 0x1e88ef372);
    const __m256i by256 = _mm256_set_epi64x(0x15a546366, 0xf1da05aa, 0x15a546366, 0xf1da05aa);
    const __m128i by128 = _mm_set_epi64x(0xccaa009e, 0x1751997d0);
    const __m256i *next = (const __m256i *)text;
    __m256i a = _mm256_loadu_si256(next), b = _mm256_loadu_si256(next + 1);
    __m256i c = _mm256_loadu_si256(next + 2), d = _mm256_loadu_si256(next + 3);
    a = _mm256_xor_si256(a, _mm256_set_epi64x(0, 0, 0, 0xFFFFFFFF));
    size_t folded = 128;
    for (; length - folded >= 128; folded += 128) {
        next += 4;
        a = ahead(a, by1024, _mm256_loadu_si256(next));
        b = ahead(b, by1024, _mm256_loadu_si256(next + 1));
        c = ahead(c, by1024, _mm256_loadu_si256(next + 2));
        d = ahead(d, by1024, _mm256_loadu_si256(next + 3));
    }
    d = ahead(ahead(ahead(a, by256, b), by256, c), by256, d);
    __m128i low = _mm256_castsi256_si128(d), high = _mm256_extracti128_si256(d, 1);
    high = _mm_xor_si128(high, _mm_clmulepi64_si128(low, by128, 0x00));
    high = _mm_xor_si128(high, _mm_clmulepi64_si128(low, by128, 0x11));
    _mm_storeu_si128((__m128i *)residue, high);
    return folded;
}
#pragma clang attribute pop

size_t tw_crc32_fold(const uint8_t *text, size_t length, uint8_t residue[16]) {
    __builtin_cpu_init();
    int able = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("vpclmulqdq");
    return able && length >= 128 ? fold(text, length, residue) : 0;
}
#else
size_t tw_crc32_fold(const uint8_t *text, size_t length, uint8_t residue[16]) {
    (void)text, (void)length, (void)residue;
    return 0;
}
#endif
