"""Something to sell, for the benchmarks of quotes and orders."""

import http.client
import json
import time

POLICY = {"id": "pp-1", "cu": 100000, "su": 50000, "ipu": 40000, "unique_name": 2500}
COUNTRIES = ["BE", "DE", "FR", "NL", "AT", "CH", "US", "CA", "GB", "IT"]


def usd(cents):
    return {"minor": cents, "currency": "USD"}


def resources(cru, mru, sru):
    return {"cru": cru, "mru": mru, "sru": sru, "hru": 0, "gpus": 0, "public_ips": 0}


class Customer:
    """One connection that posts."""

    def __init__(self, server, token):
        self.connection = http.client.HTTPConnection(server.address, timeout=60)
        self.token = token
        self.keys = 0

    def post(self, path, body, second_factor=False):
        self.keys += 1
        self.connection.request("POST", path, json.dumps(body), {
            "Authorization": "Bearer " + self.token, "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{id(self)}-{self.keys}"})
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"POST {path} was answered {answer.status}: {text[:300]}")
        return json.loads(text)


def batch(customer, commands):
    for at in range(0, len(commands), 1000):
        answers = customer.post("/v1/commands", {"commands": commands[at:at + 1000]})["answers"]
        wrong = [one for one in answers if one["status"] >= 300]
        if wrong:
            raise RuntimeError(f"a command was answered {wrong[0]}")


def make(server, token, nodes):
    """A dashboard that sells a small machine on so many nodes. Its id."""
    customer = Customer(server, token)
    post = customer.post
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    post("/v1/market-data/grid/record-pricing-policy", {"policy": POLICY})
    post("/v1/market-data/grid/record-tft-price", {"price": 10, "observed": now})
    dashboard = post("/v1/dashboards", {"owner": "o", "name": "bench", "role_held": True,
                                        "name_taken": False})["id"]
    at = f"/v1/dashboards/{dashboard}"
    post(at + "/connect-stripe",
         {"stripe_account": "acct_1", "key_name": "stripe", "key_accepted": True})
    post(at + "/publish-plan", {
        "plan": "vm_s", "title": "A machine", "application": "ubuntu-24.04", "web_name": False,
        "workloads": [{"role": "primary", "resources": resources(2, 4, 50)}], "price": usd(1500),
        "sla_versions": 0, "application_known": True, "pricing_policy": POLICY})
    commands = []

    def add(node, verb, data):
        commands.append({"id": str(node), "type": f"node.{verb}", "data": data,
                         "key": f"{node}-{verb}"})
    for node in range(1, nodes + 1):
        add(node, "register", {
            "provider": f"p{node % 200}", "farm": str(node % 500), "farm_proved": True,
            "country": COUNTRIES[node % len(COUNTRIES)], "region": "Europe", "city": "",
            "certified": node % 3 == 0, "capacity": resources(16 + node % 48, 64, 2000)})
    for node in range(1, nodes + 1):
        add(node, "verify", {"passed": True})
    for node in range(1, nodes + 1):
        add(node, "expose", {"dashboard": dashboard, "participation_active": True})
    batch(customer, commands)
    post(at + "/go-live", {"wallet_connected": True, "twin_kyc_passed": True, "nodes": nodes})
    return dashboard
