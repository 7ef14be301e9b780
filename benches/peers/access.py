"""What access control costs: one point over HTTP with a token and with an API key, by a server with access control and by one without, which
does not look at either; runs alternate."""

import base64
import json
import subprocess
import time

import harness


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(directory):
    """A token as providers give them, RS256 with the claims of a worker, and the file with the public key."""
    private, public = directory / "signing.pem", directory / "signing.pub.pem"
    subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", private], check=True, timeout=60)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True, timeout=60)
    claims = {"iss": "bench", "aud": "gewu", "sub": "0b1c6ee2-6ee5-4b0e-a7c9-50a9d8b3e4f1", "iat": int(time.time()), "exp": int(time.time()) + 7200,
              "jti": "6Cpj7d6dYHwPExfmwwLGBX61VgaY0Oc_rRA6r1bZE9A", "gewu_roles": ["worker"], "gewu_areas": ["000000000000001"]}
    head = {"alg": "RS256", "typ": "at+jwt", "kid": "85f2b9c5-b0e4-452f-9a2b-f2f26878a970"}
    signed = ".".join(encoded(json.dumps(part).encode()) for part in (head, claims))
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", private], input=signed.encode(), capture_output=True, check=True, timeout=60)
    return f"{signed}.{encoded(signature.stdout)}", public


def run(results, cells, points, rounds, seconds):
    files = harness.lattice(cells, points)
    jwt, public = token(harness.WORK)
    with harness.Cluster() as cluster:
        harness.import_lattice(cluster, files, staff=True)
        _, key = harness.gewu(cluster, "token", "create", "--name", "bench", "--role", "integrator", "--area", "all")
        known = {"oidc_issuer": "bench", "oidc_audience": "gewu", "oidc_key_file": public}
        with harness.serve(cluster) as bare, harness.serve(cluster, **known) as guarded:
            headers = {"token": [f"Authorization: Bearer {jwt}"], "key": [f"Authorization: Bearer {key.strip()}"], "nothing": []}
            # The same requests go to both servers: what longer requests cost the client and the socket is no cost of access control.
            asked = [(bare, "nothing"), (bare, "token"), (guarded, "token"), (bare, "key"), (guarded, "key")]
            for server, sent in asked:
                harness.wrk(server.origin, files / "points.csv", min(seconds, 2), headers=headers[sent])
            for number in range(rounds):
                rates = {}
                for server, sent in asked:
                    control = server is guarded
                    cpu = server.cpu_seconds()
                    found = harness.wrk(server.origin, files / "points.csv", seconds, headers=headers[sent])
                    micros = (server.cpu_seconds() - cpu) / max(found["requests"], 1) * 1e6
                    rates[control, sent] = found["per_second"]
                    results.add("access", control=control, sent=sent, round=number, **found, cpu_micros_each=round(micros, 2))
                ratios = {f"{sent}_ratio": round(rates[True, sent] / rates[False, sent], 4) for sent in ("token", "key")}
                results.add("access", round=number, token_bytes=len(jwt), **ratios,
                            token_to_nothing_ratio=round(rates[True, "token"] / rates[False, "nothing"], 4))
