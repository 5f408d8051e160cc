"""An alarm says who did what, and the events behind it can be asked for."""
import json
import os
import re
import subprocess
import unittest
import urllib.parse
import xml.etree.ElementTree as xml

from harness import ACCOUNT, REGION, Folder, Listener, Mailbox, Server, Subscriber, now, record, wait_for
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


class Webhook(Listener):
    """A chat's: keeps what is posted, by path."""

    def __init__(self):
        self.posts, self.types, self.status = [], set(), 200

    def post(self, path, headers, body):
        self.types.add(headers["Content-Type"])
        self.posts.append((path, json.loads(body)))
        return self.status, "text/plain", b"ok"


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
            lines = mail.get_body(("plain",)).get_content().splitlines()
            self.assertRegex(lines[0], r"alice called cloudtrail:StopLogging on main from 203\.0\.113\.9 in 111122223333 eu-west-1  \(10 times\)$")
            self.assertEqual(lines[1], "… and 2 more")
            self.assertRegex(lines[3], f"^All of them: trailwarden events --alarm {ALARM} --at 20.*Z --region {REGION}$")
            done = tool(server, *lines[3].split("trailwarden ")[1].split())
            self.assertIn("12 events", done.stdout)
            page = mail.get_body(("html",)).get_content()
            self.assertIn("<b>alice</b> called <b>cloudtrail:StopLogging</b> on main", page)
            self.assertIn("2 more. All of them", page)
            self.assertIn("/unsubscribe?SubscriptionArn=", page)
            xml.fromstring(re.sub("<!DOCTYPE html>|<meta[^>]*>|<br>", "", page))  # well formed

    def test_is_told_a_chat_in_its_own_form(self):
        with Server("--controls", "cis") as server, Webhook() as webhook:
            sns = server.client("sns")
            for endpoint, attributes in (("slack+" + webhook.url + "/slack", {}), (webhook.url + "/teams", {"TrailwardenFormat": "teams"})):
                arn = sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=endpoint, Attributes=attributes)["SubscriptionArn"]
                # A chat confirms nothing.
                self.assertTrue(arn.startswith(TOPIC), arn)
            put(server, stop(userIdentity={"type": "IAMUser", "userName": "<!channel> [x](http://evil)"}))
            posts = wait_for(lambda: dict(webhook.posts) if len(webhook.posts) == 2 else None, "both chats")
            self.assertEqual(webhook.types, {"application/json"})
            slack, card = posts["/slack"], posts["/teams"]["attachments"][0]
            self.assertEqual([b["type"] for b in slack["blocks"]], ["header", "section", "context"])
            self.assertIn("&lt;!channel&gt; [x](http://evil) called cloudtrail:StopLogging on main", slack["blocks"][1]["text"]["text"])
            self.assertNotIn("<", json.dumps(slack))
            self.assertIn("trailwarden events --alarm", slack["blocks"][2]["elements"][0]["text"])
            self.assertEqual(card["contentType"], "application/vnd.microsoft.card.adaptive")
            blocks = card["content"]["body"]
            # Nothing of a card that reads markup holds what a caller wrote.
            self.assertEqual({b["type"] for b in blocks}, {"RichTextBlock"})
            self.assertIn("called cloudtrail:StopLogging", blocks[1]["inlines"][0]["text"])
            # What is published by anybody else comes as it is.
            webhook.posts.clear()
            sns.publish(TopicArn=TOPIC, Subject="hello", Message="a < b")
            posts = wait_for(lambda: dict(webhook.posts) if len(webhook.posts) == 2 else None, "both chats")
            self.assertEqual(posts["/slack"]["blocks"][1]["text"]["text"], "a &lt; b")
            # The secret in the address of a webhook is in no record of calls, and in no log.
            webhook.status = 404
            sns.publish(TopicArn=TOPIC, Message="lost")
            wait_for(lambda: sum("given up" in line for line in server.log) == 2, "both given up")
            self.assertFalse([line for line in server.log if "/slack" in line or "/teams" in line])
            calls = server.client("cloudtrail").lookup_events(
                LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": "Subscribe"}])["Events"]
            self.assertEqual(len(calls), 2)
            self.assertFalse([c for c in calls if webhook.url in c["CloudTrailEvent"]])
            with self.assertRaisesRegex(Exception, "a chat stays one"):
                sns.set_subscription_attributes(
                    SubscriptionArn=next(s["SubscriptionArn"] for s in sns.list_subscriptions()["Subscriptions"]
                                         if s["Endpoint"].endswith("/teams")), AttributeName="TrailwardenFormat", AttributeValue="")
            with self.assertRaisesRegex(Exception, "Must be slack or teams"):
                sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=webhook.url, Attributes={"TrailwardenFormat": "irc"})

    def test_of_like_alarms_is_told_a_person_once_and_a_machine_every_time(self):
        with Server("--controls", "cis") as server, Webhook() as chat, Webhook() as every, Subscriber() as machine:
            self.subscribed(server, machine)
            sns, cloudwatch = server.client("sns"), server.client("cloudwatch")
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint="slack+" + chat.url + "/")
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint="slack+" + every.url + "/", Attributes={"TrailwardenFolding": "false"})
            cloudwatch.put_metric_alarm(
                AlarmName=ALARM, Namespace="CISBenchmark", MetricName="cloudtrail_cfg_changes_metric", Statistic="Sum",
                Period=300, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
                TreatMissingData="notBreaching", AlarmActions=[TOPIC], OKActions=[TOPIC])
            put(server, stop())
            wait_for(lambda: chat.posts and every.posts and told(machine), "the first ring")

            def ring():
                count = len(every.posts)
                for state in ("OK", "ALARM"):
                    cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue=state, StateReason="test")
                wait_for(lambda: len(every.posts) == count + 2, "both changes")

            # Told of the way back, and of nothing that is like what it was told of.
            ring()
            ring()
            wait_for(lambda: len(told(machine)) == 3, "every ring")
            titles = [post["text"].split("\n")[0] for _, post in chat.posts]
            self.assertEqual([t.split()[1].strip(":") for t in titles], ["ALARM", "OK"], titles)
            # Another caller is another matter.
            put(server, stop(userIdentity={"type": "IAMUser", "userName": "mallory"}))
            cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue="OK", StateReason="test")
            cloudwatch.set_alarm_state(AlarmName=ALARM, StateValue="ALARM", StateReason="test")
            wait_for(lambda: len(chat.posts) == 3, "the ring of mallory")
            self.assertIn("mallory", json.dumps(chat.posts[2][1]))

    def test_of_a_composite_alarm_is_that_of_its_children_that_ring(self):
        with Server("--controls", "cis") as server, Subscriber() as subscriber:
            sns = server.client("sns")
            topic = sns.create_topic(Name="composite")["TopicArn"]
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
            wait_for(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1", "the confirmation")
            server.client("cloudwatch").put_composite_alarm(
                AlarmName="both", AlarmRule=f'ALARM("{ALARM}") OR ALARM("root_usage")', AlarmActions=[topic])
            put(server, stop())
            (message,) = wait_for(lambda: [json.loads(m["Message"]) for m in subscriber.notifications()], "the notification")
            self.assertEqual((message["AlarmName"], message["Trailwarden"]["matches"]), ("both", 1))
            self.assertEqual(message["Trailwarden"]["events"][0]["actor"], "alice")

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
