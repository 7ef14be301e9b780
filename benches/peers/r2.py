"""R2: one point over HTTP with everything in the answer, beside axum with nothing to do; runs alternate."""

import subprocess

import harness

BARE = harness.ROOT / "benches" / "peers" / "bare_axum"


def bare_axum(profile="release"):
    """Built once, in a place of its own."""
    target = harness.WORK / "bare_axum"
    flags = ["--release"] if profile == "release" else []
    subprocess.run(["cargo", "build", "--quiet", "--locked", *flags, "--manifest-path", BARE / "Cargo.toml", "--target-dir", target],
                   check=True, timeout=900)
    return target / ("release" if profile == "release" else "debug") / "bare_axum"


def run(results, cells, points, rounds, seconds, profile="release"):
    files = harness.lattice(cells, points)
    bare = bare_axum(profile)
    with harness.Cluster() as cluster:
        harness.import_lattice(cluster, files, staff=True)
        with harness.serve(cluster) as gewu, harness.Server([bare]) as ceiling:
            servers = {"gewu serve": gewu, "bare axum": ceiling}
            for server in servers.values():
                harness.wrk(server.origin, files / "points.csv", min(seconds, 2))
            for number in range(rounds):
                rates = {}
                for name, server in servers.items():
                    cpu = server.cpu_seconds()
                    found = harness.wrk(server.origin, files / "points.csv", seconds)
                    spent = server.cpu_seconds() - cpu
                    rates[name] = found["per_second"]
                    micros = spent / max(found["requests"], 1) * 1e6
                    results.add("r2", peer=name, round=number, **found, cpu_micros_each=round(micros, 2), rss_mib=server.rss_mib())
                results.add("r2", ratio=rates["gewu serve"] / rates["bare axum"], round=number)
