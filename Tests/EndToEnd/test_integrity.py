"""Log file validation: digests signed by the tests, with the AWS CLI's `validate-logs` for a judge."""
import base64
import datetime
import gzip
import hashlib
import json
import os
import random
import re
import subprocess
import unittest
import urllib.request

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from harness import ACCOUNT, BIN, BINARY, Folder, Listener, Server, Subscriber, wait_for
from test_buckets import KEYS, Moto

REGION = "eu-west-1"
START = datetime.datetime(2026, 3, 1)


def tool(*words, **environment):
    return subprocess.run([BINARY, *words], capture_output=True, text=True, env={**os.environ, **KEYS, **environment})


class Key:
    def __init__(self):
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.der = self.private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        self.fingerprint = hashlib.md5(self.der).hexdigest()

    def sign(self, message):
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256()).hex()

    @property
    def entry(self):
        return {"Value": base64.b64encode(self.der).decode(), "ValidityStartTime": START.timestamp() - 9e6,
                "ValidityEndTime": START.timestamp() + 9e7, "Fingerprint": self.fingerprint}


KEY, STRANGER = Key(), Key()


class PublicKeys(Listener):
    """CloudTrail's ListPublicKeys, which moto has not."""

    def post(self, path, headers, body):
        is_known = headers["X-Amz-Target"].endswith("ListPublicKeys")
        answer = {"PublicKeyList": [KEY.entry]} if is_known else {"__type": "InvalidAction"}
        return 200 if is_known else 400, "application/x-amz-json-1.1", json.dumps(answer).encode()


class Trail:
    """Digests and log files as CloudTrail delivers them: objects by key, with the metadata of each."""

    def __init__(self, hours, name="my_trail", logs=2, root="", start=START, backfill=False, organization=""):
        self.objects, self.name, self.folder = {}, name, f"{root}AWSLogs/{organization}{ACCOUNT}"
        self.digests, self.logs = [], []
        previous = None
        for hour in range(hours):
            previous = self.hour(start + datetime.timedelta(hours=hour), previous, logs, backfill)

    def hour(self, start, previous, logs, backfill=False, key=KEY, fingerprint=None):
        end = start + datetime.timedelta(hours=1)
        folder = self.folder
        entries = []
        for number in range(logs):
            log = (f"{folder}/CloudTrail/{REGION}/{start:%Y/%m/%d}/{ACCOUNT}_CloudTrail_{REGION}_"
                   f"{start:%Y%m%dT%H}{number % 60:02}Z_{random.getrandbits(48):012x}.json.gz")
            text = json.dumps({"Records": [{"eventName": f"{start} {number}"}]}).encode()
            self.objects[log] = (gzip.compress(text), {})
            self.logs.append(log)
            entries.append({"s3Bucket": "trail", "s3Object": log, "hashValue": hashlib.sha256(text).hexdigest(),
                            "hashAlgorithm": "SHA-256", "newestEventTime": f"{end:%Y-%m-%dT%H:%M:%SZ}",
                            "oldestEventTime": f"{start:%Y-%m-%dT%H:%M:%SZ}"})
        place = (f"{folder}/CloudTrail-Digest/{REGION}/{end:%Y/%m/%d}/{ACCOUNT}_CloudTrail-Digest_{REGION}_{self.name}_"
                 f"{REGION}_{end:%Y%m%dT%H%M%SZ}{'_backfill' if backfill else ''}.json.gz")
        digest = {"awsAccountId": ACCOUNT, "digestStartTime": f"{start:%Y-%m-%dT%H:%M:%SZ}",
                  "digestEndTime": f"{end:%Y-%m-%dT%H:%M:%SZ}", "digestS3Bucket": "trail", "digestS3Object": place,
                  "digestPublicKeyFingerprint": fingerprint or key.fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
                  "previousDigestS3Bucket": "trail" if previous else None, "previousDigestS3Object": previous,
                  "previousDigestSignature": self.objects[previous][1]["signature"] if previous else None,
                  "previousDigestHashValue": hashlib.sha256(
                      gzip.decompress(self.objects[previous][0])).hexdigest() if previous else None,
                  "previousDigestHashAlgorithm": "SHA-256", "logFiles": entries}
        text = json.dumps(digest).encode()
        signed = "\n".join([digest["digestEndTime"], f"trail/{place}", hashlib.sha256(text).hexdigest(),
                            digest["previousDigestSignature"] or "null"])
        metadata = {"signature": key.sign(signed.encode()), "signature-algorithm": "SHA256withRSA"}
        if backfill:
            metadata["backfill-generation-timestamp"] = f"{end:%Y-%m-%dT%H:%M:%SZ}"
        self.objects[place] = (gzip.compress(text), metadata)
        self.digests.append(place)
        return place

    def upload(self, s3):
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket="trail"):
            for entry in page.get("Contents", []):
                s3.delete_object(Bucket="trail", Key=entry["Key"])
        for key, (body, metadata) in self.objects.items():
            s3.put_object(Bucket="trail", Key=key, Body=body, Metadata=metadata)

    def write(self, folder):
        for key, (body, _) in self.objects.items():
            path = os.path.join(folder, key)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as file:
                file.write(body)

    def change(self, key, change):
        """Another text, with the old metadata."""
        body, metadata = self.objects[key]
        self.objects[key] = (gzip.compress(change(gzip.decompress(body))), metadata)


