#include "CKernels.h"

#include <stdatomic.h>
#include <string.h>

// Escapes. A backslash escapes the next byte unless it is escaped itself. Blocks without
// backslashes, nearly all of CloudTrail, take the first line only.
static inline uint64_t escaped_bytes(uint64_t backslashes, uint64_t *carry) {
    if (!backslashes) {
        uint64_t escaped = *carry;
        *carry = 0;
        return escaped;
    }
    // Runs of backslashes: odd-length runs escape what follows. Adding the bits at which a run
    // starts carries through the run, so its end shows at an odd or even distance.
    backslashes &= ~*carry;
    uint64_t follows = (backslashes << 1) | *carry;
    const uint64_t even = 0x5555555555555555ULL;
    uint64_t odd_starts = backslashes & ~even & ~follows;
    uint64_t sum;
    *carry = __builtin_add_overflow(odd_starts, backslashes, &sum) ? 1 : 0;
    uint64_t invert = sum << 1;
    return (even ^ invert) & follows;
}

static inline uint64_t prefix_xor(uint64_t bits) {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^= bits << 32;
    return bits;
}

// `inside` has a bit for every byte from an opening quote up to, not including, the closing one.
#define FINISH_BLOCK(PREFIX_XOR)                                                     \
    uint64_t real = quotes & ~escaped_bytes(backslashes, &escaped);                  \
    uint64_t inside = PREFIX_XOR(real) ^ in_string;                                  \
    in_string = (uint64_t)((int64_t)inside >> 63);                                   \
    out.quotes[i] = real;                                                            \
    out.opens[i] = opens & ~inside;                                                  \
    out.closes[i] = closes & ~inside;                                                \
    out.backslashes[i] = backslashes;                                                \
    out.high[i] = high != 0;                                                         \
    all_controls |= controls & inside;

#define BEGIN_BLOCKS                                                                 \
    uint64_t in_string = carry->in_string, escaped = carry->escaped;                 \
    uint64_t all_controls = carry->controls;

#define END_BLOCKS                                                                   \
    carry->in_string = in_string;                                                    \
    carry->escaped = escaped;                                                        \
    carry->controls = all_controls;

static void index_portable(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry) {
    BEGIN_BLOCKS
    for (size_t i = 0; i < count; i++) {
        uint64_t quotes = 0, backslashes = 0, opens = 0, closes = 0, controls = 0, high = 0;
        for (int j = 0; j < 64; j++) {
            uint8_t byte = text[i * 64 + j];
            uint8_t folded = byte | 0x20;  // `[` and `{`, `]` and `}` differ in this bit only
            quotes |= (uint64_t)(byte == '"') << j;
            backslashes |= (uint64_t)(byte == '\\') << j;
            opens |= (uint64_t)(folded == '{') << j;
            closes |= (uint64_t)(folded == '}') << j;
            controls |= (uint64_t)(byte < 0x20) << j;
            high |= (uint64_t)(byte >> 7) << j;
        }
        FINISH_BLOCK(prefix_xor)
    }
    END_BLOCKS
}

void tw_index_reference(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry) {
    for (size_t i = 0; i < count; i++) {
        uint64_t quotes = 0, opens = 0, closes = 0, backslashes = 0, high = 0;
        for (int j = 0; j < 64; j++) {
            uint8_t byte = text[i * 64 + j];
            uint64_t bit = 1ULL << j;
            if (byte & 0x80) high |= bit;
            if (byte == '\\') backslashes |= bit;
            if (carry->escaped) {
                carry->escaped = 0;
            } else if (byte == '\\') {
                carry->escaped = 1;
            } else if (byte == '"') {
                quotes |= bit;
                carry->in_string = ~carry->in_string;
            }
            if (carry->in_string && byte < 0x20) carry->controls = 1;
            if (!carry->in_string) {
                if (byte == '{' || byte == '[') opens |= bit;
                if (byte == '}' || byte == ']') closes |= bit;
            }
        }
        out.quotes[i] = quotes;
        out.opens[i] = opens;
        out.closes[i] = closes;
        out.backslashes[i] = backslashes;
        out.high[i] = high != 0;
    }
}

