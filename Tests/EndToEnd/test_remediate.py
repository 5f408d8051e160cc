"""What mends an account: planned from what is there, printed in every form, applied, and then nothing is left to do."""
import json
import os
import subprocess
import unittest

import terraform
from harness import ACCOUNT, BIN, BINARY, REGION, Folder, Server, Subscriber, wait_for

GROUP = "cloudtrail/management-events"
MAIL = "email:you@example.org"
# Buckets and roles are none of the server's services.
TRAIL = ["--bucket", "trail-bucket", "--role", f"arn:aws:iam::{ACCOUNT}:role/trail"]


def tool(server, *words):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return subprocess.run([BINARY, *words], capture_output=True, text=True, timeout=120, env={
        **environment, "AWS_ENDPOINT_URL": server.url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"})


def audit(server, *words):
    return json.loads(tool(server, "audit", "--json", *words).stdout)


def verdicts(server, *words):
    return {c["control"]: c["verdict"] for c in audit(server, *words)["controls"] if c["verdict"] != "not applicable"}


def plan(server, *words):
    return json.loads(tool(server, "remediate", "--json", *words).stdout)


class Remediate(unittest.TestCase):
    def test_an_empty_account_is_mended_but_for_the_confirmation_which_the_audit_names(self):
        with Server() as server, Subscriber() as subscriber:
            self.assertEqual(set(verdicts(server).values()), {"not covered"})
            done = tool(server, "remediate", "--apply", "--yes", "--notify", MAIL)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            report = audit(server)
            self.assertEqual({f["problem"] for c in report["controls"] for f in c["findings"] if not f["unknown"]},
                             {"no subscription is confirmed: you@example.org must confirm first"})
            again = plan(server, "--notify", MAIL)
            self.assertEqual((again["steps"], again["pending"]), ([], ["you@example.org"]))
            self.assertEqual(tool(server, "remediate", "--apply", "--yes", "--notify", MAIL).returncode, 0)
            # Somebody else is told as well, and says yes.
            self.assertEqual(tool(server, "remediate", "--apply", "--yes", "--notify", subscriber.url).returncode, 0)
            wait_for(lambda: tool(server, "audit").returncode == 0, "an audit that passes")
            self.assertEqual(set(verdicts(server).values()), {"covered"})
            # And it works: what was made tells of a real event.
            server.client("cloudtrail").stop_logging(Name="management-events")
            server.client("cloudtrail").start_logging(Name="management-events")
            wait_for(lambda: any("cloudtrail_cfg_changes" in m["Subject"] for m in subscriber.notifications()),
                     "the alarm", 20)

    def test_printed_commands_run_as_they_are(self):
        with Server() as server, Folder() as folder:
            controls = ["--control", "5.1,5.15", "--notify", MAIL, *TRAIL]
            script = tool(server, "remediate", "--print", "cli", *controls).stdout
            path = os.path.join(folder, "mend.sh")
            with open(path, "w") as file:
                file.write(script)
            done = subprocess.run(["sh", path], capture_output=True, text=True, timeout=120, env={
                **os.environ, "PATH": BIN + ":" + os.environ["PATH"], "AWS_ENDPOINT_URL": server.url,
                "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PAGER": ""})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(plan(server, *controls)["steps"], [])
            self.assertIn(f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring", done.stdout)

    def test_names_that_strangers_gave_do_nothing_in_printed_commands(self):
        with Server() as server, Subscriber() as subscriber, Folder() as folder:
            control = ["--control", "5.5"]
            tool(server, "remediate", "--apply", "--yes", "--notify", subscriber.url, *TRAIL, *control)
            wait_for(lambda: tool(server, "audit", *control).returncode == 0, "an audit that passes")
            cloudwatch = server.client("cloudwatch")
            metric = "cloudtrail_cfg_changes_metric"
            topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"
            # To Swift a quote with an accent is one character, to a shell it is a quote.
            name = f"x'\u0301; touch {folder}/harm; echo '\u0301\"\u0301<script>"
            cloudwatch.delete_alarms(AlarmNames=[metric])
            cloudwatch.put_metric_alarm(
                AlarmName=name, Namespace="CISBenchmark", MetricName=metric, Statistic="Sum", Period=300, EvaluationPeriods=1,
                Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", TreatMissingData="notBreaching",
                AlarmActions=[topic], ActionsEnabled=False)
            script = tool(server, "remediate", "--print", "cli", *control).stdout
            self.assertIn("enable-alarm-actions", script)
            subprocess.run(["sh"], input=script, text=True, capture_output=True, timeout=60, env={
                **os.environ, "PATH": BIN + ":" + os.environ["PATH"], "AWS_ENDPOINT_URL": server.url,
                "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_PAGER": ""})
            self.assertEqual(os.listdir(folder), [])
            self.assertTrue(cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["ActionsEnabled"])
            cloudwatch.disable_alarm_actions(AlarmNames=[name])
            self.assertNotIn("<script>", tool(server, "audit", "--format", "html", *control).stdout)

    def test_nothing_is_made_again_where_a_person_is_needed(self):
        with Server() as server, Subscriber() as subscriber:
            control = ["--control", "5.5"]
            # Nobody is to be told.
            self.assertEqual(tool(server, "remediate", "--apply", "--yes", *TRAIL, *control).returncode, 1)
            again = plan(server, *control)
            self.assertEqual(again["steps"], [])
            self.assertIn("nobody is told by", again["obstacles"][0])
            # The one who is told does not get these messages.
            sns = server.client("sns")
            topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber.url, Attributes={"FilterPolicy": '{"a":["b"]}'})
            wait_for(lambda: "filter policy" in str(plan(server, *control)["obstacles"]), "the obstacle")
            self.assertEqual(plan(server, *control)["steps"], [])
            wrong = tool(server, "remediate", "--benchmark", "1.2.0", "--control", "organizations_changes")
            self.assertEqual(wrong.returncode, 2)
            self.assertIn("in version 1.2.0", wrong.stderr)

    def test_printed_terraform_applies_and_plans_empty_again(self):
        terraform.require(self)
        with Server() as server, Folder() as folder:
            options = ["--notify", MAIL, *TRAIL]
            with open(os.path.join(folder, "main.tf"), "w") as file:
                file.write(tool(server, "remediate", "--print", "terraform", *options).stdout)
            services = "\n".join(f'    {name} = "{server.url}"' for name in (
                "cloudtrail", "cloudwatch", "cloudwatchlogs", "sns", "sts"))
            with open(os.path.join(folder, "provider.tf"), "w") as file:
                file.write(f'''provider "aws" {{
  region = "{REGION}"
  access_key = "test"
  secret_key = "test"
  skip_metadata_api_check = true
  skip_region_validation = true
  endpoints {{
{services}
  }}
}}
''')
            terraform.run(self, folder, "init")
            self.assertIn("Apply complete", terraform.run(self, folder, "apply", "-auto-approve").stdout)
            empty = terraform.run(self, folder, "plan", "-detailed-exitcode")
            self.assertEqual(empty.returncode, 0, empty.stdout)
            self.assertEqual(plan(server, *options)["steps"], [])

    def test_printed_cloudformation_passes_its_linter(self):
        with Server() as server, Folder() as folder:
            path = os.path.join(folder, "mend.yaml")
            for options in ([], TRAIL):
                with open(path, "w") as file:
                    file.write(tool(server, "remediate", "--print", "cloudformation", "--notify",
                                    MAIL + ",https://example.org/a?b=1", *options).stdout)
                done = subprocess.run([os.path.join(BIN, "cfn-lint"), path], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_powershell_gets_every_input_through_a_file(self):
        with Server() as server:
            script = tool(server, "remediate", "--print", "cli", "--shell", "powershell", "--control", "5.15",
                          "--notify", MAIL, *TRAIL).stdout
            inputs = [line.split("-Value '", 1)[1][:-1].replace("''", "'") for line in script.splitlines()
                      if line.startswith("Set-Content")]
            pattern = [json.loads(text) for text in inputs if "filterPattern" in text][0]["filterPattern"]
            self.assertIn('$.eventName = "LeaveOrganization"', pattern)
            self.assertNotIn("--filter-pattern", script)

    def test_only_missing_links_are_made_and_what_is_there_is_reused(self):
        with Server() as server, Subscriber() as subscriber:
            logs, cloudwatch, sns = server.client("logs"), server.client("cloudwatch"), server.client("sns")
            control = ["--control", "cloudtrail_cfg_changes"]
            tool(server, "remediate", "--apply", "--yes", "--notify", subscriber.url, *control)
            wait_for(lambda: tool(server, "audit", *control).returncode == 0, "an audit that passes")
            name = "cloudtrail_cfg_changes_metric"
            topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:cis-monitoring"

            def steps():
                words = [s["step"] for s in plan(server, *control)["steps"]]
                done = tool(server, "remediate", "--apply", "--yes", *control)
                self.assertEqual(done.returncode, 0, done.stdout)
                wait_for(lambda: tool(server, "audit", *control).returncode == 0, f"an audit that passes after {words}")
                return words

            self.assertEqual(steps(), [])
            server.client("cloudtrail").stop_logging(Name="management-events")
            self.assertEqual(steps(), ["start the logging of the trail management-events"])
            server.client("cloudtrail").update_trail(Name="management-events", IsMultiRegionTrail=False)
            self.assertEqual(steps(), ["let the trail management-events record all regions"])
            server.client("cloudtrail").put_event_selectors(TrailName="management-events", AdvancedEventSelectors=[
                dict(FieldSelectors=[dict(Field="eventCategory", Equals=["Data"]),
                                     dict(Field="resources.type", Equals=["AWS::S3::Object"])])])
            self.assertEqual(len(steps()), 1)
            kept = server.client("cloudtrail").get_event_selectors(TrailName="management-events")
            self.assertEqual(len(kept["AdvancedEventSelectors"]), 2, "the one on data stays")
            cloudwatch.disable_alarm_actions(AlarmNames=[name])
            self.assertEqual(steps(), [f"enable the actions of the alarm {name}"])
            cloudwatch.delete_alarms(AlarmNames=[name])
            self.assertEqual(steps(), [f"make the alarm {name} on CISBenchmark/{name}"])
            # An alarm that was meant otherwise is left as it is.
            cloudwatch.put_metric_alarm(
                AlarmName=name, Namespace="CISBenchmark", MetricName=name, Statistic="Average", Period=300,
                EvaluationPeriods=3, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold",
                TreatMissingData="notBreaching", AlarmActions=[topic])
            self.assertEqual(steps(), [f"make the alarm {name}-2 on CISBenchmark/{name}"])
            # So is a filter that sees too little, and one that sees everything does not count.
            logs.put_metric_filter(logGroupName=GROUP, filterName=name, filterPattern='{ $.eventName = "StopLogging" }',
                                   metricTransformations=[dict(metricName=name, metricNamespace="CISBenchmark", metricValue="1")])
            self.assertEqual(steps(), [f"make the metric filter {name}-2 on {GROUP}"])
            logs.delete_metric_filter(logGroupName=GROUP, filterName=name + "-2")
            logs.put_metric_filter(logGroupName=GROUP, filterName=name, filterPattern="{ $.eventName = * }",
                                   metricTransformations=[dict(metricName=name, metricNamespace="CISBenchmark", metricValue="1")])
            self.assertEqual(steps(), [f"make the metric filter {name}-2 on {GROUP}",
                                       f"make the alarm {name}-2-2 on CISBenchmark/{name}-2"][:1]
                             + [f"make the alarm {name}-3 on CISBenchmark/{name}-2"])
            # Filters for each call under one metric need one alarm.
            sns.create_topic(Name="other")
            logs.create_log_group(logGroupName="each")
            for call in ("CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"):
                logs.put_metric_filter(
                    logGroupName="each", filterName=call, filterPattern="{ $.eventName = %s }" % call,
                    metricTransformations=[dict(metricName="trails", metricNamespace="Own", metricValue="1")])
            server.client("cloudtrail").update_trail(
                Name="management-events", CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/r",
                CloudWatchLogsLogGroupArn=f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:each:*")
            self.assertEqual(steps(), [f"make the alarm {name}-4 on Own/trails"])
            subscription = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"][0]["SubscriptionArn"]
            sns.unsubscribe(SubscriptionArn=subscription)
            told = plan(server, *control)
            self.assertEqual((told["steps"], told["obstacles"][0]),
                             ([], f"nobody is told by {topic}: say who with --notify email:you@example.org"))
            self.assertEqual([s["step"] for s in plan(server, *control, "--notify", subscriber.url)["steps"]],
                             [f"subscribe {subscriber.url} to cis-monitoring"])

    def test_a_style_writes_the_text_of_an_auditor_where_one_text_can_satisfy_both(self):
        with Server() as server, Subscriber() as subscriber:
            tool(server, "remediate", "--apply", "--yes", "--notify", subscriber.url, *TRAIL)
            wait_for(lambda: tool(server, "audit").returncode == 0, "an audit that passes")
            for style, texts, notes in (("security-hub", 13, ["security_group_changes", "organizations_changes"]),
                                        ("prowler", 1, [])):
                told = plan(server, "--style", style)
                filters = [s for s in told["steps"] if "metric filter" in s["step"]]
                self.assertEqual(len(filters), texts, told)
                for control in notes:
                    self.assertTrue(any(control in note for note in told["notes"]), told["notes"])
                self.assertEqual(tool(server, "remediate", "--apply", "--yes", "--style", style).returncode, 0)
                self.assertEqual(plan(server, "--style", style)["steps"], [])
            texts = [f["filterPattern"] for f in server.client("logs").describe_metric_filters(
                logGroupName=GROUP)["metricFilters"]]
            self.assertIn('{($.eventName=ConsoleLogin) && ($.errorMessage="Failed authentication")}', texts)


class Reports(unittest.TestCase):
    def test_come_in_every_form(self):
        import csv
        import html.parser
        import io

        from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding
        with Server() as server:
            tool(server, "remediate", "--apply", "--yes", "--notify", MAIL, *TRAIL)
            findings = json.loads(tool(server, "audit", "--format", "ocsf").stdout)
            self.assertEqual(len(findings), 16)
            for finding in findings:
                ComplianceFinding(**finding)
                self.assertEqual(finding["type_uid"], finding["class_uid"] * 100 + finding["activity_id"])
            self.assertEqual({f["compliance"]["status"] for f in findings}, {"Fail", "Other"})
            rows = list(csv.DictReader(io.StringIO(tool(server, "audit", "--format", "csv").stdout)))
            self.assertEqual({r["control"] for r in rows}, {f["metadata"]["event_code"] for f in findings})
            page = tool(server, "audit", "--format", "html").stdout
            parser = html.parser.HTMLParser()
            parser.feed(page)
            self.assertIn("you@example.org must confirm", page)
            for word in ("src=", "http://", "https://", "@import", "url("):
                self.assertNotIn(word, page, "the page fetches nothing")

    def test_fail_on_says_what_fails(self):
        with Server() as server:
            for words, status in (([], 1), (["--fail-on", "none"], 0), (["--fail-on", "not-covered"], 1),
                                  (["--fail-on", "unknown"], 0), (["--fail-on", "critical"], 0),
                                  (["--fail-on", "high,not-covered"], 1), (["--fail-on", "maybe"], 2)):
                self.assertEqual(tool(server, "audit", *words).returncode, status, words)

    def test_own_controls_are_judged_and_mended_like_those_of_the_benchmark(self):
        with Server() as server, Folder() as folder:
            path = os.path.join(folder, "controls.json")
            control = {"id": "secrets_read", "title": "Secrets are read", "severity": "high", "metricName": "secrets",
                       "requirement": '{ ($.eventSource = secretsmanager.amazonaws.com) && ($.eventName = GetSecretValue) }',
                       "samples": [{"summary": "one is read", "required": True, "event": json.dumps(
                           {"eventSource": "secretsmanager.amazonaws.com", "eventName": "GetSecretValue"})}]}
            with open(path, "w") as file:
                json.dump([control], file)
            own = ["--controls-file", path, "--control", "secrets_read"]
            self.assertEqual(verdicts(server, *own), {"secrets_read": "not covered"})
            tool(server, "remediate", "--apply", "--yes", "--notify", MAIL, *TRAIL, *own)
            self.assertEqual(audit(server, *own)["controls"][0]["findings"][0]["step"], "subscription")
            covers = tool(server, "filter", "covers", *own, "{ $.eventName = Get* }")
            self.assertEqual(covers.returncode, 0, covers.stdout)
            # One that is a part of a control of the benchmark.
            part = {"id": "stop_only", "title": "Logging is stopped", "samples": [],
                    "requirement": '{ $.eventSource = "cloudtrail.amazonaws.com" && $.eventName = "StopLogging" }'}
            with open(path, "w") as file:
                json.dump([control, part], file)
            only = ["--controls-file", path, "--control", "stop_only"]
            tool(server, "remediate", "--apply", "--yes", "--notify", MAIL, *TRAIL, *only)
            self.assertEqual(plan(server, *only)["steps"], [])
            self.assertEqual(audit(server, *only)["controls"][0]["findings"][0]["step"], "subscription")
            control["samples"][0]["required"] = False
            with open(path, "w") as file:
                json.dump(control, file)
            self.assertIn("the requirement matches the sample `one is read`", tool(server, "audit", *own).stderr)


if __name__ == "__main__":
    unittest.main()
