"""Events come in from a bucket, found by listing it or told by a queue; S3 and SQS are moto's."""
import glob
import gzip
import json
import os
import random
import subprocess
import time
import unittest
import urllib.parse
import urllib.request

import boto3

from harness import ACCOUNT, BIN, REGION, Folder, Server, Subscriber, free_port, record, wait_for
from test_sources import SHARED, compare, prepare, status, stored

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
TODAY = time.strftime("%Y/%m/%d", time.gmtime())


class Moto:
    """Buckets and queues."""

    def __enter__(self):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([os.path.join(BIN, "moto_server"), "-p", str(port)], stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        wait_for(self.answers, "moto", 30)
        self.s3, self.sqs = self.client("s3"), self.client("sqs")
        self.s3.create_bucket(Bucket="trail")
        return self

    def answers(self):
        try:
            return urllib.request.urlopen(self.url + "/moto-api/data.json").status == 200
        except OSError:
            return False

    def client(self, service):
        return boto3.client(service, endpoint_url=self.url, region_name=REGION, aws_access_key_id="test",
                            aws_secret_access_key="test")

    def waiting(self, queue):
        attributes = self.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        return sum(int(attributes[n]) for n in ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"))

    def deliver(self, name, *records, region="eu-west-1", day=TODAY, root="", body=None):
        """As CloudTrail does, and gives the key."""
        key = f"{root}AWSLogs/{ACCOUNT}/CloudTrail/{region}/{day}/{ACCOUNT}_CloudTrail_{name}.json.gz"
        text = json.dumps({"Records": [json.loads(r) for r in records]}).encode()
        self.s3.put_object(Bucket="trail", Key=key, Body=gzip.compress(text) if body is None else body)
        return key

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


class ABucket(unittest.TestCase):
    def test_is_listed_by_account_region_and_day_and_every_file_is_taken_once(self):
        with Moto() as moto, Folder() as folder:
            moto.deliver("a", record("StopLogging"), record("ListUsers"))
            moto.deliver("b", record("CreateVpc"), region="us-east-1")
            moto.deliver("years-ago", record("Old"), day="2019/01/01")
            moto.deliver("org", record("LeaveOrganization"), root="mine/")
            moto.s3.put_object(Bucket="trail", Key=f"AWSLogs/{ACCOUNT}/CloudTrail-Digest/eu-west-1/{TODAY}/d.json.gz", Body=b"x")
            with Server("--controls", "cis", "--source", f"s3://trail,poll=1,endpoint-url={moto.url}",
                        store=folder + "/s.db", environment=KEYS) as server:
                wait_for(lambda: len(stored(server)) == 3, "the files of today")
                moto.deliver("c", record("DeleteVpc"))
                wait_for(lambda: len(stored(server)) == 4, "a new file")
                moto.deliver("torn", body=gzip.compress(b'{"Records":[' + record("X").encode() * 99)[:-20])
                (source,) = wait_for(lambda: [s for s in status(server) if s["setAside"]], "the torn file set aside")
                self.assertIn("torn", source["setAside"][0]["reason"])
                server.kill()
                moto.deliver("d", record("CreateSubnet"))
                server.start()
                wait_for(lambda: len([m for m in stored(server) if "CreateSubnet" in m]) == 1, "the file of the meantime")
                self.assertEqual(len([m for m in stored(server) if "StopLogging" in m]), 1)
                # Both a bucket and its queue: once.
                queue = moto.sqs.create_queue(QueueName="files")["QueueUrl"]
                server.kill()
                server.options += ["--source", f"sqs:{queue},endpoint-url={moto.url}"]
                server.start()
                for number in range(20):
                    moto.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps({
                        "s3Bucket": "trail", "s3ObjectKey": [moto.deliver(f"twice{number}", record(f"Twice{number}"))]}))
                wait_for(lambda: len([m for m in stored(server) if "Twice" in m]) >= 20, "all of them")
                time.sleep(1.5)  # another poll of the bucket
                self.assertEqual(len([m for m in stored(server) if "Twice" in m]), 20)
            with Server("--source", f"s3://trail/mine/AWSLogs/,log-group=own,since=2019-01-01,endpoint-url={moto.url}",
                        environment=KEYS) as server:
                # A year of empty days is listed once.
                wait_for(lambda: len(stored(server, "own")) == 1, "the file below the prefix", 60)

    def test_tells_a_queue_of_new_files_and_messages_are_deleted_when_they_are_stored(self):
        with Moto() as moto, Folder() as folder, Subscriber() as subscriber:
            queue = moto.sqs.create_queue(QueueName="files", Attributes={"VisibilityTimeout": "1"})["QueueUrl"]

            def tell(body):
                moto.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))

            def waiting():
                return moto.waiting(queue)

            def event(key):
                return {"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {
                    "bucket": {"name": "trail"}, "object": {"key": urllib.parse.quote_plus(key), "size": 1}}}]}

            tell({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "trail"})
            with Server("--controls", "cis", "--source", f"sqs:{queue},endpoint-url={moto.url}", store=folder + "/s.db",
                        environment=KEYS) as server:
                sns = server.client("sns")
                topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"
                sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
                wait_for(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1",
                         "the confirmation")
                wait_for(lambda: waiting() == 0, "the test message gone", 30)
                begin = time.monotonic()
                first = moto.deliver("a b+c", record("StopLogging"))
                tell(event(first))
                wait_for(lambda: any("cloudtrail_cfg_changes" in m["Subject"] for m in subscriber.notifications()), "the alarm")
                self.assertLess(time.monotonic() - begin, 5)
                tell({"Type": "Notification", "Message": json.dumps(event(moto.deliver("sns", record("A"))))})
                tell({"detail-type": "Object Created", "detail": {"bucket": {"name": "trail"}, "object": {
                    "key": moto.deliver("bridge", record("B"))}}})
                tell({"s3Bucket": "trail", "s3ObjectKey": [moto.deliver("own", record("C"))]})
                tell(event(first))  # told twice
                wait_for(lambda: len(stored(server)) == 4, "every kind of message")
                wait_for(lambda: waiting() == 0, "all messages deleted", 30)
                self.assertEqual(len(stored(server)), 4)
                # A message that tells of nothing stays, and is not in the way.
                tell({"what": "is this"})
                tell(event(moto.deliver("last", record("D"))))
                wait_for(lambda: len(stored(server)) == 5, "the file behind it", 30)
                (source,) = wait_for(lambda: [s for s in status(server) if s["setAside"]], "the message set aside")
                self.assertIn("tells of no file", source["setAside"][0]["reason"])
                self.assertEqual(waiting(), 1)

    def test_and_a_queue_take_the_shared_logs_exactly_once_through_kills(self):
        if not os.path.isdir(SHARED):
            self.skipTest("the shared logs are not here")
        with open(os.path.join(SHARED, "expected.json")) as file:
            facts = json.load(file)
        sets = {n: f for n, f in facts["sets"].items() if os.path.isdir(os.path.join(SHARED, n))}
        for way in ("s3", "sqs"):
            with self.subTest(way), Moto() as moto, Folder() as folder:
                sources, queues = [], []
                # A listing finds delivery folders; a queue tells of any file.
                facts["sets"] = {n: f for n, f in sets.items() if way == "sqs" or glob.glob(f"{SHARED}/{n}/**/AWSLogs", recursive=True)}
                self.assertGreater(len(facts["sets"]), 1)
                for name in facts["sets"]:
                    root = os.path.join(SHARED, name)
                    keys = []
                    for path in sorted(glob.glob(root + "/**/*.json*", recursive=True)):
                        keys.append(name + "/" + os.path.relpath(path, root))
                        with open(path, "rb") as file:
                            moto.s3.put_object(Bucket="trail", Key=keys[-1], Body=file.read())
                    if way == "s3":
                        sources.append(f"s3://trail/{name},since=2017-01-01,poll=1")
                        continue
                    queue = moto.sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
                    queues.append(queue)
                    for start in range(0, len(keys), 25):
                        moto.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(
                            {"s3Bucket": "trail", "s3ObjectKey": keys[start:start + 25]}))
                    sources.append(f"sqs:{queue}")
                with Server(store=folder + "/s.db", environment=KEYS) as server:
                    prepare(server, facts)
                    hour = time.gmtime().tm_hour
                    for name, source in zip(facts["sets"], sources):
                        server.options += ["--source", f"{source},log-group={name},endpoint-url={moto.url}"]
                    for _ in range(6):
                        server.kill()
                        server.start()
                        time.sleep(random.uniform(0.1, 0.9))  # the moment of the kill is the point
                    wait_for(lambda: all(s["caughtUp"] for s in status(server)), "all that there is", 120)
                    wait_for(lambda: not any(moto.waiting(queue) for queue in queues), "the queues empty", 120)
                    compare(self, server, facts, hour)


if __name__ == "__main__":
    unittest.main()
