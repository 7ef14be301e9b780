"""R4 and R5: growth from 30 thousand to a million leaves, and the time from PostGIS to ready."""

import pathlib
import tempfile

import bulk
import harness
from r1 import lines


def start(results, cluster, data, what, number, files, seconds):
    """One start of the server: until ready, memory, and then some load."""
    log = data.parent / (data.name + ".log")
    with harness.serve(cluster, log=log, data_dir=data) as server:
        ready, resident = server.ready_seconds, server.rss_mib()
        under_load = harness.wrk(server.origin, files / "points.csv", seconds)
        results.add("r5", start=what, round=number, cells=files.name, ready_seconds=ready, rss_mib=resident,
                    rss_after_load_mib=server.rss_mib(), resolve=under_load)
    with open(log, encoding="utf-8", errors="replace") as said:
        (results.directory / f"r5-{files.name}.log").write_text(said.read()[-20_000:])


def run(results, sizes, points, rounds, seconds, by_import, staff):
    for cells in sizes:
        files = harness.lattice(cells, points)
        with harness.Cluster() as cluster:
            if by_import:
                took, report = harness.import_lattice(cluster, files, staff)
                results.add("i1", cells=cells, seconds=took, rejected=report.get("rejected_rows"))
            else:
                results.add("bulk", cells=cells, seconds=bulk.load(cluster, files, staff))
            with tempfile.TemporaryDirectory(prefix="r5-", dir=harness.WORK) as scratch:
                for number in range(rounds):
                    data = pathlib.Path(scratch) / f"data-{number}"
                    start(results, cluster, data, "from PostGIS", number, files, seconds)
                    start(results, cluster, data, "again, on the same data directory", number, files, seconds)
        for number in range(rounds):
            for figures in lines([harness.binary("lookup", example=True), cells, files / "points.csv", 1]):
                results.add(**{**figures, "part": "r4", "what": figures["part"], "cells": cells, "round": number})