DAMAGES = {
    "log changed": lambda t, r: t.change(r.choice(t.logs), lambda x: x.replace(b"eventName", b"eventNome")),
    "log gone": lambda t, r: t.objects.pop(r.choice(t.logs), None),
    "log torn": lambda t, r: Trail.put(t, r.choice(t.logs), lambda b: b[:-12]),
    "log no gzip": lambda t, r: Trail.put(t, r.choice(t.logs), lambda b: b"{}"),
    "log again compressed": lambda t, r: Trail.put(t, r.choice(t.logs), lambda b: gzip.compress(gzip.decompress(b), 1)),
    "digest changed": lambda t, r: t.change(r.choice(t.digests), lambda x: x.replace(b'"logFiles": [{', b'"logFiles": [ {')),
    "digest gone": lambda t, r: t.objects.pop(r.choice(t.digests), None),
    "digest no JSON": lambda t, r: t.change(r.choice(t.digests), lambda x: x[:-9]),
    "digest torn": lambda t, r: Trail.put(t, r.choice(t.digests), lambda b: b[:-20]),
    "digest without a member": lambda t, r: t.change(r.choice(t.digests), lambda x: x.replace(b"digestStartTime", b"x")),
    "digest moved": lambda t, r: Trail.put(t, r.choice(t.digests), lambda b: t.objects.get(t.digests[0], (b,))[0]),
    "signature gone": lambda t, r: Trail.sign(t, r.choice(t.digests), {}),
    "signature wrong": lambda t, r: Trail.sign(
        t, r.choice(t.digests), {"signature": STRANGER.sign(b"x"), "signature-algorithm": "SHA256withRSA"}),
    "signature no hex": lambda t, r: Trail.sign(
        t, r.choice(t.digests), {"signature": "zz", "signature-algorithm": "SHA256withRSA"}),
}


def put(trail, key, change):
    if key in trail.objects:
        trail.objects[key] = (change(trail.objects[key][0]), trail.objects[key][1])


def sign(trail, key, metadata):
    if key in trail.objects:
        kept = {k: v for k, v in trail.objects[key][1].items() if k.startswith("backfill")}
        trail.objects[key] = (trail.objects[key][0], {**kept, **metadata})


Trail.put, Trail.sign = put, sign


# What the CLI does not look for.
OURS = {"no digest names it", "its digest is yet to come", "the chain passes it by"}


