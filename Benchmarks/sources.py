"""Measures a source: a directory of log files into a store on disk, fifteen filters in force, paired with a scan of the
same files; and from a file's appearance to its subscriber. Called by run.py."""
import gzip
import http.server
import json
import os
import statistics
import tempfile
import threading
import time
import urllib.request

import service

TOPIC = "arn:aws:sns:us-east-1:123456789012:cis-monitoring"


def source(server):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/status") as answer:
        return json.load(answer)["sources"][0]


def take(tool, logs, truth):
    """MB of JSON per CPU second, and per second."""
    with tempfile.TemporaryDirectory() as folder:
        with service.Service(tool, folder + "/s.db", "--source", logs) as server:
            start = time.monotonic()
            while not source(server)["caughtUp"]:
                time.sleep(0.05)
            wall, cpu, found = time.monotonic() - start, server.cpu(), source(server)
            assert found["records"] == truth["records"] and found["faults"] == 0, found
            return found["bytes"] / 1e6 / cpu, found["bytes"] / 1e6 / wall, server.memory_mb("VmHWM")


def latency(tool, count):
    """From the moment a file has its name to the moment its notification is received, in ms."""
    told = threading.Event()

    class Subscriber(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if message["Type"] == "SubscriptionConfirmation":
                urllib.request.urlopen(message["SubscribeURL"]).read()
            elif message["Subject"].startswith("ALARM"):
                told.set()
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    listener = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Subscriber)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    times = []
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(folder + "/logs/day")
        with service.Service(tool, folder + "/s.db", "--source", folder + "/logs") as server:
            server.query("sns", Action="Subscribe", TopicArn=TOPIC, Protocol="http",
                         Endpoint=f"http://127.0.0.1:{listener.server_address[1]}/")
            while b"PendingConfirmation" in server.query("sns", Action="ListSubscriptionsByTopic", TopicArn=TOPIC):
                time.sleep(0.01)
            for number in range(count):
                server.query("monitoring", Action="SetAlarmState", AlarmName="vpc_changes", StateValue="OK", StateReason="-")
                now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
                event = {"eventTime": now, "eventName": "DeleteVpc", "eventSource": "ec2.amazonaws.com", "eventID": str(number)}
                with open(folder + "/logs/day/.part", "wb") as file:
                    file.write(gzip.compress(json.dumps({"Records": [event]}).encode()))
                told.clear()
                start = time.monotonic()
                os.rename(folder + "/logs/day/.part", f"{folder}/logs/day/{number}.json.gz")
                assert told.wait(10)
                times.append(1000 * (time.monotonic() - start))
    listener.shutdown()
    return sorted(times)


def measure(tool, logs, truth, runs, scan, row):
    """`scan` gives the CPU seconds of a scan on one core, and the bytes."""
    rates, walls, shares, memory = [], [], [], 0
    for _ in range(runs):
        cpu, size = scan()
        rate, wall, peak = take(tool, logs, truth)
        rates.append(rate)
        walls.append(wall)
        shares.append(100 * rate / (size / 1e6 / cpu))
        memory = max(memory, peak)
    row(f"`serve --source`, 8 MiB files into a store on disk, 15 filters, MB of JSON per CPU second "
        f"({statistics.median(shares):.0f} % of a scan; {memory:.0f} MB of memory)",
        f"{statistics.median(rates):.0f} ({min(rates):.0f}–{max(rates):.0f})", "200", "400")
    times = latency(tool, 100)
    row("`serve --source`, from a file's name to its subscriber: median / p99",
        f"{times[len(times) // 2]:.0f} / {times[int(len(times) * 0.99) - 1]:.0f} ms", "p99 1 s", "")
