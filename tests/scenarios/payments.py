#!/usr/bin/env python3
"""What becomes of the money: declined cards, challenges, nodes that fail, renewals, unpaid ones."""

import time
from collections import Counter

from market import (STAFF, Failure, make_account, make_world, order, quoted,
                    refresh_price, run_scenarios, until, usd)
from order_to_cash import expect

AUDITOR = ("auditor", "auditor")
DAY = 86_400
BELGIAN_VAT = {"country": "BE", "basis_points": 2100, "consumer_only": True}


def advance(market, seconds):
    """Time passes, and what was due meanwhile has happened."""
    market.sandbox_call("stripe", "POST", "/sandbox/clock", {"advance_seconds": seconds})


def settled(market):
    """Nobody outside is asked any more. A day that passes meanwhile would look like a slow answer."""
    until("all effects are concluded",
          lambda: market.metric("market_effects_open", "payments") == market.metric(
              "market_effects_parked", "payments") and not market.metric(
              "market_effects_open", "grid"))


def pass_days(market, days):
    for _ in range(days):
        advance(market, DAY)
        time.sleep(0.1)
        settled(market)
        refresh_price(market)


def becomes(market, stream, kind, seconds=30):
    until(f"{kind} of {stream}", lambda: kind in market.types(stream), seconds)


def intents(market):
    return market.stripe("/v1/payment_intents?limit=100")["data"]


def decline(market, operation="payment_intents.*", times=1, code="insufficient_funds"):
    market.sandbox_call("stripe", "POST", "/sandbox/faults", {"script": [
        {"operation": operation, "kind": "decline", "decline_code": code, "times": times}]})


def node_fails(market, *nodes, times=1):
    market.sandbox_call("grid", "POST", "/sandbox/faults", {"script": [
        {"operation": f"deploy.{node}", "kind": "error_after", "code": "workload_failed",
         "message": "flist mount failed", "times": times} for node in nodes]})


def settings(market, dashboard, **changes):
    market.post(STAFF, f"/v1/dashboards/{dashboard}/set-sales-settings", {"settings": {
        "charge_first": False, "suspend_on_dispute": True, "fraud_refund_limit": usd(0),
        "margin_floor": usd(0), "price_step": usd(1), "declared_tier": "gold", **changes}})


def balances(market, currency="USD"):
    """By account, in smallest units, of all books together; what is at zero is left out."""
    found, cursor = Counter(), ""
    while True:
        page = market.get(AUDITOR, "/v1/ledger/accounts?limit=100" + cursor)
        for one in page["data"]:
            if one["balance"]["currency"] == currency:
                found[one["account"]] += int(one["balance"]["minor"])
        if not page["has_more"]:
            return {account: minor for account, minor in found.items() if minor}
        cursor = "&cursor=" + page["next_cursor"]


def comes_to(what, look, expected, seconds=20):
    """What is told last may be read a moment later."""
    try:
        until(what, lambda: look() == expected, seconds)
    except Failure:
        expect(what, look(), expected)


def books_are(market, expected):
    comes_to("the books", lambda: balances(market), expected)
    at_stripe = market.stripe("/v1/balance")
    expect("Stripe's own balance",
           sum(one["amount"] for kind in ("available", "pending") for one in at_stripe[kind]),
           expected.get("stripe.balance", 0))


def nothing_parked(market):
    expect("parked effects", market.get(AUDITOR, "/v1/effects?status=parked")["data"], [])


def live_contracts(market):
    return [one for one in market.sandbox_call("grid", "GET", "/sandbox/contracts")["contracts"]
            if one["state"] == "created"]


