#!/usr/bin/env python3
"""Money that goes back: disputes to their end, and refunds in parts with their tax."""

from costs import (APRIL, DAY, HOUR, MACHINE, MAY, costs_are, ends_with_its_period, paid_machine,
                   revenue, stand_at)
from market import STAFF, make_account, make_world, run_scenarios, until, usd
from order_to_cash import expect
from payments import (AUDITOR, BELGIAN_VAT, becomes, books_are, comes_to, live_contracts,
                      nothing_parked)

OTHER_STAFF = ("staff_p", "cloud-operator")


def disputed(market):
    """Half a month of a machine, and then its payer's bank takes the money back."""
    stand_at(market, APRIL)
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    d = paid_machine(market, user, dashboard, "vm_s", "acme")
    ends_with_its_period(market, user, d)
    stand_at(market, APRIL + 15 * DAY)
    intent = market.get(AUDITOR, f"/v1/payments/{d}.1")["provider_reference"]
    dispute = market.sandbox_call("stripe", "POST", "/sandbox/disputes", {"payment_intent": intent})
    becomes(market, f"payment-{d}.1", "payment.dispute_opened")
    becomes(market, "account-user_a", "account.spending_suspended")
    becomes(market, f"deployment-{d}", "deployment.suspended")
    # What Stripe keeps for it is in no event; people book it.
    base = f"/v1/books/{dashboard}"
    market.post(STAFF, base + "/propose-adjustment", {
        "month": "2027-04", "reason": "fee of a dispute", "lines": [
            {"account": "fees.dispute", "amount": usd(1500)},
            {"account": "stripe.balance", "amount": usd(-1500)}]})
    status, problem = market.call(STAFF, "POST", base + "/approve-adjustment", {"number": 1})
    expect("one pair of eyes", (status, problem["code"]), (409, "same_approver"))
    market.post(OTHER_STAFF, base + "/approve-adjustment", {"number": 1})
    books_are(market, {f"deferred:{d}": -1500, "dispute.receivable": 1500, "fees.card": 74,
                       "fees.dispute": 1500, "stripe.balance": -1574})
    stand_at(market, APRIL + 20 * DAY)
    return d, f"/sandbox/disputes/{dispute['id']}"


def dispute_lost(market):
    """The bank keeps it: no machine any more, and what was served is a loss."""
    d, dispute = disputed(market)
    market.sandbox_call("stripe", "POST", dispute, {"outcome": "lost"})
    becomes(market, f"payment-{d}.1", "payment.dispute_lost")
    becomes(market, f"subscription-{d}", "subscription.cancelled")
    becomes(market, f"deployment-{d}", "deployment.cancelled")
    until("the contracts are gone", lambda: not live_contracts(market))
    comes_to("the payment", lambda: market.types(f"payment-{d}.1"), [
        "payment.requested", "payment.held", "payment.capture_requested", "payment.captured",
        "payment.card_fee_recorded", "payment.dispute_opened", "payment.dispute_lost"])
    expect("the invoice", market.types(f"invoice-{d}.1"),
           ["invoice.drafted", "invoice.issued", "invoice.paid"])
    # Served for 20 of 30 days.
    books_are(market, {f"deferred:{d}": -500, revenue(market): -1000, "dispute.losses": 1500,
                       "fees.card": 74, "fees.dispute": 1500, "stripe.balance": -1574})
    stand_at(market, APRIL + 20 * DAY + HOUR)
    costs_are(market, {f"grid.cost:{d}": 480 * MACHINE})
    expect("the payer", market.get(AUDITOR, "/v1/accounts/user_a")["status"], "spending_suspended")
    nothing_parked(market)


def dispute_won(market):
    """The bank gives it back: the machine runs to the end of its month, and all of it is earned."""
    d, dispute = disputed(market)
    market.sandbox_call("stripe", "POST", dispute, {"outcome": "won"})
    becomes(market, f"payment-{d}.1", "payment.dispute_won")
    becomes(market, f"deployment-{d}", "deployment.resumed")
    becomes(market, "account-user_a", "account.spending_resumed")
    books_are(market, {f"deferred:{d}": -1500, "fees.card": 74, "fees.dispute": 1500,
                       "stripe.balance": -74})
    stand_at(market, MAY)
    becomes(market, f"subscription-{d}", "subscription.ended")
    becomes(market, f"deployment-{d}", "deployment.cancelled")
    books_are(market, {revenue(market): -1500, "fees.card": 74, "fees.dispute": 1500,
                       "stripe.balance": -74})
    costs_are(market, {f"grid.cost:{d}": 720 * MACHINE})
    nothing_parked(market)


def refund_in_parts(market):
    """Two refunds with their tax: the parts add up to the invoice."""
    stand_at(market, APRIL)
    dashboard = make_world(market, tax=[BELGIAN_VAT])
    user = make_account(market, "user_b")
    d = paid_machine(market, user, dashboard, "vm_s", "acme")
    payment, invoice = f"/v1/payments/{d}.1", f"/v1/invoices/{d}.1"
    books = {f"deferred:{d}": -1500, "tax:BE": -315, "fees.card": 83, "stripe.balance": 1732}
    books_are(market, books)
    for number, (gross, net, tax) in enumerate(((1000, 826, 174), (815, 674, 141)), 1):
        market.post(STAFF, payment + "/refund", {"amount": usd(gross), "reason": "goodwill"})
        market.post(STAFF, invoice + "/issue-credit-note", {
            "reference": f"goodwill-{number}", "amount": usd(gross)})
        comes_to("refunds", lambda: market.types(f"payment-{d}.1").count(
            "payment.refund_succeeded"), number)
        note = [event["data"] for event in market.events(f"invoice-{d}.1")
                if event["type"] == "invoice.credit_note_issued"][-1]
        expect("its parts", (note["net"], note["tax"]), (usd(net), usd(tax)))
        books[f"deferred:{d}"] += net
        books["tax:BE"] += tax
        books["stripe.balance"] -= gross
        books_are(market, {account: amount for account, amount in books.items() if amount})
    status, problem = market.call(STAFF, "POST", invoice + "/issue-credit-note", {
        "reference": "goodwill-3", "amount": usd(1)})
    expect("one more", (status, problem["code"]), (409, "exceeds_invoice"))
    expect("by the customer", market.call(user, "POST", invoice + "/issue-credit-note", {
        "reference": "mine", "amount": usd(1)})[0], 403)
    nothing_parked(market)


SCENARIOS = {
    "dispute-lost": dispute_lost,
    "dispute-won": dispute_won,
    "refund-in-parts": refund_in_parts,
}


if __name__ == "__main__":
    run_scenarios(__doc__, SCENARIOS)
