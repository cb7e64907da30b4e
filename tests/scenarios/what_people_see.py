#!/usr/bin/env python3
"""What people see of a machine that runs: its access, its invoice, the books, a link to pay."""

import re
import urllib.error
import urllib.request

from market import SERVICE, STAFF, Failure, make_account, make_world, order, run_scenarios, until

AUDITOR = ("auditor", "auditor")


def expect(what, found, expected):
    if found != expected:
        raise Failure(f"{what}:\n  found    {found}\n  expected {expected}")


def page(market, who, path):
    """Status, content type and text."""
    request = urllib.request.Request(
        market.origin + path, headers={"Authorization": "Bearer " + market.token(*who)})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def plain(market, path):
    try:
        with urllib.request.urlopen(market.origin + path, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def what_people_see(market):
    dashboard = make_world(market)
    market.post(SERVICE, f"/v1/dashboards/{dashboard}/brand", {
        "branding": {"domain": "ghent.example", "title": "Ghent <script>alert(1)</script> & Co"},
        "domain_proved": True})
    user = make_account(market, "user_a")
    other = make_account(market, "user_b")
    _, _, made = order(market, user, dashboard, "vm_s", "acme", key="o-1")
    d = made["id"]
    until("the invoice is paid", lambda: "invoice.paid" in market.types(f"invoice-{d}.1"), 60)

    access = market.get(user, f"/v1/deployments/{d}/access")
    expect("usable", (access["status"], access["usable"]), ("running", True))
    machine = access["workloads"][0]
    expect("the machine", (machine["role"], machine["status"]), ("primary", "ready"))
    if not machine["addresses"] or not machine["node"]:
        raise Failure(f"nowhere to go: {access}")
    expect("ssh", machine.get("ssh"), "ssh root@" + machine["addresses"][0]
           if 22 in machine["ports"] else None)
    expect("another's access", market.call(other, "GET", f"/v1/deployments/{d}/access")[0], 404)

    path = f"/v1/invoices/{d}.1/page"
    status, headers, text = page(market, user, path)
    expect("the page", (status, headers["Content-Type"]), (200, "text/html; charset=utf-8"))
    if "default-src 'none'" not in headers["Content-Security-Policy"]:
        raise Failure(f"unguarded: {headers}")
    for part in ("<h1>Invoice ", ">Paid<", "15.00 USD", "Ghent &lt;script&gt;", "&amp; Co",
                 "Account user_a", "@media print", f"Payment {d}.1", "vm_s"):
        if part not in text:
            raise Failure(f"{part!r} is missing:\n{text}")
    if "<script" in text:
        raise Failure("the page has somebody's script")
    expect("due", re.search(r"<td>Due</td><td>(.*?)</td>", text).group(1), "0.00 USD")
    expect("another's page", page(market, other, path)[0], 404)
    expect("staff's page", page(market, STAFF, path)[0], 200)

    def books():
        totals = market.get(AUDITOR, "/v1/ledger/trial-balance")
        expect("the books balance", totals["balanced"], True)
        statement = market.get(user, "/v1/ledger/accounts/receivable:user_a/entries")
        return statement if statement and len(statement["data"]) == 2 else None
    statement = until("the statement", books)
    expect("the invoice's book", statement["book"], dashboard)
    expect("owed, then paid", [line["balance"]["minor"] for line in statement["data"]][-1], 0)
    expect("closing", statement["closing"], [{"minor": 0, "currency": "USD"}])

    payment = market.post(user, "/v1/payments", {
        "payer": "user_a", "amount": {"minor": 700, "currency": "USD"},
        "card": "pm_card_chargeDeclined"})["id"]
    until("it is declined", lambda: (market.get(user, f"/v1/payments/{payment}") or {})
          .get("status") == "declined")
    link = market.post(user, f"/v1/payments/{payment}/pay-link")
    expect("the link", plain(market, link["url"]), 200)
    market.sandbox_call("stripe", "POST", "/sandbox/clock", {"advance_seconds": 25 * 3600})
    expect("the link, a day later", plain(market, link["url"]), 410)


SCENARIOS = {"what-people-see": what_people_see}


if __name__ == "__main__":
    run_scenarios(__doc__, SCENARIOS)
