"""The protocols, the signatures, and what is refused."""
import gzip
import http.client
import json
import os
import time
import unittest
import urllib.error
import urllib.request

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import judge
from harness import Folder, Server, Subscriber, now, wait_for

TOPIC = "arn:aws:sns:us-east-1:123456789012:t"


def cbor_client(server, protocol):
    """A CloudWatch client that speaks one of the three protocols."""
    import boto3
    from botocore.loaders import Loader

    class Chosen(Loader):
        def load_service_model(self, *words, **more):
            model = super().load_service_model(*words, **more)
            if "metadata" in model and model["metadata"].get("serviceId") == "CloudWatch":
                model["metadata"]["protocols"] = [protocol]
                model["metadata"]["protocol"] = protocol
            return model

    session = botocore.session.Session()
    session.register_component("data_loader", Chosen(extra_search_paths=botocore.session.Session().get_component(
        "data_loader").search_paths))
    return judge.watch(boto3.Session(botocore_session=session).client(
        "cloudwatch", endpoint_url=server.url, region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test"))


class Protocols(unittest.TestCase):
    def test_of_cloudwatch_say_the_same(self):
        with Server() as server:
            told = {}
            for protocol in ("json", "query", "smithy-rpc-v2-cbor"):
                client = cbor_client(server, protocol)
                client.put_metric_alarm(
                    AlarmName="a", MetricName="m", Namespace="n", Statistic="Sum", Period=60, EvaluationPeriods=1,
                    Threshold=1.5, ComparisonOperator="GreaterThanThreshold", AlarmDescription='<&"> é',
                    Dimensions=[dict(Name="d", Value="v")], Tags=[dict(Key="k", Value="v")])
                client.put_metric_data(Namespace="n", MetricData=[
                    dict(MetricName="m", Value=2, Unit="Count", Timestamp=1000 * (now() // 1000) / 1000),
                    dict(MetricName="m2", Values=[1, 2.5], Counts=[3, 4])])
                alarm = client.describe_alarms(AlarmNames=["a"])["MetricAlarms"][0]
                with self.assertRaises(client.exceptions.ClientError) as caught:
                    client.set_alarm_state(AlarmName="none", StateValue="ALARM", StateReason="")
                error = caught.exception.response
                told[protocol] = (
                    {k: v for k, v in alarm.items() if "Timestamp" not in k}, error["Error"]["Code"],
                    error["ResponseMetadata"]["HTTPStatusCode"],
                    client.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"],
                    sorted(m["MetricName"] for m in client.list_metrics(Namespace="n")["Metrics"]))
                self.assertGreater(alarm["AlarmConfigurationUpdatedTimestamp"].timestamp(), time.time() - 60)
            self.assertEqual(told["json"], told["query"])
            self.assertEqual(told["json"], told["smithy-rpc-v2-cbor"])
            self.assertEqual(told["json"][1:3], ("ResourceNotFound", 404))

    def test_take_gzip_bodies(self):
        with Server() as server:
            client = server.client("cloudwatch", request_min_compression_size_bytes=100)
            client.put_metric_data(Namespace="n", MetricData=[dict(MetricName=f"m{i}", Value=i) for i in range(500)])
            pages = client.get_paginator("list_metrics").paginate(Namespace="n")
            self.assertEqual(sum(len(p["Metrics"]) for p in pages), 500)

    def test_answer_an_unknown_operation_at_once(self):
        with Server() as server:
            for service, call, code in (
                    ("logs", lambda c: c.describe_queries(), "UnknownOperationException"),
                    ("sns", lambda c: c.list_platform_applications(), "InvalidAction"),
                    ("cloudtrail", lambda c: c.list_channels(), "UnknownOperationException")):
                client = server.client(service)
                with self.assertRaises(client.exceptions.ClientError) as caught:
                    call(client)
                self.assertEqual(caught.exception.response["Error"]["Code"], code)
                self.assertLess(caught.exception.response["ResponseMetadata"]["HTTPStatusCode"], 500)

    def test_refuse_what_is_malformed_and_go_on(self):
        with Server() as server:
            json_type = {"X-Amz-Target": "Logs_20140328.DescribeLogGroups", "Content-Type": "application/x-amz-json-1.1"}
            for body, headers, status in (
                    (b"{", json_type, 400), (b"\xff\xfe", json_type, 400), (b"[1]", json_type, 400),
                    (b'{"limit":"many"}', json_type, 400), (b"", {"X-Amz-Target": "x"}, 400),
                    (b"\x5f\x5f" * 1000, {"smithy-protocol": "rpc-v2-cbor", "Content-Type": "application/cbor"}, 404),
                    (b"x" * (9 << 20), json_type, 413),
                    (b"Action=" + b"%" * 5000, {"Content-Type": "application/x-www-form-urlencoded"}, 400)):
                request = urllib.request.Request(server.url, data=body, headers=headers, method="POST")
                with self.assertRaises(urllib.error.HTTPError, msg=body[:20]) as caught:
                    urllib.request.urlopen(request)
                self.assertEqual(caught.exception.code, status, body[:20])
                caught.exception.close()
            self.assertEqual(server.client("logs").describe_log_groups()["logGroups"], [])


class Signatures(unittest.TestCase):
    def test_are_verified_as_soon_as_credentials_are_set(self):
        with Folder() as folder:
            path = os.path.join(folder, "credentials")
            with open(path, "w") as file:
                file.write("[alice]\naws_access_key_id = AKIAALICE\naws_secret_access_key = secret/+=x\n"
                           "[bob]\naws_access_key_id = AKIABOB\naws_secret_access_key = other\naccount = 210987654321\n")
            with Server("--credentials", path) as server:
                alice = dict(key="AKIAALICE", secret="secret/+=x")
                for service in ("logs", "cloudwatch", "sns", "cloudtrail", "sts"):
                    client = server.client(service, **alice)
                    {"logs": "describe_log_groups", "cloudwatch": "describe_alarms", "sns": "list_topics",
                     "cloudtrail": "list_trails", "sts": "get_caller_identity"}
                    getattr(client, {"logs": "describe_log_groups", "cloudwatch": "describe_alarms",
                                     "sns": "list_topics", "cloudtrail": "list_trails",
                                     "sts": "get_caller_identity"}[service])()
                self.assertEqual(server.client("sts", **alice).get_caller_identity()["Arn"],
                                 "arn:aws:iam::123456789012:user/alice")
                # Accounts are kept apart.
                server.client("logs", **alice).create_log_group(logGroupName="alices")
                bob = server.client("logs", key="AKIABOB", secret="other")
                self.assertEqual(bob.describe_log_groups()["logGroups"], [])
                # A gzip body is signed as it is sent.
                server.client("cloudwatch", request_min_compression_size_bytes=1, **alice).put_metric_data(
                    Namespace="n", MetricData=[dict(MetricName="m", Value=1)])
                for key, secret, codes in (
                        ("AKIAALICE", "wrong", ("InvalidSignatureException", "SignatureDoesNotMatch")),
                        ("AKIANOBODY", "x", ("UnrecognizedClientException", "InvalidClientTokenId"))):
                    for service, call in (("logs", "describe_log_groups"), ("sns", "list_topics")):
                        client = server.client(service, key=key, secret=secret)
                        with self.assertRaises(client.exceptions.ClientError) as caught:
                            getattr(client, call)()
                        self.assertIn(caught.exception.response["Error"]["Code"], codes)
                request = urllib.request.Request(
                    server.url, data=b"{}", headers={"X-Amz-Target": "Logs_20140328.DescribeLogGroups"})
                with self.assertRaises(urllib.error.HTTPError) as caught:
                    urllib.request.urlopen(request)
                self.assertIn(b"MissingAuthenticationToken", caught.exception.read())
                caught.exception.close()

    def test_that_are_old_or_cover_another_body_are_refused(self):
        with Folder() as folder:
            path = os.path.join(folder, "credentials")
            with open(path, "w") as file:
                file.write("[a]\naws_access_key_id=AKIAALICE\naws_secret_access_key=secret\n")
            with Server("--credentials", path) as server:
                def send(body, tamper=None, age=0):
                    request = AWSRequest("POST", server.url + "/", data=body, headers={
                        "X-Amz-Target": "Logs_20140328.DescribeLogGroups", "Content-Type": "application/x-amz-json-1.1"})
                    auth = SigV4Auth(Credentials("AKIAALICE", "secret"), "logs", "us-east-1")
                    if age:
                        import datetime
                        from unittest import mock
                        then = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
                        with mock.patch("botocore.auth.get_current_datetime", return_value=then.replace(tzinfo=None)):
                            auth.add_auth(request)
                    else:
                        auth.add_auth(request)
                    prepared = request.prepare()
                    sent = urllib.request.Request(
                        server.url + "/", data=tamper or body, headers=dict(prepared.headers), method="POST")
                    try:
                        return urllib.request.urlopen(sent).status, b""
                    except urllib.error.HTTPError as error:
                        with error:
                            return error.code, error.read()
                self.assertEqual(send(b"{}")[0], 200)
                self.assertIn(b"does not match", send(b"{ }", tamper=b"{\n}")[1])
                self.assertIn(b"Signature expired", send(b"{}", age=3600)[1])

    def test_beyond_loopback_without_credentials_is_refused(self):
        import subprocess
        from harness import BINARY
        done = subprocess.run([BINARY, "serve", "--listen", "0.0.0.0:0", "--store", ":memory:"], capture_output=True,
                              text=True, timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("lets everybody in", done.stderr)


class Delivery(unittest.TestCase):
    def test_is_raw_filtered_and_retried(self):
        with Server() as server, Subscriber(statuses=[500, 429]) as wanted, Subscriber() as other:
            sns = server.client("sns")
            sns.create_topic(Name="t", Attributes={"SignatureVersion": "1"})
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=wanted.url, Attributes={
                "RawMessageDelivery": "true", "FilterPolicy": '{"kind":["a",{"prefix":"b"}]}',
                "DeliveryPolicy": '{"healthyRetryPolicy":{"numRetries":3,"numNoDelayRetries":3}}'})
            sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=other.url, Attributes={
                "FilterPolicyScope": "MessageBody", "FilterPolicy": '{"n":[{"numeric":[">",5]}]}'})
            wait_for(lambda: sns.get_topic_attributes(TopicArn=TOPIC)["Attributes"]["SubscriptionsConfirmed"] == "2",
                     "the confirmations")
            def publish(text, kind):
                sns.publish(TopicArn=TOPIC, Message=text, MessageAttributes={
                    "kind": {"DataType": "String", "StringValue": kind}})
            publish('{"n":1}', "c")
            publish('{"n":9}', "bb")
            wait_for(lambda: [m for m in wanted.messages if "raw" in m], "the raw message after two failures")
            wait_for(other.notifications, "the message that the body selects")
            self.assertEqual([m["raw"] for m in wanted.messages if "raw" in m], ['{"n":9}'])
            self.assertEqual([m["Message"] for m in other.notifications()], ['{"n":9}'])
            self.assertEqual(other.notifications()[0]["SignatureVersion"], "1")
            self.assertEqual(wanted.faults + other.faults, [])
            attempts = [h for k, h, _ in wanted.requests if k == "Notification"]
            self.assertEqual(len(attempts), 3)
            self.assertEqual(len({h["x-amz-sns-message-id"] for h in attempts}), 1)

    def test_goes_to_no_private_address_unless_allowed(self):
        with Server("--local-endpoints", "no") as server, Subscriber() as subscriber:
            sns = server.client("sns")
            sns.create_topic(Name="t")
            for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "[::ffff:127.0.0.1]"):
                endpoint = subscriber.url.replace("127.0.0.1", host)
                sns.subscribe(TopicArn=TOPIC, Protocol="http", Endpoint=endpoint)
            wait_for(lambda: sum("may not call" in line for line in server.log) >= 5, "the refusals")
            self.assertEqual(subscriber.requests, [])

    def test_refuses_what_it_cannot_deliver_to(self):
        with Server() as server:
            sns = server.client("sns")
            sns.create_topic(Name="t")
            for protocol, endpoint in (("sqs", "arn:aws:sqs:us-east-1:123456789012:q"), ("sms", "+15550100"),
                                       ("lambda", "arn:aws:lambda:us-east-1:123456789012:function:f"),
                                       ("http", "ftp://x"), ("email", "nobody"), ("email", "a@b\r\nBcc: c@d")):
                with self.assertRaises(sns.exceptions.InvalidParameterException, msg=endpoint):
                    sns.subscribe(TopicArn=TOPIC, Protocol=protocol, Endpoint=endpoint)


class Health(unittest.TestCase):
    def test_and_metrics_are_served_and_reset_only_on_request(self):
        with Server() as server:
            server.client("sns").list_topics()
            self.assertEqual(urllib.request.urlopen(server.url + "/health").read(), b"ok\n")
            self.assertEqual(urllib.request.urlopen(server.url + "/ready").read(), b"ready\n")
            text = urllib.request.urlopen(server.url + "/metrics").read().decode()
            self.assertIn('trailwarden_calls_total{service="sns",operation="ListTopics",code=""} 1', text)
            with self.assertRaises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(server.url + "/_trailwarden/reset", b"")
            caught.exception.close()
        with Server("--allow-reset") as server:
            server.client("sns").create_topic(Name="t")
            urllib.request.urlopen(server.url + "/_trailwarden/reset", b"").close()
            self.assertEqual(server.client("sns").list_topics()["Topics"], [])


if __name__ == "__main__":
    unittest.main()


class Configuration(unittest.TestCase):
    def test_comes_from_the_command_line_then_the_environment_then_the_file(self):
        with Folder() as folder:
            path = os.path.join(folder, "trailwarden.json")
            with open(path, "w") as file:
                json.dump({"account": "111122223333", "log-format": "json", "log-calls": True}, file)
            for options, environment, account in (
                    ((), {}, "111122223333"), ((), {"TRAILWARDEN_ACCOUNT": "222233334444"}, "222233334444"),
                    (("--account", "333344445555"), {"TRAILWARDEN_ACCOUNT": "222233334444"}, "333344445555")):
                with Server("--config", path, *options, environment=environment) as server:
                    answer = server.client("sts").get_caller_identity()
                    self.assertEqual(answer["Account"], account)
                    server.stop()
                    entries = [json.loads(line) for line in server.log if line.startswith("{")]
                    self.assertIn((answer["ResponseMetadata"]["RequestId"], "sts GetCallerIdentity"),
                                  [(e.get("requestId"), e["message"]) for e in entries])

    def test_with_faults_names_all_of_them(self):
        with Folder() as folder:
            path = os.path.join(folder, "trailwarden.json")
            with open(path, "w") as file:
                json.dump({"acount": "1", "allow-reset": "yes"}, file)
            with self.assertRaises(AssertionError) as caught:
                Server("--config", path)
            for word in (path, "`acount` is no option", "`allow-reset` must be true or false"):
                self.assertIn(word, str(caught.exception))
