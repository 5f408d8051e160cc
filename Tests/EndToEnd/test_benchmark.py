"""The remediation of the CIS AWS Foundations Benchmark, command by command, with the AWS CLI and boto3."""
import json
import subprocess
import unittest

from harness import ACCOUNT, BINARY, REGION, Mailbox, Server, Subscriber, now, record, wait_for

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis"
GROUP = "cloudtrail/management-events"


def controls():
    """The fifteen controls with their published patterns and sample events, as the tool itself prints them."""
    listed = json.loads(subprocess.run([BINARY, "controls", "list", "--json"], capture_output=True, check=True).stdout)
    for control in listed:
        control["matching"] = [s["event"] for s in control["samples"] if s["required"]]
        control["others"] = [s["event"] for s in control["samples"] if not s["required"]]
    return [c for c in listed if c.get("pattern")]


class TheBenchmark(unittest.TestCase):
    def test_four_recommendations_with_the_command_line(self):
        """Filter, topic, subscription, alarm; then an event comes in, and everybody has been told."""
        with Mailbox() as mailbox, Server("--smtp-url", mailbox.url) as server, Subscriber() as subscriber:
            aws = server.aws
            aws("logs", "create-log-group", "--log-group-name", GROUP)
            aws("logs", "create-log-stream", "--log-group-name", GROUP, "--log-stream-name", "trail")
            self.assertEqual(aws("sns", "create-topic", "--name", "cis")["TopicArn"], TOPIC)
            for protocol, endpoint in (("http", subscriber.url), ("email", "ops@example.com")):
                answer = aws("sns", "subscribe", "--topic-arn", TOPIC, "--protocol", protocol, "--notification-endpoint",
                             endpoint)
                self.assertEqual(answer["SubscriptionArn"], "pending confirmation")
            # The link of the mail opens a page; its button confirms.
            mail = wait_for(lambda: mailbox.mails, "the mail that asks for confirmation")[0][1]
            link = next(word for word in mail.get_content().split() if "/confirm?" in word)
            self.press_button(link)
            wait_for(lambda: all(s["SubscriptionArn"] != "PendingConfirmation" for s in aws(
                "sns", "list-subscriptions-by-topic", "--topic-arn", TOPIC)["Subscriptions"]), "the confirmations")

            chosen = {c["id"]: c for c in controls()}
            for name in ("organizations_changes", "cloudtrail_cfg_changes", "iam_policy_changes",
                         "unauthorized_api_calls"):
                control = chosen[name]
                aws("logs", "put-metric-filter", "--log-group-name", GROUP, "--filter-name", name,
                    "--metric-transformations", f"metricName={name},metricNamespace=CISBenchmark,metricValue=1",
                    "--filter-pattern", control["pattern"])
                aws("cloudwatch", "put-metric-alarm", "--alarm-name", name, "--metric-name", name, "--statistic", "Sum",
                    "--period", "300", "--threshold", "1", "--comparison-operator", "GreaterThanOrEqualToThreshold",
                    "--evaluation-periods", "1", "--namespace", "CISBenchmark", "--alarm-actions", TOPIC)
                messages = control["matching"] + control["others"]
                matches = len(server.client("logs").test_metric_filter(
                    filterPattern=control["pattern"], logEventMessages=messages)["matches"])
                self.assertGreaterEqual(matches, len(control["matching"]))
                events = [{"timestamp": now(), "message": message} for message in messages]
                aws("logs", "put-log-events", "--log-group-name", GROUP, "--log-stream-name", "trail", "--log-events",
                    json.dumps(events))
                told = wait_for(lambda: [m for m in subscriber.notifications() if f'"{name}"' in m["Subject"]],
                                f"the notification of {name}", 10)
                message = json.loads(told[0]["Message"])
                self.assertEqual((message["AlarmName"], message["NewStateValue"], message["OldStateValue"]),
                                 (name, "ALARM", "INSUFFICIENT_DATA"))
                alarm = aws("cloudwatch", "describe-alarms", "--alarm-names", name)["MetricAlarms"][0]
                self.assertEqual(alarm["StateValue"], "ALARM")
                self.assertIn(f"[{matches}.0 ", alarm["StateReason"])
                kinds = [i["HistoryItemType"] for i in aws(
                    "cloudwatch", "describe-alarm-history", "--alarm-name", name)["AlarmHistoryItems"]]
                self.assertEqual(kinds, ["Action", "StateUpdate", "ConfigurationUpdate"])
                wait_for(lambda: [m for _, m in mailbox.mails if name in m["Subject"]], f"the mail about {name}", 10)
            self.assertEqual(subscriber.faults, [])
            mail = mailbox.mails[-1][1].get_body(("plain",)).get_content()
            self.assertIn("Threshold Crossed", mail)
            self.press_button(next(word for word in mail.split() if "/unsubscribe?" in word))
            wait_for(lambda: len(aws("sns", "list-subscriptions")["Subscriptions"]) == 1, "the end of a subscription")

    def press_button(self, link):
        """Opens a page and sends the form on it, as a browser does."""
        import html
        import re
        import urllib.parse
        import urllib.request
        page = urllib.request.urlopen(link).read().decode()
        fields = {html.unescape(n): html.unescape(v) for n, v in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
        base = link.split("/", 3)
        urllib.request.urlopen("/".join(base[:3]) + "/", urllib.parse.urlencode(fields).encode()).read()

    def test_all_controls_count_exactly_the_matching_events(self):
        with Server() as server:
            logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
            logs.create_log_group(logGroupName=GROUP)
            logs.create_log_stream(logGroupName=GROUP, logStreamName="trail")
            expected, messages = {}, []
            all_controls = controls()
            self.assertEqual(len(all_controls), 15)
            for control in all_controls:
                logs.put_metric_filter(
                    logGroupName=GROUP, filterName=control["id"], filterPattern=control["pattern"],
                    metricTransformations=[dict(metricName=control["id"], metricNamespace="CIS", metricValue="1")])
                cloudwatch.put_metric_alarm(
                    AlarmName=control["id"], MetricName=control["id"], Namespace="CIS", Statistic="Sum", Period=60,
                    EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold")
                messages += control["matching"] + control["others"]
            for control in all_controls:
                matches = logs.test_metric_filter(filterPattern=control["pattern"], logEventMessages=messages[:50])
                more = logs.test_metric_filter(filterPattern=control["pattern"], logEventMessages=messages[50:] or ["x"])
                expected[control["id"]] = len(matches["matches"]) + len(more["matches"])
                self.assertGreaterEqual(expected[control["id"]], len(control["matching"]))
            start = now()
            logs.put_log_events(logGroupName=GROUP, logStreamName="trail",
                                logEvents=[dict(timestamp=start, message=m) for m in messages])
            for name, count in expected.items():
                points = cloudwatch.get_metric_statistics(
                    Namespace="CIS", MetricName=name, Period=60, Statistics=["Sum", "SampleCount"],
                    StartTime=start / 1000 - 120, EndTime=start / 1000 + 120)["Datapoints"]
                self.assertEqual([(p["Sum"], p["SampleCount"], p["Unit"]) for p in points], [(count, count, "None")], name)
                found = logs.filter_log_events(
                    logGroupName=GROUP, filterPattern=next(c["pattern"] for c in all_controls if c["id"] == name))
                self.assertEqual(len(found["events"]), count, name)
            states = {a["AlarmName"]: a["StateValue"] for a in cloudwatch.describe_alarms()["MetricAlarms"]}
            self.assertEqual(set(states.values()), {"ALARM"})

    def test_an_alarm_comes_back_when_its_data_are_over(self):
        """A state that was set by hand lasts until the next judgement, at most a minute; then both are told."""
        with Server() as server, Subscriber() as subscriber:
            sns, cloudwatch = server.client("sns"), server.client("cloudwatch")
            sns.create_topic(Name="cis")
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=subscriber.url)
            wait_for(lambda: sns.list_subscriptions()["Subscriptions"][0]["SubscriptionArn"] != "PendingConfirmation",
                     "the confirmation")
            cloudwatch.put_metric_alarm(
                AlarmName="quiet", MetricName="none", Namespace="CIS", Statistic="Sum", Period=60, EvaluationPeriods=1,
                Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching",
                AlarmActions=[TOPIC], OKActions=[TOPIC])
            cloudwatch.set_alarm_state(AlarmName="quiet", StateValue="ALARM", StateReason="a test")
            wait_for(lambda: len(subscriber.notifications()) == 1, "the alarm", 10)
            wait_for(lambda: len(subscriber.notifications()) == 2, "the way back", 65)
            self.assertEqual([json.loads(m["Message"])["NewStateValue"] for m in subscriber.notifications()],
                             ["ALARM", "OK"])
            self.assertEqual(subscriber.faults, [])


class TheServersOwnAccount(unittest.TestCase):
    def test_stopping_the_trail_rings_the_alarm_and_names_who_did_it(self):
        with Server() as server, Subscriber() as subscriber:
            logs, sns, cloudwatch, trails = map(server.client, ("logs", "sns", "cloudwatch", "cloudtrail"))
            logs.create_log_group(logGroupName=GROUP)
            pattern = next(c["pattern"] for c in controls() if c["id"] == "cloudtrail_cfg_changes")
            logs.put_metric_filter(
                logGroupName=GROUP, filterName="trail", filterPattern=pattern,
                metricTransformations=[dict(metricName="trail", metricNamespace="CIS", metricValue="1")])
            sns.create_topic(Name="cis")
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=subscriber.url)
            trails.create_trail(
                Name="main", S3BucketName="bucket", IsMultiRegionTrail=True,
                CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*",
                CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/trail")
            trails.start_logging(Name="main")
            cloudwatch.put_metric_alarm(
                AlarmName="trail", MetricName="trail", Namespace="CIS", Statistic="Sum", Period=300, EvaluationPeriods=1,
                Threshold=2, ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[TOPIC])
            wait_for(lambda: any(m["Type"] == "SubscriptionConfirmation" for m in subscriber.messages), "the question")
            wait_for(lambda: sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsConfirmed"] == "1",
                     "the confirmation")
            server.client("cloudtrail", key="AKIAMALLORY").stop_logging(Name="main")
            wait_for(subscriber.notifications, "the alarm", 10)
            event = trails.lookup_events(LookupAttributes=[dict(AttributeKey="EventName", AttributeValue="StopLogging")])
            self.assertEqual([json.loads(e["CloudTrailEvent"])["userIdentity"]["accessKeyId"] for e in event["Events"]],
                             ["AKIAMALLORY"])
            # The trail is silent now.
            before = len(logs.filter_log_events(logGroupName=GROUP)["events"])
            sns.list_topics()
            self.assertEqual(len(logs.filter_log_events(logGroupName=GROUP)["events"]), before)

    def test_a_refused_call_is_recorded_with_its_error(self):
        with Server() as server:
            logs, trails = server.client("logs"), server.client("cloudtrail")
            with self.assertRaises(logs.exceptions.ResourceNotFoundException):
                logs.delete_log_group(logGroupName="none")
            event = trails.lookup_events(
                LookupAttributes=[dict(AttributeKey="EventName", AttributeValue="DeleteLogGroup")])["Events"][0]
            self.assertEqual(json.loads(event["CloudTrailEvent"])["errorCode"], "ResourceNotFoundException")


if __name__ == "__main__":
    unittest.main()
