"""What the end-to-end suites share: the built server, a subscriber that checks signatures, and a mail server."""
import base64
import email
import email.policy
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request

import boto3
from aiosmtpd.controller import Controller
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

import judge

BINARY = os.environ["TRAILWARDEN"]
BIN = os.environ["END_TO_END_BIN"]  # where `aws` lies
ACCOUNT, REGION = "123456789012", "us-east-1"


def wait_for(condition, what, seconds=10):
    """The first true value of `condition`."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Server:
    """The built server, on a free port."""

    def __init__(self, *options, store=":memory:", port=0, environment=None):
        self.options = ["--store", store, *options]
        self.environment = environment or {}
        self.port = port
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [BINARY, "serve", "--listen", f"127.0.0.1:{self.port}", *self.options],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **self.environment})
        self.log = []
        for line in self.process.stderr:
            self.log.append(line)
            found = re.search(r"listening on (https?://[^,]+:(\d+)),", line)
            if found:
                self.url, self.port = found[1], int(found[2])
                break
        else:
            self.process.wait()
            self.process.stderr.close()
            raise AssertionError("the server did not start: " + "".join(self.log))
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def client(self, service, region=REGION, key="test", secret="test", **config):
        """A boto3 client whose answers are held against botocore's models."""
        return judge.watch(boto3.client(
            service, endpoint_url=self.url, region_name=region, aws_access_key_id=key, aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 0}, **config)))

    def aws(self, *words, check=True, **environment):
        """Runs the AWS CLI, and gives what it printed as a value."""
        done = subprocess.run(
            [os.path.join(BIN, "aws"), *words], capture_output=True, text=True, timeout=60,
            env={**os.environ, "AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "test",
                 "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1",
                 **environment})
        if check and done.returncode != 0:
            raise AssertionError(f"aws {' '.join(words)}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout.strip() else {}

    def kill(self):
        self.end(signal.SIGKILL)

    def stop(self):
        return self.end(signal.SIGTERM)

    def end(self, number):
        self.process.send_signal(number)
        status = self.process.wait(timeout=20)
        self.reader.join()
        self.process.stderr.close()
        return status

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.kill()


class Listener:
    """An HTTP server that answers what its subclass says: `post(path, headers, body)` gives status, type and body."""

    def __enter__(self):
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                asked = self.rfile.read(int(self.headers["Content-Length"]))
                status, kind, body = listener.post(self.path, self.headers, asked)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Subscriber:
    """An http endpoint that confirms what it is asked to, checks every signature, and keeps what it was told."""

    def __init__(self, confirms=True, statuses=()):
        self.messages, self.faults, self.requests = [], [], []
        self.statuses = list(statuses)  # answers to the first notifications
        subscriber = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                kind = self.headers["x-amz-sns-message-type"]
                subscriber.requests.append((kind, dict(self.headers), body))
                status = 200
                if kind == "Notification" and subscriber.statuses:
                    status = subscriber.statuses.pop(0)
                elif self.headers["x-amz-sns-rawdelivery"]:
                    subscriber.messages.append({"raw": body})
                else:
                    message = json.loads(body)
                    if not verify(message):
                        subscriber.faults.append(body)
                    if kind == "SubscriptionConfirmation" and confirms:
                        urllib.request.urlopen(message["SubscribeURL"]).read()
                    subscriber.messages.append(message)
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # a server that is killed leaves its connections behind

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def notifications(self):
        return [m for m in self.messages if m.get("Type") == "Notification"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


CERTIFICATES = {}


def verify(message):
    """Whether the signature of an SNS message is that of the certificate it names (SNS Developer Guide)."""
    names = (["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"] if message["Type"] == "Notification"
             else ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"])
    text = "".join(f"{name}\n{message[name]}\n" for name in names if name in message)
    url = message["SigningCertURL"]
    if url not in CERTIFICATES:
        CERTIFICATES[url] = x509.load_pem_x509_certificate(urllib.request.urlopen(url).read())
    method = hashes.SHA256() if message["SignatureVersion"] == "2" else hashes.SHA1()
    try:
        CERTIFICATES[url].public_key().verify(
            base64.b64decode(message["Signature"]), text.encode(), padding.PKCS1v15(), method)
        return True
    except Exception:
        return False


class Mailbox:
    """A mail server that keeps what it was sent."""

    def __init__(self):
        self.mails = []
        mailbox = self

        class Keeper:
            async def handle_DATA(self, server, session, envelope):
                mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
                mailbox.mails.append((envelope.rcpt_tos, mail))
                return "250 OK"

        self.controller = Controller(Keeper(), hostname="127.0.0.1", port=0)
        # The library asks for a port of its own choosing by binding it itself.
        self.controller.port = free_port()

    def __enter__(self):
        self.controller.start()
        self.url = f"smtp://127.0.0.1:{self.controller.port}"
        return self

    def __exit__(self, *_):
        self.controller.stop()


def free_port():
    import socket
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Folder:
    def __enter__(self):
        self.path = tempfile.mkdtemp()
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def now():
    return int(time.time() * 1000)


def record(name, **members):
    """A CloudTrail record of our own making."""
    return json.dumps({
        "eventVersion": "1.11", "eventName": name, "eventSource": members.pop("source", "cloudtrail.amazonaws.com"),
        "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "eventType": "AwsApiCall",
        "userIdentity": {"type": "IAMUser", "userName": "alice"}, "sourceIPAddress": "203.0.113.9", **members})
