"""The proof of an account: events go down every chain, somebody is told, and nothing is left behind."""
import json
import unittest

from harness import ACCOUNT, REGION, Folder, Server, Subscriber, record, now, wait_for
from test_remediate import GROUP, TRAIL, tool

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"


def prove(server, *words):
    done = tool(server, "audit", "--prove", "--json", *words)
    return done.returncode, {p["control"]: p for p in json.loads(done.stdout)}


class Prove(unittest.TestCase):
    def mended(self, server, subscriber, *words):
        tool(server, "remediate", "--apply", "--yes", "--notify", subscriber.url, *TRAIL, *words)
        wait_for(lambda: tool(server, "audit", *words).returncode == 0, "an audit that passes")

    def left(self, server):
        """All that a proof might leave behind."""
        logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
        return (
            [s["logStreamName"] for s in logs.describe_log_streams(logGroupName=GROUP)["logStreams"] if "prove" in s["logStreamName"]],
            logs.filter_log_events(logGroupName=GROUP, filterPattern='{ $.userAgent = "trailwarden-prove*" }')["events"],
            cloudwatch.list_metrics()["Metrics"],
            [a["AlarmName"] for a in cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"]])

    def test_rings_every_alarm_reaches_the_subscriber_and_leaves_nothing_behind(self):
        with Folder() as folder, Server(store=folder + "/s.db") as server, Subscriber() as subscriber:
            self.mended(server, subscriber)
            before = self.left(server)
            status, proofs = prove(server)
            self.assertEqual({p["outcome"] for p in proofs.values()}, {"proved"}, proofs)
            self.assertEqual((status, len(proofs)), (0, 15))
            for proof in proofs.values():
                self.assertEqual(proof["endpoint"], subscriber.url)
                self.assertGreaterEqual(proof["deliveredMilliseconds"], 0)
            rung = {json.loads(m["Message"])["AlarmName"] for m in subscriber.notifications()}
            self.assertLessEqual({p["alarm"] for p in proofs.values()}, rung)
            self.assertEqual(subscriber.faults, [])
            self.assertEqual(self.left(server), before)
            # On disk neither.
            server.kill()
            server.start()
            self.assertEqual(self.left(server), before)
            self.assertEqual(prove(server, "--control", "5.5")[0], 0, "and again")

    def test_takes_back_its_own_events_alone(self):
        with Server() as server, Subscriber() as subscriber:
            own = ["--control", "cloudtrail_cfg_changes"]
            self.mended(server, subscriber, *own)
            logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
            logs.create_log_stream(logGroupName=GROUP, logStreamName="real")
            cloudwatch.put_metric_alarm(
                AlarmName="cloudtrail_cfg_changes_metric", Namespace="CISBenchmark",
                MetricName="cloudtrail_cfg_changes_metric", Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=3,
                ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching", AlarmActions=[TOPIC])
            logs.put_log_events(logGroupName=GROUP, logStreamName="real", logEvents=[
                {"timestamp": now(), "message": record("StopLogging")}])
            status, proofs = prove(server, *own)
            self.assertEqual((status, proofs["cloudtrail_cfg_changes"]["outcome"]), (0, "proved"), proofs)
            end = now() / 1000 + 60
            points = cloudwatch.get_metric_statistics(
                Namespace="CISBenchmark", MetricName="cloudtrail_cfg_changes_metric", Period=60, StartTime=end - 600,
                EndTime=end, Statistics=["Sum"])["Datapoints"]
            self.assertEqual(sum(p["Sum"] for p in points), 1)

    def test_says_where_the_chain_breaks(self):
        with Server() as server, Subscriber() as subscriber:
            own = ["--control", "organizations_changes"]
            self.mended(server, subscriber, *own)
            logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
            name = "organizations_changes"
            cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="by hand")
            self.assertIn("is in ALARM already", prove(server, *own)[1]["organizations_changes"]["reason"])
            cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="by hand")
            # The text of the benchmark does not ask which service is called.
            text = logs.describe_metric_filters(logGroupName=GROUP)["metricFilters"][0]["filterPattern"]
            names = [word.strip('" )}') for word in text.split("$.eventName = ")[1:]]
            names = [n.split('"')[0] for n in names]
            logs.put_metric_filter(
                logGroupName=GROUP, filterName=name, filterPattern="{ " + " || ".join(f"($.eventName={n})" for n in names) + " }",
                metricTransformations=[dict(metricName=name, metricNamespace="CISBenchmark", metricValue="1")])
            status, proofs = prove(server, *own)
            self.assertEqual((status, proofs["organizations_changes"]["link"]), (1, "filter"))
            self.assertIn("it also rings for what it is not about", proofs["organizations_changes"]["reason"])
            self.assertEqual(tool(server, "audit", "--prove", "--control", "5.1").returncode, 1)


if __name__ == "__main__":
    unittest.main()
