"""What is acknowledged is on disk: the server is killed at random moments under load and must have lost nothing."""
import json
import os
import subprocess
import random
import threading
import time
import unittest
import urllib.request

from harness import Folder, Server, Subscriber, now, wait_for

KILLS = int(os.environ.get("END_TO_END_KILLS", "50"))
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"


class ACrash(unittest.TestCase):
    def test_loses_nothing_that_was_acknowledged_and_no_notification(self):
        seed = random.randrange(1 << 30)
        print(f"random kills with seed {seed}")
        chance = random.Random(seed)
        acknowledged, attempted, lock = set(), set(), threading.Lock()
        with Folder() as folder, Subscriber() as subscriber:
            server = Server(store=os.path.join(folder, "store.db"))
            with server:
                logs, sns, cloudwatch = server.client("logs"), server.client("sns"), server.client("cloudwatch")
                logs.create_log_group(logGroupName="g")
                for number in range(3):
                    logs.create_log_stream(logGroupName="g", logStreamName=f"s{number}")
                logs.put_metric_filter(
                    logGroupName="g", filterName="f", filterPattern='{ $.kind = "a" }',
                    metricTransformations=[dict(metricName="m", metricNamespace="n", metricValue="1")])
                sns.create_topic(Name="t")
                sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=subscriber.url)
                wait_for(lambda: sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsConfirmed"] == "1",
                         "the confirmation")
                transitions = set()
                for kill in range(KILLS):
                    name = f"alarm-{kill}"
                    cloudwatch = server.client("cloudwatch")
                    cloudwatch.put_metric_alarm(
                        AlarmName=name, MetricName="never", Namespace="n", Statistic="Sum", Period=60,
                        EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
                        AlarmActions=[TOPIC], TreatMissingData="ignore")
                    stop = threading.Event()

                    def load(number):
                        client = server.client("logs")
                        while not stop.is_set():
                            ids = [f"{kill}-{number}-{random.getrandbits(60):x}" for _ in range(random.choice((1, 7, 40)))]
                            events = [dict(timestamp=now(), message=json.dumps({"id": i, "kind": "ab"[len(i) % 2]}))
                                      for i in ids]
                            with lock:
                                attempted.update(ids)
                            try:
                                client.put_log_events(logGroupName="g", logStreamName=f"s{number}", logEvents=events)
                            except Exception:
                                continue
                            with lock:
                                acknowledged.update(ids)

                    threads = [threading.Thread(target=load, args=(n,)) for n in range(3)]
                    for thread in threads:
                        thread.start()
                    time.sleep(chance.uniform(0.02, 0.15))
                    try:
                        cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
                        transitions.add(name)
                    except Exception:
                        pass
                    time.sleep(chance.uniform(0, 0.03))
                    server.kill()
                    stop.set()
                    for thread in threads:
                        thread.join()
                    server.start()
                self.check(server, acknowledged, attempted)
                self.assertGreater(len(acknowledged), KILLS)
                told = lambda: {json.loads(m["Message"])["AlarmName"] for m in subscriber.notifications()}
                wait_for(lambda: transitions <= told(), "the notifications of all transitions", 30)
                self.assertEqual(subscriber.faults, [])

    def check(self, server, acknowledged, attempted):
        logs, cloudwatch = server.client("logs"), server.client("cloudwatch")
        stored, token = [], {}
        while True:
            page = logs.filter_log_events(logGroupName="g", **token)
            stored += [(e["timestamp"], json.loads(e["message"])) for e in page["events"]]
            if "nextToken" not in page:
                break
            token = dict(nextToken=page["nextToken"])
        ids = [event["id"] for _, event in stored]
        self.assertEqual(len(ids), len(set(ids)), "an event is stored twice")
        self.assertEqual(acknowledged - set(ids), set(), "an acknowledged event is lost")
        self.assertEqual(set(ids) - attempted, set(), "an event nobody sent")
        recount = {}
        for time_stamp, event in stored:
            if event["kind"] == "a":
                recount[time_stamp // 60000] = recount.get(time_stamp // 60000, 0) + 1
        if not recount:
            return
        points = cloudwatch.get_metric_statistics(
            Namespace="n", MetricName="m", Period=60, Statistics=["Sum"], StartTime=min(recount) * 60,
            EndTime=(max(recount) + 1) * 60)["Datapoints"]
        counted = {int(p["Timestamp"].timestamp()) // 60: int(p["Sum"]) for p in points}
        self.assertEqual(counted, recount, "a metric differs from the recount of the stored events")


class ARestart(unittest.TestCase):
    def test_on_a_signal_answers_every_running_call(self):
        with Folder() as folder:
            server = Server(store=os.path.join(folder, "store.db"))
            with server:
                logs = server.client("logs")
                logs.create_log_group(logGroupName="g")
                logs.create_log_stream(logGroupName="g", logStreamName="s")
                failed, sent, stop = [], [], threading.Event()

                def load():
                    client = server.client("logs")
                    while not stop.is_set():
                        try:
                            client.put_log_events(
                                logGroupName="g", logStreamName="s", logEvents=[dict(timestamp=now(), message="x")])
                            sent.append(1)
                        except Exception as error:
                            # Only calls that could not even connect may fail.
                            if "Could not connect" not in str(error):
                                failed.append(str(error))
                            return

                threads = [threading.Thread(target=load) for _ in range(8)]
                for thread in threads:
                    thread.start()
                wait_for(lambda: len(sent) > 100, "some load")
                self.assertEqual(server.stop(), 0)
                stop.set()
                for thread in threads:
                    thread.join()
                self.assertEqual(failed, [])
                server.start()
                page = server.client("logs").filter_log_events(logGroupName="g")
                self.assertGreaterEqual(len(page["events"]), min(len(sent), 10_000))

    def test_on_an_address_that_is_taken_is_refused(self):
        with Server() as server:
            with self.assertRaises(AssertionError) as caught:
                Server(port=server.port)
            self.assertIn("cannot listen", str(caught.exception))

    def test_a_store_of_a_newer_version_is_refused_with_words(self):
        import sqlite3
        with Folder() as folder:
            path = os.path.join(folder, "store.db")
            with Server(store=path) as server:
                server.stop()
            with sqlite3.connect(path) as database:
                database.execute("PRAGMA user_version = 99")
            with self.assertRaisesRegex(AssertionError, "has form 99"):
                Server(store=path)


if __name__ == "__main__":
    unittest.main()


@unittest.skipUnless(os.geteuid() == 0, "only root can make a small file system")
class AFullDisk(unittest.TestCase):
    def test_is_told_stores_nothing_in_part_and_recovers_by_itself(self):
        with Folder() as folder:
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], capture_output=True)
            if mounted.returncode != 0:
                self.skipTest("no file system can be mounted here")
            try:
                self.fill(folder)
            finally:
                subprocess.run(["umount", "-l", folder], check=True)

    def fill(self, folder):
        with Server(store=os.path.join(folder, "store.db")) as server:
            logs = server.client("logs")
            logs.create_log_group(logGroupName="g")
            logs.create_log_stream(logGroupName="g", logStreamName="s")
            acknowledged, refused = 0, []

            def put(count):
                nonlocal acknowledged
                try:
                    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[
                        dict(timestamp=now(), message=os.urandom(2000).hex()) for _ in range(count)])
                    acknowledged += count
                except logs.exceptions.ServiceUnavailableException as error:
                    refused.append(error.response["ResponseMetadata"]["HTTPStatusCode"])

            ballast = os.path.join(folder, "ballast")
            with open(ballast, "wb") as file:
                file.write(bytes(4 << 20))
            while len(refused) < 3:
                put(20)
            self.assertEqual(refused, [503] * 3)
            os.remove(ballast)
            put(20)
            self.assertEqual(len(refused), 3, "it did not recover")
            found, more = 0, {}
            while True:
                page = logs.filter_log_events(logGroupName="g", **more)
                found += len(page["events"])
                if "nextToken" not in page:
                    break
                more = dict(nextToken=page["nextToken"])
            self.assertEqual(found, acknowledged)