class Verification(unittest.TestCase):
    def ours(self, path, *options, code=None, **environment):
        got = tool("verify", path, "--json", "--verbose", *options, **environment)
        if code is not None:
            self.assertEqual(got.returncode, code, got.stdout + got.stderr)
        report = json.loads(got.stdout)
        return report, {f["name"]: f for f in report["findings"] if f["subject"] != "gap"}

    def judge(self, moto, keys, since, until):
        """What the CLI says of each file."""
        got = subprocess.run(
            [os.path.join(BIN, "aws"), "cloudtrail", "validate-logs", "--trail-arn",
             f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/my_trail", "--s3-bucket", "trail", "--start-time", since,
             "--end-time", until, "--verbose", "--region", REGION],
            capture_output=True, text=True,
            env={**os.environ, **KEYS, "AWS_ENDPOINT_URL_S3": moto.url, "AWS_ENDPOINT_URL_CLOUDTRAIL": keys.url})
        said = {}
        for line in (got.stdout + got.stderr).splitlines():
            parts = re.match(r"(?:\(backfill\) )?(?:Digest|Log) file\t(\S+)\t(.*)", line)
            if parts:
                said[parts[1]] = "valid" if parts[2] == "valid" else "deleted" if "not found" in parts[2] \
                    and "public key" not in parts[2] else "modified"
        return said, got

    def test_gives_the_verdicts_of_the_aws_cli(self):
        seed = int(os.environ.get("SEED", random.randrange(1 << 30)))
        print(f"damages with seed {seed}", flush=True)
        chance = random.Random(seed)
        with Moto() as moto, PublicKeys() as keys:
            for number in range(16):
                trail = Trail(6, logs=2)
                # A second, unlinked part, as after an hour without validation; and one that came afterwards.
                second = Trail(4, start=START + datetime.timedelta(hours=8))
                later = Trail(2, start=START + datetime.timedelta(hours=2), backfill=True)
                for other in (second, later):
                    trail.objects.update(other.objects)
                    trail.digests += other.digests
                    trail.logs += other.logs
                names = list(DAMAGES)
                for name in [] if number == 0 else {names[(number - 1) % len(names)], chance.choice(names)}:
                    DAMAGES[name](trail, chance)
                if number == 15:
                    trail.hour(START + datetime.timedelta(hours=14), None, 1, key=STRANGER)
                trail.upload(moto.s3)
                since, until = ("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z") if number % 3 else (
                    "2026-03-01T02:30:00Z", "2026-03-01T10:30:00Z")
                said, output = self.judge(moto, keys, since, until)
                report, found = self.ours(
                    "s3://trail", "--since", since, "--until", until, AWS_ENDPOINT_URL_S3=moto.url,
                    AWS_ENDPOINT_URL_CLOUDTRAIL=keys.url, code=None)
                got = {n: f["verdict"] for n, f in found.items() if f["reason"] not in OURS}
                self.assertEqual(got, said, f"trail {number}, seed {seed}\n{output.stdout}{output.stderr}")
                self.assertTrue(said)

    def test_tells_files_that_no_digest_names_and_hours_without_digests(self):
        with Moto() as moto, PublicKeys() as keys:
            access = {"AWS_ENDPOINT_URL_S3": moto.url, "AWS_ENDPOINT_URL_CLOUDTRAIL": keys.url}
            trail = Trail(3, root="mine/")
            later = Trail(2, start=START + datetime.timedelta(hours=5), root="mine/")
            trail.objects.update(later.objects)
            planted = trail.logs[0].replace("Z_", "Z_planted")
            trail.objects[planted] = (gzip.compress(b'{"Records":[]}'), {})
            trail.upload(moto.s3)
            when = ["--since", "2026-03-01", "--until", "2026-03-01T08:00:00Z"]
            report, found = self.ours("s3://trail/mine/AWSLogs/", *when, code=0, **access)
            self.assertEqual(found[f"s3://trail/{planted}"]["verdict"], "unverified")
            self.assertEqual((report["logFiles"]["valid"], report["logFiles"]["unverified"], report["gaps"]), (10, 1, 1))
            (gap,) = [f for f in report["findings"] if f["subject"] == "gap"]
            self.assertEqual((gap["start"], gap["end"]), ("2026-03-01T03:00:00Z", "2026-03-01T05:00:00Z"))
            self.ours("s3://trail/mine", *when, "--strict", code=1, **access)
            # A region that has lost its digests has files all the same.
            lost = [key for key in trail.objects if "-Digest" in key]
            for key in lost:
                moto.s3.delete_object(Bucket="trail", Key=key)
            report, _ = self.ours("s3://trail/mine", *when, "--strict", code=1, **access)
            self.assertEqual((report["digests"]["valid"], report["logFiles"]["unverified"]), (0, 11))
            trail.upload(moto.s3)
            # Nothing at all is not all right.
            report, _ = self.ours("s3://trail/mine", "--since", "2025-01-01", "--until", "2025-01-02", code=3, **access)
            report, _ = self.ours("s3://trail/mine", "--trail", "another", *when, code=3, **access)
            # And digests that ceased are a gap.
            report, _ = self.ours("s3://trail/mine", "--since", "2026-03-01", "--until", "2026-03-02", code=0, **access)
            self.assertEqual(report["gaps"], 2)
            got = tool("verify", "s3://none", *when, **access)
            self.assertEqual(got.returncode, 3)
            self.assertIn("NoSuchBucket", got.stderr)

    def test_a_second_gzip_member_behind_a_log_file_is_a_change(self):
        # Readers take its records; the CLI hashes the first member only.
        with Folder() as folder:
            trail = Trail(2)
            Trail.put(trail, trail.logs[0], lambda b: b + gzip.compress(b'{"Records":[]}'))
            trail.write(folder)
            with open(folder + "/keys.json", "w") as file:
                json.dump({"PublicKeyList": [KEY.entry]}, file)
            _, found = self.ours(folder, "--public-keys", folder + "/keys.json", code=1)
            self.assertEqual([f["reason"] for f in found.values() if f["verdict"] == "modified"], ["its hash is another"])

    def test_walks_every_trail_of_an_organization(self):
        with Folder() as folder:
            for name, hours in (("one", 2), ("two_of_them", 3)):
                Trail(hours, name=name, organization="o-abc1234567/", root="some/where/").write(folder)
            with open(folder + "/keys.json", "w") as file:
                json.dump({"PublicKeyList": [KEY.entry]}, file)
            report, found = self.ours(folder, "--public-keys", folder + "/keys.json", code=3)
            self.assertEqual((report["digests"]["valid"], report["digests"]["unverified"]), (3, 2))
            self.assertEqual({f["trail"] for f in found.values()}, {"one", "two_of_them"})
            report, _ = self.ours(folder, "--public-keys", folder + "/keys.json", "--trail", "one", code=3)
            self.assertEqual((report["digests"]["valid"], report["logFiles"]["valid"]), (1, 2))
            self.assertEqual(report["logFiles"]["unverified"], 2, "the files of the other trail are not asked about")

    def test_is_not_led_astray_by_what_a_forged_digest_says(self):
        with Folder() as folder:
            keys = folder + "/keys.json"
            with open(keys, "w") as file:
                json.dump({"PublicKeyList": [KEY.entry]}, file)

            def forged(**members):
                """The newest of a copy, whose signature is lost: a digest that nobody signed."""
                trail = Trail(5)
                trail.change(trail.logs[2], lambda x: x.replace(b"eventName", b"eventNome"))
                newest = json.loads(gzip.decompress(trail.objects[trail.digests[-1]][0]))
                body = json.dumps({**newest, **members}).encode()
                trail.objects[trail.digests[-1]] = (gzip.compress(body), {})
                return trail

            for number, members in enumerate((
                    {"previousDigestS3Object": Trail(5).digests[-1]}, {"previousDigestS3Object": Trail(5).digests[0]},
                    {"digestStartTime": "1970-01-01T00:00:00Z"}, {"digestEndTime": "9999-12-31T23:59:59Z"},
                    {"previousDigestS3Object": "AWSLogs/../../../etc/passwd"})):
                copy = f"{folder}/{number}"
                forged(**members).write(copy)
                report, found = self.ours(copy, "--public-keys", keys, "--since", "2026-03-01", code=1)
                self.assertEqual(report["logFiles"]["modified"], 1, members)
            # One that chooses a key that nobody knows is known by the digest behind it.
            trail = Trail(4)
            trail.change(trail.digests[1], lambda x: x.replace(KEY.fingerprint.encode(), b"0" * 32))
            trail.write(folder + "/key")
            report, found = self.ours(folder + "/key", "--public-keys", keys, code=1)
            self.assertEqual((report["digests"]["modified"], report["digests"]["valid"]), (1, 2))
            # Decoys of the same hours hide nothing.
            trail = Trail(4)
            trail.change(trail.logs[3], lambda x: x + b" ")
            for digest in trail.digests:
                trail.objects[digest.replace("/2026/03/01/", "/2026/03/9901/")] = (gzip.compress(b"{}"), {})
            trail.write(folder + "/decoys")
            report, found = self.ours(folder + "/decoys", "--public-keys", keys, code=1)
            self.assertEqual((report["digests"]["valid"], report["logFiles"]["modified"], report["logFiles"]["valid"]), (3, 1, 5))
            self.assertEqual(len([f for n, f in found.items() if "9901" in n]), 4)
            # What is no log file is not read: a pipe would never end.
            trail = Trail(3)
            trail.write(folder + "/pipe")
            os.remove(f"{folder}/pipe/{trail.logs[0]}")
            os.mkfifo(f"{folder}/pipe/{trail.logs[0]}")
            report, found = self.ours(folder + "/pipe", "--public-keys", keys, code=3)
            self.assertIn("it is no file", [f["reason"] for f in found.values()])
            os.mkfifo(f"{folder}/pipe/{trail.logs[1]}.signature")
            os.mkfifo(f"{folder}/pipe/{trail.digests[-1]}.signature")
            self.ours(folder + "/pipe", "--public-keys", keys, code=3)
            # A folder that is no region leads to no address.
            trail = Trail(2)
            trail.objects = {k.replace(REGION, "evil.example#"): v for k, v in trail.objects.items()}
            trail.write(folder + "/evil")
            self.ours(folder + "/evil", code=3)

    def test_of_every_file_that_cannot_be_read_is_told(self):
        with Moto() as moto, PublicKeys() as keys:
            access = {"AWS_ENDPOINT_URL_S3": moto.url, "AWS_ENDPOINT_URL_CLOUDTRAIL": keys.url}
            trail = Trail(2)
            trail.hour(START + datetime.timedelta(hours=2), trail.digests[-1], 0)
            elsewhere = trail.hour(START + datetime.timedelta(hours=3), trail.digests[-1], 0)
            body = json.loads(gzip.decompress(trail.objects[elsewhere][0]))
            body["logFiles"] = [{"s3Bucket": "not-mine", "s3Object": "AWSLogs/x.json.gz", "hashValue": "0" * 64}]
            text = json.dumps(body).encode()
            signed = "\n".join([body["digestEndTime"], "trail/" + elsewhere, hashlib.sha256(text).hexdigest(), body["previousDigestSignature"]])
            trail.objects[elsewhere] = (gzip.compress(text), {
                "signature": KEY.sign(signed.encode()), "signature-algorithm": "SHA256withRSA"})
            trail.upload(moto.s3)
            report, found = self.ours("s3://trail", "--since", "2026-03-01", "--until", "2026-03-01T04:30:00Z", code=3, **access)
            self.assertEqual((report["digests"]["valid"], report["logFiles"]["valid"], report["logFiles"]["unverified"]), (4, 4, 1))

    def test_a_copy_is_verified_without_any_call(self):
        with Folder() as folder:
            trail = Trail(5)
            trail.write(folder + "/copy")
            keys = folder + "/keys.json"
            with open(keys, "w") as file:
                json.dump({"PublicKeyList": [KEY.entry]}, file)
            report, found = self.ours(folder, "--public-keys", keys, code=3)
            # The signature of the newest is in the metadata of the object only.
            self.assertEqual(report["digests"], {"valid": 4, "modified": 0, "deleted": 0, "unverified": 1})
            self.assertEqual(report["logFiles"], {"valid": 8, "modified": 0, "deleted": 0, "unverified": 2})
            with open(f"{folder}/copy/{trail.digests[-1]}.signature", "w") as file:
                file.write(trail.objects[trail.digests[-1]][1]["signature"] + "\n")
            report, _ = self.ours(folder + "/copy/AWSLogs", "--public-keys", keys, code=0)
            self.assertEqual((report["digests"]["valid"], report["logFiles"]["valid"]), (5, 10))
            os.remove(f"{folder}/copy/{trail.logs[3]}")
            with open(f"{folder}/copy/{trail.logs[4]}", "ab") as file:
                file.write(b"more")
            report, found = self.ours(folder, "--public-keys", keys, code=1)
            self.assertEqual(report["logFiles"], {"valid": 8, "modified": 1, "deleted": 1, "unverified": 0})
            # A forged digest leaves its own log files unverified, and not those of others.
            trail.change(trail.digests[2], lambda x: x.replace(b"eu-west-1", b"eu-west-9", 1))
            trail.write(folder + "/copy")
            report, found = self.ours(folder, "--public-keys", keys, code=1)
            self.assertEqual(report["digests"], {"valid": 4, "modified": 1, "deleted": 0, "unverified": 0})
            # Keys that are not there leave all open, and a file that holds none is refused.
            with open(keys, "w") as file:
                json.dump({"PublicKeyList": [STRANGER.entry]}, file)
            report, _ = self.ours(folder, "--public-keys", keys)
            self.assertEqual(report["digests"]["valid"], 0)
            with open(keys, "w") as file:
                file.write("{}")
            got = tool("verify", folder, "--public-keys", keys)
            self.assertEqual(got.returncode, 2)
            self.assertIn("list-public-keys", got.stderr)


