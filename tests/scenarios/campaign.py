#!/usr/bin/env python3
"""Orders while everything goes wrong: providers that fail, cut and repeat, and a marketplace that is
killed at random moments. At the end the books of all sides are compared."""

import argparse
import json
import random
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from http.client import HTTPException
from pathlib import Path

from market import (KEY, SERVICE, STAFF, Failure, Market, Pair, Sandbox, free_port, make_account,
                    make_world, refresh_price, resources)

AUDITOR = ("auditor", "auditor")
STRIPE_FAULTS = [
    ("payment_intents.*", "cut_before", 30), ("payment_intents.*", "cut_after", 40),
    ("payment_intents.*", "error_after", 20), ("payment_intents.*", "rate_limit", 20),
    ("payment_intents.create", "decline", 40), ("payment_intents.*", "error", 20),
    ("refunds.*", "cut_after", 60), ("customers.*", "cut_after", 30),
    ("webhooks.deliver", "duplicate", 100), ("webhooks.deliver", "reorder", 100),
    ("webhooks.deliver", "lose", 50),
]
GRID_FAULTS = [
    ("*", "cut_before", 30), ("*", "cut_after", 40), ("deploy.*", "error", 60),
    ("deploy.*", "error_after", 30), ("deploy.*", "delay", 50), ("cancel*", "error", 40),
]
CARDS = ["pm_card_visa"] * 8 + ["pm_card_chargeDeclined", "pm_card_mastercard"]
ENDED = {"running", "cancelled", "failed"}


def faults(market, seed):
    for server, rules in (("stripe", STRIPE_FAULTS), ("grid", GRID_FAULTS)):
        market.sandbox_call(server, "POST", "/sandbox/faults", {"seeded": {"seed": seed, "rules": [
            {"operation": operation, "kind": kind, "per_mille": often}
            for operation, kind, often in rules]}})


