// The physical limit of a scan: reads the named gzip files and inflates them with libdeflate, one after the other on
// one core, and does nothing else. Prints the bytes that came out.

import CDeflateLimit
import Glibc

func inflateAll(_ paths: [String]) -> Int {
    guard let decompressor = libdeflate_alloc_decompressor() else { return 0 }
    defer { libdeflate_free_decompressor(decompressor) }
    let capacity = 64 << 20
    let input = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    let output = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    defer {
        input.deallocate()
        output.deallocate()
    }
    var total = 0
    for path in paths {
        let file = open(path, O_RDONLY)
        guard file >= 0 else { continue }
        var length = 0
        while case let count = read(file, input + length, capacity - length), count > 0 { length += count }
        close(file)
        var written = 0
        if libdeflate_gzip_decompress(decompressor, input, length, output, capacity, &written) == LIBDEFLATE_SUCCESS {
            total += written
        }
    }
    return total
}

// The list of files comes on standard input, a path a line.
var paths: [String] = []
while let line = readLine() { paths.append(line) }
print(inflateAll(paths))
