#define _GNU_SOURCE
#include "CKernels.h"

#include <string.h>

size_t tw_utf8_fault(const uint8_t *text, size_t length) {
    size_t i = 0;
    while (i < length) {
        // Blocks of ASCII, as nearly all of CloudTrail is, are passed over; the compiler makes vectors of this.
        while (i + 64 <= length) {
            uint8_t any = 0;
            for (int j = 0; j < 64; j++) any |= text[i + j];
            if (any & 0x80) break;
            i += 64;
        }
        while (i + 8 <= length) {
            uint64_t word;
            memcpy(&word, text + i, 8);
            if (word & 0x8080808080808080ULL) break;
            i += 8;
        }
        if (i >= length) break;
        uint8_t lead = text[i];
        if (lead < 0x80) {
            i++;
            continue;
        }
        // The second byte's range excludes overlong forms, surrogates and what is past U+10FFFF.
        size_t size;
        uint8_t low = 0x80, high = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            size = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            size = 3;
            if (lead == 0xE0) low = 0xA0;
            if (lead == 0xED) high = 0x9F;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            size = 4;
            if (lead == 0xF0) low = 0x90;
            if (lead == 0xF4) high = 0x8F;
        } else {
            return i;
        }
        if (i + size > length || text[i + 1] < low || text[i + 1] > high) return i;
        for (size_t k = 2; k < size; k++)
            if ((text[i + k] & 0xC0) != 0x80) return i;
        i += size;
    }
    return length;
}

ptrdiff_t tw_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length) {
    const uint8_t *found = memmem(text, length, needle, needle_length);
    return found ? found - text : -1;
}