class AServer(unittest.TestCase):
    def test_verifies_digests_as_they_come_and_rings_for_a_modified_file(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        with Moto() as moto, PublicKeys() as keys, Folder() as folder, Subscriber() as subscriber:
            trail = Trail(3, start=now - datetime.timedelta(hours=5))
            trail.upload(moto.s3)
            environment = {**KEYS, "AWS_ENDPOINT_URL_S3": moto.url, "AWS_ENDPOINT_URL_CLOUDTRAIL": keys.url}
            with Server("--verify-digests", "--source", "s3://trail,poll=1", store=folder + "/s.db",
                        environment=environment) as server:
                topic = server.client("sns").create_topic(Name="integrity")["TopicArn"]
                server.client("sns").subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
                wait_for(lambda: server.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"][
                    "SubscriptionsConfirmed"] == "1", "the confirmation")
                server.client("cloudwatch").put_metric_alarm(
                    AlarmName="modified logs", Namespace="Trailwarden", MetricName="IntegrityViolations", Statistic="Sum",
                    Period=300, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
                    TreatMissingData="notBreaching", AlarmActions=[topic])

                def integrity():
                    return json.load(urllib.request.urlopen(server.url + "/status"))["integrity"][0]

                wait_for(lambda: integrity()["counts"].get("log valid") == 6, "the first digests", 20)
                self.assertEqual(integrity()["counts"], {"digest valid": 3, "log valid": 6})
                self.assertEqual(subscriber.notifications(), [])
                server.kill()
                # An hour later, with a log file changed in the bucket.
                trail.hour(now - datetime.timedelta(hours=2), trail.digests[-1], 2)
                trail.change(trail.logs[-1], lambda x: x.replace(b"eventName", b"eventNome"))
                trail.upload(moto.s3)
                server.start()
                wait_for(lambda: integrity()["violations"], "the violation", 20)
                # What was verified before is not verified again.
                self.assertEqual(integrity()["counts"], {"digest valid": 1, "log valid": 1, "log modified": 1})
                self.assertIn(trail.logs[-1], integrity()["violations"][0])
                (told,) = wait_for(subscriber.notifications, "the notification", 20)
                evidence = json.loads(told["Message"])["Trailwarden"]["events"]
                self.assertIn("was modified", evidence[0]["text"])
                metrics = urllib.request.urlopen(server.url + "/metrics").read().decode()
                self.assertIn('kind="log",verdict="modified"} 1', metrics)
                self.assertTrue(any("was modified" in line for line in server.log))

    def test_is_not_blinded_by_a_digest_that_somebody_laid_there(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        with Moto() as moto, PublicKeys() as keys, Folder() as folder:
            trail = Trail(2, start=now - datetime.timedelta(hours=5))
            last = trail.digests[-1]
            laid = trail.hour(now - datetime.timedelta(hours=2, minutes=30), None, 0, key=STRANGER)
            body = json.loads(gzip.decompress(trail.objects[laid][0]))
            trail.objects[laid] = (gzip.compress(json.dumps({**body, "digestEndTime": "9999-12-31T23:59:59Z"}).encode()), {})
            trail.upload(moto.s3)
            with Server("--verify-digests", "--source", "s3://trail,poll=1", store=folder + "/s.db", environment={
                    **KEYS, "AWS_ENDPOINT_URL_S3": moto.url, "AWS_ENDPOINT_URL_CLOUDTRAIL": keys.url}) as server:
                def integrity():
                    return json.load(urllib.request.urlopen(server.url + "/status"))["integrity"][0]

                wait_for(lambda: integrity()["counts"] == {"digest valid": 2, "digest modified": 1, "log valid": 4}, "the first", 20)
                server.kill()
                trail.hour(now - datetime.timedelta(hours=3), last, 2)
                trail.change(trail.logs[-1], lambda x: x + b" ")
                trail.upload(moto.s3)
                server.start()
                wait_for(lambda: integrity()["violations"], "the changed file", 20)
                # The one that was laid there has been told of, and is not told again.
                self.assertEqual(["modified" in v and "CloudTrail/" in v for v in integrity()["violations"]], [True])

    def test_leaves_the_newest_digest_of_a_copy_open_until_the_next_one_comes(self):
        now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, minute=0, second=0, microsecond=0)
        with Folder() as folder:
            trail = Trail(3, start=now - datetime.timedelta(hours=5))
            trail.write(folder + "/copy")
            with open(folder + "/keys.json", "w") as file:
                json.dump({"PublicKeyList": [KEY.entry]}, file)
            with Server("--verify-digests", "--public-keys", folder + "/keys.json", "--source", folder + "/copy",
                        store=folder + "/s.db") as server:
                def integrity():
                    return json.load(urllib.request.urlopen(server.url + "/status"))["integrity"][0]

                wait_for(lambda: integrity()["counts"].get("log valid") == 4, "two of three digests")
                self.assertIn("signature", integrity()["pending"])
                server.kill()
                trail.hour(now - datetime.timedelta(hours=2), trail.digests[-1], 2)
                trail.write(folder + "/copy")
                server.start()
                wait_for(lambda: integrity()["counts"].get("log valid") == 2, "the third")
                self.assertEqual(integrity()["counts"], {"digest valid": 1, "log valid": 2})


if __name__ == "__main__":
    unittest.main()
