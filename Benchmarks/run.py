#!/usr/bin/env python3
"""Runs the benchmarks and prints one table. Called by Scripts/bench."""
import argparse
import glob
import importlib.metadata
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))


def run(command, feed=None):
    """Standard output, CPU seconds, wall seconds and peak memory in MB of a command."""
    start = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if feed is not None:
        process.stdin.write(feed)
    process.stdin.close()
    out = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - start
    if status != 0:
        sys.exit(f"{command[0]} failed with status {status}")
    return out, usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024


def data(folder, name, options):
    """A set of logs; made once for one form of the generator."""
    path = os.path.join(folder, name)
    if not os.path.exists(os.path.join(path, "truth.json")):
        print(f"making {path} …", file=sys.stderr)
        shutil.rmtree(path, ignore_errors=True)
        subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), "--out", path, *options], check=True)
    with open(os.path.join(path, "truth.json")) as file:
        truth = json.load(file)
    return os.path.join(path, "AWSLogs"), truth


def check(report, truth, who):
    wrong = {c: (report[c], n) for c, n in truth["controls"].items() if report[c] != n}
    if wrong:
        sys.exit(f"{who} counts otherwise than the generator: {wrong}")


def scan(tool, logs, truth, threads):
    out, cpu, wall, memory = run([tool, "scan", "--threads", str(threads), "--json", logs])
    report = json.loads(out)
    check({c: v["matches"] for c, v in report["controls"].items()}, truth, "trailwarden")
    assert report["records"] == truth["records"] and report["unreadable"] == 0
    return cpu, wall, memory, report["bytes"]


def middle(values):
    return statistics.median(values)


def spread(values):
    return f"{middle(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def quoted(names):
    return ", ".join(f"'{name}'" for name in sorted(names))


def conditions(names):
    """The controls as SQL over columns name, source, code, type, invoked, event_type, mfa, login, message, address."""
    text = {control: f"name IN ({quoted(calls)})" for control, calls in names.items()}
    for control, service in {"cmk_disable_delete": "kms", "s3_policy_changes": "s3", "config_changes": "config",
                             "organizations_changes": "organizations", "route_table_changes": "ec2"}.items():
        text[control] += f" AND source = '{service}.amazonaws.com'"
    text["unauthorized_api_calls"] = ("code LIKE '%UnauthorizedOperation' OR code LIKE 'AccessDenied%' AND "
                                      "address <> 'delivery.logs.amazonaws.com' AND name <> 'HeadBucket'")
    text["console_signin_without_mfa"] = "name = 'ConsoleLogin' AND mfa <> 'Yes' AND type = 'IAMUser' AND login = 'Success'"
    text["console_auth_failures"] = "name = 'ConsoleLogin' AND message = 'Failed authentication'"
    text["root_usage"] = "type = 'Root' AND invoked IS NULL AND event_type <> 'AwsServiceEvent'"
    return text


CHDB = """
import sys, json, chdb
files, conditions = sys.argv[1], json.loads(sys.argv[2])
columns = ("Records Array(Tuple(eventName String, eventSource String, errorCode Nullable(String), eventType String, "
           "sourceIPAddress Nullable(String), errorMessage Nullable(String), userIdentity Tuple(type Nullable(String), "
           "invokedBy Nullable(String)), additionalEventData Tuple(MFAUsed Nullable(String)), "
           "responseElements Tuple(ConsoleLogin Nullable(String))))")
inner = ("SELECT r.1 AS name, r.2 AS source, r.3 AS code, r.4 AS event_type, r.5 AS address, r.6 AS message, r.7.1 AS type, "
         "r.7.2 AS invoked, r.8.1 AS mfa, r.9.1 AS login FROM (SELECT arrayJoin(Records) AS r FROM "
         f"file('{files}', 'JSONEachRow', '{columns}'))")
sums = ", ".join(f"countIf({text}) AS {name}" for name, text in conditions.items())
settings = ("SETTINGS max_threads = 1, max_parsing_threads = 1, input_format_parallel_parsing = 0, "
            "input_format_skip_unknown_fields = 1, input_format_json_ignore_unknown_keys_in_named_tuple = 1, "
            "input_format_null_as_default = 1, input_format_json_defaults_for_missing_elements_in_named_tuple = 1")
print(chdb.query(f"SELECT {sums} FROM ({inner}) {settings}", "JSONEachRow"))
"""

