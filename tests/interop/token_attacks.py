#!/usr/bin/python3
"""Forges tokens with two JOSE implementations that are not ours, and compares every verdict.

usage: token_attacks.py PATH/TO/verify_tokens
"""

import base64
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import jwt as pyjwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from jwcrypto import jwe, jwk, jws

ISSUER = "https://login.example/"
AUDIENCE = "https://market.example"
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
NOW = int(time.time())


def b64(data):
    if isinstance(data, str):
        data = data.encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(value):
    return json.dumps(value, separators=(",", ":"))


class Keys:
    """An issuer's keys: one for each algorithm, each with its own id."""

    def __init__(self, prefix=""):
        self.pem = {
            "RS256": rsa.generate_private_key(65537, 2048),
            "PS256": rsa.generate_private_key(65537, 2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
        }
        self.key = {}
        for name, private in self.pem.items():
            pem = private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            self.key[name] = jwk.JWK.from_pem(pem)
        self.key["EdDSA"] = jwk.JWK.generate(kty="OKP", crv="Ed25519")
        self.ids = {name: prefix + name.lower() for name in ALGORITHMS}

    def public(self, name, **changes):
        entry = json.loads(self.key[name].export_public())
        entry.update(kid=self.ids[name], alg=name, use="sig")
        entry.update(changes)
        return {k: v for k, v in entry.items() if v is not None}


OURS = Keys()
FOREIGN = Keys()  # Another tenant's issuer: same ids, other keys.
WEAK = jwk.JWK.generate(kty="RSA", size=1024)
ENCRYPTING = jwk.JWK.generate(kty="RSA", size=2048)
ODD = jwk.JWK.generate(kty="EC", crv="P-384")


def claims(**changes):
    all_of_them = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "alice",
        "tenant": "acme",
        "roles": ["cloud-user"],
        "iat": NOW,
        "exp": NOW + 600,
    }
    all_of_them.update(changes)
    return {k: v for k, v in all_of_them.items() if v is not None}


def header(name="ES256", **changes):
    all_of_them = {"alg": name, "typ": "at+jwt", "kid": OURS.ids.get(name)}
    all_of_them.update(changes)
    return {k: v for k, v in all_of_them.items() if v is not None}


def sign_text(key, algorithm, protected, payload):
    """Signs exactly these texts, whatever they say, with the primitive of `algorithm`."""
    signed = b64(protected) + "." + b64(payload)
    core = jws.JWSCore(algorithm, key, b64_header(algorithm), "x", ["HS256", *ALGORITHMS])
    signature = core.engine.sign(core.key, signed.encode())
    return signed + "." + b64(signature)


def b64_header(algorithm):
    return json.dumps({"alg": algorithm})


def token(name="ES256", payload=None, keys=OURS, key=None, **header_changes):
    """A token of jwcrypto."""
    return sign_text(
        key or keys.key[name],
        name,
        compact(header(name, **header_changes)),
        payload if isinstance(payload, str) else compact(claims() if payload is None else payload),
    )


def library_token(name):
    """The same through jwcrypto's own JWS, header and all."""
    made = jws.JWS(compact(claims()))
    made.add_signature(OURS.key[name], None, compact(header(name)))
    return made.serialize(compact=True)


def pyjwt_token(name):
    private = OURS.pem[name]
    return pyjwt.encode(
        claims(), private, algorithm=name, headers={"typ": "at+jwt", "kid": OURS.ids[name]}
    )


def es256_der():
    signed = token().rsplit(".", 1)[0]
    der = OURS.pem["ES256"].sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    assert decode_dss_signature(der)
    return signed + "." + b64(der)


def encrypted():
    made = jwe.JWE(
        compact(claims()),
        compact({"alg": "RSA-OAEP", "enc": "A128CBC-HS256", "kid": OURS.ids["RS256"]}),
    )
    made.add_recipient(OURS.key["RS256"])
    return made.serialize(compact=True)


def json_form():
    made = jws.JWS(compact(claims()))
    made.add_signature(OURS.key["ES256"], None, compact(header()))
    return made.serialize(compact=False)


def unsigned(name):
    return b64(compact(header(name, kid="es256"))) + "." + b64(compact(claims())) + "."


