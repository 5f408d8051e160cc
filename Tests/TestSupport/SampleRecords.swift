/// Event records made for tests.
public enum SampleRecords {
    /// A record of that call; `more` are members that stand behind the others.
    public static func record(_ name: String, id: Int, time: String = "2026-03-01T09:30:00Z", more: String = "")
        -> String
    {
        #"{"eventVersion":"1.10","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"},"#
            + #""eventTime":"\#(time)","eventSource":"cloudtrail.amazonaws.com","eventName":"\#(name)","awsRegion":"eu-west-1","#
            + #""sourceIPAddress":"203.0.113.7","requestParameters":{"name":"a{[\"}","list":[1,{"x":[]}]},"eventID":"id-\#(id)"\#(more)}"#
    }

    /// The text of a delivered file.
    public static func file(_ records: [String]) -> String { #"{"Records":[\#(records.joined(separator: ","))]}"# }
}
