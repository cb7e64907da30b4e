#!/usr/bin/env python3
"""What the chain bills, in the books to the unit: months, tiers, failures, an empty wallet."""

import json
import subprocess
import time
from collections import Counter

from market import (KEY, STAFF, Market, Pair, Sandbox, make_account, make_world, order,
                    run_scenarios, until, usd)
from order_to_cash import expect
from payments import (AUDITOR, balances, becomes, books_are, comes_to, live_contracts,
                      nothing_parked, only_two_nodes, settings)

APRIL, MAY = 1_806_537_600, 1_809_129_600  # 2027-04-01 and 2027-05-01, midnight UTC
HOUR, DAY = 3600, 86_400
MACHINE, NAME = 4_500_000, 100_000  # TFT units an hour at Gold: vm-s, and a name.


def stand_at(market, now):
    """The clock stands still, so that what happens meanwhile takes no time."""
    market.sandbox_call("stripe", "POST", "/sandbox/clock", {"now": now, "frozen": True})
    time.sleep(0.1)  # Other processes follow it.


def wallet(market, **is_now):
    market.sandbox_call("grid", "POST", "/sandbox/balance", is_now)


def tft(market):
    return balances(market, "TFT")


def costs_are(market, expected):
    """By account, without what left the chain's wallet for it."""
    comes_to("the books in TFT", lambda: tft(market),
             {**expected, "tft.chain": -sum(expected.values())}, 90)  # Thousands of bills.


def billed(market):
    """What the chain itself says of each contract."""
    sums = Counter()
    for bill in market.sandbox_call("grid", "GET", "/sandbox/bills")["bills"]:
        sums[str(bill["contract"])] += int(bill["amount"])
    return sums


def contracts_of(market, deployment):
    """The contracts of a deployment, the machines' first."""
    found = market.get(AUDITOR, f"/v1/deployments/{deployment}")["contracts"]
    return [one["is"]["contract"] for one in sorted(found, key=lambda one: one["is"]["kind"],
                                                    reverse=True)]


def log_of(market):
    """All events, of a marketplace that is stopped for it and starts again."""
    market.stop()
    text = subprocess.run([market.programs / "marketctl", "log", "cat", "--data", market.data,
                           *market.log], capture_output=True, text=True, check=True).stdout
    market.again()
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def usage_of(market, contract):
    return market.get(AUDITOR, f"/v1/usages/{contract}")


def paid_machine(market, user, dashboard, plan, name, **more):
    d = order(market, user, dashboard, plan, name, **more)[2]["id"]
    becomes(market, f"subscription-{d}", "subscription.started")
    becomes(market, f"payment-{d}.1", "payment.card_fee_recorded", 90)
    return d


def make_code(market, dashboard, code, terms, **limits):
    market.post(STAFF, f"/v1/discount-codes/{dashboard}.{code}/create", {
        "dashboard": dashboard, "code": code, "plans": [], "margin_floor": usd(0),
        "terms": {"basis_points": 0, "amount": usd(0), **terms},
        "limits": {"audience": "anybody", "accounts": [], "uses": 10, **limits}})


def quoted_with(market, user, dashboard, **more):
    # The view may be a moment behind.
    def ask():
        status, answer = market.call(user, "POST", "/v1/quotes", {
            "dashboard": dashboard, "plan": "vm_s", **more})
        return answer if status == 201 else None
    return until("a quote", ask, 20)


def refused_quote(market, user, dashboard, code, why):
    comes_to("a quote", lambda: market.call(user, "POST", "/v1/quotes", {
        "dashboard": dashboard, "plan": "vm_s", "discount_code": code})[1].get("code"), why)


def ordered(market, user, dashboard, name, **more):
    """A quote with more than a plan, and its order's id."""
    quote = quoted_with(market, user, dashboard, **more)
    return quote, market.post(user, "/v1/deployments", {
        "quote": quote["quote"], "name": name, "ssh_key": KEY, "card": "pm_card_visa"})["id"]


def ends_with_its_period(market, user, deployment):
    market.post(user, f"/v1/subscriptions/{deployment}/cancel", {
        "when": "period_end", "reason": "customer"})


