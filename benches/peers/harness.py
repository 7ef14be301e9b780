"""What every measurement needs: the machine, a private PostGIS, a server of Gewu, wrk, and a place for raw results.

Everything listens on loopback or a unix socket only, is bounded in time, and is ended by whoever started it.
"""

import contextlib
import datetime
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "peers"
PYTHON = WORK / "venv" / "bin" / "python"
PACKAGES = ["numpy", "shapely", "sedonadb", "geoarrow-pyarrow", "pyarrow", "mapbox-vector-tile"]


class Results:
    """Raw results as JSON lines, one object a measurement, shown as they come."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)

    def add(self, part, **figures):
        figures = {"part": part, **figures}
        with open(self.directory / f"{part}.jsonl", "a", encoding="utf-8") as out:
            out.write(json.dumps(figures, ensure_ascii=False) + "\n")
        print(json.dumps(figures, ensure_ascii=False), flush=True)


def say(text):
    print(f"# {text}", file=sys.stderr, flush=True)


def output(*command):
    """What a command says, its first line; a reason where it says nothing."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        return (done.stdout + done.stderr).strip().splitlines()[0]
    except (OSError, IndexError, subprocess.TimeoutExpired) as error:
        return f"unknown: {error}"


def machine():
    """The machine and how busy it is now."""
    facts = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in facts if line.startswith("model name")), "unknown")
    memory = pathlib.Path("/proc/meminfo").read_text().split()[1]
    return {"cpu": model, "cores": os.cpu_count(), "memory_gib": round(int(memory) / 2**20, 1), "kernel": os.uname().release,
            "load": [round(load, 2) for load in os.getloadavg()]}


def versions():
    """Of everything that is measured or measures."""
    python = "import importlib.metadata as m; print(', '.join(p + ' ' + m.version(p) for p in %r))" % (PACKAGES,)
    return {"gewu": output("git", "-C", str(ROOT), "describe", "--always", "--dirty"), "rustc": output("rustc", "--version"),
            "postgres": output(str(postgres_bin() / "postgres"), "--version"), "wrk": output("wrk", "--version"),
            "python": sys.version.split()[0], "packages": output(str(PYTHON), "-c", python)}


def run_directory(name=None):
    """`benches/runs/DATE-MACHINE`, or another place."""
    if name:
        return pathlib.Path(name)
    today = datetime.date.today().isoformat()
    return ROOT / "benches" / "runs" / f"{today}-{os.environ.get('BENCH_MACHINE', socket.gethostname())}"


def ensure_packages():
    """The Python peers, in an environment of their own under target/."""
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PYTHON.parents[1])], check=True, timeout=120)
    check = subprocess.run([PYTHON, "-c", "import numpy, shapely, sedonadb, geoarrow.pyarrow, pyarrow, mapbox_vector_tile"], capture_output=True)
    if check.returncode:
        say("installing " + " ".join(PACKAGES))
        subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", *PACKAGES], check=True, timeout=600)


def ensure_commands(*commands):
    missing = [command for command in commands if not shutil.which(command)]
    if missing:
        sys.exit(f"not found: {', '.join(missing)}; install with: apt-get install {' '.join(missing)}")


def binary(name, example=False):
    """A program built by `make peers-build`, or where BENCH_BIN says."""
    directory = pathlib.Path(os.environ.get("BENCH_BIN", ROOT / "target" / "release"))
    path = directory / "examples" / name if example else directory / name
    if not path.exists():
        sys.exit(f"{path} is missing: make peers-build")
    return path


def lattice(cells, points):
    """The files of a lattice of cells x cells leaves; written once."""
    directory = WORK / f"lattice-{cells}-{points}"
    if not (directory / "grids.geojsonl").exists():
        unfinished = directory.with_suffix(".unfinished")
        say(f"writing {directory}")
        subprocess.run([binary("lattice", example=True), str(cells), str(points), unfinished], check=True, timeout=900)
        unfinished.rename(directory)
    return directory


def postgres_bin():
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        sys.exit("PostgreSQL is missing: make setup")
    return found[-1].parent


