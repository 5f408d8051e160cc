internal import AWSWire
internal import CloudTrail
internal import WireValues

extension AWSFault {
    /// What CloudTrail says, in its words.
    enum Trails {
        static func noTrail(_ name: String, _ account: String) -> AWSFault {
            AWSFault("TrailNotFoundException", "Unknown trail: \(name) for the user: \(account)")
        }
        static func badName(_ words: String) -> AWSFault { AWSFault("InvalidTrailNameException", words) }
        static func parameter(_ words: String) -> AWSFault { AWSFault("InvalidParameterCombinationException", words) }
    }
}
