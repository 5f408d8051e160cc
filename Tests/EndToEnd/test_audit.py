"""The audit of an account, on accounts made with every trap that the audit procedure knows."""
import hashlib
import http.server
import json
import os
import re
import subprocess
import threading
import unittest
import urllib.request
import xml.etree.ElementTree as xml

from harness import ACCOUNT, BINARY, Folder, Server, Subscriber, wait_for

GROUP = "trail-group"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
CALLS = ["CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"]
PATTERN = "{ " + " || ".join(f"($.eventName = {name})" for name in CALLS) + " }"
ALARM = dict(AlarmName="a", MetricName="m", Namespace="CIS", Statistic="Sum", Period=300, EvaluationPeriods=1, Threshold=1,
             ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching", AlarmActions=[TOPIC])


class Account:
    """An account in which the control on CloudTrail changes is in force, all along the chain."""

    def __init__(self, server, subscriber):
        self.server = server
        self.logs, self.cloudwatch = server.client("logs"), server.client("cloudwatch")
        self.sns, self.trail = server.client("sns"), server.client("cloudtrail")
        self.logs.create_log_group(logGroupName=GROUP)
        self.sns.create_topic(Name="alerts")
        self.subscription = self.sns.subscribe(
            TopicArn=TOPIC, Protocol="http", Endpoint=subscriber.url, ReturnSubscriptionArn=True)["SubscriptionArn"]
        wait_for(lambda: self.sns.get_subscription_attributes(SubscriptionArn=self.subscription)["Attributes"][
            "PendingConfirmation"] == "false", "the confirmation")
        self.trail.create_trail(
            Name="main", S3BucketName="bucket", IsMultiRegionTrail=True,
            CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{GROUP}:*",
            CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/r")
        self.trail.start_logging(Name="main")
        self.filter()
        self.cloudwatch.put_metric_alarm(**ALARM)

    def filter(self, pattern=PATTERN, name="f", **changes):
        self.logs.put_metric_filter(logGroupName=GROUP, filterName=name, filterPattern=pattern, metricTransformations=[
            {"metricName": "m", "metricNamespace": "CIS", "metricValue": "1", **changes}])

    def alarm(self, **changes):
        self.cloudwatch.put_metric_alarm(**{**ALARM, **changes})

    def audit(self, *options, control="cloudtrail_cfg_changes"):
        """Verdict, findings and names of missing events of one control."""
        status, report = audit(self.server, "--control", control, *options)
        result = report["controls"][0]
        return (result["verdict"], [(f["step"], f["problem"]) for f in result["findings"]],
                [g["name"] for g in result["gaps"]], status)


def run(server, *options, environment=None):
    keys = {"AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} if server else {}
    clean = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return subprocess.run([BINARY, "audit", *options], capture_output=True, text=True, timeout=60,
                          env={**clean, **keys, **(environment or {})})


def audit(server, *options, environment=None):
    done = run(server, "--json", *options, environment=environment)
    return done.returncode, json.loads(done.stdout)


class Audit(unittest.TestCase):
    def test_of_an_empty_account_fails_every_control_and_says_why(self):
        with Server() as server:
            status, report = audit(server)
            self.assertEqual(status, 1)
            self.assertEqual(report["account"], ACCOUNT)
            self.assertEqual({c["verdict"] for c in report["controls"]}, {"not covered", "not applicable"})
            self.assertEqual(len(report["controls"]), 16)
            self.assertEqual({c["findings"][0]["problem"] for c in report["controls"]},
                             {"there is no trail", "this endpoint has no Security Hub"})

    def test_of_the_controls_that_the_server_sets_up_passes_when_somebody_is_told(self):
        with Server("--controls", "cis") as server, Subscriber() as subscriber, Folder() as folder:
            trail = server.client("cloudtrail")
            trail.create_trail(
                Name="main", S3BucketName="bucket", IsMultiRegionTrail=True,
                CloudWatchLogsLogGroupArn=f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:cloudtrail/management-events:*",
                CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/r")
            trail.start_logging(Name="main")
            sns = server.client("sns")
            topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:cis-monitoring"
            sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="you@example.org")
            status, report = audit(server)
            self.assertEqual(status, 1)
            problems = {f["problem"] for c in report["controls"] for f in c["findings"]
                        if f["step"] != "security hub"}
            self.assertEqual(problems, {"no subscription is confirmed: you@example.org must confirm first"})
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url)
            wait_for(lambda: run(server).returncode == 0, "a confirmed subscription")

            # The same from a snapshot, without credentials, and in the other formats.
            snapshot = os.path.join(folder, "account.json")
            status, report = audit(server, "--save", snapshot)
            self.assertEqual((status, audit(None, "--snapshot", snapshot)[1]), (0, report))
            self.assertIn("15 of 15 controls are covered", run(None, "--snapshot", snapshot).stdout)
            suite = xml.fromstring(run(None, "--snapshot", snapshot, "--format", "junit").stdout)
            self.assertEqual((suite.get("tests"), suite.get("failures")), ("16", "0"))

    def test_finds_every_break_of_the_chain_at_its_link(self):
        with Server() as server, Subscriber() as subscriber:
            account = Account(server, subscriber)
            self.assertEqual(account.audit(), ("covered", [], [], 0))

            def broken(step, words, verdict="not covered"):
                told, findings, _, status = account.audit()
                self.assertEqual((told, status), (verdict, 1), findings)
                self.assertTrue(any(s == step and words in p for s, p in findings), findings)

            account.trail.stop_logging(Name="main")
            broken("logging", "not logging")
            account.trail.start_logging(Name="main")
            account.trail.update_trail(Name="main", IsMultiRegionTrail=False)
            broken("trail", "one region only")
            account.trail.update_trail(Name="main", IsMultiRegionTrail=True)
            account.trail.put_event_selectors(TrailName="main", AdvancedEventSelectors=[dict(FieldSelectors=[
                dict(Field="eventCategory", Equals=["Management"]),
                dict(Field="eventSource", NotEquals=["cloudtrail.amazonaws.com"])])])
            broken("selectors", "leave out required events", verdict="partly covered")
            account.trail.put_event_selectors(TrailName="main", EventSelectors=[dict(
                ReadWriteType="WriteOnly", IncludeManagementEvents=True)])
            self.assertEqual(account.audit()[0], "covered", "changes are writes")

            account.filter(metricValue="0")
            broken("transformation", "its metric value is 0")
            account.filter(metricNamespace="Other")
            broken("alarm", "no alarm watches its metric Other/m; a watches that name in the namespace CIS")
            account.filter(dimensions={"User": "$.userIdentity.userName"})
            broken("alarm", "it does not name the dimensions")
            account.filter(defaultValue=0)
            self.assertEqual(account.audit()[0], "covered")
            account.alarm(Statistic="Average")
            broken("alarm", "only when events go on")
            account.filter()
            self.assertEqual(account.audit()[0], "covered", "without a default the average of matches is 1")

            account.alarm(ActionsEnabled=False)
            broken("action", "its actions are disabled")
            account.alarm(AlarmActions=[])
            broken("action", "notifies no topic")
            account.cloudwatch.put_composite_alarm(AlarmName="c", AlarmRule="ALARM(a)", AlarmActions=[TOPIC])
            self.assertEqual(account.audit()[0], "covered", "a composite alarm carries the action")
            account.cloudwatch.delete_alarms(AlarmNames=["c"])
            account.alarm(EvaluationPeriods=3, DatapointsToAlarm=2)
            broken("alarm", "only when events go on")
            account.alarm(TreatMissingData="breaching", ComparisonOperator="LessThanThreshold")
            broken("alarm", "in ALARM without any event")
            account.alarm(Threshold=10)
            verdict, findings, _, status = account.audit()
            self.assertEqual((verdict, status), ("covered", 0))
            self.assertIn(("alarm", "it rings at 10 events a minute, not at the first"), findings)
            account.alarm(AlarmActions=[TOPIC + "-gone"])
            broken("topic", "there is no such topic")
            account.alarm()
            account.sns.set_subscription_attributes(
                SubscriptionArn=account.subscription, AttributeName="FilterPolicy", AttributeValue='{"team":["x"]}')
            broken("subscription", "its filter policy drops the messages")
            account.sns.set_subscription_attributes(
                SubscriptionArn=account.subscription, AttributeName="FilterPolicyScope", AttributeValue="MessageBody")
            account.sns.set_subscription_attributes(
                SubscriptionArn=account.subscription, AttributeName="FilterPolicy",
                AttributeValue='{"NewStateValue":["ALARM"]}')
            self.assertEqual(account.audit()[0], "covered", "this policy lets the message through")
            account.sns.unsubscribe(SubscriptionArn=account.subscription)
            broken("subscription", "nobody is subscribed")

    def test_judges_the_filters_of_a_group_together_and_by_meaning(self):
        with Server() as server, Subscriber() as subscriber:
            account = Account(server, subscriber)
            for number, name in enumerate(CALLS):
                account.filter('{ ($.eventSource = "cloudtrail*") && ($.eventName = %s) }' % name, name=f"f{number}")
            account.logs.delete_metric_filter(logGroupName=GROUP, filterName="f")
            self.assertEqual(account.audit()[0], "covered", "a filter for each call")
            account.logs.delete_metric_filter(logGroupName=GROUP, filterName="f4")
            verdict, _, missing, status = account.audit()
            self.assertEqual((verdict, missing, status), ("partly covered", ["StopLogging"], 1))
            account.filter('{ ($.eventName = "Stop*") && ($.userIdentity.userName != "ci") }', name="f4")
            self.assertEqual(account.audit()[2], ["StopLogging"], "sessions of roles have no user name")
            account.filter("{ $.eventName = * }", name="f4")
            self.assertEqual(account.audit()[0], "covered but floods")

    def test_without_credentials_or_an_endpoint_says_what_to_do(self):
        done = run(None, environment={"HOME": "/nowhere", "AWS_EC2_METADATA_DISABLED": "true"})
        self.assertEqual(done.returncode, 2)
        self.assertIn("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile", done.stderr)
        with Server() as server, Folder() as folder:
            path = os.path.join(folder, "credentials")
            with open(path, "w") as file:
                file.write("[audit]\naws_access_key_id = test\naws_secret_access_key = secret\n")
            environment = {"AWS_SHARED_CREDENTIALS_FILE": path, "AWS_ENDPOINT_URL": server.url}
            self.assertEqual(audit(None, "--profile", "audit", environment=environment)[1]["account"], ACCOUNT)
            self.assertIn("there is no profile `other`",
                          run(None, "--profile", "other", environment=environment).stderr)
            self.assertIn("cloudtrail:DescribeTrails", run(None, "--print-policy").stdout)


class SecurityTokens:
    """Before a server: gives keys to who may assume the role, and passes everything else on."""

    def __init__(self, server):
        self.keys, self.asked = [], []
        tokens = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                signed = re.search("Credential=([^/]+)/", self.headers["authorization"] or "")
                key = signed and signed[1]
                action = re.search(b"Action=(AssumeRole[A-Za-z]*)", body)
                if action:
                    tokens.asked.append((key, body.decode()))
                    status, answer = 200, (
                        b"<%sResponse><%sResult><Credentials><AccessKeyId>ASSUMED</AccessKeyId>"
                        b"<SecretAccessKey>s&amp;s</SecretAccessKey><SessionToken>token</SessionToken></Credentials>"
                        b"</%sResult></%sResponse>") % ((action[1],) * 4)
                else:
                    tokens.keys.append((key, self.headers["x-amz-security-token"]))
                    headers = {k: v for k, v in self.headers.items() if k.lower() not in ("host", "content-length")}
                    try:
                        with urllib.request.urlopen(urllib.request.Request(server.url + self.path, body, headers)) as got:
                            status, answer = got.status, got.read()
                    except urllib.error.HTTPError as error:
                        status, answer = error.code, error.read()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def do_PUT(self):  # the metadata of an instance wants a token to be fetched first
                self.answer(200, b"metadata-token" if self.path == "/latest/api/token" else b"")

            def do_GET(self):
                headers = {k.lower(): v for k, v in self.headers.items()}
                role = "/latest/meta-data/iam/security-credentials/"
                keys = {"AccessKeyId": "", "SecretAccessKey": "s", "Token": "token"}
                if self.path.startswith("/federation/") and headers["x-amz-sso_bearer_token"] == "signed-in":
                    tokens.asked.append((None, self.path))
                    self.answer(200, json.dumps({"roleCredentials": {
                        "accessKeyId": "PORTAL", "secretAccessKey": "s", "sessionToken": "token"}}).encode())
                elif self.path == "/agent" and headers["authorization"] == "agent-token":
                    self.answer(200, json.dumps({**keys, "AccessKeyId": "CONTAINER"}).encode())
                elif self.path.startswith(role) and headers["x-aws-ec2-metadata-token"] == "metadata-token":
                    self.answer(200, b"auditor" if self.path == role
                                else json.dumps({**keys, "AccessKeyId": "INSTANCE"}).encode())
                else:
                    self.answer(401, b"")

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Credentials(unittest.TestCase):
    def test_come_by_roles_and_by_commands_as_profiles_say(self):
        with Server() as server, Folder() as folder:
            tokens = SecurityTokens(server)
            config, command = os.path.join(folder, "config"), os.path.join(folder, "keys")
            with open(command, "w") as file:
                file.write('{"Version": 1, "AccessKeyId": "PRINTED", "SecretAccessKey": "s", "SessionToken": "t"}')
            with open(config, "w") as file:
                file.write(f"""
[profile tool]
credential_process = cat {command}
[profile auditor]
role_arn = arn:aws:iam::{ACCOUNT}:role/auditor
source_profile = tool
external_id = x-1
[profile circle]
role_arn = arn:aws:iam::{ACCOUNT}:role/a
source_profile = circle
""")
            environment = {"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
                           "AWS_ENDPOINT_URL": tokens.url}
            self.assertEqual(audit(None, "--profile", "tool", environment=environment)[1]["account"], ACCOUNT)
            self.assertEqual(set(tokens.keys), {("PRINTED", "t")})
            tokens.keys.clear()
            self.assertEqual(audit(None, "--profile", "auditor", environment=environment)[1]["account"], ACCOUNT)
            self.assertEqual(set(tokens.keys), {("ASSUMED", "token")})
            (key, asked), = tokens.asked
            self.assertEqual(key, "PRINTED")
            for part in ("RoleArn=arn%3Aaws%3Aiam", "ExternalId=x-1", "RoleSessionName=trailwarden"):
                self.assertIn(part, asked)
            self.assertIn("name each other", run(None, "--profile", "circle", environment=environment).stderr)

    def test_come_by_web_identities_portals_containers_and_instances(self):
        with Server() as server, Folder() as folder:
            tokens = SecurityTokens(server)
            token, agent = os.path.join(folder, "token"), os.path.join(folder, "agent")
            for path, text in ((token, "web-token\n"), (agent, "agent-token\n")):
                with open(path, "w") as file:
                    file.write(text)
            config = os.path.join(folder, "config")
            with open(config, "w") as file:
                file.write(f"""
[sso-session work]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
[profile portal]
sso_session = work
sso_account_id = {ACCOUNT}
sso_role_name = Audit or
[profile web]
role_arn = arn:aws:iam::{ACCOUNT}:role/web
web_identity_token_file = {token}
[profile machine]
role_arn = arn:aws:iam::{ACCOUNT}:role/m
credential_source = Ec2InstanceMetadata
""")
            base = {"AWS_CONFIG_FILE": config, "AWS_SHARED_CREDENTIALS_FILE": "/nowhere", "HOME": folder,
                    "AWS_ENDPOINT_URL": tokens.url, "AWS_EC2_METADATA_SERVICE_ENDPOINT": tokens.url}

            def key(*options, **environment):
                tokens.keys.clear()
                tokens.asked.clear()
                done = run(None, "--json", "--control", "5.15", *options, environment={**base, **environment})
                self.assertIn(done.returncode, (0, 1), done.stderr)
                (found,) = {k for k, _ in tokens.keys}
                return found

            self.assertEqual(key(AWS_ROLE_ARN="arn:aws:iam::1:role/r", AWS_WEB_IDENTITY_TOKEN_FILE=token), "ASSUMED")
            self.assertIn("WebIdentityToken=web-token", tokens.asked[0][1])
            self.assertIsNone(tokens.asked[0][0], "nobody signs it")
            self.assertEqual(key("--profile", "web"), "ASSUMED")
            self.assertEqual(key(AWS_CONTAINER_CREDENTIALS_FULL_URI=tokens.url + "/agent",
                                 AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=agent), "CONTAINER")
            self.assertEqual(key(), "INSTANCE")
            self.assertEqual(key("--profile", "machine"), "ASSUMED")
            self.assertEqual(tokens.asked[0][0], "INSTANCE")
            away = run(None, environment={**base, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://example.org/agent"})
            self.assertIn("no address that container credentials may come from", away.stderr)

            self.assertIn("run `aws sso login`", run(None, "--profile", "portal", environment=base).stderr)
            cache = os.path.join(folder, ".aws/sso/cache")
            os.makedirs(cache)
            for end, meaning in (("2020-01-01T00:00:00Z", "ended"), ("2099-01-01T00:00:00Z", None)):
                with open(os.path.join(cache, hashlib.sha1(b"work").hexdigest() + ".json"), "w") as file:
                    json.dump({"accessToken": "signed-in", "expiresAt": end}, file)
                if meaning:
                    self.assertIn(meaning, run(None, "--profile", "portal", environment=base).stderr)
            self.assertEqual(key("--profile", "portal"), "PORTAL")
            self.assertIn("role_name=Audit%20or", tokens.asked[0][1])
