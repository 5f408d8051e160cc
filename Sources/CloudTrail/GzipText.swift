/// The text of a gzip file, for whoever wants the text itself and not the records in it.
public enum GzipText {
    /// Hands out the text of a gzip file piece by piece; all members of it, because the readers of log files read all.
    ///
    /// - Returns: why there is no more of it, or nil when it was whole.
    public static func read(_ file: [UInt8], _ take: (UnsafeRawBufferPointer) -> Void) -> String? {
        let inflater = Inflater()
        inflater.reset()
        var file = file
        let piece = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1 << 18)
        defer { piece.deallocate() }
        return file.withUnsafeMutableBufferPointer { input in
            var place = 0
            while true {
                let (outcome, used, written) = inflater.inflate(
                    UnsafeMutableBufferPointer(rebasing: input[place...]), piece)
                place += used
                take(UnsafeRawBufferPointer(UnsafeMutableBufferPointer(rebasing: piece[..<written])))
                switch outcome {
                case .outputFull: continue
                case .finished: return nil
                case .needsInput: return inflater.isComplete && !input.isEmpty ? nil : "it ends too early"
                case .damaged(let why): return why
                }
            }
        }
    }
}
