internal import AWSCore
internal import AWSWire
internal import Pipeline
internal import Store
internal import WireValues

extension Operation where Context == Call {
    static let putDashboard = write("PutDashboard") { (input, call, state, now) throws(AWSFault) in
        let name = try input.required("DashboardName", .length(1...255))
        let body = try input.required("DashboardBody")
        guard case .structure? = JSONWire.parse(body) else {
            throw AWSFault(
                "DashboardInvalidInputError", "The field DashboardBody must be a valid JSON object",
                queryCode: "InvalidParameterInput")
        }
        state.dashboards[call.scope, name] = Dashboard(name: name, body: body, modified: now)
        return ["DashboardValidationMessages": []]
    }

    static let getDashboard = read("GetDashboard") { (input, call, state, _) throws(AWSFault) in
        let name = try input.required("DashboardName")
        guard let dashboard = state.dashboards[call.scope, name] else { throw AWSFault.noDashboard(name) }
        return [
            "DashboardArn": .string(call.dashboardARN(name)), "DashboardBody": .string(dashboard.body),
            "DashboardName": .string(name),
        ]
    }

    static let listDashboards = read("ListDashboards") { (input, call, state, _) throws(AWSFault) in
        let all = state.dashboards.all(in: call.scope, prefix: try input.string("DashboardNamePrefix") ?? "")
        let page = try Page(
            all, name: \.name, token: try input.string("NextToken"), limit: 1000,
            invalid: AWSFault.Monitoring.badParameterToken)
        let entries = page.elements.map { dashboard -> WireValue in
            [
                "DashboardName": .string(dashboard.name), "DashboardArn": .string(call.dashboardARN(dashboard.name)),
                "LastModified": .timestamp(dashboard.modified), "Size": WireValue(dashboard.body.utf8.count),
            ]
        }
        return ["DashboardEntries": .list(entries), "NextToken": WireValue(page.nextToken)]
    }

    static let deleteDashboards = write("DeleteDashboards") { (input, call, state, _) throws(AWSFault) in
        let names = try input.strings("DashboardNames", 0...100)
        guard !names.isEmpty else {
            throw AWSFault.Monitoring.value("DashboardNames must name a dashboard at least.")
        }
        // All or none.
        for name in names where state.dashboards[call.scope, name] == nil { throw AWSFault.noDashboard(name) }
        for name in names { state.dashboards[call.scope, name] = nil }
        return .empty
    }
}

extension AWSFault {
    fileprivate static func noDashboard(_ name: String) -> AWSFault {
        AWSFault("ResourceNotFound", "Dashboard \(name) does not exist", status: 404)
    }
}

extension Call {
    fileprivate func dashboardARN(_ name: String) -> String {
        "arn:\(scope.partition):cloudwatch::\(scope.account):dashboard/\(name)"
    }
}
