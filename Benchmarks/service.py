"""Measures the service: durable ingestion with fifteen filters in force, notification latency, start, memory, search.
Uses no client library; called by run.py."""
import http.server
import json
import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
import urllib.request


class Service:
    def __init__(self, tool, store, *options):
        self.tool, self.store, self.options = tool, store, options

    def __enter__(self):
        start = time.monotonic()
        self.process = subprocess.Popen(
            [self.tool, "serve", "--listen", "127.0.0.1:0", "--store", self.store, "--controls", "cis", *self.options],
            stderr=subprocess.PIPE, text=True)
        line = ""
        while "listening on" not in line:
            line = self.process.stderr.readline()
        self.port = int(line.split("://127.0.0.1:")[1].split(",")[0])
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready").read()
        self.start_ms = 1000 * (time.monotonic() - start)
        threading.Thread(target=lambda: [None for _ in self.process.stderr], daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def memory_mb(self, what="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith(what))

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def logs(self, operation, **members):
        return self.post("Logs_20140328." + operation, "logs", json.dumps(members).encode())

    def post(self, target, service, body):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=body, headers={
            "X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": "20260101T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, "
                             "SignedHeaders=host, Signature=x"})
        return json.loads(urllib.request.urlopen(request).read() or b"{}")

    def query(self, service, **members):
        body = "&".join(f"{k}={urllib.request.quote(str(v), safe='')}" for k, v in members.items()).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/", data=body, headers={
            "Content-Type": "application/x-www-form-urlencoded", "X-Amz-Date": "20260101T000000Z",
            "Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request, "
                             "SignedHeaders=host, Signature=x"})
        return urllib.request.urlopen(request).read()


GROUP = "cloudtrail/management-events"


def bodies(events, folder):
    """A full batch, 1 MiB of events, and a batch of one event; each as a file."""
    now = int(time.time() * 1000)
    batch, size = [], 0
    for message in events:
        size += len(message.encode()) + 26
        if len(batch) == 650 or size > 1 << 20:
            break
        batch.append({"timestamp": now, "message": message})
    paths = []
    for name, chosen in (("batch", batch), ("single", batch[:1])):
        paths.append(os.path.join(folder, name))
        with open(paths[-1], "w") as file:
            json.dump({"logGroupName": GROUP, "logStreamName": "load", "logEvents": chosen}, file)
    return paths[0], paths[1], len(batch)