DUCKDB = """
import sys, json, duckdb
files, conditions = sys.argv[1], json.loads(sys.argv[2])
duckdb.execute("SET threads = 1")
duckdb.execute("SET enable_progress_bar = false")
record = ("STRUCT(eventName VARCHAR, eventSource VARCHAR, errorCode VARCHAR, eventType VARCHAR, sourceIPAddress VARCHAR, "
          "errorMessage VARCHAR, userIdentity STRUCT(type VARCHAR, invokedBy VARCHAR), additionalEventData STRUCT(MFAUsed VARCHAR), "
          "responseElements STRUCT(ConsoleLogin VARCHAR))")
inner = ("SELECT r.eventName AS name, r.eventSource AS source, r.errorCode AS code, r.eventType AS event_type, "
         "r.sourceIPAddress AS address, r.errorMessage AS message, r.userIdentity.type AS type, r.userIdentity.invokedBy AS invoked, "
         "r.additionalEventData.MFAUsed AS mfa, r.responseElements.ConsoleLogin AS login FROM (SELECT unnest(Records) AS r FROM "
         f"read_json('{files}', columns = {{Records: '{record}[]'}}, maximum_object_size = 67108864))")
sums = ", ".join(f"count(*) FILTER ({text}) AS {name}" for name, text in conditions.items())
row = duckdb.execute(f"SELECT {sums} FROM ({inner})").fetchone()
print(json.dumps(dict(zip(conditions, row))))
"""


def peer(module, program, logs, truth, names):
    """CPU seconds of a peer over the same files, start-up left out; None where it is not installed."""
    if subprocess.run([sys.executable, "-c", f"import {module}"], stderr=subprocess.DEVNULL).returncode != 0:
        return None
    start = middle([run([sys.executable, "-c", f"import {module}"])[1] for _ in range(3)])
    command = [sys.executable, "-c", program, os.path.abspath(logs) + "/**/*.json.gz", json.dumps(conditions(names))]
    out, cpu, _, _ = run(command)
    check({c: int(n) for c, n in json.loads(out).items()}, truth, module)
    return cpu - start


