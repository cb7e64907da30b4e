"""What no schema can say, put right in what Schemathesis has made up."""

import itertools
import json
import os
import re

import schemathesis

IDS = json.loads(os.environ.get("MARKET_IDS", "{}"))
KEY = re.compile(r'[!#-~][!-~]{0,199}|"[!-~]{1,200}"')
POSITION = re.compile("[0-9]+:[0-9]+")
CURSOR = re.compile("[0-9A-Za-z_-]*")
MOMENT = re.compile("[0-9-]{10}T[0-9:]{8}(\\.[0-9]+)?Z")
IDENTITY = re.compile("[0-9A-Za-z_.]{1,64}")
LARGEST = 2**63 - 1
count = itertools.count()


def readable(value, bounded):
    """64.0 is an integer to JSON Schema, and refused by us; so is what 64 bits cannot hold, which
    matters where the schema leaves all to the single commands."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        value = int(value)
    if bounded and isinstance(value, (int, float)) and not isinstance(value, bool):
        return max(-LARGEST, min(LARGEST, int(value)))
    if isinstance(value, dict):
        return {name: readable(one, bounded) for name, one in value.items()}
    if isinstance(value, list):
        return [readable(one, bounded) for one in value]
    return value


@schemathesis.hook
def before_call(context, case, kwargs):
    number = next(count)
    if isinstance(case.body, (dict, list)):
        case.body = readable(case.body, case.operation.path == "/v1/commands")
    headers = case.headers or {}
    # A key is for one body; with another one it is refused.
    if KEY.fullmatch(headers.get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = f"fuzz-{number}"
    # A position that is to come is waited for; this one has been.
    if POSITION.fullmatch(headers.get("Min-Position", "")):
        case.headers["Min-Position"] = "0:0"
    # Only a list can make one up.
    if CURSOR.fullmatch(str((case.query or {}).get("cursor", "."))):
        case.query["cursor"] = ""
    # Times have an order.
    query = case.query or {}
    if MOMENT.fullmatch(str(query.get("from"))) and MOMENT.fullmatch(str(query.get("to"))):
        query["from"], query["to"] = sorted(
            (query["from"], query["to"]), key=lambda moment: moment.rstrip("Z"))
    # Every other time one of the resources that there are.
    parts = case.path_parameters or {}
    known = IDS.get("/".join(case.operation.path.split("/")[:3]))
    if number % 2 and known and IDENTITY.fullmatch(str(parts.get("id", ""))):
        case.path_parameters["id"] = known[number // 2 % len(known)]