def revenue(market):
    return next(account for account in balances(market) if account.startswith("revenue:"))


def month(market):
    """A month of two machines and a name: every hour's bill once, and all of it in the books."""
    stand_at(market, APRIL)
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    d = paid_machine(market, user, dashboard, "nextcloud_s_backup", "acme", label="acme")
    ends_with_its_period(market, user, d)
    stand_at(market, APRIL + DAY)
    costs_are(market, {f"grid.cost:{d}": 218_400_000})
    stand_at(market, MAY)
    becomes(market, f"subscription-{d}", "subscription.ended")
    becomes(market, f"deployment-{d}", "deployment.cancelled")
    costs_are(market, {f"grid.cost:{d}": 6_552_000_000})
    until("the contracts are gone", lambda: not live_contracts(market))
    stand_at(market, MAY + HOUR)
    contracts = contracts_of(market, d)
    expect("contracts", len(contracts), 3)
    for contract in contracts:
        until(f"{contract} is closed", lambda: usage_of(market, contract)["status"] == "closed")
    expect("by contract", sorted(int(usage_of(market, one)["total"]["minor"]) for one in contracts),
           [720 * NAME, 720 * MACHINE, 720 * MACHINE])
    books_are(market, {revenue(market): -1000, "fees.card": 59, "stripe.balance": 941})
    nothing_parked(market)
    counted = Counter((event["stream"], event["type"]) for event in log_of(market)
                      if event["stream"].startswith("usage-"))
    expect("events", counted, Counter(
        {(f"usage-{one}", kind): times for one in contracts for kind, times in
         (("usage.chain_bill_observed", 720), ("usage.closed", 1))}))