def latencies(service, events, load, batch, count=200):
    """Milliseconds from the acknowledgement of a matching event to its notification, under load."""
    arrived = {}

    class Hook(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            at = time.monotonic()
            message = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if message["Type"] == "SubscriptionConfirmation":
                urllib.request.urlopen(message["SubscribeURL"]).read()
            else:
                arrived[json.loads(message["Message"])["AlarmName"]] = at
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    service.query("sns", Action="CreateTopic", Version="2010-03-31", Name="latency")
    topic = "arn:aws:sns:us-east-1:123456789012:latency"
    service.query("sns", Action="Subscribe", Version="2010-03-31", TopicArn=topic, Protocol="http",
                  Endpoint=f"http://127.0.0.1:{hook.server_port}/")
    while b"<value>1</value>" not in service.query(
            "sns", Action="GetTopicAttributes", Version="2010-03-31", TopicArn=topic).split(b"SubscriptionsConfirmed")[1][:40]:
        time.sleep(0.01)
    service.logs("CreateLogGroup", logGroupName="latency")
    service.logs("CreateLogStream", logGroupName="latency", logStreamName="s")
    sent = {}
    for number in range(count):
        if number % 100 == 0:
            group = f"latency{number}"
            service.logs("CreateLogGroup", logGroupName=group)
            service.logs("CreateLogStream", logGroupName=group, logStreamName="s")
        name = f"alarm{number}"
        service.logs("PutMetricFilter", logGroupName=group, filterName=name, filterPattern=f'"token{number}x"',
                     metricTransformations=[dict(metricName=name, metricNamespace="L", metricValue="1")])
        service.query("monitoring", Action="PutMetricAlarm", Version="2010-08-01", AlarmName=name, MetricName=name,
                      Namespace="L", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1,
                      ComparisonOperator="GreaterThanOrEqualToThreshold", **{"AlarmActions.member.1": topic})
    stop = threading.Event()

    def steady():
        # 20,000 events a second: thirty-one batches of 650.
        with open(batch, "rb") as file:
            body = file.read()
        due = time.monotonic()
        while not stop.is_set():
            service.post("Logs_20140328.PutLogEvents", "logs", body)
            due += 650 / 20_000
            time.sleep(max(0, due - time.monotonic()))

    thread = threading.Thread(target=steady)
    thread.start()
    for number in range(count):
        service.logs("PutLogEvents", logGroupName=f"latency{number // 100 * 100}", logStreamName="s",
                     logEvents=[dict(timestamp=int(time.time() * 1000), message=f"token{number}x")])
        sent[f"alarm{number}"] = time.monotonic()
        time.sleep(0.02)
    end = time.monotonic() + 10
    while len(arrived) < count and time.monotonic() < end:
        time.sleep(0.05)
    stop.set()
    thread.join()
    hook.shutdown()
    assert len(arrived) == count, f"{count - len(arrived)} notifications did not come"
    return sorted(max(0, 1000 * (arrived[name] - at)) for name, at in sent.items())


def measure(tool, tools, events, runs, row):
    folder = tempfile.mkdtemp()
    load = os.path.join(tools, "Load")
    try:
        batch, single, size = bodies(events, folder)
        with Service(tool, os.path.join(folder, "store.db")) as service:
            idle = service.memory_mb()
            service.logs("CreateLogStream", logGroupName=GROUP, logStreamName="load")

            def rate(body, connections):
                values = []
                for _ in range(runs):
                    out = json.loads(subprocess.run(
                        [load, str(service.port), body, str(connections), "3"], capture_output=True, check=True).stdout)
                    assert out["failures"] == 0, out
                    values.append(out["calls"] / out["seconds"])
                return statistics.median(values)

            row("`serve`, batches of 650 events of 1.4 KB, durable, 15 filters", f"{rate(batch, 4) * size:,.0f} events/s",
                "100,000", "200,000")
            before, token = service.cpu(), {}
            while True:
                page = service.logs("FilterLogEvents", logGroupName=GROUP, filterPattern='{ $.eventName = "NoSuchCall" }',
                                    **token)
                if "nextToken" not in page:
                    break
                token = {"nextToken": page["nextToken"]}
            took = service.cpu() - before
            stored = next(g["storedBytes"] for g in service.logs("DescribeLogGroups")["logGroups"]
                          if g["logGroupName"] == GROUP)
            row("`serve`, FilterLogEvents over stored events, per CPU second", f"{stored / took / 1e9:.2f} GB/s", "1 GB/s", "")
            row("`serve`, calls with one event, durable", f"{rate(single, 32):,.0f} calls/s", "10,000", "")
            row("`serve`, memory: idle / most under load", f"{idle:.0f} / {service.memory_mb('VmHWM'):.0f} MB", "40 / 300 MB",
                "")
            waits = latencies(service, events, load, batch)
            row("`serve`, event acknowledged to notification received, at 20,000 events/s: median / p99",
                f"{statistics.median(waits):.0f} / {waits[len(waits) * 99 // 100]:.0f} ms", "p99 250 ms", "")
        with Service(tool, os.path.join(folder, "store.db")) as service:
            gigabytes = os.path.getsize(os.path.join(folder, "store.db")) / 1e9
            row(f"`serve`, start to ready with {stored / 1e9:.1f} GB of events ({gigabytes:.1f} GB on disk)",
                f"{service.start_ms:.0f} ms", "1 s with 10 GB", "")
        starts = []
        for number in range(5):
            with Service(tool, os.path.join(folder, f"empty{number}.db")) as service:
                starts.append(service.start_ms)
        row("`serve`, start to ready with an empty store", f"{statistics.median(starts):.0f} ms", "100 ms", "")
    finally:
        shutil.rmtree(folder)
