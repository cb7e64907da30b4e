"""What the campaigns share: the programs they drive, and the checks after each round."""

import base64
import http.client
import json
import os
import pathlib
import queue
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PARTITIONS = 8


class Failed(Exception):
    """A promise was broken, or the campaign could not go on."""


def free_port(count=1):
    """The first of `count` ports in a row that nobody uses, below those given to clients."""
    while True:
        port = random.SystemRandom().randrange(20000, 32000 - count)
        held = []
        try:
            for one in range(port, port + count):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", one))
            return port
        except OSError:
            continue
        finally:
            for one in held:
                one.close()


class Lines:
    """A program that takes orders on stdin and answers in lines."""

    def __init__(self, command, log):
        self.name = pathlib.Path(command[0]).name
        self.log = log
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def order(self, text):
        try:
            self.process.stdin.write(text + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            raise Failed(f"{self.name} has ended; see {self.log}") from None

    def answer(self, begins, seconds):
        """The next line that begins with one of `begins`, and the lines before it."""
        before = []
        until = time.monotonic() + seconds
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise Failed(f"{self.name} did not answer within {seconds} s") from None
            if line is None:
                raise Failed(f"{self.name} has ended; see {self.log}\n" + "\n".join(before))
            if line.startswith(begins):
                return line, before
            before.append(line)

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Server:
    """One marketd: a process that comes and goes, its data stay."""

    def __init__(self, campaign, name, port, arguments):
        self.address = f"127.0.0.1:{port}"
        self.port = port
        self.name = name
        self.log = campaign.folder / f"{name}.log"
        self.command = [campaign.program("marketd"), "--listen", self.address, "--dev", "--no-sandbox",
                        "--instance", name, *arguments]
        self.process = None
        self.started_at = 0.0

    def start(self):
        self.started_at = time.monotonic()
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def wait_ready(self, seconds=60):
        """Seconds from its start until it was ready."""
        until = time.monotonic() + seconds
        while not self.is_ready():
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended by itself with {self.process.returncode}; "
                             f"see {self.log}")
            if time.monotonic() > until:
                raise Failed(f"{self.name} was not ready within {seconds} s; see {self.log}")
            time.sleep(0.005)
        return time.monotonic() - self.started_at

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended by itself with {self.process.returncode}, before it "
                         f"was killed; see {self.log}")
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=60):
        """Asks it to end, which it has to do with 0."""
        self.signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {seconds} s of SIGTERM") from None
        if code != 0:
            raise Failed(f"{self.name} ended with {code} after SIGTERM; see {self.log}")

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Broker:
    """A Kafka broker of the campaign's own."""

    def __init__(self, folder):
        self.folder = folder / "broker"
        self.port = free_port(4)
        self.address = f"127.0.0.1:{self.port}"

    @property
    def proxied_port(self):
        return self.port + 2

    @property
    def proxy_port(self):
        return self.port + 3

    def start(self, warm=5):
        self.folder.mkdir(exist_ok=True)
        with open(self.folder / "start.log", "ab") as log:
            subprocess.run([SOURCE / "compose/kafka/start", "--dir", self.folder, "--port",
                            str(self.port), "--warm", str(warm)], check=True, stdout=log,
                           stderr=log)

    def stop(self):
        subprocess.run([SOURCE / "compose/kafka/stop", "--dir", self.folder], check=True,
                       stdout=subprocess.DEVNULL)

    def end(self):
        subprocess.run([SOURCE / "compose/kafka/stop", "--dir", self.folder], check=False,
                       stdout=subprocess.DEVNULL)


