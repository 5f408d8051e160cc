// Kernels in vector instructions: the bitmaps of the JSON reader, one bit for each byte, and a checksum.
#ifndef TRAILWARDEN_CKERNELS_H
#define TRAILWARDEN_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// What JSON text holds: one bit for each byte, the first byte of 64 in the lowest bit of a word.
typedef struct {
    uint64_t *quotes;       ///< quotation marks that begin or end a string
    uint64_t *opens;        ///< `{` and `[` outside strings
    uint64_t *closes;       ///< `}` and `]` outside strings
    uint64_t *backslashes;  ///< backslashes, anywhere
    uint8_t *high;          ///< not a bit but a byte for each block: not 0 where it holds bytes that are no ASCII
} tw_bitmaps;

/// What one block hands to the next.
typedef struct {
    uint64_t in_string;  ///< all ones while the last block ended inside a string, else 0
    uint64_t escaped;    ///< 1 when the first byte of the next block is escaped, else 0
    uint64_t controls;   ///< not 0 once a control character was seen inside a string, where JSON allows none
} tw_carry;

/// Indexes `count` blocks of 64 bytes at `text`: a word of each bitmap for a block, and a byte of `high`.
/// The best version for this processor is chosen at the first call.
void tw_index(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry);

/// The same, one byte at a time: the reference that the tests compare the vector versions with.
void tw_index_reference(const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry);

/// Where the bracket that closes the `depth` open ones stands, in bitmaps of `length` bits, searched from bit `start` on;
/// -1 when they end first, and then `depth` is the number of those open at their end.
ptrdiff_t tw_close(const uint64_t *opens, const uint64_t *closes, size_t start, size_t length, ptrdiff_t *depth);

/// The same by one version, "avx512", "avx2" or "portable", for the tests; 0 where this processor can't.
int tw_index_with(const char *version, const uint8_t *text, size_t count, tw_bitmaps out, tw_carry *carry);

/// Where the first byte in [begin, end) of ill-formed UTF-8 stands, or `length` when all is well.
size_t tw_utf8_fault(const uint8_t *text, size_t length);

/// Where `needle` first occurs in `text`, or -1.
ptrdiff_t tw_find(const uint8_t *text, size_t length, const uint8_t *needle, size_t needle_length);

/// Folds the begin of a text, a multiple of 128 bytes, into 16 bytes: their CRC-32 (RFC 1952, section 8), begun with the
/// register 0, is that of the begin. Gives how many bytes were folded; 0 of a text that is shorter,
/// and where the processor has no multiplication for it.
size_t tw_crc32_fold(const uint8_t *text, size_t length, uint8_t residue[16]);

#endif
