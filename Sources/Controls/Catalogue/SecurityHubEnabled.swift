extension Control {
    static let securityHubEnabled = Control(
        id: "security_hub_enabled",
        title: "Security Hub is switched on",
        rationale: "Alarms see changes as they happen; a standing checker also sees settings that were wrong before "
            + "anybody watched. It is a state of each region, so there is no filter for it.",
        severity: .medium,
        subject: .securityHub,
        section: 16,
        since: .v1_5_0,
        levels: [.from(.v1_5_0, 2)],
        metricName: "",
        requirements: [],
        publishedPatterns: [],
        samples: [])
}