class Campaign:
    """A log's life: servers that fail, one client, and the checks."""

    def __init__(self, name, options):
        self.options = options
        self.seed = options.seed if options.seed is not None else random.randrange(1 << 32)
        self.random = random.Random(self.seed)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix=f"marketplace-{name}."))
        self.journal = self.folder / "journal"
        self.servers = []
        self.broker = None
        self.brokers = None  # Their addresses; None: the embedded log.
        self.prefix = f"{name}-{os.getpid()}-{int(time.time())}-"
        self.client = self.check = None
        self.last = ""
        for program in ("marketd", "marketctl", "campaign_client", "campaign_check"):
            if not os.access(self.program(program), os.X_OK):
                raise SystemExit(f"{self.program(program)} is not there; build it first")

    def program(self, name):
        return str(pathlib.Path(self.options.bin) / name)

    def say(self, text):
        print(text, flush=True)

    # The log.

    def kafka_arguments(self, brokers=None):
        return ["--kafka-brokers", brokers or self.brokers, "--kafka-prefix", self.prefix]

    def log_arguments(self, brokers=None):
        if self.brokers is None:
            return ["--log", "embedded"]
        return ["--log", "kafka", *self.kafka_arguments(brokers)]

    def server(self, name, brokers=None):
        one = Server(self, name, free_port(),
                     ["--data", str(self.folder / name), "--partitions", str(PARTITIONS),
                      *self.log_arguments(brokers)])
        self.servers.append(one)
        return one

    def share_keys(self):
        """Every server accepts the tokens of the first one, which has run before."""
        for server in self.servers[1:]:
            shutil.copytree(self.folder / self.servers[0].name / "dev",
                            self.folder / server.name / "dev")

    # The client and its check.

    def token(self, data):
        token = subprocess.run(
            [self.program("marketctl"), "token", "--data", str(data), "--subject", "campaign",
             "--tenant", "campaign", "--role", "service"], check=True, capture_output=True, text=True).stdout.strip()
        claims = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
        return token, claims["tenant"], claims["sub"]

    def begin(self):
        """Starts the client. All servers that it is to know run already."""
        token, tenant, subject = self.token(self.folder / self.servers[0].name)
        who = ["--tenant", tenant, "--subject", subject]
        servers = [word for one in self.servers for word in ("--server", one.address)]
        self.client = Lines(
            [self.program("campaign_client"), *servers, *who, "--journal", str(self.journal), "--token", token, "--seed",
             str(self.seed), "--rate", str(self.options.rate), "--partitions", str(PARTITIONS),
             "--time-out", "3000"], self.folder / "client.log")
        self.who = [*who, *self.log_arguments(), "--partitions", str(PARTITIONS)]
        if self.brokers is None:
            self.who += ["--data", str(self.folder / self.servers[0].name)]
        self.client.order("status")
        self.client.answer("status", 10)
        self.check = Lines([self.program("campaign_check"), *self.who, "--journal",
                            str(self.journal), "--follow"], self.folder / "check.log")

    def compare(self):
        """The journal as it is now against the log as it is now."""
        self.check.order("check")
        self.last, findings = self.check.answer(("ok", "wrong"), 120)
        if not self.last.startswith("ok"):
            raise Failed("\n".join([*findings[:100], self.last]))

    def drain(self, seconds=120):
        """Until every command that was sent is answered."""
        self.client.order("pause")
        line, _ = self.client.answer("paused", seconds)
        return line

    def marketctl(self, *arguments):
        done = subprocess.run([self.program("marketctl"), *arguments], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"marketctl {' '.join(arguments)} ended with {done.returncode}:\n"
                         f"{done.stdout}{done.stderr}")
        return done.stdout

    def check_stopped(self):
        """Nothing runs, everything is answered: the log verifies, and what the servers keep is
        what a replay from the beginning gives, byte for byte."""
        self.compare()
        self.compare()  # What was in the log before the journal told of it.
        self.marketctl("log", "verify", *self.place(self.servers[0]))
        replayed = self.marketctl("state", "--digest", "--exact", *self.place(self.servers[0]))
        if not replayed.strip():
            raise Failed("marketctl state --digest printed nothing")
        for server in self.servers:
            stored = self.marketctl("state", "--digest", "--stored", "--exact",
                                    *self.place(server))
            if stored != replayed:
                raise Failed(f"{server.name}'s state is not what a replay gives:\n{stored}\n"
                             f"{replayed}")

    def check_from_zero(self):
        """A fresh look at the whole journal and the whole log."""
        done = subprocess.run(
            [self.program("campaign_check"), *self.who, "--journal", str(self.journal)],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(done.stdout + done.stderr)
        return done.stdout.strip()

    def check_the_check(self):
        """The same look at journals that lie has to find something: a check that cannot fail
        shows nothing."""
        lines = self.journal.read_text().splitlines()
        answers = [i for i, line in enumerate(lines) if line.startswith("A\t")]
        first = lines[answers[0]].split("\t")
        repeat = next(i for i in reversed(answers) if lines[i].split("\t")[9] == "1")
        lies = {
            "an acknowledgement of a command that is not in the log":
                lines + ["S\tlie\t/v1/payments\tpayment.request\t{}",
                         "\t".join(["A", "lie", *first[2:]])],
            "a command in the log that was never sent":
                [line for line in lines if line.split("\t")[1] != first[1]],
            "a repeat with another answer":
                [*lines[:repeat], lines[repeat].replace("\t20", "\t30").replace("\t4", "\t5"),
                 *lines[repeat + 1:]],
        }
        for what, lie in lies.items():
            journal = self.folder / "lie"
            journal.write_text("\n".join(lie) + "\n")
            done = subprocess.run(
                [self.program("campaign_check"), *self.who, "--journal", str(journal)],
                capture_output=True, text=True, check=False)
            journal.unlink()
            if done.returncode != 1:
                raise Failed(f"the check did not notice {what}:\n{done.stdout}{done.stderr}")

    def place(self, server):
        return ["--data", str(self.folder / server.name), *self.log_arguments()]

    # Its end.

    def run(self, body):
        """Runs the campaign; 0 when all promises were kept."""
        self.say(f"seed {self.seed}, data in {self.folder}")
        kept = self.options.keep
        begun = time.monotonic()
        try:
            body(self)
            self.say(f"ok: {time.monotonic() - begun:.0f} s, {self.last}")
            return 0
        except (Failed, subprocess.CalledProcessError) as error:
            kept = True
            self.say(f"FAILED, seed {self.seed}: {error}")
            self.say(f"data, journal and logs are kept in {self.folder}")
            return 1
        except KeyboardInterrupt:
            self.say("interrupted")
            return 130
        finally:
            for one in (self.client, self.check, *self.servers, self.broker):
                if one is not None:
                    one.end()
            if not kept:
                shutil.rmtree(self.folder, ignore_errors=True)


def add_options(parser):
    parser.add_argument("--seed", type=int, help="of the commands and the moments; printed")
    parser.add_argument("--keep", action="store_true", help="keeps the data of a good run, too")
    parser.add_argument("--rate", type=int, default=2000, help="commands a second, about (%(default)s)")
    parser.add_argument("--bin", default=str(SOURCE / "build/release/bin"),
                        help="folder of the programs (%(default)s)")


def stop_on_terminate():
    """Ends what was started also when we are told to end."""
    def interrupt(*_):
        raise KeyboardInterrupt
    signal.signal(signal.SIGTERM, interrupt)
    sys.stdout.reconfigure(line_buffering=True)
