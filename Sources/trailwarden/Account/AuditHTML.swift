import AWSCore
import AWSWire
import Audit
import Controls
import Coverage
import Foundation
import Remediation

/// The report as one page, to be handed to an auditor: nothing in it is fetched from anywhere, and it prints well.
enum AuditHTML {
    static func page(_ report: AuditReport, _ plan: Plan, at time: Date) -> String {
        let title = "Monitoring of AWS account \(report.account)"
        let covered = report.applicable.filter { $0.verdict == .covered || $0.verdict == .floods }.count
        let date = time.formatted(.iso8601.year().month().day())
        let clock = time.formatted(.iso8601.time(includingFractionalSeconds: false))
        var html = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(escapedXML(title))</title>
            <style>
            \(style)
            </style>
            </head>
            <body>
            <header>
            <p class="kind">Audit report</p>
            <h1>\(escapedXML(title))</h1>
            <p>CIS AWS Foundations Benchmark \(report.benchmark.rawValue), chapter on monitoring.
            \(date) \(clock) UTC, by trailwarden \(Version.number).</p>
            </header>
            <section class="summary">
            <p class="score"><strong>\(covered)</strong> of \(report.applicable.count) controls are in force</p>
            <ul class="counts">
            """
        for verdict in ControlResult.Verdict.allCases {
            let count = report.results.filter { $0.verdict == verdict }.count
            if count > 0 { html += "\n<li>\(badge(verdict)) \(count)</li>" }
        }
        html += "\n</ul>\n</section>\n<h2>Controls</h2>\n<div class=\"wide\"><table>\n"
        html += "<thead><tr><th>No.</th><th>Control</th><th>Severity</th><th>Verdict</th></tr></thead>\n<tbody>\n"
        for result in report.results {
            let number = result.control.number(in: report.benchmark) ?? ""
            html += "<tr><td>\(number)</td><td><a href=\"#\(escapedXML(result.control.id))\">"
            html += "\(escapedXML(result.control.title))</a></td><td>\(result.control.severity.rawValue)</td>"
            html += "<td>\(badge(result.verdict))</td></tr>\n"
        }
        html += "</tbody></table></div>\n"
        if !plan.obstacles.isEmpty || !plan.pending.isEmpty {
            html += "<h2>What a person has to do</h2>\n<ul>\n"
            for endpoint in plan.pending {
                html += "<li>\(escapedXML(endpoint)) must confirm the subscription.</li>\n"
            }
            for words in plan.obstacles { html += "<li>\(escapedXML(words))</li>\n" }
            html += "</ul>\n"
        }
        html += "<h2>In detail</h2>\n"
        for result in report.results { html += detail(result, report, plan) }
        html += """
            <footer><p>Filters are judged by meaning: whether together they match every event that a control requires,
            decided by logic and not by comparing texts. An event shown as not seen is one that the control requires and
            no deployed filter matches; the matcher has confirmed it.</p></footer>
            </body>
            </html>
            """
        return html
    }

    private static func detail(_ result: ControlResult, _ report: AuditReport, _ plan: Plan) -> String {
        let control = result.control
        let number = control.number(in: report.benchmark).map { $0 + " " } ?? ""
        var html = "<article id=\"\(escapedXML(control.id))\">\n<h3>\(number)\(escapedXML(control.title)) "
        html += "\(badge(result.verdict))</h3>\n<p>\(escapedXML(control.rationale))</p>\n"
        if control.subject == .events { html += chain(result) }
        for finding in result.findings {
            let kind = finding.isUnknown ? "unknown" : finding.isMild ? "mild" : "broken"
            html +=
                "<p class=\"finding \(kind)\"><b>\(finding.step.rawValue)</b> <code>\(escapedXML(finding.object))</code>"
            html += "<br>\(escapedXML(finding.problem))</p>\n"
        }
        for gap in result.gaps {
            let name =
                gap.name.map { "<b>\(escapedXML($0))</b>\(gap.isWhole ? "" : ", not always")" } ?? "events like this"
            html += "<div class=\"gap\"><p>Not seen: \(name)</p>\n<pre>\(escapedXML(gap.witness))</pre>\n"
            for selector in gap.lacking { html += "<p>Events without <code>\(escapedXML("\(selector)"))</code>.</p>\n" }
            html += "</div>\n"
        }
        if !result.filters.isEmpty, result.verdict != .notCovered {
            let names = result.filters.map { "<code>\(escapedXML($0))</code>" }.joined(separator: ", ")
            html += "<p class=\"filters\">Filters in force: \(names)</p>\n"
        }
        let commands = plan.entries(for: control).flatMap {
            CommandLines.commands($0.step, region: $0.region, for: .sh)
        }
        if !commands.isEmpty {
            html += "<details><summary>What mends it</summary>\n<pre>"
            html += "\(escapedXML(commands.joined(separator: "\n")))</pre></details>\n"
        }
        return html + "</article>\n"
    }

    /// The links in order; behind the first that is broken, nothing is known of the others.
    private static func chain(_ result: ControlResult) -> String {
        var html = "<ol class=\"chain\">"
        var isBroken = false
        for step in ChainStep.allCases where step != .securityHub {
            let findings = result.findings.filter { $0.step == step }
            if step == .exception, findings.isEmpty { continue }
            let state: String
            if findings.contains(where: { !$0.isUnknown && !$0.isMild }) {
                state = result.verdict == .covered || result.verdict == .floods ? "mild" : "broken"
            } else if findings.contains(where: \.isUnknown) {
                state = "unknown"
            } else if isBroken {
                state = "after"
            } else {
                state = findings.isEmpty ? "whole" : "mild"
            }
            if state == "broken" { isBroken = true }
            html += "<li class=\"\(state)\">\(step.rawValue)</li>"
        }
        return html + "</ol>\n"
    }

    private static func badge(_ verdict: ControlResult.Verdict) -> String {
        "<span class=\"badge \(verdict.word)\">\(verdict.rawValue)</span>"
    }

    private static let style = """
        :root { --ink: #1c2330; --soft: #5b6474; --line: #d9dee7; --paper: #fff; --wash: #f5f7fa;
          --good: #14733f; --warn: #8a5a00; --bad: #b3261e; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #9aa4b5; --line: #333b49;
          --paper: #14181f; --wash: #1c222c; --good: #5cc98b; --warn: #e0b050; --bad: #ff8a80; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
          color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; }
        h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
        h3 { font-size: 1.05rem; margin: 0 0 .4rem; }
        .kind { color: var(--soft); margin: 0; text-transform: uppercase; letter-spacing: .08em; font-size: .8rem; }
        header p { color: var(--soft); margin: .2rem 0; }
        .summary { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: center; margin-top: 1.5rem;
          padding: 1rem 1.25rem; background: var(--wash); border-radius: .5rem; }
        .score { margin: 0; font-size: 1.15rem; } .score strong { font-size: 1.9rem; }
        .counts { display: flex; flex-wrap: wrap; gap: .5rem 1rem; list-style: none; margin: 0; padding: 0; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th, td { text-align: left; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--line); }
        th { color: var(--soft); font-weight: 600; font-size: .85rem; }
        a { color: inherit; }
        .badge { display: inline-block; padding: .05rem .55rem; border-radius: 1rem; border: 1px solid currentColor;
          font-size: .8rem; font-weight: 600; white-space: nowrap; }
        .badge.covered { color: var(--good); } .badge.floods, .badge.partly, .badge.unknown { color: var(--warn); }
        .badge.not-covered { color: var(--bad); } .badge.not-applicable { color: var(--soft); }
        article { padding: 1.25rem 0; border-top: 1px solid var(--line); break-inside: avoid-page; }
        article > p { margin: .3rem 0; }
        .chain { display: flex; flex-wrap: wrap; gap: .3rem; list-style: none; padding: 0; margin: .8rem 0; }
        .chain li { font-size: .8rem; padding: .1rem .5rem; border-radius: .25rem; border: 1px solid var(--line); }
        .chain .whole { color: var(--good); } .chain .whole::before { content: "✓ "; }
        .chain .broken { color: var(--bad); border-color: currentColor; font-weight: 600; }
        .chain .broken::before { content: "✗ "; }
        .chain .unknown { color: var(--warn); } .chain .unknown::before { content: "? "; }
        .chain .mild { color: var(--warn); } .chain .mild::before { content: "! "; }
        .chain .after { color: var(--soft); border-style: dashed; }
        .finding { border-left: 3px solid var(--bad); padding: .1rem 0 .1rem .75rem; }
        .finding.unknown, .finding.mild { border-color: var(--warn); }
        .gap { border-left: 3px solid var(--warn); padding-left: .75rem; margin: .6rem 0; }
        .gap p { margin: .2rem 0; } .filters { color: var(--soft); font-size: .9rem; }
        code, pre { font: .85rem/1.45 ui-monospace, monospace; overflow-wrap: anywhere; }
        pre { background: var(--wash); padding: .6rem .75rem; border-radius: .35rem; white-space: pre-wrap; margin: .3rem 0; }
        summary { cursor: pointer; margin-top: .4rem; }
        footer { margin-top: 2.5rem; color: var(--soft); font-size: .9rem; }
        @media print { body { max-width: none; padding: 0; } .summary, pre { border: 1px solid var(--line); } }
        """
}
