internal import AWSCore
internal import AWSWire
internal import Alarms
internal import Pipeline
internal import WireValues

extension Operation where Context == Call {
    static let putCompositeAlarm = write("PutCompositeAlarm") { (input, call, state, now) throws(AWSFault) in
        let name = try input.required("AlarmName", .length(1...255))
        let text = try input.required("AlarmRule", .length(1...10_240))
        guard state.alarms[call.scope, name] == nil else {
            throw AWSFault.Monitoring.validation("An alarm on a metric has the name \(name) already.")
        }
        let rule: AlarmRule
        do throws(AlarmRule.Fault) {
            rule = try AlarmRule(text)
        } catch {
            throw AWSFault.Monitoring.validation(
                "AlarmRule is not valid: \(error.message), at character \(error.place + 1)")
        }
        for child in rule.children where state.alarmState(child, in: call.scope) == nil {
            throw AWSFault.Monitoring.validation("Could not save the composite alarm as alarm \(child) does not exist.")
        }
        var alarm = CompositeAlarm(name: name, rule: text, at: now)
        alarm.suppressor = try actionsSuppressor(input, call, state)
        alarm.alarmDescription = try input.string("AlarmDescription", .length(0...1024))
        alarm.actionsEnabled = try input.bool("ActionsEnabled") ?? true
        alarm.okActions = try input.strings("OKActions", 0...5)
        alarm.alarmActions = try input.strings("AlarmActions", 0...5)
        alarm.insufficientDataActions = try input.strings("InsufficientDataActions", 0...5)
        for (key, value) in try input.tags("Tags") { alarm.tags[key] = value }
        state.put(alarm, in: call.scope, at: now)
        return nil
    }
}

private func actionsSuppressor(
    _ input: WireReader, _ call: Call, _ state: PipelineState
) throws(AWSFault) -> ActionsSuppressor? {
    guard let alarm = try input.string("ActionsSuppressor", .length(1...1600)) else { return nil }
    guard let waitPeriod = try input.integer("ActionsSuppressorWaitPeriod", 0...86_400),
        let extensionPeriod = try input.integer("ActionsSuppressorExtensionPeriod", 0...86_400)
    else {
        throw AWSFault.Monitoring.validation(
            "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with ActionsSuppressor.")
    }
    guard state.alarmState(alarm, in: call.scope) != nil else {
        throw AWSFault.Monitoring.validation("Could not save the composite alarm as alarm \(alarm) does not exist.")
    }
    return ActionsSuppressor(alarm: alarm, waitPeriod: waitPeriod, extensionPeriod: extensionPeriod)
}

extension CompositeAlarm {
    func value(in scope: Scope) -> WireValue {
        [
            "ActionsEnabled": .bool(actionsEnabled), "AlarmActions": WireValue(alarmActions),
            "AlarmArn": .string(scope.arn("cloudwatch", "alarm:" + name)),
            "AlarmConfigurationUpdatedTimestamp": .timestamp(configurationUpdated),
            "AlarmDescription": WireValue(alarmDescription), "AlarmName": .string(name), "AlarmRule": .string(rule),
            "InsufficientDataActions": WireValue(insufficientDataActions), "OKActions": WireValue(okActions),
            "StateReason": .string(stateReason), "StateReasonData": WireValue(stateReasonData),
            "StateUpdatedTimestamp": .timestamp(stateUpdated), "StateValue": .string(state.rawValue),
            "StateTransitionedTimestamp": .timestamp(stateTransitioned),
            "ActionsSuppressor": WireValue(suppressor?.alarm),
            "ActionsSuppressorWaitPeriod": suppressor.map { WireValue($0.waitPeriod) } ?? .null,
            "ActionsSuppressorExtensionPeriod": suppressor.map { WireValue($0.extensionPeriod) } ?? .null,
            "ActionsSuppressedBy": WireValue(suppression?.cause.rawValue),
            "ActionsSuppressedReason": WireValue(suppression?.reason),
        ]
    }
}
