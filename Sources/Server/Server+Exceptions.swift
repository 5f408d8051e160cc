internal import Controls
internal import Coverage
internal import FilterPattern
internal import LogGroups

extension ExceptionRules {
    /// The rules that follow from exceptions of controls.
    init(_ exceptions: [ControlException]) {
        let byControl = Dictionary(grouping: exceptions, by: \.control)
        let controls = ServedControls(in: .newest, wanted: Set(byControl.keys))
        self.init(exceptions) { pattern in
            controls.served(by: pattern).compactMap { control in
                guard let required = try? FilterPattern(control.requirement(in: .newest)) else { return nil }
                return Served(required: required, exceptions: byControl[control.id] ?? [])
            }
        }
    }
}
