"""An alarm says who did what, and the events behind it can be asked for."""
import json
import os
import subprocess
import unittest
import urllib.parse

from harness import ACCOUNT, REGION, Folder, Mailbox, Server, Subscriber, now, record, wait_for
from test_remediate import tool

GROUP = "cloudtrail/management-events"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"
ALARM = "cloudtrail_cfg_changes"


def stop(**members):
    return record("StopLogging", **{"requestParameters": {"name": "main"}, "awsRegion": "eu-west-1", "eventID": "e-1",
                                    "recipientAccountId": "111122223333", "userAgent": "aws-cli/2", **members})


def put(server, *messages, stream="s"):
    logs = server.client("logs")
    try:
        logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
    except logs.exceptions.ResourceAlreadyExistsException:
        pass
    logs.put_log_events(logGroupName=GROUP, logStreamName=stream,
                        logEvents=[dict(timestamp=now(), message=m) for m in messages])


def told(subscriber):
    messages = [json.loads(m["Message"]) for m in subscriber.notifications()]
    return [m for m in messages if m["AlarmName"] == ALARM and m["NewStateValue"] == "ALARM"]


class Evidence(unittest.TestCase):
    def subscribed(self, server, subscriber, **attributes):
        sns = server.client("sns")
        arn = sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=subscriber.url, ReturnSubscriptionArn=True,
                            Attributes=attributes)["SubscriptionArn"]
        wait_for(lambda: sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]["PendingConfirmation"] == "false",
                 "the confirmation")

    def test_of_who_did_what_stands_beside_the_message_of_aws(self):
        session = {"type": "AssumedRole", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Admin/bob",
                   "sessionContext": {"sessionIssuer": {"type": "Role", "userName": "Admin"}}}
        with Server("--controls", "cis") as server, Subscriber() as rich, Subscriber() as plain:
            self.subscribed(server, rich)
            self.subscribed(server, plain, TrailwardenEvidence="false")
            put(server, stop(), stop(userIdentity=session, errorCode="AccessDenied"), record("ListUsers"))
            (message,) = wait_for(lambda: told(rich), "the notification")
            (strict,) = wait_for(lambda: told(plain), "the plain notification")
            evidence = message.pop("Trailwarden")
            self.assertEqual(message, strict, "beside it nothing differs")
            self.assertEqual((evidence["matches"], evidence["shown"]), (2, 2))
            first, second = evidence["events"]
            self.assertLessEqual({
                "actor": "alice", "actorType": "IAMUser", "account": "111122223333", "region": "eu-west-1",
                "sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli/2", "call": "cloudtrail:StopLogging",
                "resource": "main", "eventID": "e-1"}.items(), first.items())
            self.assertEqual((second["actor"], second["errorCode"]), ("Admin/bob", "AccessDenied"))
            self.assertEqual((rich.faults, plain.faults), ([], []), "signatures hold")

    def test_in_a_mail_can_be_judged_from_the_subject(self):
        with Mailbox() as mailbox, Server("--controls", "cis", "--smtp-url", mailbox.url) as server:
            sns = server.client("sns")
            sns.subscribe(TopicArn=TOPIC, Protocol="email", Endpoint="you@example.org")
            text = wait_for(lambda: mailbox.mails, "the question")[0][1].get_content()
            link = next(line.strip() for line in text.splitlines() if "/confirm?" in line)
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
            sns.confirm_subscription(TopicArn=TOPIC, Token=query["Token"])
            put(server, *[stop()] * 12)
            mail = wait_for(lambda: [m for _, m in mailbox.mails if "StopLogging" in m["Subject"]], "the alarm")[0]
            self.assertEqual(mail["Subject"], 'ALARM: alice called StopLogging (12 events): '
                             f'"{ALARM}" in US East (N. Virginia)')
            lines = mail.get_content().splitlines()
            self.assertRegex(lines[0], r"alice called cloudtrail:StopLogging on main from 203\.0\.113\.9 in eu-west-1  \(10 times\)$")
            self.assertEqual(lines[1], "… and 2 more")

    def test_of_an_attack_is_bounded_and_counts_right(self):
        with Server("--controls", "cis") as server, Subscriber() as subscriber:
            self.subscribed(server, subscriber)
            server.client("cloudwatch").put_metric_alarm(
                AlarmName=ALARM, Namespace="CISBenchmark", MetricName="cloudtrail_cfg_changes_metric", Statistic="Sum",
                Period=60, EvaluationPeriods=1, Threshold=100_000, ComparisonOperator="GreaterThanOrEqualToThreshold",
                TreatMissingData="notBreaching", AlarmActions=[TOPIC])
            logs = server.client("logs")
            logs.create_log_stream(logGroupName=GROUP, logStreamName="s")
            # All in one minute, whichever it is.
            time = now()
            small = json.dumps({"eventName": "StopLogging", "eventSource": "cloudtrail.amazonaws.com"})
            for _ in range(10):
                logs.put_log_events(logGroupName=GROUP, logStreamName="s",
                                    logEvents=[dict(timestamp=time, message=small)] * 10_000)
            (message,) = wait_for(lambda: told(subscriber), "the notification")
            self.assertEqual((message["Trailwarden"]["matches"], message["Trailwarden"]["shown"]), (100_000, 10))
            with open(f"/proc/{server.process.pid}/status") as file:
                peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
            self.assertLess(peak, 400_000, "kilobytes")
            self.assertEqual(len(told(subscriber)), 1)

    def test_of_what_strangers_wrote_is_harmless(self):
        with Server("--controls", "cis") as server, Subscriber() as subscriber:
            self.subscribed(server, subscriber)
            # A count that no whole number holds.
            server.client("cloudwatch").put_metric_data(Namespace="CISBenchmark", MetricData=[dict(
                MetricName="cloudtrail_cfg_changes_metric", StatisticValues=dict(
                    SampleCount=1e30, Sum=0.5, Minimum=0, Maximum=0.5))])
            put(server, stop(userIdentity={"type": "IAMUser", "userName": "eve\r\n\x1b[2Jall is well\u202e"}))
            (message,) = wait_for(lambda: told(subscriber), "the notification")
            self.assertEqual(message["Trailwarden"]["events"][0]["actor"], "eve   [2Jall is well ")
            self.assertNotIn("\x1b", tool(server, "events", "--control", ALARM).stdout)


