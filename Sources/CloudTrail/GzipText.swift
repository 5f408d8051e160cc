/// The text of a gzip file, for whoever wants the text itself and not the records in it.
public enum GzipText {
    /// Hands out the text of a gzip file piece by piece; all members of it, because the readers of log files read all.
    ///
    /// - Parameter limit: a text that is longer is not read on.
    /// - Returns: why there is no more of it, or nil when it was whole.
    public static func read(
        _ file: [UInt8], limit: Int = .max, _ take: (UnsafeRawBufferPointer) -> Void
    ) -> String? {
        let inflater = Inflater()
        inflater.reset()
        var file = file
        let piece = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
        defer { piece.deallocate() }
        return file.withUnsafeMutableBufferPointer { input in
            var place = 0
            var length = 0
            while true {
                // The inflater counts in 32 bits.
                let part = input[place..<min(input.count, place + 1 << 28)]
                let (outcome, used, written) = inflater.inflate(UnsafeMutableBufferPointer(rebasing: part), piece)
                place += used
                length += written
                if length > limit { return "its text is longer than \(limit) bytes" }
                take(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: piece[..<written])))
                switch outcome {
                case .outputFull: continue
                case .finished where place < input.count: continue
                case .finished: return nil
                case .needsInput where place < input.count && (used > 0 || written > 0): continue
                case .needsInput: return inflater.isComplete && !input.isEmpty ? nil : "it ends too early"
                case .damaged(let why): return why
                }
            }
        }
    }
}
