#!/usr/bin/env python3
"""From a quote to a running machine that is paid for, over HTTP, against the sandbox."""

from market import Failure, make_account, make_world, order, run_scenarios, until


def expect(what, found, expected):
    if found != expected:
        raise Failure(f"{what}:\n  found    {found}\n  expected {expected}")


def running_machine(market):
    """Two machines and a name, held on a card, captured once they run."""
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    quote, body, made = order(market, user, dashboard, "nextcloud_s_backup", "acme",
                              label="acme", key="o-1")
    expect("list cost", quote["terms"]["list_cost"]["minor"], 1638)
    expect("expected cost", quote["terms"]["expected_cost"]["minor"], 655)
    expect("price", quote["terms"]["gross"]["minor"], 1000)
    d = made["id"]
    # The same key again is the same order; with another body it is refused.
    status, again = market.call(user, "POST", "/v1/deployments", body, "o-1")
    expect("a repeated order", (status, again["id"]), (201, d))
    status, _ = market.call(user, "POST", "/v1/deployments", {**body, "name": "other"}, "o-1")
    expect("the key with another body", status, 422)

    until("the invoice is paid", lambda: "invoice.paid" in market.types(f"invoice-{d}.1"), 15)
    until("the subscription has started",
          lambda: market.types(f"subscription-{d}") == ["subscription.started"])
    expect("payment", market.types(f"payment-{d}.1")[:4],
           ["payment.requested", "payment.held", "payment.capture_requested", "payment.captured"])
    types = market.types(f"deployment-{d}")
    for one in ("deployment.ordered", "deployment.placement_chosen", "deployment.capacity_reserved",
                "deployment.attempt_started", "deployment.workload_ready",
                "deployment.domain_attached", "deployment.running", "deployment.paid"):
        if one not in types:
            raise Failure(f"{one} is missing: {types}")
    if types.index("deployment.running") > types.index("deployment.paid"):
        raise Failure(f"paid before it ran: {types}")
    until("the card's fee is recorded",
          lambda: "payment.card_fee_recorded" in market.types(f"payment-{d}.1"), 90)
    intents = market.get(("auditor", "auditor"), f"/v1/payments/{d}.1")
    expect("captured", intents["captured"]["minor"], 1000)
    parked = market.get(("auditor", "auditor"), "/v1/effects?status=parked")
    expect("parked effects", parked["data"], [])
    return d


SCENARIOS = {"running-machine": running_machine}


if __name__ == "__main__":
    run_scenarios(__doc__, SCENARIOS)