def price_list(market):
    """A plan at its price, with a code, and on one's own node at what the grid asks: what is left."""
    stand_at(market, APRIL)
    dashboard = make_world(market)
    people = {name: make_account(market, name) for name in ("user_a", "user_b", "provider_h")}
    make_code(market, dashboard, "SPRING", {"kind": "percent", "basis_points": 2000})
    make_code(market, dashboard, "OWN", {"kind": "waive_markup"}, audience="accounts",
              accounts=["provider_h"])
    refused_quote(market, people["user_a"], dashboard, "OWN", "not_eligible")
    machines = {}
    for name, more, net, fee, margin in (
            ("user_a", {}, 1500, 74, 1102),
            ("user_b", {"discount_code": "SPRING"}, 1200, 65, 811),
            ("provider_h", {"discount_code": "OWN", "filter": {"own_nodes_of": "provider_h"}},
             810, 53, 433)):
        quote, d = ordered(market, people[name], dashboard, name.replace("_", ""), **more)
        terms = quote["terms"]
        expect("what the grid asks", (terms["list_cost"], terms["expected_cost"], terms["price"]),
               (usd(810), usd(324), usd(1500)))
        expect("to be paid", terms["gross"], usd(net))
        becomes(market, f"subscription-{d}", "subscription.started")
        becomes(market, f"payment-{d}.1", "payment.card_fee_recorded", 90)
        expect("the fee", market.events(f"payment-{d}.1")[-1]["data"]["fee"], usd(fee))
        ends_with_its_period(market, people[name], d)
        machines[d] = (net, fee, margin)
    on_own = market.events(f"deployment-{d}")[1]["data"]["placements"][0]["farm"]
    expect("his own farm", on_own, "7")
    stand_at(market, MAY)
    costs_are(market, {f"grid.cost:{d}": 3_240_000_000 for d in machines})
    for d in machines:
        becomes(market, f"subscription-{d}", "subscription.ended")
    books_are(market, {revenue(market): -3510, "fees.card": 192, "stripe.balance": 3318})
    costs = tft(market)
    for d, (net, fee, margin) in machines.items():
        # A TFT is 1 cent here, and half of what is billed goes to the farm.
        billed_cents = costs[f"grid.cost:{d}"] // 10_000_000
        expect("margin", net - fee - billed_cents, margin)
        total = costs[f"grid.cost:{d}"]
        expect("the farm's half", total - total * 40 // 100 - total * 10 // 100, 1_620_000_000)
    nothing_parked(market)


def tier_falls(market):
    """Half a month with the highest discount, and half with the next one."""
    stand_at(market, APRIL)
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    d = paid_machine(market, user, dashboard, "nextcloud_s_backup", "acme", label="acme")
    ends_with_its_period(market, user, d)
    stand_at(market, APRIL + 15 * DAY)
    costs_are(market, {f"grid.cost:{d}": 360 * 9_100_000})
    market.sandbox_call("grid", "POST", "/sandbox/level", {"level": "Silver"})
    stand_at(market, MAY)
    costs_are(market, {f"grid.cost:{d}": 8_190_000_000})
    becomes(market, f"subscription-{d}", "subscription.ended")
    books_are(market, {revenue(market): -1000, "fees.card": 59, "stripe.balance": 941})
    expect("margin", 1000 - 59 - tft(market)[f"grid.cost:{d}"] // 10_000_000, 122)
    tiers = Counter(event["data"]["tier"] for event in log_of(market)
                    if event["type"] == "usage.chain_bill_observed")
    expect("tiers", tiers, Counter(gold=3 * 360, silver=3 * 360))


def last_use(market):
    """The last use of a code: of two orders one gets it, and what it gives back another one may."""
    stand_at(market, APRIL)
    dashboard = make_world(market)
    users = [make_account(market, f"user_{one}") for one in "abc"]
    make_code(market, dashboard, "SPRING", {"kind": "percent", "basis_points": 2000}, uses=1)
    code = f"discount_code-{dashboard}.SPRING"
    market.sandbox_call("grid", "POST", "/sandbox/faults", {"script": [
        {"operation": "deploy.*", "kind": "error_after", "code": "workload_failed",
         "message": "flist mount failed", "delay_milliseconds": 60_000, "times": 3}]})
    quotes = [quoted_with(market, user, dashboard, discount_code="SPRING") for user in users[:2]]
    first, second = (market.post(user, "/v1/deployments", {
        "quote": quote["quote"], "name": "one", "ssh_key": KEY, "card": "pm_card_visa"})["id"]
        for user, quote in zip(users, quotes))
    becomes(market, f"deployment-{first}", "deployment.attempt_started")
    becomes(market, f"deployment-{second}", "deployment.failed")
    expect("why", market.get(AUDITOR, f"/v1/deployments/{second}")["failure"], "discount_refused")
    expect("never asked to pay", market.types(f"payment-{second}.1"), [])
    refused_quote(market, users[2], dashboard, "SPRING", "code_exhausted")
    for attempt in (1, 2, 3):
        name = f"{first}p{attempt}"
        until(f"{name} is begun", lambda: name in [one["name"] for one in live_contracts(market)])
        stand_at(market, APRIL + 60 * attempt)
    becomes(market, f"deployment-{first}", "deployment.failed")
    becomes(market, f"payment-{first}.1", "payment.voided")
    becomes(market, code, "discount_code.released")
    books_are(market, {})
    quote, third = ordered(market, users[2], dashboard, "third", discount_code="SPRING")
    expect("net", quote["terms"]["net"], usd(1200))
    becomes(market, f"invoice-{third}.1", "invoice.paid")
    becomes(market, f"payment-{third}.1", "payment.card_fee_recorded", 90)
    becomes(market, code, "discount_code.consumed")
    comes_to("the code", lambda: market.types(code), [
        "discount_code.created", "discount_code.reserved", "discount_code.refused",
        "discount_code.released", "discount_code.reserved", "discount_code.consumed"])
    books_are(market, {f"deferred:{third}": -1200, "fees.card": 65, "stripe.balance": 1135})
    nothing_parked(market)


def wasted(market, charge_first=False):
    """Two nodes that fail are billed for their minutes: nobody's cost but the operator's."""
    stand_at(market, APRIL)
    dashboard = only_two_nodes(market)
    if charge_first:
        settings(market, dashboard, charge_first=True)
    user = make_account(market, "user_d")
    market.sandbox_call("grid", "POST", "/sandbox/faults", {"script": [
        {"operation": f"deploy.{node}", "kind": "error_after", "code": "workload_failed",
         "message": "flist mount failed", "delay_milliseconds": 360_000} for node in (11, 12)]})
    d = order(market, user, dashboard, "vm_s", "d1")[2]["id"]
    for attempt in (1, 2):
        name = f"{d}p{attempt}"
        until(f"{name} is begun", lambda: name in [one["name"] for one in live_contracts(market)])
        stand_at(market, APRIL + 360 * attempt)
    becomes(market, f"deployment-{d}", "deployment.failed")
    becomes(market, f"payment-{d}.1",
            "payment.refund_succeeded" if charge_first else "payment.voided")
    until("the contracts are gone", lambda: not live_contracts(market))
    stand_at(market, APRIL + 1800)
    costs_are(market, {"grid.waste": 900_000})
    stand_at(market, APRIL + 2 * HOUR)
    for contract in contracts_of(market, d):
        comes_to(f"usage of {contract}", lambda: market.types(f"usage-{contract}"),
                 ["usage.chain_bill_observed", "usage.closed"])
        expect("its bill", market.events(f"usage-{contract}")[0]["data"]["amount"]["minor"],
               "450000")
    if charge_first:
        becomes(market, f"payment-{d}.1", "payment.card_fee_recorded", 90)
    books_are(market, {"fees.card": 74, "stripe.balance": -74} if charge_first else {})
    nothing_parked(market)


def wasted_and_charged(market):
    """The same where the card was charged at once: Stripe's fee is lost, too."""
    wasted(market, charge_first=True)


def empty_wallet(market):
    """Hours that nobody could pay are gaps, and the bill after them has them all."""
    stand_at(market, APRIL)
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    d = paid_machine(market, user, dashboard, "vm_s", "acme")
    stand_at(market, APRIL + DAY)
    costs_are(market, {f"grid.cost:{d}": 24 * MACHINE})
    wallet(market, free="0")
    stand_at(market, APRIL + DAY + 5 * HOUR)
    (contract,) = contracts_of(market, d)
    comes_to("gaps", lambda: market.types(f"usage-{contract}")[24:], ["usage.bill_gap_found"] * 4)
    wallet(market, free="1000000000000")
    stand_at(market, APRIL + DAY + 6 * HOUR)
    # Without any money the chain gives no discount.
    costs_are(market, {f"grid.cost:{d}": 25 * MACHINE + 5 * 11_250_000})
    expect("gaps that are filled", [event["data"]["gaps_filled"]
                                    for event in market.events(f"usage-{contract}")[28:]], [4, 0])
    expect("the chain's own books", billed(market), {contract: 25 * MACHINE + 5 * 11_250_000})


def killed(market):
    """Bills that are read while the marketplace is killed count once, and none is missing."""
    sandbox = None
    if not isinstance(market, Pair):
        sandbox = Sandbox(market.programs)
        market = Market(market.programs, sandbox=sandbox)
    try:
        stand_at(market, APRIL)
        dashboard = make_world(market)
        user = make_account(market, "user_a")
        d = paid_machine(market, user, dashboard, "nextcloud_s_backup", "acme", label="acme")
        ends_with_its_period(market, user, d)
        for days in range(5, 16, 5):
            stand_at(market, APRIL + days * DAY)
            time.sleep(0.01 * days)  # Somewhere among five days' bills.
            market.kill()
            market.start()
        costs_are(market, {f"grid.cost:{d}": 15 * 218_400_000})
        counted = Counter((event["stream"], event["data"]["timestamp"]) for event in log_of(market)
                          if event["type"] == "usage.chain_bill_observed")
        expect("bills", (len(counted), set(counted.values())), (3 * 15 * 24, {1}))
    finally:
        if sandbox:
            market.end()
            sandbox.stop()


SCENARIOS = {
    "month": month,
    "price-list": price_list,
    "tier-falls": tier_falls,
    "last-use": last_use,
    "wasted": wasted,
    "wasted-and-charged": wasted_and_charged,
    "empty-wallet": empty_wallet,
    "killed": killed,
}


if __name__ == "__main__":
    run_scenarios(__doc__, SCENARIOS)