class Campaign:
    def __init__(self, given):
        self.given = given
        self.random = random.Random(given.seed)
        self.ordered, self.refused = {}, Counter()
        self.lock = threading.Lock()
        self.kills = 0
        self.over = threading.Event()

    def patient(self, ask):
        """The marketplace may be away, and comes back."""
        end = time.monotonic() + 60
        while True:
            try:
                status, answer = ask()
                if status not in (429, 500, 502, 503, 504):
                    return status, answer
            except (OSError, HTTPException, urllib.error.URLError, json.JSONDecodeError):
                pass
            if time.monotonic() > end:
                raise Failure("the marketplace does not come back")
            time.sleep(0.1)

    def customer(self, market, number, orders):
        who = (f"user_{number}", "cloud-user")
        mine = random.Random(self.given.seed * 1000 + number)
        for step in range(orders):
            plan = mine.choice(["vm_s", "nextcloud_s_backup"])
            name = f"m{number}-{step}"
            key = f"order-{number}-{step}"
            end = time.monotonic() + 90
            while time.monotonic() < end:
                status, quote = self.patient(lambda: market.call(
                    who, "POST", "/v1/quotes", {"dashboard": self.dashboard, "plan": plan}))
                if status == 201:
                    break
                time.sleep(0.2)
            else:
                raise Failure(f"no quote: {quote}")
            body = {"quote": quote["quote"], "name": name, "ssh_key": KEY,
                    "card": mine.choice(CARDS)}
            if plan != "vm_s":
                body["domain_label"] = name.replace("-", "x")
            status, made = self.patient(
                lambda: market.call(who, "POST", "/v1/deployments", body, key))
            # Whoever does not trust the first answer asks again, and hears the same.
            again, same = self.patient(
                lambda: market.call(who, "POST", "/v1/deployments", body, key))
            if status != again or (status == 201 and same["id"] != made["id"]):
                raise Failure(f"asked twice: {status} {made}\n and then {again} {same}")
            with self.lock:
                if status == 201:
                    self.ordered[made["id"]] = plan
                else:
                    self.refused[made.get("code", str(status))] += 1

    def killer(self, market):
        while not self.over.wait(self.random.uniform(0.5, 2.5)):
            if self.kills >= self.given.kills:
                return
            market.kill()
            self.kills += 1
            market.start()

    def run(self, market):
        self.dashboard = make_world(market)
        for node in range(100, 100 + self.given.nodes):
            add_node(market, node, self.dashboard)
        for number in range(self.given.customers):
            make_account(market, f"user_{number}")
        faults(market, self.given.seed)
        failures = []

        def guarded(work, *arguments):
            try:
                work(*arguments)
            except (Failure, OSError) as failure:
                failures.append(str(failure))

        each = -(-self.given.orders // self.given.customers)
        customers = [threading.Thread(target=guarded, args=(self.customer, market, n, each))
                     for n in range(self.given.customers)]
        killer = threading.Thread(target=guarded, args=(self.killer, market))
        for one in [*customers, killer]:
            one.start()
        for one in customers:
            one.join()
        while killer.is_alive() and self.kills < self.given.kills and not failures:
            time.sleep(0.2)
        self.over.set()
        killer.join()
        if failures:
            raise Failure("; ".join(failures))
        self.settle(market)

    def deployments(self, market):
        return {d: market.get(AUDITOR, f"/v1/deployments/{d}") for d in self.ordered}

    def settle(self, market):
        """Until each order is concluded, or waits for a person. Time runs meanwhile."""
        end = time.monotonic() + self.given.patience
        while True:
            parked = market.get(AUDITOR, "/v1/effects?status=parked&limit=200")["data"]
            stuck = {one["stream"].split("-", 1)[1].split(".")[0] for one in parked
                     if "stream" in one}
            open_ = {d: found["status"] for d, found in self.deployments(market).items()
                     if found["status"] not in ENDED and d not in stuck}
            idle = market.sandbox_call("stripe", "GET", "/sandbox/webhook_endpoints")["idle"]
            if not open_ and idle and not open_effects(market):
                self.parked = parked
                return
            if time.monotonic() > end:
                worker_metrics(market)
                raise Failure(f"not concluded: {dict(list(open_.items())[:10])} of {len(self.ordered)}, "
                              f"effects {open_effects(market)}, webhooks idle: {idle}, "
                              f"parked: {json.dumps(parked)[:2000]}")
            # Whose card was declined has a day for another one; and what a message is about may
            # come to be known for a day.
            waits_for_people = set(open_.values()) <= {"awaiting_payment"}
            market.sandbox_call("stripe", "POST", "/sandbox/clock",
                                {"advance_seconds": 3600 if waits_for_people else 20})
            time.sleep(0.2)  # The marketplace's clock follows.
            refresh_price(market)
            time.sleep(0.1)

    def check(self, market):
        payments = {d: market.get(AUDITOR, f"/v1/payments/{d}.1") for d in self.ordered}
        intents = stripe_all(market, "payment_intents")
        refunds = stripe_all(market, "refunds")
        wrong = []
        by_payment = {}
        for intent in intents:
            by_payment.setdefault(intent["metadata"].get("payment"), []).append(intent)
        refunded = Counter()
        for refund in refunds:
            if refund["status"] == "succeeded":
                refunded[refund["payment_intent"]] += refund["amount"]
        stuck = {one["stream"] for one in self.parked if "stream" in one}
        for d, found in self.deployments(market).items():
            of_order = [one for name, some in by_payment.items() if name and
                        name.split(".")[0] == d for one in some]
            taken = [one for one in of_order if one["amount_received"] > 0]
            kept = sum(one["amount_received"] - refunded[one["id"]] for one in taken)
            payment = payments[d]
            here = payment["captured"]["minor"] - payment["refunded"]["minor"] if payment else 0
            if len(taken) > 1:
                wrong.append(f"{d}: charged {len(taken)} times")
            if kept != here and f"payment-{d}.1" not in stuck:
                wrong.append(f"{d}: Stripe holds {kept}, the payment says {here}")
            if found["status"] == "running" and kept == 0 and f"deployment-{d}" not in stuck \
                    and f"payment-{d}.1" not in stuck:
                wrong.append(f"{d}: runs and is not paid")
            if found["status"] in ("failed", "cancelled") and kept != 0:
                wrong.append(f"{d}: paid, {found['status']} and not given back: {kept}")
            held = [one for one in of_order if one["status"] == "requires_capture"]
            if found["status"] in ("failed", "cancelled") and held and \
                    f"payment-{d}.1" not in stuck:
                wrong.append(f"{d}: {found['status']}, and money is still held")
        live = [one for one in
                market.sandbox_call("grid", "GET", "/sandbox/contracts")["contracts"]
                if one["state"] not in ("deleted", "cancelled")]
        self.contracts_match(market, live, {one.split("-", 1)[1] for one in stuck
                                            if one.startswith("deployment-")}, wrong)
        books = self.balances(market)
        balance = patient_stripe(market, "/v1/balance")
        at_stripe = sum(one["amount"] for kind in ("available", "pending")
                        for one in balance[kind] if one["currency"] == "usd")
        ours = sum(amount for account, amount in books.items() if account.startswith("stripe"))
        if ours != at_stripe:
            wrong.append(f"the ledger has {ours} at Stripe, Stripe says {at_stripe}: {dict(books)}")
        statuses = Counter(found["status"] for found in self.deployments(market).values())
        return wrong, statuses, len(intents), len(live)

    def contracts_match(self, market, live, stuck, wrong):
        wanted = {}
        for d, found in self.deployments(market).items():
            for one in found["contracts"]:
                if one["status"] == "live":
                    wanted[str(one["is"]["contract"])] = (d, found["status"])
        there = {str(one["id"]): one for one in live}
        ordered = {one["name"] for number, one in there.items() if number in wanted}
        for number, contract in there.items():
            if contract["kind"] in ("network", "gateway") and contract["name"] in ordered:
                continue  # It comes and goes with its machine or its name.
            if any(contract["name"].startswith(d) for d in stuck):
                continue  # A person is asked to look at it.
            if number not in wanted:
                wrong.append(f"contract {contract} belongs to no order")
            elif wanted[number][1] != "running":
                wrong.append(f"contract {contract} is left of {wanted[number]}")
        for number, (d, status) in wanted.items():
            if number not in there and status == "running":
                wrong.append(f"{d} says it has contract {number}, and the grid has none")

    def balances(self, market):
        market.stop()
        read = subprocess.run([market.programs / "marketctl", "ledger", "balances", "--data",
                               market.data, *market.log], capture_output=True, text=True,
                              check=False)
        if read.returncode != 0:
            raise Failure(f"the ledger does not balance: {read.stderr}")
        books = Counter()
        for line in read.stdout.splitlines():
            _, _, account, amount, currency = line.split("\t")
            if currency.upper() == "USD":
                books[account] += round(float(amount) * 100)
        market.again()
        return books


def add_node(market, node, dashboard):
    path = f"/v1/nodes/{node}"
    market.post(SERVICE, path + "/register", {
        "provider": f"provider_{node % 5}", "farm": str(node % 5 + 40), "farm_proved": True,
        "country": "BE", "region": "Europe", "city": "", "certified": True,
        "capacity": resources(64, 256, 4000)})
    market.post(STAFF, path + "/verify", {"passed": True})
    market.post(SERVICE, path + "/expose", {"dashboard": dashboard, "participation_active": True})


def worker_metrics(market):
    for origin in market.origins():
        with urllib.request.urlopen(origin + "/metrics", timeout=30) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("market_effects_"):
                    print(origin, line)


def open_effects(market):
    text = ""
    for origin in market.origins():
        with urllib.request.urlopen(origin + "/metrics", timeout=30) as answer:
            text += answer.read().decode()

    def total(name):
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
                   if line.startswith(name + "{") and "timers" not in line)
    return total("market_effects_open") - total("market_effects_parked")


