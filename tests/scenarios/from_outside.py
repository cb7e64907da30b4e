#!/usr/bin/env python3
"""What comes in by itself, over HTTP, against the sandbox: messages, nodes, prices, contracts."""

import hashlib
import hmac
import json
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter

from market import (SERVICE, SET_A, STAFF, Failure, make_account, make_world, order,
                    run_scenarios, until, usd)
from order_to_cash import expect

WEBHOOK_SECRET = b"whsec_sandbox"
AUDITOR = ("auditor", "auditor")
ARGUMENTS = ("--grid-seconds", "1", "--contracts-seconds", "60")
GIB = 1 << 30


def request(url, body=None, headers=None, method=None):
    """Status and body."""
    asked = urllib.request.Request(url, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def metric(market, name):
    _, text = request(market.origin + "/metrics")
    for line in text.decode().splitlines():
        if line.startswith(name + " "):
            return float(line.rsplit(" ", 1)[1])
    raise Failure(f"there is no {name}")


def clock(market):
    return market.sandbox_call("stripe", "GET", "/sandbox/clock")["now"]


def advance(market, seconds):
    market.sandbox_call("stripe", "POST", "/sandbox/clock", {"advance_seconds": seconds})


def message(identity, kind, content):
    return json.dumps({
        "id": identity, "object": "event", "type": kind, "livemode": False,
        "api_version": "2026-10-28.endive", "data": {"object": content}}).encode()


def tell(market, body, secret=WEBHOOK_SECRET):
    """A message by hand, signed as Stripe does."""
    time = str(clock(market)).encode()
    digest = hmac.new(secret, time + b"." + body, hashlib.sha256).hexdigest()
    return request(market.origin + "/v1/webhooks/stripe", body,
                   {"Stripe-Signature": f"t={time.decode()},v1={digest}"})


def all_delivered(market):
    return until("all messages are delivered", lambda: (
        found := market.sandbox_call("stripe", "GET", "/sandbox/webhook_endpoints"))["idle"]
        and not found["queued"] and found["endpoints"][0])


def deliveries_go_wrong(market, *kinds):
    market.sandbox_call("stripe", "POST", "/sandbox/faults", {"script": [
        {"operation": "webhooks.deliver", "kind": kind, "delay_milliseconds": 1000}
        for kind in kinds]})


def paid_order(market, user, dashboard, name, plan="vm_s", **more):
    deployment = order(market, user, dashboard, plan, name, **more)[2]["id"]
    until(f"{name} is paid", lambda: "invoice.paid" in market.types(f"invoice-{deployment}.1"), 30)
    return deployment


def once_each(market, stream, *kinds):
    counted = Counter(market.types(stream))
    for kind in kinds:
        expect(f"{kind} of {stream}", counted[kind], 1)


def messages(market):
    """Twice, in another order, forged, late: each is heard once, and changes what it says."""
    # Whose the messages are says nothing of whose payments they tell of.
    market.stop()
    market.arguments += ["--tenant", "mailbox"]
    market.start()
    dashboard = make_world(market)
    user = make_account(market, "user_a")
    deliveries_go_wrong(market, "duplicate", "reorder", "duplicate", "duplicate", "reorder")
    d = paid_order(market, user, dashboard, "acme")
    payment = f"payment-{d}.1"
    endpoint = all_delivered(market)
    expect("failed deliveries", endpoint["failed"], 0)
    once_each(market, payment, "payment.requested", "payment.held", "payment.capture_requested",
              "payment.captured")
    if metric(market, 'market_webhooks_total{result="repeated"}') < 3:
        raise Failure("messages were not repeated")
    until("the fee is recorded", lambda: "payment.card_fee_recorded" in market.types(payment), 90)

    # The beginning, told once more after the end.
    intent = market.get(AUDITOR, f"/v1/payments/{d}.1")["provider_reference"]
    held = message("evt_by_hand", "charge.succeeded", {
        "id": "ch_by_hand", "object": "charge", "payment_intent": intent, "amount": 1500,
        "currency": "usd", "captured": False, "metadata": {"payment": f"{d}.1", "attempt": "1"}})
    before = market.types(payment)
    for _ in range(2):
        expect("an old message", tell(market, held), (200, b""))
    status, problem = tell(market, held, b"whsec_other")
    expect("a forged message", (status, json.loads(problem)["code"]), (400, "signature_invalid"))
    until("it is read", lambda: metric(market, 'market_effects_open{worker="payments"}') == 0)
    expect("the payment after it", market.types(payment), before)

    # A bank takes the money back, and gives it back.
    dispute = market.sandbox_call("stripe", "POST", "/sandbox/disputes", {"payment_intent": intent})
    until("the dispute is known", lambda: "payment.dispute_opened" in market.types(payment))
    until("the payer may not spend",
          lambda: "account.spending_suspended" in market.types("account-user_a"))
    until("the machine stands still",
          lambda: "deployment.suspended" in market.types(f"deployment-{d}"))
    market.sandbox_call("stripe", "POST", f"/sandbox/disputes/{dispute['id']}", {"outcome": "won"})
    until("the dispute is won", lambda: "payment.dispute_won" in market.types(payment))
    until("the machine runs again",
          lambda: "deployment.resumed" in market.types(f"deployment-{d}"))

    # The end of a dispute before its beginning.
    other = paid_order(market, user, dashboard, "other")
    all_delivered(market)
    intent = market.get(AUDITOR, f"/v1/payments/{other}.1")["provider_reference"]
    deliveries_go_wrong(market, "reorder", "reorder")
    dispute = market.sandbox_call("stripe", "POST", "/sandbox/disputes", {"payment_intent": intent})
    market.sandbox_call("stripe", "POST", f"/sandbox/disputes/{dispute['id']}", {"outcome": "lost"})
    until("the dispute is lost",
          lambda: "payment.dispute_lost" in market.types(f"payment-{other}.1"))
    all_delivered(market)
    once_each(market, f"payment-{other}.1", "payment.dispute_opened", "payment.dispute_lost")
    expect("parked", market.get(AUDITOR, "/v1/effects?status=parked")["data"], [])

    market.stop()
    story = events_of(market)
    received = Counter(event["stream"] for event in story
                       if event["type"] == "inbound_event.received")
    if not received or set(received.values()) != {1}:
        raise Failure(f"kept more than once: {received}")
    # However quick a message is, what it tells of is known.
    expect("messages that were put off",
           [event["stream"] for event in story if event["type"] == "inbound_event.parked"], [])
    market.start()


def stripe_call(market, path, fields):
    """As a browser or Stripe's own dashboard would."""
    status, answer = request(
        market.sandbox["stripe"] + path, urllib.parse.urlencode(fields).encode(),
        {"Authorization": "Bearer sk_test_sandbox", "Stripe-Version": "2026-10-28.endive",
         "Content-Type": "application/x-www-form-urlencoded"})
    if status != 200:
        raise Failure(f"{path} answered {status}: {answer}")
    return json.loads(answer)


def cards(market):
    """Nobody but Stripe tells that a card was set up, that it was renewed, that it is gone."""
    dashboard = make_world(market)
    make_account(market, "user_a")
    market.post(SERVICE, "/v1/cards/card_1/start-setup", {
        "account": "user_a", "dashboard": dashboard, "make_default": True, "cards": 0,
        "spending_suspended": False})
    until("the payer has to act",
          lambda: "card.setup_action_required" in market.types("card-card_1"))
    setup = market.get(AUDITOR, "/v1/cards/card_1")["provider_reference"]
    method = stripe_call(market, f"/v1/setup_intents/{setup}/confirm", {
        "payment_method": "pm_card_visa"})["payment_method"]
    until("the card is there", lambda: "card.attached" in market.types("card-card_1"))
    market.sandbox_call("stripe", "POST", f"/sandbox/payment_methods/{method}",
                        {"exp_month": 3, "exp_year": 2040})
    until("the card is renewed", lambda: "card.updated" in market.types("card-card_1"))
    stripe_call(market, f"/v1/payment_methods/{method}/detach", {})
    until("the card is gone", lambda: "card.removed" in market.types("card-card_1"))
    all_delivered(market)
    until("all is read", lambda: metric(market, 'market_effects_open{worker="payments"}') == 0)
    once_each(market, "card-card_1", "card.attached", "card.updated", "card.removed")
    expect("parked", market.get(AUDITOR, "/v1/effects?status=parked")["data"], [])


def events_of(market):
    return [json.loads(line) for line in market.cat().splitlines() if line.startswith("{")]


def unknown(market):
    """A message about what we do not know is tried again for a day, and then for a person."""
    body = message("evt_unknown", "charge.dispute.created", {
        "id": "du_1", "object": "dispute", "payment_intent": "pi_unknown", "amount": 100,
        "currency": "usd", "status": "needs_response", "reason": "fraudulent"})
    early = message("evt_early", "payment_intent.succeeded", {
        "id": "pi_early", "object": "payment_intent", "amount_received": 100, "currency": "usd",
        "status": "succeeded", "metadata": {"payment": "early", "attempt": "1"}})
    for one in (body, early):
        expect("a message", tell(market, one)[0], 200)

    def read_again(times):
        # Each time one more is read, for each of the two.
        until(f"they were read {times} times", lambda: metric(
            market, 'market_effects_concluded_total{worker="payments"}') >= 2 * times)
    read_again(1)
    for times, seconds in enumerate((60, 600, 3600, 6 * 3600), 2):
        advance(market, seconds + 1)
        read_again(times)
    expect("parked effects", market.get(AUDITOR, "/v1/effects?status=parked")["data"], [])
    advance(market, 24 * 3600 + 1)
    parked = until("a person sees them", lambda: (
        found := market.get(AUDITOR, "/v1/effects?status=parked")["data"]) and len(found) == 2
        and found)
    expect("why", {one["reason"] for one in parked}, {"the payment is not known yet"})
    market.stop()
    streams = Counter((event["stream"], event["type"]) for event in events_of(market))
    for identity in ("evt_unknown", "evt_early"):
        expect(identity, streams[f"inbound_event-stripe.{identity}", "inbound_event.parked"], 6)
    market.start()


def overtaken(market):
    """A dispute of a capture that nobody has told us of yet."""
    user = make_account(market, "user_a")
    made = market.post(user, "/v1/payments", {
        "payer": "user_a", "amount": usd(1000), "card": "pm_card_visa"})["id"]
    payment = f"payment-{made}"
    until("the money is held", lambda: "payment.held" in market.types(payment))
    intent = market.get(AUDITOR, f"/v1/payments/{made}")["provider_reference"]
    all_delivered(market)
    until("all is read", lambda: metric(market, 'market_effects_open{worker="payments"}') == 0)
    read = metric(market, 'market_effects_concluded_total{worker="payments"}')
    expect("a message", tell(market, message("evt_overtaking", "charge.dispute.created", {
        "id": "du_1", "object": "dispute", "payment_intent": intent, "amount": 1000,
        "currency": "usd", "status": "needs_response", "reason": "fraudulent"}))[0], 200)
    until("it is read", lambda: metric(
        market, 'market_effects_concluded_total{worker="payments"}') == read + 1)
    market.post(STAFF, f"/v1/payments/{made}/capture")
    until("it is captured", lambda: "payment.captured" in market.types(payment))
    expect("disputes", market.types(payment).count("payment.dispute_opened"), 0)
    advance(market, 61)
    until("the dispute is known", lambda: "payment.dispute_opened" in market.types(payment))


def onboard(market, provider, farm, twin):
    base = f"/v1/providers/{provider}"
    market.post(SERVICE, base + "/register", {"account": "account_" + provider, "role_held": True})
    market.post(SERVICE, base + "/submit-kyc", {"documents": "vault/1"})
    market.post(SERVICE, base + "/record-kyc-result", {"number": 1, "passed": True})
    market.post(STAFF, base + "/approve")
    market.post(SERVICE, base + "/claim-farm", {"farm": farm, "nonce": "n1",
                                                "claimed_by_other": False})
    market.post(SERVICE, base + "/prove-farm", {
        "farm": farm, "nonce": "n1", "twin": twin, "signature_valid": True,
        "claimed_by_other": False})


def catalogue(market, twin):
    market.sandbox_call("grid_proxy", "POST", "/sandbox/catalogue", {
        "farms": [{"farmId": 77, "twinId": twin, "name": "of-p"}],
        "nodes": [{"nodeId": 411, "farmId": 77, "country": "Belgium", "city": "Ghent"},
                  {"nodeId": 412, "farmId": 78, "country": "Belgium"}]})


def node_of(market):
    return market.get(AUDITOR, "/v1/nodes/411")


def grid(market):
    """A node comes in when its farm is proved, is kept up to date, and goes with its farm."""
    catalogue(market, 42)
    until("the grid is seen", lambda: metric(market, "market_grid_nodes") == 2)
    expect("a node of nobody", node_of(market), None)
    onboard(market, "provider_p", "77", "42")
    node = until("the node is there", lambda: node_of(market))
    expect("the node", (node["listing"], node["provider"], node["farm"], node["country"],
                        node["city"], node["capacity"]["mru"], node["exposures"]),
           ("registered", "provider_p", "77", "BE", "Ghent", 64, []))
    expect("a node of another farm", market.get(AUDITOR, "/v1/nodes/412"), None)
    market.post(STAFF, "/v1/nodes/411/verify", {"passed": True})

    market.sandbox_call("grid_proxy", "POST", "/sandbox/nodes/411", {
        "total_resources": {"cru": 16, "mru": 128 * GIB, "sru": 1000 * GIB, "hru": 0}})
    until("it has grown", lambda: node_of(market)["capacity"]["mru"] == 128)
    market.sandbox_call("grid_proxy", "POST", "/sandbox/nodes/411", {"status": "down"})
    until("it is down", lambda: node_of(market)["condition"] == "down")
    market.sandbox_call("grid_proxy", "POST", "/sandbox/nodes/411", {"status": "up"})
    until("it is back", lambda: node_of(market)["condition"] == "up")
    expect("its story", market.types("node-411"), [
        "node.registered", "node.verified", "node.capacity_recorded", "node.suspected",
        "node.suspected", "node.went_down", "node.came_back"])
    expect("who said so", market.events("node-411")[0]["actor"], "grid-nodes")

    # When the proxy fails, nothing is made of what is missing.
    market.sandbox_call("grid_proxy", "POST", "/sandbox/faults", {
        "script": [{"operation": "nodes.list", "kind": "error", "status": 502}]})
    until("a look has failed", lambda: metric(
        market, 'market_watch_failures_total{watch="grid-nodes"}') >= 1)
    done = metric(market, 'market_watch_rounds_total{watch="grid-nodes"}')
    until("the next goes well", lambda: metric(
        market, 'market_watch_rounds_total{watch="grid-nodes"}') > done)
    expect("the node after it", node_of(market)["condition"], "up")

    market.stop()
    market.start()
    catalogue(market, 43)
    until("the farm is somebody else's",
          lambda: "provider.farm_proof_expired" in market.types("provider-provider_p"))
    until("the node is taken out", lambda: node_of(market)["listing"] == "excluded")

    # Prices, as soon as there are any.
    expect("prices of nobody", market.get(AUDITOR, "/v1/market-data/grid"), None)
    policy = {"id": 1, "cu": 305600, "su": 194400, "ipu": 69400, "unique_name": 2500}
    market.sandbox_call("grid", "POST", "/sandbox/prices", {"tft": 10, "policy": policy})
    feed = until("prices are known", lambda: (
        found := market.get(AUDITOR, "/v1/market-data/grid")) and found["tft_price"] and found)
    expect("the policy", (feed["tft_price"], feed["policy"]), (10, {**policy, "id": "1"}))
    advance(market, 45 * 60)
    until("the price is told again", lambda: market.types("market_data-grid").count(
        "market_data.tft_price_recorded") >= 2)
    expect("the feed", market.get(AUDITOR, "/v1/market-data/grid")["stale"], False)


def grid_call(market, method, path, body=None):
    status, answer = request(
        market.sandbox["grid"] + path, None if body is None else json.dumps(body).encode(),
        {"Authorization": "Bearer sandbox", "Content-Type": "application/json"}, method)
    if status >= 300:
        raise Failure(f"{method} {path} answered {status}: {answer}")
    return json.loads(answer)


def contracts(market):
    return {one["id"]: one for one in grid_call(market, "GET", "/v1/contracts")["contracts"]}


def look_at_contracts(market):
    # The first may have begun before.
    for _ in range(2):
        name = 'market_watch_rounds_total{watch="grid-contracts"}'
        done = metric(market, name)
        advance(market, 61)
        until("contracts are looked at", lambda: metric(market, name) > done)


def orphan(market):
    """A contract that nobody claims is cancelled; apps that need a name or a secret get it."""
    dashboard = make_world(market)
    machine = {"role": "primary", "resources": {
        "cru": 2, "mru": 4, "sru": 50, "hru": 0, "gpus": 0, "public_ips": 0}}
    for plan, application, name in (("cloud", "nextcloud", True), ("k8s", "kubernetes", False)):
        market.post(SERVICE, f"/v1/dashboards/{dashboard}/publish-plan", {
            "plan": plan, "title": plan, "application": application, "workloads": [machine],
            "web_name": name, "price": usd(1500), "sla_versions": 0, "application_known": True,
            "pricing_policy": SET_A})
    user = make_account(market, "user_a")
    paid_order(market, user, dashboard, "files", "cloud", label="files")
    d = paid_order(market, user, dashboard, "cluster", "k8s")

    mine = next(one for one in contracts(market).values() if one["name"] == d + "p1")
    grid_call(market, "DELETE", f"/v1/contracts/{mine['id']}")
    claimed = set(contracts(market))
    grid_call(market, "POST", "/v1/deployments", {
        "name": d + "p1", "node": mine["node"], "farm": 0, "ssh_key": "ssh-ed25519 AAAA lost",
        "application": "ubuntu-22.04", "resources": {"cru": 1, "mru": 2, "sru": 25}})
    lost = set(contracts(market)) - claimed
    expect("the machine and its network", len(lost), 2)
    look_at_contracts(market)
    expect("unclaimed machines", metric(market, "market_grid_contracts_unclaimed"), 1)
    if not lost <= set(contracts(market)):
        raise Failure("cancelled at once, though somebody may just be claiming it")
    advance(market, 15 * 60)
    look_at_contracts(market)
    until("the orphan is found",
          lambda: "deployment.orphan_contract_found" in market.types(f"deployment-{d}"))
    until("the orphan is cancelled", lambda: not lost & set(contracts(market)))
    expect("what is claimed stays", set(contracts(market)), claimed)


SCENARIOS = {"messages": messages, "cards": cards, "unknown": unknown, "overtaken": overtaken,
             "grid": grid, "orphan": orphan}

if __name__ == "__main__":
    run_scenarios(__doc__, SCENARIOS, ARGUMENTS)
    sys.exit(0)