def version(module):
    return importlib.metadata.version(module)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trailwarden", required=True)
    parser.add_argument("--tools", required=True)
    parser.add_argument("--folder", default=".build/bench-data")
    parser.add_argument("--records", type=int, default=250_000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--no-service", action="store_true")
    parser.add_argument("--json", metavar="FILE")
    options = parser.parse_args()
    sys.path.insert(0, HERE)
    import generate

    figures = {}
    rows = []

    def row(work, figure, must, goal):
        rows.append((work, figure, must, goal))

    for name, size, label in (("large", 8 << 20, "8 MiB `.json.gz` files"), ("small", 32 << 10, "32 KB files")):
        logs, truth = data(options.folder, name, ["--records", str(options.records), "--file-bytes", str(size)])
        files = sorted(glob.glob(logs + "/**/*.json.gz", recursive=True))
        feed = "\n".join(files).encode()
        shares, speedups, rates, limits, cpus = [], [], [], [], []
        memory = 0
        for _ in range(options.runs):
            out, limit, _, _ = run([os.path.join(options.tools, "InflateOnly")], feed)
            cpu, wall, peak, size_read = scan(options.trailwarden, logs, truth, 1)
            assert int(out) == size_read
            _, wall2, peak2, _ = scan(options.trailwarden, logs, truth, 2)
            shares.append(limit / cpu)
            speedups.append(wall / wall2)
            rates.append(size_read / 1e6 / cpu)
            limits.append(size_read / 1e6 / limit)
            cpus.append(cpu)
            memory = max(memory, peak, peak2)
        figures[name] = {"share": shares, "speedup": speedups, "MBPerCPUSecond": rates, "limit": limits, "memoryMB": memory}
        row(f"{label}, one core, share of inflate-only ({middle(rates):.0f} of {middle(limits):.0f} MB/s)",
            spread([100 * s for s in shares]).replace(".00", "") + " %", "60 %", "80 %")
        row(f"{label}, two cores against one, wall", spread(speedups) + "x", "1.7x", "1.9x")
        row(f"{label}, peak memory", f"{memory:.0f} MB", "250 MB", "100 MB")
        if not options.no_peers:
            for module, program in (("chdb", CHDB), ("duckdb", DUCKDB)):
                ratios = []
                # On both sides.
                start = middle([run([options.trailwarden, "--version"])[1] for _ in range(5)])
                for _ in range(5 if module == "chdb" else 3):
                    cpu = peer(module, program, logs, truth, generate.NAMES)
                    if cpu is None:
                        break
                    ours = middle([scan(options.trailwarden, logs, truth, 1)[0] for _ in range(3)])
                    ratios.append(cpu / (ours - start))
                if not ratios:
                    row(f"{label}, against {module}", "not installed", "", "")
                    continue
                bounds = {"chdb": {"large": ("2x", "3x"), "small": ("8x", "15x")}}.get(module, {}).get(name, ("", ""))
                figures[name][module] = ratios
                row(f"{label}, against {module} {version(module)} per CPU second, start-up left out", spread(ratios) + "x", *bounds)
            if shutil.which("jq") and name == "large":
                jq = '[.Records[] | select(.eventName | IN("CreateTrail","UpdateTrail","DeleteTrail","StartLogging","StopLogging"))] | length'
                command = ["sh", "-c", f"gzip -dc $(find {logs} -name '*.gz') | jq '{jq}'"]
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                out = subprocess.run(command, capture_output=True, check=True).stdout
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                assert sum(map(int, out.split())) == truth["controls"]["cloudtrail_cfg_changes"]
                cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                figures[name]["jq"] = cpu / middle(cpus)
                row(f"{label}, against gzip and jq (one control only) per CPU second", f"{cpu / middle(cpus):.1f}x", "", "")

    logs, _ = data(options.folder, "small", [])
    first = sorted(glob.glob(logs + "/**/*.json.gz", recursive=True))[:200]
    events = os.path.join(options.folder, "events.jsonl")
    with open(events, "wb") as file:
        file.write(run([options.trailwarden, "scan", "--events", "--pattern", "", "--threads", "1", *first])[0])
    for count, must, goal in ((10_000, "200,000", "500,000"), (100_000, "10 s / 50,000", "5 s / 250,000")):
        outs = [json.loads(run([os.path.join(options.tools, "ManyPatterns"), str(count), events])[0]) for _ in range(3)]
        assert all(out["legal"] for out in outs)
        rate, compile_time = middle([out["eventsPerSecond"] for out in outs]), middle([out["compileSeconds"] for out in outs])
        figures[str(count)] = {"eventsPerSecond": rate, "compileSeconds": compile_time}
        figure = f"{rate:,}" if count == 10_000 else f"{compile_time:.1f} s / {rate:,}"
        what = "events per CPU second" if count == 10_000 else "compile / events per CPU second"
        row(f"{count:,} mixed patterns, {what}", figure, must, goal)

    out = json.loads(run([os.path.join(options.tools, "Covers")])[0])
    row("whether a filter covers a control, with its witness: median / worst",
        f"{out['singleMedian']:.2f} / {out['singleWorst']:.1f} ms", "1 ms typically", "")
    row("whether the union of 100 filters covers a control: median / worst",
        f"{out['unionMedian']:.0f} / {out['unionWorst']:.0f} ms", "100 ms", "")

    if not options.no_service:
        import service
        import sources
        large, truth = data(options.folder, "large", ["--records", str(options.records), "--file-bytes", str(8 << 20)])

        def paired():
            cpu, _, _, size = scan(options.trailwarden, large, truth, 1)
            return cpu, size

        sources.measure(options.trailwarden, large, truth, options.runs, paired, row)
        out = json.loads(run([os.path.join(options.tools, "ManyAlarms"), "100000"])[0])
        assert out["silent"]
        row("100,000 alarms whose metrics all receive data, evaluations per CPU second",
            f"{out['evaluationsPerSecond']:,}", "150,000", "")
        row("100,000 alarms without data, share of one core", f"{out['idleMinuteSeconds'] / 60 * 100:.3f} %", "10 %", "")
        with open(events) as file:
            service.measure(options.trailwarden, options.tools, [line.rstrip("\n") for line in file], 3, row)

    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    print(f"{model}, {os.cpu_count()} cores; {options.runs} paired runs, median (least–most)\n")
    print("| work, 15 controls | measured | must | goal |\n| --- | --- | --- | --- |")
    for cells in rows:
        print("| " + " | ".join(cells) + " |")
    if options.json:
        with open(options.json, "w") as file:
            json.dump(figures, file, indent=1)


if __name__ == "__main__":
    main()
