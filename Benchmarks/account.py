"""Makes an account with 1,000 metric filters and 1,000 alarms in 17 regions at a running `trailwarden serve`, for
`trailwarden audit --all-regions`. Needs boto3, and a file of patterns: one JSON object with `pattern` on each line.

    python3 Benchmarks/account.py http://127.0.0.1:4599 ../shared/spec/filter-corpus.jsonl
"""
import http.server
import itertools
import json
import sys
import threading
import time
import urllib.request

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGIONS = ("us-east-1 us-east-2 us-west-1 us-west-2 ap-south-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-southeast-1 "
           "ap-southeast-2 ca-central-1 eu-central-1 eu-west-1 eu-west-2 eu-west-3 eu-north-1 sa-east-1").split()


class Confirming(http.server.BaseHTTPRequestHandler):
    """Somebody who wants to be told."""

    def do_POST(self):
        message = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.send_response(200)
        self.end_headers()
        if "SubscribeURL" in message:
            urllib.request.urlopen(message["SubscribeURL"]).read()

    def log_message(self, *_):
        pass


def fill(endpoint, region, patterns, count, subscriber):
    def client(service):
        return boto3.client(service, region_name=region, endpoint_url=endpoint, aws_access_key_id="test",
                            aws_secret_access_key="test")

    logs, cloudwatch, sns, trails = (client(s) for s in ("logs", "cloudwatch", "sns", "cloudtrail"))
    logs.create_log_group(logGroupName="trail")
    topic = sns.create_topic(Name="alerts")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=subscriber)
    for number in range(count):
        while True:
            try:
                logs.put_metric_filter(
                    logGroupName="trail", filterName=f"filter-{number}", filterPattern=next(patterns),
                    metricTransformations=[dict(metricName=f"m{number}", metricNamespace="Bench", metricValue="1")])
                break
            except ClientError:
                pass  # some patterns of a corpus are not legal
        cloudwatch.put_metric_alarm(
            AlarmName=f"alarm-{number}", MetricName=f"m{number}", Namespace="Bench", Statistic="Sum", Period=300,
            EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanOrEqualToThreshold", AlarmActions=[topic])
    trails.create_trail(
        Name=f"trail-{region}", S3BucketName="bucket", IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=f"arn:aws:logs:{region}:{ACCOUNT}:log-group:trail:*",
        CloudWatchLogsRoleArn=f"arn:aws:iam::{ACCOUNT}:role/trail")
    trails.start_logging(Name=f"trail-{region}")


def main(endpoint, corpus):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Confirming)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with open(corpus) as lines:
        patterns = itertools.cycle([json.loads(line)["pattern"] for line in lines])
    for number, region in enumerate(REGIONS):
        fill(endpoint, region, patterns, 59 if number < 16 else 56, f"http://127.0.0.1:{server.server_port}/")
    time.sleep(2)  # the last confirmations


if __name__ == "__main__":
    main(*sys.argv[1:])
