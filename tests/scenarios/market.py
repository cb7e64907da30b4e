"""A marketplace with its sandbox, and a world to trade in, over HTTP."""

import argparse
import itertools
import json
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

SET_A = {"id": "pp-1", "cu": 100000, "su": 50000, "ipu": 40000, "unique_name": 2500}
TENANT = "market"


class Failure(Exception):
    pass


def until(what, condition, seconds=60.0):
    """The first truth that `condition` gives."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise Failure(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)


class Sandbox:
    """A sandbox of its own, which outlives marketplaces."""

    def __init__(self, programs):
        self.folder = tempfile.TemporaryDirectory(prefix="sandbox-")
        self.directory = Path(self.folder.name) / "sandbox.json"
        self.process = subprocess.Popen(
            [Path(programs) / "sandboxd", "--directory", self.directory],
            stdout=subprocess.DEVNULL)
        until("the sandbox is there", self.directory.exists)

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Market:
    # Arguments of `marketctl` that name a log which is not in the data folder.
    log = ()

    def __init__(self, programs, arguments=(), sandbox=None, listen="127.0.0.1:0"):
        self.programs = Path(programs)
        self.pretend = ["--sandbox-at", sandbox.directory] if sandbox else ["--sandbox"]
        self.listen = listen
        self.folder = tempfile.TemporaryDirectory(prefix="scenario-")
        self.data = Path(self.folder.name)
        self.arguments = list(arguments)
        self.key = random.randrange(10**9)  # Unlike those of other instances.
        self.tokens = {}
        self.start()

    def start(self):
        self.log_file = open(self.data / "marketd.log", "a+", encoding="utf-8")
        begin = self.log_file.seek(0, 2)
        self.process = subprocess.Popen(
            [self.programs / "marketd", "--data", self.data, "--dev", *self.pretend, "--listen",
             self.listen, *self.arguments],
            stdout=self.log_file, stderr=subprocess.STDOUT)

        def ready():
            if self.process.poll() is not None:
                raise Failure(f"marketd ended: {self.log_text()[-2000:]}")
            self.log_file.seek(begin)
            lines = [json.loads(line) for line in self.log_file if line.startswith("{")]
            self.sandbox = dict(line["address"].split(" ", 1) for line in lines
                                if "sandbox" in line.get("event", "") and "address" in line)
            return next((line for line in lines if line.get("event") == "ready"), None)
        self.origin = "http://" + until("marketd is ready", ready)["address"]

    def log_text(self):
        return (self.data / "marketd.log").read_text(encoding="utf-8")

    def stop(self):
        self.process.terminate()
        self.process.wait(30)

    def kill(self):
        self.process.kill()
        self.process.wait(30)

    end = kill

    def again(self):
        self.start()

    def origins(self):
        return [self.origin]

    def token(self, subject, role):
        if (subject, role) not in self.tokens:
            made = subprocess.run(
                [self.programs / "marketctl", "token", "--data", self.data, "--subject", subject,
                 "--tenant", TENANT, "--role", role, "--mfa"],
                check=True, capture_output=True, text=True)
            self.tokens[subject, role] = made.stdout.strip()
        return self.tokens[subject, role]

    def call(self, who, method, path, body=None, key=None):
        """Status and parsed body."""
        headers = {"Authorization": "Bearer " + self.token(*who)}
        if method == "POST":
            self.key += 1
            headers["Idempotency-Key"] = key or f"k-{self.key}"
            headers["Content-Type"] = "application/json"
        request = urllib.request.Request(
            self.origin + path, None if body is None else json.dumps(body).encode(),
            headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def post(self, who, path, body=None, key=None):
        if key is None:
            self.key += 1
            key = f"p-{self.key}"
        end = time.monotonic() + 30
        status, answer = self.call(who, "POST", path, body or {}, key)
        # Partitions change hands; the same key is the same command.
        while status == 503 and time.monotonic() < end:
            time.sleep(0.2)
            status, answer = self.call(who, "POST", path, body or {}, key)
        if status >= 300:
            raise Failure(f"POST {path} answered {status}: {answer}")
        return answer

    def get(self, who, path):
        status, answer = self.call(who, "GET", path)
        return answer if status == 200 else None

    def events(self, stream):
        """The stream's events, oldest first. "deployment-1" is a stream."""
        name, identity = stream.split("-", 1)
        found = self.get(("auditor", "auditor"), f"/v1/{RESOURCES[name]}/{identity}/events")
        return found["data"] if found else []

    def cat(self):
        """The log of a stopped marketplace: an event a line, as it is kept."""
        return subprocess.run([self.programs / "marketctl", "log", "cat", "--data", self.data],
                              capture_output=True, text=True, check=True).stdout

    def story(self):
        """What the log of a stopped marketplace holds, a line an event."""
        read = subprocess.run([self.programs / "marketctl", "log", "cat", "--data", self.data,
                               *self.log], capture_output=True, text=True, check=False)
        events = [json.loads(line) for line in read.stdout.splitlines() if line.startswith("{")]
        events.sort(key=lambda event: event["time"])
        parked = subprocess.run([self.programs / "marketctl", "parked", "list", "--data",
                                 self.data, *self.log], capture_output=True, text=True,
                                check=False)
        return "\n".join(f"{event['time']} {event['stream']} {event['type']} by {event['actor']} "
                         f"{json.dumps(event['data'])[:300]}" for event in events
                         ) + read.stderr + parked.stdout

    def types(self, stream):
        return [event["type"] for event in self.events(stream)]

    def sandbox_call(self, server, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(
            self.sandbox[server] + path, None if body is None else json.dumps(body).encode(),
            headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def metric(self, name, worker):
        with urllib.request.urlopen(self.origin + "/metrics", timeout=30) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(f'{name}{{worker="{worker}"}}'):
                    return float(line.rsplit(" ", 1)[1])
        return 0.0

    def stripe(self, path):
        """What Stripe itself says of our account."""
        request = urllib.request.Request(self.sandbox["stripe"] + path, headers={
            "Authorization": "Bearer sk_test_sandbox", "Stripe-Version": "2026-10-28.endive"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())


class Pair:
    """Two instances on one Kafka, asked in turns. A Market for whoever uses it."""

    def __init__(self, programs, brokers, sandbox, arguments=()):
        self.programs = Path(programs)
        prefix = f"pair{random.randrange(10**9)}-"
        self.log = ["--log", "kafka", "--kafka-brokers", brokers, "--kafka-prefix", prefix]

        def instance(name, more):
            return Market(programs, [*self.log, "--instance", name, *more, *arguments],
                          sandbox=sandbox, listen=f"127.0.0.1:{free_port()}")
        first = instance("a", [])
        # The other takes its tokens and its quotes.
        keys = ["--jwks", first.data / "dev" / "jwks.json", "--issuer", "marketplace-dev",
                "--audience", "marketplace", "--environment", "test",
                "--quote-key-file", first.data / "quote.key"]
        self.all = [first, instance("b", keys)]
        self.data, self.sandbox, self.struck = first.data, first.sandbox, first
        self.turn = itertools.cycle(self.all)

    def __getattr__(self, name):
        return getattr(next(self.turn), name)

    def origins(self):
        return [one.origin for one in self.all]

    def metric(self, name, worker):
        return sum(one.metric(name, worker) for one in self.all)

    def get(self, who, path):
        # What one has decided the other may not have read yet.
        return self.all[0].get(who, path)

    def kill(self):
        self.struck = random.choice(self.all)
        self.struck.kill()

    def start(self):
        self.struck.start()

    def end(self):
        for one in self.all:
            one.kill()

    def stop(self):
        for one in self.all:
            one.stop()

    def again(self):
        for one in self.all:
            one.start()

    def log_text(self):
        return "\n".join(one.log_text() for one in self.all)

    def story(self):
        self.all[0].log = self.log
        return self.all[0].story()


RESOURCES = {
    "account": "accounts", "card": "cards", "customer_credit": "customer-credits",
    "dashboard": "dashboards", "deployment": "deployments", "discount_code": "discount-codes",
    "effect": "effects", "invoice": "invoices", "market_data": "market-data", "node": "nodes",
    "payment": "payments", "provider": "providers", "subscription": "subscriptions",
    "usage": "usages",
}

SERVICE = ("service", "service")
STAFF = ("staff_o", "cloud-operator")


def usd(cents):
    return {"minor": cents, "currency": "USD"}


def resources(cru=2, mru=4, sru=50):
    return {"cru": cru, "mru": mru, "sru": sru, "hru": 0, "gpus": 0, "public_ips": 0}


def make_world(market, tax=()):
    """An operator's dashboard with two plans, and four nodes of three providers."""
    market.post(SERVICE, "/v1/market-data/grid/record-pricing-policy", {"policy": SET_A})
    refresh_price(market)
    dashboard = market.post(SERVICE, "/v1/dashboards", {
        "owner": "operator_t", "name": "operator-t", "role_held": True, "name_taken": False})["id"]
    base = f"/v1/dashboards/{dashboard}"
    market.post(SERVICE, base + "/connect-stripe", {
        "stripe_account": "acct_1", "key_name": "stripe", "key_accepted": True})
    market.post(STAFF, base + "/set-sales-settings", {"settings": {
        "charge_first": False, "suspend_on_dispute": True, "fraud_refund_limit": usd(0),
        "margin_floor": usd(0), "price_step": usd(1), "declared_tier": "gold"}})
    machine = {"role": "primary", "resources": resources()}
    for plan, price, workloads, name in (
            ("nextcloud_s_backup", 1000, [machine, {**machine, "role": "backup"}], True),
            ("vm_s", 1500, [machine], False)):
        market.post(SERVICE, base + "/publish-plan", {
            "plan": plan, "title": plan, "application": "ubuntu-24.04", "workloads": workloads,
            "web_name": name, "price": usd(price), "sla_versions": 0, "application_known": True,
            "pricing_policy": SET_A})
    if tax:
        market.post(STAFF, base + "/set-tax-rules", {"rules": list(tax)})
    for node, farm, provider, country in ((11, 7, "provider_h", "BE"), (12, 7, "provider_h", "BE"),
                                          (21, 9, "provider_g", "DE"), (31, 12, "provider_k", "FR")):
        path = f"/v1/nodes/{node}"
        market.post(SERVICE, path + "/register", {
            "provider": provider, "farm": str(farm), "farm_proved": True, "country": country,
            "region": "Europe", "city": "", "certified": True,
            "capacity": resources(64, 256, 4000)})
        market.post(STAFF, path + "/verify", {"passed": True})
        market.post(SERVICE, path + "/expose", {"dashboard": dashboard,
                                                "participation_active": True})
    market.post(SERVICE, base + "/go-live", {
        "wallet_connected": True, "twin_kyc_passed": True, "nodes": 4})
    return dashboard


def refresh_price(market):
    now = market.sandbox_call("stripe", "GET", "/sandbox/clock")["now"]
    market.post(SERVICE, "/v1/market-data/grid/record-tft-price", {
        "price": 10, "observed": rfc3339(now)})


def rfc3339(now):
    if isinstance(now, str):
        return now
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now)) + ".000Z"


def make_account(market, name, country="BE"):
    who = (name, "cloud-user")
    market.post(who, f"/v1/accounts/{name}/register", {
        "email_hash": "hash-" + name, "country": country, "terms": "1", "terms_offered": ["1"],
        "code_hash": "code"})
    verified = market.post(who, f"/v1/accounts/{name}/verify-email", {"code_hash": "code"})
    for one in getattr(market, "all", [market]):
        until(f"{name} is known", lambda: (one.get(who, f"/v1/accounts/{name}") or {}).get(
            "version", 0) >= verified["version"])
    return who


KEY = ("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEzB0tq4kZ4hQW3eDRhoVhC7qZ1Dk3mCrQ1o0ZQ0Yx1k")


def order(market, who, dashboard, plan, name, card="pm_card_visa", label=None, key=None):
    """A quote and its order. The deployment as it was decided."""
    quote = until("a quote", lambda: quoted(market, who, dashboard, plan))
    body = {"quote": quote["quote"], "name": name, "ssh_key": KEY, "card": card}
    if label:
        body["domain_label"] = label
    return quote, body, market.post(who, "/v1/deployments", body, key)


def quoted(market, who, dashboard, plan):
    # The view may be a moment behind.
    status, answer = market.call(who, "POST", "/v1/quotes", {"dashboard": dashboard, "plan": plan})
    if status == 201:
        return answer
    if status in (404, 409):
        time.sleep(0.2)
        return None
    raise Failure(f"POST /v1/quotes answered {status}: {answer}")


def run_scenarios(description, scenarios, arguments=()):
    """The program of a file of scenarios: runs those that are named, each in a market of its own
    that is started with `arguments`."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("programs", help="folder of marketd and marketctl")
    parser.add_argument("names", nargs="*", help="scenarios; none: all of " + ", ".join(scenarios))
    parser.add_argument("--kafka", metavar="BROKERS", help="with two instances on Kafka")
    given = parser.parse_args()
    failed = False
    for name in given.names or scenarios:
        sandbox = Sandbox(given.programs) if given.kafka else None
        market = (Pair(given.programs, given.kafka, sandbox, arguments) if given.kafka
                  else Market(given.programs, arguments))
        try:
            scenarios[name](market)
            market.stop()
            print(f"ok: {name}")
        # Whatever went wrong, what was started is ended.
        except Exception as failure:
            failed = True
            print(f"FAILED: {name}: {type(failure).__name__}: {failure}")
            market.end()
            print(market.log_text()[-3000:] + market.story())
        if sandbox:
            sandbox.stop()
    sys.exit(failed)