class Events(unittest.TestCase):
    def test_behind_an_alarm_a_control_or_a_pattern_are_shown(self):
        with Server("--controls", "cis") as server, Folder() as folder:
            put(server, stop(), stop(eventID="e-2", sourceIPAddress="198.51.100.1"), record("ListUsers"))
            wait_for(lambda: server.client("cloudwatch").describe_alarms(AlarmNames=[ALARM])["MetricAlarms"][0][
                "StateValue"] == "ALARM", "the alarm")
            table = tool(server, "events", "--alarm", ALARM)
            self.assertEqual(table.returncode, 0, table.stderr)
            self.assertIn("alice", table.stdout)
            self.assertIn("2 events", table.stdout)
            for words, count in ((["--control", ALARM], 2), (["--control", ALARM, "--source-ip", "198.51.100.1"], 1),
                                 (["--pattern", "{ $.eventName = List* }"], 1), (["--control", "root_usage"], 0),
                                 (["--control", ALARM, "--actor", "bob"], 0)):
                done = tool(server, "events", "--json", *words)
                self.assertEqual(len(done.stdout.splitlines()), count, words)
                self.assertEqual(done.returncode, 0 if count else 1)
            # The same from files.
            path = os.path.join(folder, "log.jsonl")
            with open(path, "w") as file:
                file.write(stop() + "\n" + record("ListUsers") + "\n")
            done = tool(server, "events", "--control", ALARM, path)
            self.assertIn("cloudtrail:StopLogging", done.stdout)
            self.assertIn("there is no alarm `none`", tool(server, "events", "--alarm", "none").stderr)

    def test_are_explained_clause_by_clause(self):
        with Server() as server, Folder() as folder:
            path = os.path.join(folder, "event.json")
            with open(path, "w") as file:
                file.write(stop(errorCode="AccessDenied"))
            done = tool(server, "explain", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("5.5 CloudTrail configuration changes: matches", done.stdout)
            self.assertIn('+ $.errorCode = "AccessDenied*"', done.stdout)
            self.assertNotIn("5.15", done.stdout)
            name = "6f2d1c3e-0000-4000-8000-000000000001"
            server.client("logs").create_log_group(logGroupName=GROUP)
            put(server, record("ListUsers"), stop(eventID=name))
            done = tool(server, "explain", name)
            self.assertIn("5.5 CloudTrail configuration changes: matches", done.stdout, done.stderr)
            self.assertIn("there is no event", tool(server, "explain", name[:-1] + "2").stderr)
            (one,) = json.loads(tool(server, "explain", path, "--control", "5.15", "--json").stdout)
            self.assertFalse(one["matches"])
            self.assertEqual([c["holds"] for c in one["clauses"]][:2], [False, False])


if __name__ == "__main__":
    unittest.main()
