import Foundation
import TestSupport
import Testing

@Suite struct `trailwarden controls` {
    @Test func `prints the reference that is in the documentation`() throws {
        let reference = SharedData.project.appending(path: "Documentation/Controls.md")
        let printed = try Tool.run(["controls", "list", "--markdown"]).out
        #expect(
            try String(contentsOf: reference, encoding: .utf8) == printed,
            "run `trailwarden controls list --markdown > Documentation/Controls.md`")
    }

    @Test func `names a control as others do`() throws {
        let (_, value) = try Tool.json(["controls", "show", "root_usage", "--json", "--benchmark", "1.2.0"])
        let others = value["otherIds"] as? [String: String]
        #expect(others?["AWS Security Hub"] == "CloudWatch.1")
        #expect(value["assessment"] as? String == "scored" && value["number"] as? String == "3.3")
        let (_, organizations) = try Tool.json(["controls", "show", "5.15", "--json"])
        #expect((organizations["otherIds"] as? [String: String])?["AWS Security Hub"] == nil)
    }
}
