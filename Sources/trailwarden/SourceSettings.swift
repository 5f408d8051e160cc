import AWSCore
import Foundation
import LogSources
import Server

/// The sources that `serve` is given: texts, or objects in the file of settings.
enum SourceSettings {
    static func sources(_ settings: Settings, account: String) throws(UsageError) -> [LogSource] {
        let scope = Scope(account: account, region: "us-east-1")
        var sources: [LogSource] = []
        for text in settings.values("--source") {
            do throws(LogSource.FormatError) {
                sources.append(try LogSource(text, in: scope, logGroup: Server.ControlSetup.logGroup))
            } catch {
                throw UsageError("--source \(text): \(error.description)")
            }
        }
        for object in settings.objects("--source") {
            guard let place = object["place"] as? String else {
                throw UsageError(
                    "a source of the settings names no place", advice: #"write {"place": "s3://BUCKET", …}"#)
            }
            var members: [(name: String, value: String)] = []
            for (name, value) in object.sorted(by: { $0.key < $1.key }) where name != "place" {
                switch value {
                case let text as String: members.append((name, text))
                case let number as NSNumber where number.isBoolean:
                    members.append((name, number.boolValue ? "yes" : "no"))
                case let number as NSNumber: members.append((name, number.stringValue))
                default: throw UsageError("source \(place): `\(name)` must be a text, a number, true or false")
                }
            }
            do throws(LogSource.FormatError) {
                sources.append(try LogSource(place, members, in: scope, logGroup: Server.ControlSetup.logGroup))
            } catch {
                throw UsageError("source \(place): \(error.description)")
            }
        }
        return sources
    }

    /// The client for a bucket or a queue; nil for a directory.
    static func access(to source: LogSource) throws(UsageError) -> Configuration.RemoteAccess? {
        switch source.place {
        case .bucket, .queue: break
        case .directory, .sender: return nil
        }
        let (client, region) = try AccountAccess.client(
            profile: source.profile, region: nil, endpoint: nil, storage: source.endpoint, renews: true)
        return Configuration.RemoteAccess(client: client, region: region)
    }
}