def hs256_with_public_key(form):
    pem = OURS.pem["RS256"].public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    secret = {"pem": pem, "jwk": compact(OURS.public("RS256")).encode(), "empty": b""}[form]
    import hashlib
    import hmac

    signed = b64(compact(header("HS256", kid="rs256"))) + "." + b64(compact(claims()))
    return signed + "." + b64(hmac.new(secret, signed.encode(), hashlib.sha256).digest())


def flipped(text, at):
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


def cases():
    ok = "accepted alice acme cloud-user"
    good = token()
    signed, signature = good.rsplit(".", 1)
    attacker = FOREIGN.key["ES256"]
    attacker_jwk = json.loads(attacker.export_public())

    for name in ALGORITHMS:
        yield f"good {name}", token(name), ok
        yield f"good {name} by jwcrypto's own JWS", library_token(name), ok
    for name in ["RS256", "PS256", "ES256"]:
        yield f"good {name} by PyJWT", pyjwt_token(name), ok
    yield "good again, remembered", good, ok
    yield "audience in a list", token(payload=claims(aud=["x", AUDIENCE])), ok
    yield "fractional dates", token(payload=claims(exp=NOW + 600.5, iat=NOW - 0.25)), ok
    yield "typ in full and in capitals", token(typ="Application/AT+JWT"), ok
    yield "nbf in the leeway", token(payload=claims(nbf=NOW + 5)), ok
    yield "roles nobody knows", token(payload=claims(roles=["root", "cloud-user"])), ok
    yield "a role as one text", token(payload=claims(roles="auditor")), "accepted alice acme auditor"
    yield "no roles", token(payload=claims(roles=None)), "accepted alice acme "
    yield "x5t is only a name", token(x5t="abc"), ok
    yield "no kid, one fitting key", token(kid=None), ok

    for name in ["none", "None", "nOnE", "NONE", "", "HS256", "ES384", "es256", "RS256 ", "RSA-OAEP"]:
        yield f"alg {name!r}", unsigned(name), "refused algorithm_not_allowed"
    for form in ["pem", "jwk", "empty"]:
        yield f"HS256 with the public key: {form}", hs256_with_public_key(form), "refused algorithm_not_allowed"
    yield "alg no text", sign_text(attacker, "ES256", '{"alg":5,"typ":"at+jwt"}', compact(claims())), "refused algorithm_not_allowed"
    yield "alg absent", sign_text(attacker, "ES256", '{"typ":"at+jwt"}', compact(claims())), "refused algorithm_not_allowed"
    yield "no signature", signed + ".", "refused signature_wrong"
    yield "RS256 said, PS256 signed", sign_text(OURS.key["RS256"], "PS256", compact(header("RS256")), compact(claims())), "refused signature_wrong"
    yield "PS256 with the RS256 key", token("PS256", key=OURS.key["RS256"], kid="rs256"), "refused key_unknown"
    yield "ES256 with the RS256 key's id", token(kid="rs256"), "refused key_unknown"

    yield "embedded jwk", token(key=attacker, jwk=attacker_jwk), "refused header_not_allowed"
    yield "jku", token(key=attacker, jku="https://evil.example/jwks.json"), "refused header_not_allowed"
    yield "x5u", token(key=attacker, x5u="https://evil.example/c.pem"), "refused header_not_allowed"
    yield "x5c", token(key=attacker, x5c=["MIIB"]), "refused header_not_allowed"
    yield "crit", token(crit=["exp"]), "refused header_not_allowed"
    yield "crit b64", token(crit=["b64"], b64=False), "refused header_not_allowed"
    yield "crit empty", token(crit=[]), "refused header_not_allowed"
    yield "kid traversal", token(kid="../../../../dev/null"), "refused keys_pending"
    yield "kid traversal again", token(kid="../../../../dev/null"), ("refused keys_pending", "refused key_unknown")
    yield "kid SQL", token(kid="x' UNION SELECT 'secret"), ("refused keys_pending", "refused key_unknown")
    yield "kid with NUL", token(kid="es256\0"), "refused malformed"
    yield "kid no text", token(kid=["es256"]), "refused malformed"
    yield "kid empty", token(kid=""), "refused malformed"
    yield "kid long", token(kid="k" * 257), "refused malformed"
    for i in range(50):
        yield f"unknown kid {i}", token(kid=f"no-{i}"), ("refused keys_pending", "refused key_unknown")
    for kid in ["weak", "encrypting", "p384", "exponent-one", "not-for-verify", "symmetric"]:
        yield f"key left out: {kid}", token("RS256", key=OURS.key["RS256"], kid=kid), ("refused keys_pending", "refused key_unknown")
    yield "weak RSA key", sign_text(WEAK, "RS256", compact(header("RS256", kid="weak")), compact(claims())), ("refused keys_pending", "refused key_unknown")
    for name in ALGORITHMS:
        yield f"another issuer's {name} key, same id", token(name, keys=FOREIGN), "refused signature_wrong"

    for name in ["JWT", "id_token", "at+jwt ", "", "secevent+jwt"]:
        yield f"typ {name!r}", token(typ=name), "refused type_not_allowed"
    yield "typ absent", token(typ=None), "refused type_not_allowed"

    for wrong in ["https://login.example", "https://LOGIN.example/", "https://evil.example/", "", [ISSUER], None]:
        yield f"iss {wrong!r}", token(payload=claims(iss=wrong)), "refused issuer_wrong"
    yield "iss with NUL", token(payload=claims(iss=ISSUER + "\0x")), "refused malformed"
    for wrong in ["https://market.example/", "x", [], ["x"], [AUDIENCE, 5], {"a": AUDIENCE}, None]:
        yield f"aud {wrong!r}", token(payload=claims(aud=wrong)), "refused audience_wrong"

    yield "expired", token(payload=claims(exp=NOW - 100)), "refused expired"
    yield "expired long ago", token(payload=claims(exp=0)), "refused expired"
    yield "not yet valid", token(payload=claims(nbf=NOW + 300)), "refused not_yet_valid"
    yield "iat in the future", token(payload=claims(iat=NOW + 300)), "refused not_yet_valid"
    yield "mfa in the future", token(payload=claims(mfa_at=NOW + 300)), "refused not_yet_valid"
    for name in ["exp", "nbf", "iat", "mfa_at"]:
        for wrong in [str(NOW + 600), True, [NOW], {}, -1, 1e300, 253402300800]:
            yield f"{name} {wrong!r}", token(payload=claims(**{name: wrong})), "refused claim_invalid"
        text = compact(claims(**{name: None}))[:-1]
        yield f"{name} null", token(payload=f'{text},"{name}":null}}'), "refused claim_invalid"
        for number in ["1e999", "99999999999999999999999999", "NaN", "Infinity", "0x10", "01"]:
            yield f"{name} {number}", token(payload=f'{text},"{name}":{number}}}'), "refused malformed"
    yield "exp absent", token(payload=claims(exp=None)), "refused claim_invalid"
    for wrong in ["", 5, ["alice"], None, "a" * 256, "a\nb"]:
        yield f"sub {str(wrong)[:20]!r}", token(payload=claims(sub=wrong)), "refused claim_invalid"
    for wrong in ["", 5, ["acme"], None, "t" * 129]:
        yield f"tenant {str(wrong)[:20]!r}", token(payload=claims(tenant=wrong)), "refused claim_invalid"
    for wrong in [5, {"cloud-user": True}, ["cloud-user", 5]]:
        yield f"roles {wrong!r}", token(payload=claims(roles=wrong)), "refused claim_invalid"
    yield "scope no text", token(payload=claims(scope=["a"])), "refused claim_invalid"

    yield "member twice in the payload", token(payload=compact(claims())[:-1] + ',"sub":"root"}'), "refused malformed"
    twice = '{"alg":"none","typ":"at+jwt","kid":"es256","alg":"ES256"}'
    yield "member twice in the header", sign_text(OURS.key["ES256"], "ES256", twice, compact(claims())), "refused malformed"
    yield "payload no object", token(payload="[]"), "refused malformed"
    yield "payload empty", token(payload=""), "refused malformed"
    yield "payload no JSON", token(payload="sub=alice"), "refused malformed"
    yield "payload with more behind", token(payload=compact(claims()) + "{}"), "refused malformed"
    yield "payload with NUL behind", token(payload=compact(claims()) + "\0"), "refused malformed"
    latin = compact(claims()).encode().replace(b"alice", b"al\xefce")
    yield "payload not UTF-8", sign_bytes(latin), "refused malformed"
    yield "deep payload", token(payload='{"a":' + "[" * 4000 + "]" * 4000 + "}"), "refused malformed"

    yield "padding", ".".join(part + "=" * (-len(part) % 4) for part in token("EdDSA").split(".")), "refused malformed"
    yield "standard base64", good.replace("-", "+").replace("_", "/") if set("-_") & set(good) else good + "+", "refused malformed"
    yield "bits behind the end", loose_bits(token("EdDSA")), "refused malformed"
    yield "blank inside", good[:40] + " " + good[40:], "refused malformed"
    yield "blank behind", good + " ", "refused malformed"
    yield "bytes behind", good + "AAAA", "refused signature_wrong"
    yield "carriage return behind", good + "\r", "refused malformed"
    yield "four parts", good + ".AAAA", "refused malformed"
    yield "two parts", signed, "refused malformed"
    yield "empty", "", "refused malformed"
    yield "dots", "..", "refused malformed"
    yield "JWE, five parts", encrypted(), "refused malformed"
    yield "JSON serialization", json_form(), "refused malformed"
    yield "changed payload", flipped(good, good.index(".") + 12), ("refused signature_wrong", "refused malformed")
    yield "changed signature", flipped(good, len(good) - 40), "refused signature_wrong"

    yield "ES256 all zero", signed + "." + b64(bytes(64)), "refused signature_wrong"
    yield "ES256 r = s = order", signed + "." + b64(bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551") * 2), "refused signature_wrong"
    yield "ES256 in DER", es256_der(), "refused signature_wrong"
    yield "ES256 short", signed + "." + b64(bytes(63)), "refused signature_wrong"
    for name, size in [("RS256", 256), ("PS256", 256), ("EdDSA", 64)]:
        for value in [0, 255]:
            yield f"{name} all {value}", token(name).rsplit(".", 1)[0] + "." + b64(bytes([value]) * size), "refused signature_wrong"
    yield "100 KB", token(payload=claims(note="x" * 100_000)), "refused too_long"
    yield "still good at the end", good, ok
    yield "fresh and still good", token(payload=claims(sub="bob")), "accepted bob acme cloud-user"


def sign_bytes(payload):
    signed = b64(compact(header())) + "." + b64(payload)
    core = jws.JWSCore("ES256", OURS.key["ES256"], b64_header("ES256"), "x", ALGORITHMS)
    return signed + "." + b64(core.engine.sign(core.key, signed.encode()))


def loose_bits(text):
    """64 bytes of signature leave four bits unused; sets one."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


def key_set():
    weak = json.loads(WEAK.export_public())
    one = OURS.public("RS256", kid="exponent-one", e="AQ")
    return {
        "keys": [
            "no object",
            {"kty": "unknown", "kid": "x"},
            {"kty": "RSA", "kid": "broken", "n": "!!", "e": "AQAB"},
            {"kty": "EC", "crv": "P-256", "kid": "off-curve", "x": b64(bytes(32)), "y": b64(b"\1" * 32)},
            {"kty": "oct", "kid": "symmetric", "k": b64(b"secret" * 8), "alg": "HS256"},
            {**weak, "kid": "weak"},
            {**json.loads(ENCRYPTING.export_public()), "kid": "encrypting", "use": "enc"},
            {**json.loads(ODD.export_public()), "kid": "p384"},
            {**OURS.public("RS256", kid="not-for-verify", use=None), "key_ops": ["encrypt"]},
            one,
            *[OURS.public(name) for name in ALGORITHMS],
        ]
    }


def main():
    program = sys.argv[1]
    all_cases = list(cases())
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "jwks.json"
        keys.write_text(compact(key_set()))
        done = subprocess.run(
            [program, "--keys", str(keys), "--issuer", ISSUER, "--audience", AUDIENCE,
             "--algorithms", ",".join(ALGORITHMS)],
            input="".join(text + "\n" for _, text, _ in all_cases).encode(),
            stdout=subprocess.PIPE,
            timeout=100,
            check=True,
        )
    verdicts = done.stdout.decode().split("\n")[:-1]
    wrong = 0
    if len(verdicts) != len(all_cases):
        print(f"{len(all_cases)} tokens, {len(verdicts)} verdicts")
        wrong += 1
    for (name, _, expected), verdict in zip(all_cases, verdicts):
        if verdict not in (expected if isinstance(expected, tuple) else (expected,)):
            wrong += 1
            print(f"{name}: {verdict!r} instead of {expected!r}")
    print(f"{len(all_cases)} tokens, {wrong} wrong verdicts")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
