"""Events come in by themselves: the files of a directory, each exactly once, whatever happens to the server."""
import base64
import calendar
import glob
import gzip
import json
import os
import random
import threading
import time
import unittest
import urllib.error
import urllib.request

from harness import ACCOUNT, REGION, Folder, Server, Subscriber, now, record, wait_for

GROUP = "cloudtrail/management-events"
SHARED = os.path.join(os.path.dirname(__file__), "../../../shared/data/cloudtrail")
KILLS = int(os.environ.get("END_TO_END_KILLS", "50")) // 2
FOLDERS = f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}"


def deliver(folder, name, records, text=None):
    """As CloudTrail delivers a file: whole, under a name that it gets at the end."""
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    body = text if text is not None else gzip.compress(json.dumps({"Records": [json.loads(r) for r in records]}).encode())
    part = os.path.join(os.path.dirname(path), ".part")
    with open(part, "wb") as file:
        file.write(body)
    os.rename(part, path)


def status(server):
    with urllib.request.urlopen(server.url + "/status") as answer:
        return json.loads(answer.read())["sources"]


def stored(server, group=GROUP, **more):
    logs = server.client("logs")
    try:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, **more)
        return [event["message"] for page in pages for event in page["events"]]
    except logs.exceptions.ResourceNotFoundException:
        return []  # a source makes its group when it begins


def counted(server, metric, start, end):
    points = server.client("cloudwatch").get_metric_statistics(
        Namespace="CISBenchmark", MetricName=metric, StartTime=start, EndTime=end,
        Period=86400, Statistics=["Sum"])["Datapoints"]
    return sum(point["Sum"] for point in points)


