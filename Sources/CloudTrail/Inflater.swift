internal import CISAL

/// Inflates gzip data piece by piece (ISA-L's igzip), also files of several members.
///
/// For one thread at a time.
final class Inflater {
    enum Outcome {
        /// The output has no more room.
        case outputFull
        /// All input was used; the data goes on.
        case needsInput
        /// The data is complete.
        case finished
        /// The data is damaged.
        case damaged(String)
    }

    private let state: UnsafeMutablePointer<inflate_state>
    private var isBetweenMembers = true

    init() {
        state = .allocate(capacity: 1)
        isal_inflate_init(state)
    }

    deinit { state.deallocate() }

    /// Makes ready for another file.
    func reset() {
        beginMember()
        isBetweenMembers = true
    }

    private func beginMember() {
        isal_inflate_reset(state)
        state.pointee.crc_flag = UInt32(ISAL_GZIP)
    }

    /// Whether the input may end here.
    var isComplete: Bool { isBetweenMembers }

    /// Inflates from `input` to `output`, and says how much of both was used.
    func inflate(
        _ input: UnsafeMutableBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
    ) -> (outcome: Outcome, used: Int, written: Int) {
        var used = 0
        var written = 0
        while true {
            if isBetweenMembers {
                // Some writers fill the last block of a file with zeros.
                while used < input.count, input[used] == 0 { used += 1 }
                guard used < input.count else { return (.needsInput, used, written) }
                beginMember()
                isBetweenMembers = false
            }
            state.pointee.next_in = input.baseAddress.map { $0 + used }
            state.pointee.avail_in = UInt32(input.count - used)
            state.pointee.next_out = output.baseAddress.map { $0 + written }
            state.pointee.avail_out = UInt32(output.count - written)
            let code = isal_inflate(state)
            used = input.count - Int(state.pointee.avail_in)
            written = output.count - Int(state.pointee.avail_out)
            guard code == ISAL_DECOMP_OK || code == ISAL_END_INPUT || code == ISAL_OUT_OVERFLOW else {
                return (.damaged(Self.name(code)), used, written)
            }
            if state.pointee.block_state == ISAL_BLOCK_FINISH {
                isBetweenMembers = true
                if used == input.count { return (.finished, used, written) }
            } else if state.pointee.avail_out == 0 {
                return (.outputFull, used, written)
            } else {
                return (.needsInput, used, written)
            }
        }
    }

    private static func name(_ code: Int32) -> String {
        switch code {
        case ISAL_INCORRECT_CHECKSUM: "its checksum is wrong"
        case ISAL_INVALID_WRAPPER, ISAL_UNSUPPORTED_METHOD: "its header is not gzip"
        default: "its compressed data is damaged"
        }
    }
}
