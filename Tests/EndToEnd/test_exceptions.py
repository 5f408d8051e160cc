"""Agreed exceptions: known automation rings nothing, is counted, and opens no gap that the audit does not see."""
import datetime
import json
import time
import unittest
import urllib.request

from harness import ACCOUNT, REGION, Folder, Server, Subscriber, record, wait_for
from test_audit import Account, run
from test_evidence import GROUP, put
from test_sources import counted

TRAIL, ROOT = "cloudtrail_cfg_changes", "root_usage"
DEPLOYER = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/pipeline"
LATER = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=9)).strftime("%Y-%m-%dT%H:%M:%SZ")
EARLIER = "2026-01-01T00:00:00Z"


def exception(control=TRAIL, pattern=f'{{ $.userIdentity.arn = "{DEPLOYER}" }}', **members):
    return {"control": control, "pattern": pattern, "reason": "the pipeline rotates trails", "expires": LATER, **members}


def by(arn, name="StopLogging", kind="AssumedRole"):
    return record(name, userIdentity={"type": kind, "arn": arn, "accountId": ACCOUNT, "sessionContext": {
        "sessionIssuer": {"type": "Role", "userName": "Deploy"}}})


class Exceptions(unittest.TestCase):
    def write(self, folder, *exceptions, name="exceptions.json"):
        with open(f"{folder}/{name}", "w") as file:
            json.dump(exceptions, file)
        return f"{folder}/{name}"

    def status(self, server):
        with urllib.request.urlopen(server.url + "/status") as answer:
            return {e["name"]: e for e in json.load(answer)["exceptions"]}

    def count(self, server, metric="cloudtrail_cfg_changes_metric"):
        return counted(server, metric, time.time() - 600, time.time() + 60)

    def test_keep_known_automation_from_ringing_and_are_counted(self):
        with Folder() as folder:
            path = self.write(folder, exception(), exception(name="old", expires=EARLIER, pattern="{ $.awsRegion = * }"))
            with Server("--controls", "cis", "--exceptions", path, store=folder + "/s.db") as server:
                put(server, by(DEPLOYER), by(DEPLOYER), by(f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/eve"))
                self.assertEqual(self.count(server), 1)
                self.assertEqual((self.status(server)[TRAIL + "-1"]["suppressed"], self.status(server)["old"]["expired"]), (2, True))
                found = server.client("cloudwatch").list_metrics(Namespace="Trailwarden", MetricName="SuppressedMatches")["Metrics"]
                self.assertEqual([{d["Name"]: d["Value"] for d in m["Dimensions"]} for m in found],
                                 [{"Control": TRAIL, "Exception": TRAIL + "-1"}])
                with urllib.request.urlopen(server.url + "/metrics") as answer:
                    self.assertIn(f'control="{TRAIL}",exception="{TRAIL}-1"}} 2', answer.read().decode())
                # All of it is stored: what is suppressed is an alarm, and not an event.
                self.assertEqual(len(server.client("logs").filter_log_events(logGroupName=GROUP)["events"]), 3)
                # What was suppressed is counted on disk.
                server.kill()
                server.start()
                self.assertEqual(self.status(server)[TRAIL + "-1"]["suppressed"], 2)
                server.kill()
                # An expired exception rings again.
                self.write(folder, exception(expires=EARLIER))
                server.start()
                put(server, by(DEPLOYER), stream="t")
                self.assertEqual(self.count(server), 2)

    def test_silence_the_alarm_of_their_control_and_no_other(self):
        # An act of root on a trail rings two alarms; only one is excepted.
        root = json.dumps({**json.loads(record("StopLogging", userIdentity={
            "type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT})), "sourceIPAddress": "198.51.100.7"})
        with Folder() as folder:
            path = self.write(folder, exception(ROOT, '{ $.sourceIPAddress = "198.51.100.7" }'))
            with Server("--controls", "cis", "--exceptions", path) as server:
                logs = server.client("logs")
                # One filter for both controls is silent only when neither wants the event.
                logs.put_metric_filter(
                    logGroupName=GROUP, filterName="both", filterPattern='{ $.userIdentity.type = "Root" || $.eventName = %Trail% || $.eventName = %Logging% }',
                    metricTransformations=[{"metricName": "both", "metricNamespace": "CISBenchmark", "metricValue": "1"}])
                put(server, root)
                self.assertEqual([self.count(server, m) for m in ("root_usage_metric", "cloudtrail_cfg_changes_metric", "both")],
                                 [0, 1, 1])
                self.assertEqual(self.status(server)[ROOT + "-1"]["suppressed"], 1)

    def test_hold_for_events_from_sources_too(self):
        with Folder() as folder, Folder() as state:
            settings = self.write(state, name="unused.json")
            with open(settings, "w") as file:
                json.dump({"source": folder, "controls": "cis", "exceptions": [exception()]}, file)
            with open(folder + "/a.json", "w") as file:
                file.write("\n".join([by(DEPLOYER), by("arn:aws:sts::1:assumed-role/x/y")]) + "\n")
            with Server("--config", settings) as server:
                wait_for(lambda: self.count(server) == 1, "the file")
                self.assertEqual(self.status(server)[TRAIL + "-1"]["suppressed"], 1)

    def test_are_listed_and_judged_by_the_audit(self):
        with Folder() as folder, Subscriber() as subscriber:
            gap = exception(name="too wide", pattern="{ $.eventName = StopLogging }")
            path = self.write(folder, exception(name="narrow"))
            with Server("--exceptions", path) as server:
                account = Account(server, subscriber)
                verdict, findings, gaps, code = account.audit()
                self.assertEqual((verdict, code), ("covered", 0))
                self.assertEqual([s for s, _ in findings], ["exception"])
                self.assertIn("the pipeline rotates trails; 0 matches suppressed", findings[0][1])
                text = run(server, "--control", TRAIL)
                self.assertIn("exception narrow", text.stdout)
                # And those of a file, before they are put in force.
                verdict, findings, gaps, code = account.audit("--exceptions", self.write(folder, gap, name="more.json"))
                self.assertEqual((verdict, code), ("partly covered", 1))
                words = " ".join(p for _, p in findings)
                self.assertIn("opens a gap", words)
                self.assertIn("StopLogging", words)
                # No filter mends that.
                report = json.loads(run(server, "--json", "--control", TRAIL, "--exceptions", folder + "/more.json").stdout)
                self.assertEqual(report["remediation"]["steps"], [])
                html = run(server, "--format", "html", "--control", TRAIL).stdout
                self.assertIn("<li class=\"mild\">exception</li>", html)
                for pattern, words in (("{ $.eventName = ListUsers }", "hides no event"),
                                       (f'{{ $.userIdentity.arn != "{DEPLOYER}" }}', "opens a gap"),
                                       ('{ $.userIdentity.type = "IAMUser" }', "opens a gap"),
                                       ('{ $.userIdentity.principalId = "AROA*" }', "opens a gap"),
                                       ('{ $.vpcEndpointId = * }', "opens a gap"),
                                       ('{ $.sourceIPAddress = "10.*" }', "in force until")):
                    path = self.write(folder, exception(pattern=pattern), name="more.json")
                    _, findings, _, _ = account.audit("--exceptions", path)
                    self.assertTrue(any(words in p for _, p in findings), (pattern, findings))

    def test_and_what_the_server_says_of_itself_are_forged_by_nobody(self):
        with Server("--controls", "cis") as server:
            with self.assertRaisesRegex(Exception, "publish to another"):
                server.client("cloudwatch").put_metric_data(Namespace="Trailwarden", MetricData=[
                    dict(MetricName="SuppressedMatches", Value=1e30)])
            with self.assertRaisesRegex(Exception, "publish to another"):
                server.client("logs").put_metric_filter(
                    logGroupName=GROUP, filterName="f", filterPattern="", metricTransformations=[
                        {"metricName": "IntegrityViolations", "metricNamespace": "Trailwarden", "metricValue": "0"}])

    def test_that_are_wrong_are_refused_with_words(self):
        for wrong, words in ((exception(control="nothing"), "no control `nothing`"), (exception(pattern="{ $.a = }"), "illegal"),
                             (exception(reason=""), "has no reason"), (exception(expires="soon"), "`soon` is no time"),
                             (exception(expires=None), "has no expiry"), (exception(colour="red"), "has no `colour`")):
            with Folder() as folder, self.assertRaisesRegex(AssertionError, words):
                Server("--exceptions", self.write(folder, wrong))
        with Folder() as folder, self.assertRaisesRegex(AssertionError, "two exceptions"):
            Server("--exceptions", self.write(folder, exception(name="a"), exception(name="a")))


if __name__ == "__main__":
    unittest.main()