class ADirectory(unittest.TestCase):
    def test_is_taken_as_files_appear_and_rings_within_a_second(self):
        with Folder() as folder, Subscriber() as subscriber:
            deliver(folder, f"{FOLDERS}/2026/11/20/old.json.gz", [record("StopLogging"), record("ListUsers")])
            with Server("--controls", "cis", "--source", folder) as server:
                sns = server.client("sns")
                topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"
                sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
                wait_for(lambda: len(stored(server)) == 2, "the file that was there")
                wait_for(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1",
                         "the confirmation")
                # A folder of a new day, and a file in it.
                begin = time.monotonic()
                deliver(folder, f"{FOLDERS}/2026/11/21/new.json.gz", [record("DeleteVpc", source="ec2.amazonaws.com")])
                wait_for(lambda: any("vpc_changes" in m["Subject"] for m in subscriber.notifications()), "the alarm")
                self.assertLess(time.monotonic() - begin, 5)
                deliver(folder, "more.jsonl", None, text=(record("CreateVpc") + "\n").encode())
                wait_for(lambda: len(stored(server)) == 4, "a file of lines")
                # A file that grows is taken from where it was left.
                with open(os.path.join(folder, "more.jsonl"), "a") as file:
                    file.write(record("DeleteRoute") + "\n")
                wait_for(lambda: len(stored(server)) == 5, "the line that was added")
                (source,) = status(server)
                self.assertEqual((source["files"], source["records"], source["waiting"], source["setAside"]), (4, 5, 0, []))
                with urllib.request.urlopen(server.url + "/metrics") as answer:
                    self.assertIn(f'trailwarden_source_records_total{{source="{folder}"}} 5', answer.read().decode())

    def test_sets_aside_what_cannot_be_read_and_goes_on(self):
        with Folder() as folder:
            whole = gzip.compress(json.dumps({"Records": [json.loads(record(f"Call{i}")) for i in range(50)]}).encode())
            with Server("--source", f"{folder},log-group=own,deduplicate=yes") as server:
                deliver(folder, "a-torn.json.gz", None, text=whole[:-30])
                deliver(folder, "b.json.gz", [record("ListUsers")])
                deliver(folder, "c.txt", None, text=b"no records at all")
                wait_for(lambda: len(stored(server, "own")) == 1, "the file behind the torn one")
                (source,) = wait_for(lambda: [s for s in status(server) if s["setAside"]], "the torn file set aside")
                self.assertIn("a-torn.json.gz", source["setAside"][0]["reason"])
                self.assertTrue(any("a-torn.json.gz" in line for line in server.log))
                # It is whole now.
                deliver(folder, "a-torn.json.gz", None, text=whole)
                wait_for(lambda: len(stored(server, "own")) == 51, "the file that is whole now")
                self.assertEqual(status(server)[0]["setAside"], [])

    def test_takes_a_file_once_whatever_paths_lead_to_it(self):
        with Folder() as folder:
            os.makedirs(os.path.join(folder, "2026"))
            os.symlink("2026", os.path.join(folder, "latest"))
            with Server("--source", folder) as server:
                deliver(folder, "2026/a.json.gz", [record("A")])
                # As tools that copy do: under another name first.
                for first in ("b.json.tmp", ".partial/b.json", "b.json~"):
                    path = os.path.join(folder, "2026", first)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with open(path, "w") as file:
                        file.write(record("B") + "\n")
                os.rename(path, os.path.join(folder, "2026/b.json"))
                wait_for(lambda: len(stored(server)) == 2, "both files")
                deliver(folder, "c.json", None, text=b"[" + record("C").encode() + b", {broken}, " + record("D").encode() + b"]")
                wait_for(lambda: len(stored(server)) == 4, "what stands around the fault")
                self.assertEqual(status(server)[0]["faults"], 1)
                self.assertTrue(any("c.json: at byte" in line for line in server.log), server.log)

    def test_drops_second_deliveries_only_when_it_is_told_to(self):
        for more, count in (("", 4), (",deduplicate=yes", 2)):
            with Folder() as folder:
                events = [record("StopLogging", eventID="one"), record("StopLogging", eventID="two")]
                deliver(folder, "a.json.gz", events)
                deliver(folder, "b.json.gz", events)
                with Server("--controls", "cis", "--source", folder + more) as server:
                    wait_for(lambda: status(server)[0]["files"] == 2, "both files")
                    self.assertEqual(len(stored(server)), count)

    def test_knows_second_deliveries_across_restarts_and_only_within_the_window(self):
        with Folder() as folder, Folder() as state:
            deliver(folder, "a.json.gz", [record("A", eventID="one"), record("B", eventID="two")])
            options = ["--source", folder + ",deduplicate=yes,deduplicate-window=60"]
            with Server(*options, store=state + "/s.db") as server:
                wait_for(lambda: len(stored(server)) == 2, "the first file")
                server.kill()
                deliver(folder, "b.json.gz", [record("B", eventID="two"), record("C", eventID="three")])
                server.start()
                wait_for(lambda: status(server)[0]["files"] == 1, "the second file")
                self.assertEqual(len(stored(server)), 3)
                # To another source the events of this one are unknown.
                self.assertEqual(status(server)[0]["records"], 1)

    def test_are_objects_in_the_file_of_settings(self):
        with Folder() as folder, Folder() as state:
            deliver(folder, "one/a.json.gz", [record("A", eventID="one"), record("A", eventID="one")])
            deliver(folder, "two/b.json.gz", [record("B", eventID="two"), record("B", eventID="two")])
            path = state + "/settings.json"
            with open(path, "w") as file:
                json.dump({"source": [
                    {"place": folder + "/one", "log-group": "first", "deduplicate": True, "deduplicate-window": 3600},
                    {"place": folder + "/two", "account": "210987654321", "region": "eu-west-1", "deduplicate": False}]},
                    file)
            with Server("--config", path) as server:
                wait_for(lambda: sum(s["files"] for s in status(server)) == 2, "both files")
                self.assertEqual(len(stored(server, "first")), 1)
                logs = server.client("logs", region="eu-west-1", key="210987654321")
                self.assertEqual(len(logs.filter_log_events(logGroupName="cloudtrail/management-events")["events"]), 2)
            for objects, words in (([{"log-group": "x"}], "names no place"), ([{"place": "/tmp", "poll": 1}], "poll is for a bucket"),
                                   ([{"place": "s3://b", "poll": []}], "`poll` must be"), ([{"place": "s3://b", "poll": True}], "not `yes`"),
                                   ([{"place": "s3://b", "poll": 1, "colour": 2}], "no setting `colour`|has no setting"), ([{"place": "s3://b", "since": 1}], "since is a day"), ([{"place": "/tmp", "account": 1}], "twelve digits")):
                with open(path, "w") as file:
                    json.dump({"source": objects}, file)
                with self.assertRaisesRegex(AssertionError, words):
                    Server("--config", path)

    def test_is_history_when_it_is_old_and_rings_nothing(self):
        with Folder() as folder, Server("--controls", "cis", "--source", folder) as server:
            old = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 40 * 86400))
            deliver(folder, "old.json.gz", [record("StopLogging", eventTime=old)] * 3)
            wait_for(lambda: len(stored(server)) == 3, "the old file")
            self.assertEqual(counted(server, "cloudtrail_cfg_changes_metric", time.time() - 50 * 86400, time.time()), 3)
            self.assertEqual(server.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"], [])

    def test_rings_for_the_past_once_when_it_is_told_to(self):
        # At noon, lest an alarm ring on the day after its events.
        begin = time.time() // 86400 * 86400 + 43200

        def at(days, minutes=0):
            return time.strftime("%Y-%m-%dT%H:%M:30Z", time.gmtime(begin - days * 86400 + minutes * 60))

        def told(subscriber):
            found = [json.loads(m["Message"]) for m in subscriber.notifications()]
            return sorted((m["StateChangeTime"][:10], m["Trailwarden"]["matches"], m["Trailwarden"]["events"][0]["actor"])
                          for m in found if m["AlarmName"] == "cloudtrail_cfg_changes")

        with Folder() as folder, Folder() as state, Subscriber() as subscriber:
            with Server("--controls", "cis", "--ring-for-past", "--source", folder, store=state + "/s.db") as server:
                sns = server.client("sns")
                topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"
                sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
                wait_for(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1",
                         "the confirmation")
                # Two acts a minute apart are one ringing; one a week before is another.
                deliver(folder, "a.json.gz", [record("StopLogging", eventTime=at(40)), record("StopLogging", eventTime=at(40, 1)),
                                              record("StopLogging", eventTime=at(47)), record("ListUsers", eventTime=at(50))])
                wait_for(lambda: len(told(subscriber)) == 2, "both")
                self.assertEqual(told(subscriber), [(at(47)[:10], 1, "alice"), (at(40)[:10], 2, "alice")])
                # Each time of ringing is told, however near to the last.
                deliver(folder, "near.json.gz", [record("StopLogging", eventTime=at(60)), record("StopLogging", eventTime=at(60, 20))])
                wait_for(lambda: len(told(subscriber)) == 4, "both of one hour")
                # More of the same time, later and after a restart: it has rung for that.
                server.kill()
                deliver(folder, "b.json.gz", [record("DeleteTrail", eventTime=at(40, 2)), record("DeleteTrail", eventTime=at(30))])
                server.start()
                wait_for(lambda: len(told(subscriber)) == 5, "the third day")
                self.assertEqual(told(subscriber)[4][0], at(30)[:10])
                # The present is as it was, and rings as ever.
                self.assertEqual(server.client("cloudwatch").describe_alarms(StateValue="ALARM")["MetricAlarms"], [])
                deliver(folder, "c.json.gz", [record("StartLogging")])
                wait_for(lambda: len(told(subscriber)) == 6, "the present one")
                self.assertEqual(len(stored(server)), 9)

    def test_wrong_sources_are_refused_with_words(self):
        for text, words in (("", "names no directory"), ("/tmp,colour=red", "has no setting `colour`"),
                            ("ftp://host/x", "is no source"), ("/tmp,deduplicate-window=5", "60 to"), ("s3://b,since=soon", "since is a day")):
            with self.assertRaisesRegex(AssertionError, words):
                Server("--source", text)

    def test_every_delivered_file_is_taken_exactly_once_through_kills_at_random(self):
        if not os.path.isdir(SHARED):
            self.skipTest("the shared logs are not here")
        with open(os.path.join(SHARED, "expected.json")) as file:
            expected = json.load(file)
        expected["sets"] = {n: f for n, f in expected["sets"].items() if os.path.isdir(os.path.join(SHARED, n))}
        seed = random.randrange(1 << 30)
        print(f"random kills with seed {seed}")
        chance = random.Random(seed)
        with Folder() as folder:
            server = Server(store=os.path.join(folder, "store.db"))
            with server:
                prepare(server, expected)
                hour = time.gmtime().tm_hour
                for name in expected["sets"]:
                    server.options += ["--source", f"{os.path.join(SHARED, name)},log-group={name}"]
                for kill in range(KILLS):
                    server.kill()
                    server.start()
                    time.sleep(chance.uniform(0, 0.3))  # the moment of the kill is the point
                wait_for(lambda: all(s["caughtUp"] for s in status(server)), "all files", 120)
                compare(self, server, expected, hour)


def prepare(server, expected):
    """A log group for each set of the shared logs, with the filters whose counts are known."""
    client = server.client("logs")
    for group in expected["sets"]:
        client.create_log_group(logGroupName=group)
        for name, pattern in expected["patterns"].items():
            client.put_metric_filter(
                logGroupName=group, filterName=name, filterPattern=pattern, metricTransformations=[
                    dict(metricName=f"{group}-{name}", metricNamespace="CISBenchmark", metricValue="1")])


def compare(test, server, expected, hour):
    for group, facts in expected["sets"].items():
        test.assertEqual(len(stored(server, group)), facts["events"], group)
        last = time.strftime("%Y-%m-%d", time.gmtime(calendar.timegm(
            time.strptime(facts["last_event"], "%Y-%m-%dT%H:%M:%SZ")) + 86400))
        for name, pattern in expected["patterns"].items():
            count = facts["expected"][name]
            test.assertEqual(len(stored(server, group, filterPattern=pattern)), count, (group, name))
            # Metrics older than 455 days are dropped at the full hour, which may be now.
            seen = counted(server, f"{group}-{name}", facts["first_event"][:10], last)
            if time.gmtime().tm_hour == hour:
                test.assertEqual(seen, count, (group, name))


def post(server, path, body, **headers):
    """Status and body of the answer."""
    request = urllib.request.Request(server.url + path, body, {k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Senders(unittest.TestCase):
    KEY = "a-key-of-some-length"

    def firehose(self, server, number, *data, key=KEY, compress=False):
        body = json.dumps({"requestId": f"r-{number}", "timestamp": now(), "records": [
            {"data": base64.b64encode(d).decode()} for d in data]}).encode()
        headers = {"X_Amz_Firehose_Request_Id": f"r-{number}", "X_Amz_Firehose_Access_Key": key,
                   "Content_Type": "application/json"}
        if compress:
            body, headers["Content_Encoding"] = gzip.compress(body), "gzip"
        status, text = post(server, "/push/firehose", body, **headers)
        answer = json.loads(text)
        self.assertEqual((answer["requestId"], type(answer["timestamp"])), (f"r-{number}", int))
        return status, answer.get("errorMessage")

    def subscription(self, *messages, kind="DATA_MESSAGE"):
        """As a subscription filter of CloudWatch Logs hands it to Firehose."""
        return gzip.compress(json.dumps({
            "messageType": kind, "owner": ACCOUNT, "logGroup": "g", "logStream": "s", "subscriptionFilters": ["f"],
            "logEvents": [{"id": str(i), "timestamp": now(), "message": m} for i, m in enumerate(messages)]}).encode())

    def test_of_firehose_are_taken_once_and_told_what_is_wrong(self):
        with Folder() as folder:
            path = os.path.join(folder, "key")
            with open(path, "w") as file:
                file.write(self.KEY + "\n")
            with Server("--controls", "cis", "--push-key", path, store=folder + "/s.db") as server:
                self.assertEqual(self.firehose(server, 1, self.subscription(record("StopLogging"), record("A"))), (200, None))
                self.assertEqual(self.firehose(server, 2, self.subscription(record("B")), record("C").encode(), compress=True),
                                 (200, None))
                self.assertEqual(self.firehose(server, 3, self.subscription("", kind="CONTROL_MESSAGE")), (200, None))
                self.assertEqual(len(stored(server)), 4)
                # Sent again, also after a crash.
                self.assertEqual(self.firehose(server, 1, self.subscription(record("StopLogging"), record("A"))), (200, None))
                server.kill()
                server.start()
                self.assertEqual(self.firehose(server, 2, self.subscription(record("B")), record("C").encode()), (200, None))
                self.assertEqual(len(stored(server)), 4)
                wait_for(lambda: server.client("cloudwatch").describe_alarms(
                    AlarmNames=["cloudtrail_cfg_changes"])["MetricAlarms"][0]["StateValue"] == "ALARM", "the alarm")
                for number, data, key, status, words in (
                        (4, self.subscription(record("D")), "wrong", 401, "access key"),
                        (5, self.subscription(record("D"))[:-9], self.KEY, 400, "damaged gzip"),
                        (6, b"no record", self.KEY, 400, "no CloudTrail record")):
                    told = self.firehose(server, number, data, key=key)
                    self.assertEqual(told[0], status)
                    self.assertIn(words, told[1])
                self.assertEqual(post(server, "/push/firehose", b"{}", X_Amz_Firehose_Access_Key=self.KEY)[0], 400)
                self.assertEqual(len(stored(server)), 4)

    def test_of_eventbridge_may_authorize_in_three_ways(self):
        with Folder() as folder:
            path = os.path.join(folder, "key")
            with open(path, "w") as file:
                file.write(self.KEY)
            with Server("--controls", "cis", "--push-key", path) as server:
                def envelope(number):
                    return json.dumps({"version": "0", "id": f"e-{number}", "detail-type": "AWS API Call via CloudTrail",
                                       "detail": json.loads(record(f"Call{number}"))}).encode()

                basic = "Basic " + base64.b64encode(f"user:{self.KEY}".encode()).decode()
                for number, headers in enumerate(({"X_Api_Key": self.KEY}, {"Authorization": basic},
                                                  {"Authorization": "Bearer " + self.KEY})):
                    self.assertEqual(post(server, "/push/events", envelope(number), **headers)[0], 200)
                self.assertEqual(post(server, "/push/events", record("Bare").encode(), X_Api_Key=self.KEY)[0], 200)
                self.assertEqual(post(server, "/push/events", envelope(0), X_Api_Key=self.KEY)[0], 200)
                self.assertEqual(len(stored(server)), 4, "the second of one id is not counted")
                for headers in ({}, {"X_Api_Key": "no"}, {"Authorization": "Basic !"}):
                    self.assertEqual(post(server, "/push/events", envelope(9), **headers)[0], 401)
                self.assertEqual(post(server, "/push/events?log-group=none", envelope(9), X_Api_Key=self.KEY)[0], 404)

    def test_send_the_shared_logs_through_kills_at_random_and_they_count_once(self):
        if not os.path.isdir(SHARED):
            self.skipTest("the shared logs are not here")
        with open(os.path.join(SHARED, "expected.json")) as file:
            facts = json.load(file)
        facts["sets"] = {n: f for n, f in facts["sets"].items() if os.path.isdir(os.path.join(SHARED, n))}
        seed = random.randrange(1 << 30)
        print(f"random kills with seed {seed}")
        chance = random.Random(seed)
        with Folder() as folder, Server(store=folder + "/s.db") as server:
            prepare(server, facts)
            hour = time.gmtime().tm_hour
            requests = []
            for name in facts["sets"]:
                paths = sorted(glob.glob(os.path.join(SHARED, name) + "/**/*.json*", recursive=True))
                records = [r for p in paths for r in json.loads((gzip.open if p.endswith("gz") else open)(p).read())["Records"]]
                # By the hundred through Firehose, as subscriptions send them; a part of them one by one from EventBridge.
                alone = records[:400]
                for number, event in enumerate(alone):
                    requests.append((f"/push/events?log-group={name}", json.dumps(
                        {"id": f"{name}-{number}", "detail-type": "AWS API Call via CloudTrail", "detail": event})))
                for start in range(len(alone), len(records), 100):
                    data = self.subscription(*[json.dumps(r) for r in records[start:start + 100]])
                    requests.append((f"/push/firehose?log-group={name}", json.dumps(
                        {"requestId": f"{name}-{start}", "timestamp": now(), "records": [{"data": base64.b64encode(data).decode()}]})))
            chance.shuffle(requests)
            kills = set(chance.sample(range(len(requests)), KILLS))
            for number, (path, body) in enumerate(requests):
                headers = {"Content_Type": "application/json"}
                if "firehose" in path:
                    headers["X_Amz_Firehose_Request_Id"] = json.loads(body)["requestId"]
                if number in kills:
                    # While the request is on its way; the sender does not know whether it was taken, and sends again.
                    def send():
                        try:
                            post(server, path, body.encode(), **headers)
                        except OSError:
                            pass
                    sender = threading.Thread(target=send)
                    sender.start()
                    time.sleep(chance.uniform(0, 0.01))  # the moment of the kill is the point
                    server.kill()
                    sender.join()
                    server.start()
                status, text = post(server, path, body.encode(), **headers)
                self.assertEqual(status, 200, text)
            compare(self, server, facts, hour)


if __name__ == "__main__":
    unittest.main()
