#!/usr/bin/env python3
"""Measures Gewu beside its peers and keeps the raw results. `make peers` runs everything; here are the parts.

usage: run.py PART... [options]       parts: r1 r2 r3 r4 t4 past tiles features access all        smoke test: run.py all --smoke
"""

import argparse
import os
import time

import access
import features
import harness
import past
import r1
import r2
import r3
import r4_r5
import t4
import tiles

PARTS = ["r1", "r2", "r3", "r4", "t4", "past", "tiles", "features", "access"]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=[*PARTS, "all"])
    parser.add_argument("--cells", type=int, default=174, help="leaves a side of the lattice (default: 174, 30,276 leaves)")
    parser.add_argument("--big", type=int, default=1000, help="leaves a side of the big lattice of r4 (default: 1000, a million)")
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3, help="alternating runs of every peer")
    parser.add_argument("--seconds", type=int, default=10, help="length of one run of wrk or pgbench")
    parser.add_argument("--edits", type=int, default=1_000)
    parser.add_argument("--revise", action="store_true", help="t4: each edit writes a revision too")
    parser.add_argument("--by-import", action="store_true", help="r4, t4: bring the lattices in by `gewu import`, not straight into the tables")
    parser.add_argument("--staff", action="store_true", help="r4: with two people a leaf")
    parser.add_argument("--out", help="directory of the results (default: benches/runs/DATE-MACHINE)")
    parser.add_argument("--smoke", action="store_true", help="tiny sizes, under target/: does the harness work?")
    parser.add_argument("--bare", default="release", choices=["release", "dev"], help="profile of bare axum")
    given = parser.parse_args()
    if given.smoke:
        given.cells, given.big, given.points, given.rounds, given.seconds, given.edits = 30, 60, 20_000, 1, 1, 12
        given.out = given.out or str(harness.WORK / "smoke")
    return given


def main():
    given = arguments()
    parts = PARTS if "all" in given.parts else given.parts
    harness.WORK.mkdir(parents=True, exist_ok=True)
    harness.ensure_commands("wrk", "curl", "psql")
    harness.ensure_packages()
    results = harness.Results(harness.run_directory(given.out))
    results.add("machine", parts=parts, arguments=vars(given), **harness.machine(), versions=harness.versions())
    steps = {
        "r1": lambda: r1.run(results, given.cells, given.points, given.rounds, given.seconds),
        "r2": lambda: r2.run(results, given.cells, given.points, given.rounds, given.seconds, given.bare),
        "r3": lambda: r3.run(results, given.cells, given.points, given.rounds, given.seconds),
        "r4": lambda: r4_r5.run(results, [given.cells, given.big], given.points, given.rounds, given.seconds, given.by_import, given.staff),
        "t4": lambda: t4.run(results, given.cells, given.points, given.edits, given.revise, given.by_import),
        "tiles": lambda: tiles.run(results, given.cells, given.points, given.rounds, given.seconds, given.bare),
        "features": lambda: features.run(results, given.cells, given.points, given.rounds, given.seconds),
        "access": lambda: access.run(results, given.cells, given.points, given.rounds, given.seconds),
        "past": lambda: past.run(results, given.cells, given.points, given.rounds),
    }
    for part in parts:
        began = time.monotonic()
        steps[part]()
        results.add("machine", after=part, seconds=round(time.monotonic() - began, 1), load=os.getloadavg())


if __name__ == "__main__":
    main()