class Cluster:
    """A private PostgreSQL on a unix socket, gone when closed. As root it runs as the user postgres."""

    SETTINGS = {"listen_addresses": "''", "shared_buffers": "'1GB'", "work_mem": "'64MB'", "maintenance_work_mem": "'512MB'",
                "max_wal_size": "'8GB'", "wal_level": "minimal", "max_wal_senders": "0", "random_page_cost": "1.1", "jit": "off",
                "effective_cache_size": "'4GB'", "checkpoint_timeout": "'30min'"}

    def __enter__(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="gewu-peers-"))
        self.account = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
        if os.geteuid() == 0:
            shutil.chown(self.directory, self.account)
        self._run(postgres_bin() / "initdb", "-D", self.data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
        settings = "".join(f"{key} = {value}\n" for key, value in self.SETTINGS.items())
        settings += f"unix_socket_directories = '{self.directory}'\n"
        with open(self.data / "postgresql.auto.conf", "a", encoding="utf-8") as out:
            out.write(settings)
        self._run(postgres_bin() / "pg_ctl", "-D", self.data, "-l", self.directory / "log", "-w", "-t", "60", "start")
        self.psql("create database bench", database="postgres")
        return self

    def __exit__(self, *_):
        with contextlib.suppress(subprocess.SubprocessError):
            self._run(postgres_bin() / "pg_ctl", "-D", self.data, "-m", "fast", "-w", "-t", "60", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def data(self):
        return self.directory / "data"

    @property
    def url(self):
        return f"postgres://bench@localhost/bench?host={self.directory}"

    def _run(self, *command):
        prefix = ["runuser", "-u", self.account, "--"] if os.geteuid() == 0 else []
        subprocess.run([*prefix, *map(str, command)], check=True, stdout=subprocess.DEVNULL, timeout=120, cwd="/")

    def psql_command(self, *more, database="bench"):
        return ["psql", "-h", str(self.directory), "-U", "bench", "-d", database, "-XqAt", "-v", "ON_ERROR_STOP=1", *more]

    def psql(self, sql, database="bench", timeout=1800):
        """Runs statements; what they print."""
        done = subprocess.run(self.psql_command(database=database), input=sql, capture_output=True, text=True, timeout=timeout)
        if done.returncode:
            sys.exit(f"psql: {done.stderr}")
        return done.stdout.strip()


def with_data_key():
    """Names and phones are sealed: all processes of a run, the servers too, have one key."""
    if "GEWU_DATA_KEY_FILE" not in os.environ:
        file = pathlib.Path(tempfile.mkdtemp(prefix="gewu-key-")) / "data.key"
        subprocess.run([binary("gewu"), "data-key", "new", file], check=True, capture_output=True)
        os.environ["GEWU_DATA_KEY_FILE"] = str(file)


def gewu(cluster, *arguments, timeout=3600):
    """Runs a verb of Gewu on the cluster; seconds that it took, and what it printed."""
    with_data_key()
    began = time.monotonic()
    done = subprocess.run([binary("gewu"), *map(str, arguments), "--database-url", cluster.url], capture_output=True, text=True,
                          timeout=timeout)
    if done.returncode:
        sys.exit(f"gewu {arguments}: {done.stdout[-2000:]} {done.stderr[-2000:]}")
    return time.monotonic() - began, done.stdout


def import_lattice(cluster, files, staff):
    """Brings a lattice in as an operator would; seconds for the grids."""
    seconds, report = gewu(cluster, "import", "grids", files / "grids.geojsonl", "--level-field", "level", "--code-field", "code",
                           "--name-field", "name", "--households-field", "households", "--parent", "field:parent_code", "--crs",
                           "cgcs2000", "--allow-rejects", "--format", "json")
    say(f"imported in {seconds:.1f} s")
    if staff:
        gewu(cluster, "import", "workers", files / "workers.csv", "--source", "bench")
        gewu(cluster, "import", "assignments", files / "assignments.csv", "--source", "bench", "--allow-rejects")
    return seconds, json.loads(report)


class Server:
    """A process that serves HTTP on loopback: started, waited for, measured, ended."""

    def __init__(self, command, ready="/readyz", timeout=600, log=None, scratch=None, origin=None):
        """`origin`: where it will be; without it the first line of its output says so."""
        self.scratch = scratch
        self.log = open(log, "ab") if log else subprocess.DEVNULL
        self.began = time.monotonic()
        self.process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, stderr=self.log, text=True)
        self.lines = []
        self.origin = origin
        threading.Thread(target=self._listen, daemon=True).start()
        deadline = self.began + timeout
        while not self._answers(ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.__exit__()
                sys.exit(f"{command} did not become ready")
            time.sleep(0.005)
        self.ready_seconds = time.monotonic() - self.began

    def _listen(self):
        for line in self.process.stdout:
            if self.origin is None and line.startswith("http://"):
                self.origin = line.strip().rstrip("/")
            self.lines.append(line)

    def _answers(self, path):
        if self.origin is None:
            return False
        with contextlib.suppress(OSError), urllib.request.urlopen(self.origin + path, timeout=5) as answer:
            return answer.status == 200
        return False

    def rss_mib(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) // 1024
        return 0

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.scratch:
            shutil.rmtree(self.scratch, ignore_errors=True)


def serve(cluster, log=None, timeout=600, ready="/readyz", data_dir=None, **settings):
    """`gewu serve` on the cluster, on a free port. A data directory that is not named is a fresh one."""
    command = [binary("gewu"), "serve", "--listen", "127.0.0.1:0", "--access-log", "false", "--database-url", cluster.url]
    for key, value in settings.items():
        command += [f"--{key.replace('_', '-')}", str(value)]
    scratch = None if data_dir else tempfile.mkdtemp(prefix="data-", dir=WORK)
    command += ["--data-dir", data_dir or scratch]
    return Server(command, ready=ready, log=log, timeout=timeout, scratch=scratch)


def run_wrk(script, origin, seconds, arguments, connections=64, threads=1, headers=()):
    """A script of wrk for some seconds; requests a second, latencies in ms, errors."""
    said = [part for header in headers for part in ("-H", header)]
    path = ROOT / "benches" / "peers" / script
    done = subprocess.run(["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "--latency", "-s", str(path), *said,
                           origin, "--", *map(str, arguments)], capture_output=True, text=True, timeout=seconds + 60)
    for line in done.stdout.splitlines():
        if line.startswith("{"):
            return json.loads(line)
    sys.exit(f"wrk: {done.stdout} {done.stderr}")


def wrk(origin, points, seconds, connections=64, threads=1, headers=()):
    """Random points for some seconds."""
    return run_wrk("resolve.lua", origin, seconds, [points], connections, threads, headers)
