internal import HTTP
internal import WireValues

/// A call of an operation that is a method and a path: the few that are needed.
struct RESTRequest {
    var method: String
    var path: String
    var body: [UInt8] = []
    var contentType: String?

    /// Nil for an operation that is not known here.
    init?(_ operation: String, _ input: WireValue) {
        func text(_ name: String) -> String { if case .string(let text)? = input[name] { text } else { "" } }
        func bucket() -> String { "/" + percentEncoded(text("Bucket")) }
        switch operation {
        case "ListRegions":
            self.init(method: "POST", path: "/listRegions", json: input)
        case "DescribeHub":
            self.init(method: "GET", path: "/accounts")
        case "EnableSecurityHub":
            self.init(method: "POST", path: "/accounts", json: input)
        case "CreateBucket":
            var body = ""
            if case .string(let region)? = input["CreateBucketConfiguration"]?["LocationConstraint"] {
                body =
                    "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                    + "<LocationConstraint>\(region)</LocationConstraint></CreateBucketConfiguration>"
            }
            self.init(method: "PUT", path: bucket(), body: Array(body.utf8), contentType: "application/xml")
        case "ListObjectsV2":
            let names = [
                ("continuation-token", "ContinuationToken"), ("delimiter", "Delimiter"), ("list-type", ""),
                ("prefix", "Prefix"), ("start-after", "StartAfter"),
            ]
            let query = names.compactMap { name, member -> String? in
                if member.isEmpty { return "\(name)=2" }
                let value = text(member)
                return value.isEmpty ? nil : "\(name)=\(percentEncoded(value))"
            }
            self.init(method: "GET", path: bucket() + "?" + query.joined(separator: "&"))
        case "GetBucketLocation":
            self.init(method: "GET", path: bucket() + "?location=")
        case "GetObject":
            self.init(method: "GET", path: bucket() + "/" + percentEncoded(text("Key"), keeping: "/"))
        case "PutBucketPolicy":
            self.init(
                method: "PUT", path: bucket() + "?policy=", body: Array(text("Policy").utf8),
                contentType: "application/json")
        default: return nil
        }
    }

    private init(method: String, path: String, body: [UInt8] = [], contentType: String? = nil) {
        self.method = method
        self.path = path
        self.body = body
        self.contentType = contentType
    }

    private init(method: String, path: String, json: WireValue) {
        self.init(
            method: method, path: path, body: Array(JSONWire.text(json).utf8), contentType: "application/json")
    }
}