def challenge(market):
    """Declined, paid 20 minutes later with a card that wants to see its owner, with VAT."""
    dashboard = make_world(market, tax=[BELGIAN_VAT])
    user = make_account(market, "user_b")
    quote, _, made = order(market, user, dashboard, "vm_s", "b1",
                           card="pm_card_chargeDeclinedInsufficientFunds")
    expect("gross", quote["terms"]["gross"], usd(1815))
    d = made["id"]
    payment = f"payment-{d}.1"
    becomes(market, payment, "payment.declined")
    expect("why", market.events(payment)[-1]["data"]["reason"], "insufficient_funds")
    advance(market, 20 * 60)
    placed = market.events(f"deployment-{d}")[1]
    node = placed["data"]["placements"][0]["node"]
    becomes(market, f"node-{node}", "node.capacity_released")
    refresh_price(market)

    market.post(user, f"/v1/payments/{d}.1/confirm", {"card": "pm_card_threeDSecure2Required"})
    becomes(market, payment, "payment.action_required")
    (intent,) = intents(market)
    market.sandbox_call("stripe", "POST", f"/sandbox/challenges/{intent['id']}",
                        {"outcome": "succeeded"})
    becomes(market, f"invoice-{d}.1", "invoice.paid")
    becomes(market, f"subscription-{d}", "subscription.started")
    becomes(market, payment, "payment.card_fee_recorded", 90)
    comes_to("payment", lambda: market.types(payment),
             ["payment.requested", "payment.declined", "payment.requested",
              "payment.action_required", "payment.held", "payment.capture_requested",
              "payment.captured", "payment.card_fee_recorded"])
    comes_to("invoice", lambda: market.types(f"invoice-{d}.1"),
             ["invoice.drafted", "invoice.issued", "invoice.paid"])
    expect("intents in all", len(intents(market)), 1)
    comes_to("the node", lambda: market.types(f"node-{node}")[-4:],
             ["node.capacity_reserved", "node.capacity_released", "node.capacity_reserved",
              "node.capacity_confirmed"])
    comes_to("running", lambda: market.get(AUDITOR, f"/v1/deployments/{d}")["status"], "running")
    books_are(market, {f"deferred:{d}": -1500, "tax:BE": -315, "fees.card": 83,
                       "stripe.balance": 1732})
    nothing_parked(market)


def abandoned(market):
    """Nobody pays for a day: no machine, no charge, no entry."""
    dashboard = make_world(market)
    user = make_account(market, "user_b")
    d = order(market, user, dashboard, "vm_s", "b1", card="pm_card_chargeDeclined")[2]["id"]
    becomes(market, f"payment-{d}.1", "payment.declined")
    advance(market, DAY + 60)
    becomes(market, f"deployment-{d}", "deployment.failed")
    until("the payment is over",
          lambda: market.get(AUDITOR, f"/v1/payments/{d}.1")["status"] in ("voided", "declined"))
    books_are(market, {})
    expect("live contracts", live_contracts(market), [])
    nothing_parked(market)


def only_two_nodes(market):
    dashboard = make_world(market)
    for node in (21, 31):
        market.post(STAFF, f"/v1/nodes/{node}/exclude", {"reason": "a test"})
    until("two nodes are left", lambda: len(market.get(
        AUDITOR, f"/v1/nodes?dashboard={dashboard}")["data"]) == 2)
    return dashboard


def no_node_works(market):
    """Both nodes fail: what was held is let go, and nothing was charged."""
    dashboard = only_two_nodes(market)
    user = make_account(market, "user_d")
    node_fails(market, 11, 12, times=5)
    d = order(market, user, dashboard, "vm_s", "d1")[2]["id"]
    becomes(market, f"deployment-{d}", "deployment.failed")
    becomes(market, f"payment-{d}.1", "payment.voided")
    until("the contracts are gone", lambda: not live_contracts(market))
    comes_to("attempts", lambda: Counter(
        one for one in market.types(f"deployment-{d}") if one.split(".")[1] in (
            "attempt_started", "contract_created", "workload_failed", "contract_cancelled",
            "failed")), Counter({
                "deployment.attempt_started": 2, "deployment.contract_created": 2,
                "deployment.workload_failed": 2, "deployment.contract_cancelled": 2,
                "deployment.failed": 1}))
    expect("invoices", market.types(f"invoice-{d}.1"), [])
    for node in (11, 12):
        comes_to("capacity", lambda: market.types(f"node-{node}")[-1], "node.capacity_released")
    (intent,) = intents(market)
    expect("the hold", (intent["status"], intent["amount_received"]), ("canceled", 0))
    books_are(market, {})
    nothing_parked(market)