#if defined(__x86_64__)
#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,pclmul,bmi,bmi2,popcnt"))), apply_to = function)

static inline uint64_t clmul_xor(uint64_t bits) {
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

static inline uint64_t equal32(__m256i low, __m256i high, char byte) {
    __m256i wanted = _mm256_set1_epi8(byte);
    uint32_t l = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted));
    uint32_t h = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted));
    return (uint64_t)l | ((uint64_t)h << 32);
}

static inline uint64_t mask32(__m256i low, __m256i top) {
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(top) << 32;
}

static void index_avx2(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry) {
    BEGIN_BLOCKS
    for (size_t i = 0; i < count; i++) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(text + i * 64));
        __m256i top = _mm256_loadu_si256((const __m256i *)(text + i * 64 + 32));
        __m256i fold = _mm256_set1_epi8(0x20), slash = _mm256_set1_epi8('\\');
        __m256i low_folded = _mm256_or_si256(low, fold), top_folded = _mm256_or_si256(top, fold);
        uint64_t quotes = equal32(low, top, '"');
        uint64_t opens = equal32(low_folded, top_folded, '{'), closes = equal32(low_folded, top_folded, '}');
        uint64_t backslashes = 0, high = 0, controls = 0;
        // As signed numbers, control characters and what is no ASCII are below a blank.
        __m256i low_slash = _mm256_cmpeq_epi8(low, slash), top_slash = _mm256_cmpeq_epi8(top, slash);
        __m256i rare = _mm256_or_si256(_mm256_or_si256(low_slash, top_slash),
            _mm256_cmpgt_epi8(fold, _mm256_min_epi8(low, top)));
        if (!_mm256_testz_si256(rare, rare)) {
            backslashes = mask32(low_slash, top_slash);
            high = mask32(low, top);
            controls = mask32(_mm256_cmpgt_epi8(fold, low), _mm256_cmpgt_epi8(fold, top)) & ~high;
        }
        FINISH_BLOCK(clmul_xor)
    }
    END_BLOCKS
}
#pragma clang attribute pop

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,pclmul,bmi,bmi2,popcnt"))), apply_to = function)

static inline uint64_t clmul_xor_512(uint64_t bits) {
    __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), _mm_set1_epi8((char)0xFF), 0);
    return (uint64_t)_mm_cvtsi128_si64(product);
}

static void index_avx512(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry) {
    BEGIN_BLOCKS
    for (size_t i = 0; i < count; i++) {
        __m512i bytes = _mm512_loadu_si512((const void *)(text + i * 64));
        __m512i folded = _mm512_or_si512(bytes, _mm512_set1_epi8(0x20));
        uint64_t quotes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('"'));
        uint64_t backslashes = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\\'));
        uint64_t opens = _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('{'));
        uint64_t closes = _mm512_cmpeq_epi8_mask(folded, _mm512_set1_epi8('}'));
        uint64_t high = _mm512_movepi8_mask(bytes);
        uint64_t controls = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
        FINISH_BLOCK(clmul_xor_512)
    }
    END_BLOCKS
}
#pragma clang attribute pop
#endif

typedef void (*index_function)(const uint8_t *, size_t, tw_bitmaps, tw_carry *);

// Null where this processor has not what the version takes.
static index_function version_named(const char *name) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    int able = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi2");
    if (!strcmp(name, "avx512")) return able && __builtin_cpu_supports("avx512bw") ? index_avx512 : NULL;
    if (!strcmp(name, "avx2")) return able && __builtin_cpu_supports("avx2") ? index_avx2 : NULL;
#endif
    return strcmp(name, "portable") ? NULL : index_portable;
}

static index_function best_version(void) {
    index_function version = version_named("avx512");
    if (!version) version = version_named("avx2");
    return version ? version : index_portable;
}

void tw_index(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry) {
    static _Atomic(index_function) chosen;
    index_function version = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (!version) {
        version = best_version();
        atomic_store_explicit(&chosen, version, memory_order_relaxed);
    }
    version(text, count, out, carry);
}

int tw_index_with(const char *name, const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry) {
    index_function version = version_named(name);
    if (version) version(text, count, out, carry);
    return version != NULL;
}
