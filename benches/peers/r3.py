"""R3: a batch over HTTP, by form; rows a second, and the memory of the server while it answers."""

import json
import pathlib
import subprocess
import threading
import time

import harness

FORMS = {"csv": "text/csv", "ndjson": "application/x-ndjson", "arrow": "application/vnd.apache.arrow.stream"}

MAKE = """
import json, sys, pyarrow, pyarrow.csv, pyarrow.ipc
table = pyarrow.csv.read_csv(sys.argv[1])
with open(sys.argv[2] + ".ndjson", "w") as out:
    for lon, lat in zip(table["lon"].to_pylist(), table["lat"].to_pylist()):
        out.write(json.dumps({"lon": lon, "lat": lat}) + chr(10))
with pyarrow.OSFile(sys.argv[2] + ".arrow", "wb") as out, pyarrow.ipc.new_stream(out, table.schema) as stream:
    stream.write_table(table, max_chunksize=65536)
"""

COUNT = """
import sys, pyarrow.ipc
with pyarrow.ipc.open_stream(pyarrow.memory_map(sys.argv[1])) as stream:
    print(sum(batch.num_rows for batch in stream))
"""


class Memory:
    """Resident memory of a server, every 50 ms, while something goes on."""

    def __init__(self, server):
        self.server, self.samples, self.over = server, [server.rss_mib()], threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()
        return self

    def _watch(self):
        while not self.over.wait(0.05):
            self.samples.append(self.server.rss_mib())

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def bodies(files):
    """The points in each form."""
    stem = files / "points"
    if not stem.with_suffix(".arrow").exists():
        subprocess.run([harness.PYTHON, "-c", MAKE, stem.with_suffix(".csv"), stem], check=True, timeout=300)
    return {form: stem.with_suffix("." + form) for form in FORMS}


def post(server, form, body, answer, seconds):
    """curl sends and reads at the same time; seconds, status, bytes."""
    command = ["curl", "-sS", "-X", "POST", "-H", f"Content-Type: {FORMS[form]}", "-H", "Expect:", "-T", str(body), "--max-time",
               str(seconds), "-o", str(answer), "-w", "%{http_code} %{time_total} %{size_download}", f"{server.origin}/v1/resolve?crs=cgcs2000"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 10)
    status, took, size = done.stdout.split()
    said = {} if status == "200" else {"problem": answer.read_bytes()[:500].decode(errors="replace")}
    return {"status": int(status), "seconds": float(took), "bytes": int(size), "curl": done.returncode, **said}


def rows(form, answer):
    if form == "arrow":
        done = subprocess.run([harness.PYTHON, "-c", COUNT, str(answer)], capture_output=True, text=True, timeout=120)
        return int(done.stdout or 0)
    with open(answer, "rb") as lines:
        return sum(1 for _ in lines) - (form == "csv")


def run(results, cells, points, rounds, seconds):
    files = harness.lattice(cells, points)
    sent = bodies(files)
    answer = harness.WORK / "answer"
    with harness.Cluster() as cluster:
        harness.import_lattice(cluster, files, staff=True)
        with harness.serve(cluster) as server:
            for number in range(rounds):
                for form, body in sent.items():
                    with Memory(server) as memory:
                        found = post(server, form, body, answer, max(seconds, 60))
                    answered = rows(form, answer) if found["status"] == 200 else 0
                    results.add("r3", form=form, round=number, points=points, rows=answered, rows_per_second=answered / found["seconds"],
                                rss_before_mib=memory.samples[0], rss_most_mib=max(memory.samples), rss_mib=memory.samples[:: max(1, len(memory.samples) // 40)],
                                **found)
    answer.unlink(missing_ok=True)