def charged_first(market):
    """The same where the card is charged at once: a credit note and the money back, but the fee."""
    dashboard = only_two_nodes(market)
    settings(market, dashboard, charge_first=True)
    user = make_account(market, "user_d")
    node_fails(market, 11, 12, times=5)
    d = order(market, user, dashboard, "vm_s", "d1")[2]["id"]
    becomes(market, f"deployment-{d}", "deployment.failed")
    becomes(market, f"payment-{d}.1", "payment.refund_succeeded")
    becomes(market, f"invoice-{d}.1", "invoice.credit_note_issued")
    becomes(market, f"payment-{d}.1", "payment.card_fee_recorded", 90)
    until("the contracts are gone", lambda: not live_contracts(market))
    books_are(market, {"fees.card": 74, "stripe.balance": -74})
    nothing_parked(market)


def second_node_works(market):
    """The first node fails and the next one takes over; the payer notices nothing."""
    dashboard = only_two_nodes(market)
    user = make_account(market, "user_d")
    first = quoted(market, user, dashboard, "vm_s")["terms"]["candidates"][0]["node"]
    node_fails(market, first)
    d = order(market, user, dashboard, "vm_s", "d1")[2]["id"]
    becomes(market, f"invoice-{d}.1", "invoice.paid")
    becomes(market, f"payment-{d}.1", "payment.card_fee_recorded", 90)
    comes_to("status", lambda: market.get(AUDITOR, f"/v1/deployments/{d}")["status"], "running")
    until("one machine is left",
          lambda: [one["kind"] for one in live_contracts(market)].count("vm") == 1)
    books_are(market, {f"deferred:{d}": -1500, "fees.card": 74, "stripe.balance": 1426})
    nothing_parked(market)


def running(market, name="r1", **more):
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    d = order(market, user, dashboard, "vm_s", name, **more)[2]["id"]
    becomes(market, f"subscription-{d}", "subscription.started")
    becomes(market, f"payment-{d}.1", "payment.card_fee_recorded", 90)
    return dashboard, user, d


def renewal(market):
    """A month later the next one is paid, and the first is earned."""
    _, _, d = running(market)
    pass_days(market, 32)
    becomes(market, f"subscription-{d}", "subscription.renewed")
    becomes(market, f"invoice-{d}.2", "invoice.paid")
    becomes(market, f"payment-{d}.2", "payment.card_fee_recorded", 90)
    expect("subscription", market.types(f"subscription-{d}")[:3],
           ["subscription.started", "subscription.renewal_due", "subscription.renewed"])
    expect("still running", market.get(AUDITOR, f"/v1/deployments/{d}")["status"], "running")
    books = balances(market)
    revenue = [account for account in books if account.startswith("revenue:")]
    expect("one revenue account", len(revenue), 1)
    books_are(market, {f"deferred:{d}": -1500, revenue[0]: -1500, "fees.card": 148,
                       "stripe.balance": 2852})
    nothing_parked(market)


def unpaid(market):
    """The renewal is declined to the end: reminders, a machine that stands still, and is gone."""
    _, _, d = running(market)
    decline(market, times=100)
    pass_days(market, 32)
    becomes(market, f"subscription-{d}", "subscription.past_due")
    pass_days(market, 12)
    becomes(market, f"subscription-{d}", "subscription.suspended")
    becomes(market, f"deployment-{d}", "deployment.suspended")
    pass_days(market, 10)
    becomes(market, f"subscription-{d}", "subscription.cancelled")
    becomes(market, f"deployment-{d}", "deployment.cancelled")
    until("the contracts are gone", lambda: not live_contracts(market))
    kinds = Counter(market.types(f"subscription-{d}"))
    if kinds["subscription.renewal_failed"] < 3:
        raise Failure(f"tried too few times: {kinds}")
    expect("captured twice", sum(one["amount_received"] > 0 for one in intents(market)), 1)


SCENARIOS = {
    "challenge": challenge,
    "abandoned": abandoned,
    "no-node-works": no_node_works,
    "charged-first": charged_first,
    "second-node-works": second_node_works,
    "renewal": renewal,
    "unpaid": unpaid,
}


if __name__ == "__main__":
    run_scenarios(__doc__, SCENARIOS)
