#!/usr/bin/env python3
"""Bounded load: resolve by wrk while edits stream in by psql. Ends by itself; errors, latencies and memory a minute.

usage: run.py [MINUTES] [--cells 174] [--edits-per-second 5] [--revise] [--out DIR]
"""

import argparse
import itertools
import pathlib
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "peers"))

import bulk
import harness
import t4


class Editor:
    """Commits small edits at a steady pace until told to stop."""

    def __init__(self, cluster, places, pace, revise):
        self.psql, self.pace, self.revise = t4.Psql(cluster), pace, revise
        self.places, self.count, self.over = places, 0, threading.Event()
        self.thread = threading.Thread(target=self._edit, daemon=True)
        self.thread.start()

    def _edit(self):
        for _, statement, *_ in itertools.chain.from_iterable(t4.edits(self.places) for _ in itertools.count()):
            if self.over.wait(1 / self.pace):
                return
            if self.revise:
                statement = f"begin; {statement} insert into gewu.revision (kind, title) values ('other', 'bench'); commit;"
            self.psql.commit(statement)
            self.count += 1

    def stop(self):
        self.over.set()
        self.thread.join(30)
        self.psql.close()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("minutes", nargs="?", type=float, default=30)
    parser.add_argument("--cells", type=int, default=174)
    parser.add_argument("--points", type=int, default=1_000_000)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--edits-per-second", type=float, default=5)
    parser.add_argument("--revise", action="store_true", help="each edit writes a revision too")
    parser.add_argument("--out", help="directory of the results (default: benches/runs/DATE-MACHINE)")
    return parser.parse_args()


def main():
    given = arguments()
    harness.WORK.mkdir(parents=True, exist_ok=True)
    harness.ensure_commands("wrk", "psql")
    results = harness.Results(harness.run_directory(given.out))
    results.add("machine", parts=["load"], arguments=vars(given), **harness.machine(), versions=harness.versions())
    files = harness.lattice(given.cells, given.points)
    with harness.Cluster() as cluster:
        bulk.load(cluster, files, staff=True)
        places = t4.read_places(cluster, 1_000)
        with harness.serve(cluster, log=results.directory / "load.log") as server:
            editor = Editor(cluster, places, given.edits_per_second, given.revise)
            began, errors, minute = time.monotonic(), 0, 0
            while (left := given.minutes * 60 - (time.monotonic() - began)) >= 1:
                edited = editor.count
                found = harness.wrk(server.origin, files / "points.csv", max(1, int(min(60, left))), given.connections)
                errors += found["errors"]
                results.add("load", minute=minute, **found, edits=editor.count - edited, rss_mib=server.rss_mib())
                minute += 1
            editor.stop()
            results.add("load", total_minutes=given.minutes, errors=errors, edits=editor.count, rss_mib=server.rss_mib())
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
