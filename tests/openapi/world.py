#!/usr/bin/env python3
"""A marketplace with its sandbox and a small world, and other people's testers against it.

proxy      one whole order and all reads, through Prism, which checks each request and answer
fuzz       Schemathesis: what the description allows and forbids, made up from a seed
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenarios"))

from market import SERVICE, TENANT, Failure, Market, make_account, make_world, order, until  # noqa: E402
from order_to_cash import running_machine  # noqa: E402

DOCUMENT = HERE.parent.parent / "schemas" / "openapi.json"
ROLES = ("cloud-user", "cloud-provider", "cloud-operator", "service", "auditor")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def read_all(market):
    """Every list, and the newest of each with its events."""
    paths = json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]
    auditor = ("auditor", "auditor")
    for path in paths:
        if f"{path}/{{id}}/events" not in paths:
            continue
        status, page = market.call(auditor, "GET", path + "?limit=3")
        if status != 200:
            raise Failure(f"GET {path} answered {status}: {page}")
        for one in page["data"]:
            for below in ("", "/events"):
                status, answer = market.call(auditor, "GET", f"{path}/{one['id']}{below}")
                if status != 200:
                    raise Failure(f"GET {path}/{one['id']}{below} answered {status}: {answer}")


def proxy(market, tools):
    port = free_port()
    log = open(market.data / "prism.log", "w+", encoding="utf-8")
    prism = subprocess.Popen(
        [*tools.prism, "proxy", str(DOCUMENT), market.origin, "--errors", "--host", "127.0.0.1",
         "--port", str(port)], stdout=log, stderr=subprocess.STDOUT)
    try:
        def listening():
            if prism.poll() is not None:
                raise Failure("prism ended")
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0
        until("prism listens", listening)
        market.origin = f"http://127.0.0.1:{port}"
        # It has to find what is wrong, or its silence says nothing.
        status, answer = market.call(SERVICE, "POST", "/v1/payments", {"payer": 7})
        if "prism" not in str(answer.get("type")):
            raise Failure(f"prism let a wrong body pass: {status} {answer}")
        running_machine(market)
        read_all(market)
    except Failure as failure:
        log.flush()
        raise Failure(f"{failure}\n{(market.data / 'prism.log').read_text()[-3000:]}") from failure
    finally:
        prism.terminate()
        prism.wait(30)
        log.close()


def ids(market):
    """The newest of each resource, by its path."""
    found = {}
    for path in json.loads(DOCUMENT.read_text(encoding="utf-8"))["paths"]:
        if path.endswith("/{id}"):
            page = market.get(("auditor", "auditor"), path.removesuffix("/{id}") + "?limit=3")
            found[path.removesuffix("/{id}")] = [one["id"] for one in page["data"]]
    return found


def fuzz(market, tools):
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    made = order(market, user, dashboard, "vm_s", "one")[2]
    until("the invoice is paid", lambda: "invoice.paid" in market.types(f"invoice-{made['id']}.1"))
    token = subprocess.run(
        [market.programs / "marketctl", "token", "--data", market.data, "--subject", "user_a",
         "--tenant", TENANT, "--mfa", "--lifetime", "86400",
         *(word for role in ROLES for word in ("--role", role))],
        check=True, capture_output=True, text=True).stdout.strip()
    done = subprocess.run(
        [*tools.schemathesis, "--config-file", HERE / "schemathesis.toml", "run", DOCUMENT,
         "--url", market.origin, "--seed", str(tools.seed), "--max-examples",
         str(tools.examples), "--no-color", *tools.more],
        check=False, cwd=market.data,
        env={**os.environ, "MARKET_TOKEN": token, "MARKET_IDS": json.dumps(ids(market)),
             "PYTHONPATH": str(HERE)})
    if market.process.poll() is not None:
        raise Failure(f"marketd ended: {market.log_text()[-3000:]}")
    if done.returncode != 0:
        raise Failure(f"schemathesis found something: exit code {done.returncode}")
    with urllib.request.urlopen(market.origin + "/readyz", timeout=30) as ready:
        if ready.status != 200:
            raise Failure("the marketplace is not ready any more")
    market.get(user, "/v1/deployments/" + made["id"]) or until("still there", lambda: False, 0)


RUNS = {"proxy": proxy, "fuzz": fuzz}


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", help="folder of marketd and marketctl")
    parser.add_argument("run", choices=RUNS)
    parser.add_argument("--prism", nargs="+", default=["prism"])
    parser.add_argument("--schemathesis", nargs="+", default=["schemathesis"])
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--examples", type=int, default=25, help="of each operation")
    parser.add_argument("--more", action="append", default=[], help="more for schemathesis")
    given = parser.parse_args()
    market = Market(given.programs)
    try:
        RUNS[given.run](market, given)
        market.stop()
        print(f"ok: {given.run}")
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        print(f"FAILED: {given.run}: {failure}")
        market.kill()
        print(market.log_text()[-3000:])
        sys.exit(1)


if __name__ == "__main__":
    main()
