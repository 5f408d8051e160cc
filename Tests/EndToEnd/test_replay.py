"""The same logs through the service and through scan: the metrics are the counts."""
import json
import os
import ssl
import subprocess
import time
import unittest
import urllib.request

from harness import BINARY, Folder, Server

LOGS = os.path.join(os.path.dirname(__file__), "../../Examples/logs")


class Replay(unittest.TestCase):
    def test_gives_each_metric_what_scan_counts(self):
        scan = json.loads(subprocess.run([BINARY, "scan", "--json", LOGS], capture_output=True, check=True).stdout)
        with Server("--controls", "cis") as server:
            done = subprocess.run(
                [BINARY, "replay", "--shift-to-now", "--json", "--wait", "5", "--endpoint-url", server.url, LOGS],
                capture_output=True, check=True, env={**os.environ, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"})
            self.assertEqual(json.loads(done.stdout), {"sent": scan["records"], "rejected": 0})
            cloudwatch = server.client("cloudwatch")
            alarms = {a["AlarmName"]: a for a in cloudwatch.describe_alarms()["MetricAlarms"]}
            self.assertEqual(set(alarms), set(scan["controls"]))
            for name, control in scan["controls"].items():
                points = cloudwatch.get_metric_statistics(
                    Namespace="CISBenchmark", MetricName=alarms[name]["MetricName"], Period=3600, Statistics=["Sum"],
                    StartTime=time.time() - 4 * 86400, EndTime=time.time() + 3600)["Datapoints"]
                self.assertEqual(sum(p["Sum"] for p in points), control["matches"], name)
            pages = server.client("logs").get_paginator("filter_log_events").paginate(
                logGroupName="cloudtrail/management-events", PaginationConfig={"PageSize": 100})
            times = [e["timestamp"] for page in pages for e in page["events"]]
            self.assertEqual((len(times), times), (scan["records"], sorted(times)))

    def test_of_what_is_too_old_says_so(self):
        with Server() as server:
            done = subprocess.run([BINARY, "replay", "--json", "--endpoint-url", server.url, LOGS], capture_output=True)
            self.assertEqual(json.loads(done.stdout)["sent"], 0)


class TLS(unittest.TestCase):
    def test_is_served_with_a_certificate(self):
        import datetime
        from cryptography import x509
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.x509.oid import NameOID
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        today = datetime.datetime.now(datetime.timezone.utc)
        certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                       .serial_number(1).not_valid_before(today - datetime.timedelta(1))
                       .not_valid_after(today + datetime.timedelta(1)).sign(key, hashes.SHA256()))
        with Folder() as folder:
            paths = [os.path.join(folder, n) for n in ("cert.pem", "key.pem")]
            with open(paths[0], "wb") as file:
                file.write(certificate.public_bytes(serialization.Encoding.PEM))
            with open(paths[1], "wb") as file:
                file.write(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                             serialization.NoEncryption()))
            with Server("--tls-cert", paths[0], "--tls-key", paths[1]) as server:
                self.assertTrue(server.url.startswith("https://"))
                context = ssl.create_default_context()
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                self.assertEqual(urllib.request.urlopen(server.url + "/health", context=context).read(), b"ok\n")


if __name__ == "__main__":
    unittest.main()
