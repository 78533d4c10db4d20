"""Runs the suite: drive.py PEER SUITE WORK [--all] [--only TEXT] [--summary FILE].

PEER is our end (tests/peer, built), SUITE the virtualenv that holds the suite, WORK where its reports go. A line a
run; ends with status 1 if any case of any run is not what it has to be.
"""

import argparse
import concurrent.futures
import json
import os
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import plan
import verdict

HERE = Path(__file__).parent
LOOPBACK = "127.0.0.1"
# Two cores; each run keeps about one busy.
PARALLEL = 2
# A whole run of all cases takes some 10 minutes, on one core.
SECONDS = 3600


class Failure(Exception):
    pass


def start(command, log, **environment):
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=log, text=True, env={**os.environ, **environment}
    )


def end(process):
    process.kill()
    process.wait()


def suite(arguments, mode, specification, directory):
    """The suite's process, which reads `spec.json` and writes its reports into `directory`."""
    (directory / "spec.json").write_text(json.dumps(specification))
    command = [str(arguments.suite / "bin/python"), "-u", str(HERE / "loopback.py"), "-m", mode, "-s", "spec.json"]
    if mode == "fuzzingserver":
        # No page for people to look at, so no port of its own.
        command += ["-u", "0"]
    with open(directory / "suite.log", "w") as log:
        return subprocess.Popen(command, cwd=directory, stdout=log, stderr=subprocess.STDOUT)


def our_options(it):
    return ["--adapter", it.adapter, *(["--backend", it.backend] if it.backend else [])]


def run_our_server(arguments, it, directory):
    with open(directory / "peer.log", "w") as log:
        ours = start([str(arguments.peer), "serve", *our_options(it)], log)
    try:
        address = ours.stdout.readline().split()[-1]
        specification = {
            "outdir": ".",
            "servers": [{"agent": it.name, "url": f"ws://{address}"}],
            "cases": list(it.cases),
            "exclude-cases": [],
            "exclude-agent-cases": {},
        }
        process = suite(arguments, "fuzzingclient", specification, directory)
        if process.wait(SECONDS) != 0:
            raise Failure(f"the suite ended with status {process.returncode}")
        if ours.poll() is not None:
            raise Failure(f"our server ended with status {ours.returncode}")
    finally:
        end(ours)


def run_our_client(arguments, it, directory):
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    specification = {
        "url": f"ws://{LOOPBACK}:{port}",
        "outdir": ".",
        "cases": list(it.cases),
        "exclude-cases": [],
        "exclude-agent-cases": {},
    }
    process = suite(arguments, "fuzzingserver", specification, directory)
    try:
        wait_for(port, process)
        with open(directory / "peer.log", "w") as log:
            command = [str(arguments.peer), "test", f"{LOOPBACK}:{port}", "--agent", it.name, *our_options(it)]
            status = subprocess.run(command, stdout=log, stderr=log, timeout=SECONDS).returncode
        if status != 0:
            raise Failure(f"our client ended with status {status}; see {directory / 'peer.log'}")
    finally:
        end(process)


def wait_for(port, process):
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise Failure("the suite's server does not listen")


def run(arguments, it):
    directory = arguments.work / it.name
    subprocess.run(["rm", "-rf", directory], check=True)
    directory.mkdir(parents=True)
    began = time.monotonic()
    try:
        (run_our_server if it.role == "server" else run_our_client)(arguments, it, directory)
        counts, faults = verdict.of(directory, it.name)
    except Exception as failure:
        counts, faults = Counter(), [str(failure)]
    seconds = time.monotonic() - began
    told = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
    print(f"{it.name}: {told or 'nothing'} ({seconds:.0f} s)", *faults, sep="\n    ", flush=True)
    return it.name, counts, faults


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("peer", type=Path)
    parser.add_argument("suite", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--all", action="store_true", help="all 517 cases for each role and backend: an hour")
    parser.add_argument("--only", default="", metavar="TEXT", help="the runs that have this in their name")
    parser.add_argument("--summary", type=Path, help="writes what came out, as JSON")
    arguments = parser.parse_args()
    # The suite runs in the directory of its reports.
    for name in ("peer", "suite", "work"):
        setattr(arguments, name, getattr(arguments, name).absolute())

    backends = subprocess.run([arguments.peer, "backends"], check=True, capture_output=True, text=True).stdout.split()
    runs = [it for it in (plan.everything if arguments.all else plan.quick)(backends) if arguments.only in it.name]
    if not runs:
        sys.exit(f"no run has {arguments.only!r} in its name")
    with concurrent.futures.ThreadPoolExecutor(PARALLEL) as pool:
        results = list(pool.map(lambda it: run(arguments, it), runs))

    failed = [name for name, _, faults in results if faults]
    total = sum((counts for _, counts, _ in results), Counter())
    print(f"{len(runs)} runs, {total.total()} cases:", ", ".join(f"{n} {c}" for n, c in sorted(total.items())))
    if arguments.summary:
        arguments.summary.write_text(
            json.dumps({name: {**counts, "faults": faults} for name, counts, faults in results}, indent=1) + "\n"
        )
    if failed:
        sys.exit(f"not what it has to be: {', '.join(failed)}")


if __name__ == "__main__":
    main()