def patient_stripe(market, path):
    end = time.monotonic() + 30
    while True:
        try:
            return market.stripe(path)
        except (OSError, HTTPException):  # A fault met us.
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def stripe_all(market, kind):
    found, after = [], ""
    while True:
        page = patient_stripe(market, f"/v1/{kind}?limit=100{after}")
        found += page["data"]
        if not page["has_more"]:
            return found
        after = f"&starting_after={page['data'][-1]['id']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("programs", help="folder of marketd, marketctl and sandboxd")
    parser.add_argument("--orders", type=int, default=40, help="in all")
    parser.add_argument("--customers", type=int, default=8, help="who order at the same time")
    parser.add_argument("--nodes", type=int, default=20)
    parser.add_argument("--kills", type=int, default=5, help="of marketd, with SIGKILL")
    parser.add_argument("--seed", type=int, default=1, help="of faults, orders and kills")
    parser.add_argument("--patience", type=float, default=240,
                        help="seconds until all must be concluded, after the last order")
    parser.add_argument("--kafka", metavar="BROKERS", help="two instances on Kafka, one is killed")
    given = parser.parse_args()
    sandbox = Sandbox(given.programs)
    if given.kafka:
        market = Pair(given.programs, given.kafka, sandbox)
    else:
        market = Market(given.programs, sandbox=sandbox, listen=f"127.0.0.1:{free_port()}")
    campaign = Campaign(given)
    begun = time.monotonic()
    wrong = ["it was not checked"]
    try:
        campaign.run(market)
        wrong, statuses, intents, live = campaign.check(market)
        met = {server: market.sandbox_call(server, "GET", "/sandbox/faults")["happened"]
               for server in ("stripe", "grid")}
        print(json.dumps({
            "orders": len(campaign.ordered), "refused": dict(campaign.refused),
            "kills": campaign.kills, "statuses": dict(statuses), "payment_intents": intents,
            "live_contracts": live, "parked": len(campaign.parked), "faults": met,
            "seconds": round(time.monotonic() - begun)}))
    except (Failure, OSError) as failure:
        wrong = [str(failure)]
    finally:
        market.end()
        sandbox.stop()
    if wrong:
        for one in wrong:
            print("VIOLATION:", one)
        Path("campaign-failed.log").write_text(market.log_text() + market.story(), encoding="utf-8")
        print(f"seed {given.seed}: the program's log and all events are in campaign-failed.log")
    else:
        print("ok: 0 violations")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
