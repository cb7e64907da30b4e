"""The programs that the benchmarks start and stop, and the token they are called with."""

import base64
import http.client
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build/release/bin"
DATA = ROOT / "build/bench-data"

# One payment, about 233 bytes; ######## becomes the payer's number.
PAYMENT = ('{"payer":"account-########","amount":{"minor":4990,"currency":"EUR"},'
           '"card":"pm_1Q2w3E4r5T6y7U8i9O0pAsDf","reference":"two virtual machines and a cluster '
           'of three nodes near Ghent, November 2026, order 7f3a9c","charge_first":false}')

ISSUER, AUDIENCE = "https://a.invalid", "marketplace"


class Failed(Exception):
    pass


def say(text):
    print(text, file=sys.stderr, flush=True)


def build():
    say("building the preset release")
    if not (ROOT / "build/release/build.ninja").exists():
        subprocess.run(["cmake", "--preset", "release"], cwd=ROOT, check=True, stdout=sys.stderr)
    targets = ["marketd", "bench_load", "bench_echo", "bench_replay", "bench_backlog",
               "kafka_reference"]
    subprocess.run(["cmake", "--build", "--preset", "release", "--target", *targets], cwd=ROOT,
                   check=True, stdout=sys.stderr)


def fresh(name):
    """A new empty folder beside the repository's build: on its disk, not in memory."""
    folder = DATA / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def answer_of(program, *arguments):
    """Runs a program of ours that prints one line of JSON."""
    done = subprocess.run([BIN / program, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Failed(f"{program} ended with {done.returncode}")
    return json.loads(done.stdout)


class Server:
    """A program that says in its output when it listens, and where."""

    def __init__(self, name, line):
        self.log = DATA / f"{name}.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([str(word) for word in line], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL)
        self.pid = self.process.pid
        self.address = None

    def wait_until(self, pattern, seconds=60):
        """The match of the pattern in its output."""
        end = time.monotonic() + seconds
        while True:
            ended = self.process.poll() is not None
            found = re.search(pattern, self.log.read_text(errors="replace"))
            if found:
                return found
            if ended or time.monotonic() > end:
                say(self.log.read_text(errors="replace")[-2000:])
                raise Failed(f"{self.log.stem} did not start; see above")
            time.sleep(0.01)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failed(f"{self.log.stem} did not end") from None
        if code not in (0, -signal.SIGTERM):
            say(self.log.read_text(errors="replace")[-2000:])
            raise Failed(f"{self.log.stem} ended with {code}")

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def resident_mb(self):
        for line in open(f"/proc/{self.pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise Failed("no VmRSS")

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.stop()
        else:
            self.kill()


class Echo(Server):
    def __init__(self):
        super().__init__("echo", [BIN / "bench_echo", "--port", 0])
        self.address = "127.0.0.1:" + self.wait_until(r"(\d+)\n").group(1)


def marketd_line(folder, *more):
    return [BIN / "marketd", "--data", folder, "--no-sandbox", "--listen", "127.0.0.1:0",
            "--jwks", DATA / "jwks.json", "--issuer", ISSUER, "--audience", AUDIENCE,
            "--environment", "bench",  # Where a key set may be a file.
            *more]


class Marketd(Server):
    """A server with its own fresh folder, ready when made."""

    def __init__(self, *more, name="marketd"):
        self.folder = fresh(name)
        super().__init__(name, marketd_line(self.folder, *more))
        ready = r'"event": ?"ready".*"address": ?"([\d.:]+)"'
        self.address = self.wait_until(ready).group(1)

    def __exit__(self, *error):
        super().__exit__(*error)
        shutil.rmtree(self.folder)

    def metrics(self):
        """The sum of each metric over its labels."""
        connection = http.client.HTTPConnection(self.address, timeout=10)
        connection.request("GET", "/metrics")
        sums = {}
        for line in connection.getresponse().read().decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                name = name.partition("{")[0]
                sums[name] = sums.get(name, 0) + float(value)
        return sums


class Broker:
    """A warm Kafka of our own. Started when it is first needed."""

    def __init__(self):
        self.folder = DATA / "kafka"
        self.logs = 0
        self.address = None

    def start(self):
        if self.address is None:
            say("starting a Kafka broker and warming it for 30 s")
            line = [ROOT / "compose/kafka/start", "--dir", self.folder, "--port", free_ports(4),
                    "--warm", 30]
            done = subprocess.run([str(word) for word in line], stdout=subprocess.PIPE, text=True)
            if done.returncode != 0:
                raise Failed("the broker did not start; see above")
            self.address = done.stdout.split()[-1]
        return self

    def stop(self):
        if self.folder.exists():
            subprocess.run([ROOT / "compose/kafka/stop", "--dir", self.folder, "--delete"],
                           stdout=sys.stderr)

    def prefix(self):
        """For a log that nothing was written to."""
        self.logs += 1
        return f"bench{self.logs}-"

    def flags(self, prefix):
        return ["--log", "kafka", "--kafka-brokers", self.address, "--kafka-prefix", prefix,
                "--partitions", 8]


def free_ports(count):
    """The first of so many ports in a row that nobody listens on."""
    for first in range(21000, 30000, count):
        try:
            for port in range(first, first + count):
                with socket.socket() as one:
                    one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise Failed("no free ports")


def url64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def make_token():
    """A key of our own, its public half in DATA/jwks.json, and a token signed with it."""
    key = DATA / "key.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                    "-out", key], check=True, stderr=subprocess.DEVNULL)
    modulus = subprocess.run(["openssl", "rsa", "-in", key, "-noout", "-modulus"], check=True,
                             stdout=subprocess.PIPE, text=True).stdout.strip().split("=")[1]
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "b", "e": "AQAB",
           "n": url64(bytes.fromhex(modulus))}
    (DATA / "jwks.json").write_text(json.dumps({"keys": [jwk]}))
    now = int(time.time())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "bench", "tenant": "acme",
              "roles": ["service"], "exp": now + 7200}
    parts = [{"alg": "RS256", "typ": "at+jwt", "kid": "b"}, claims]
    text = ".".join(url64(json.dumps(part, separators=(",", ":")).encode()) for part in parts)
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=text.encode(),
                               check=True, stdout=subprocess.PIPE).stdout
    return f"{text}.{url64(signature)}"
