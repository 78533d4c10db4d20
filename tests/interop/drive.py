"""Runs the plan: drive.py EXAMPLES WORK [PEER...]; EXAMPLES is where the examples are built, WORK where things are installed.

Each peer is one process that does its runs one after the other, since starting one takes longer than a run. The peers go
side by side. Prints a line a run; ends with status 1 if any failed.
"""

import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

import plan

HERE = Path(__file__).parent
MESSAGES = 2000
# For one answer of a peer, and for an example to end after its peer did. A run takes less than one.
SECONDS = 25
PARALLEL = 2
# Then a peer's other runs are left out: what is broken for all would take its time with each.
MOST_FAILURES = 3

printing = threading.Lock()


class Failure(Exception):
    pass


class Lines:
    """What a process prints, with a limit on the wait."""

    def __init__(self, process):
        self.process = process
        self.lines = queue.Queue()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def next(self):
        try:
            line = self.lines.get(timeout=SECONDS)
        except queue.Empty:
            raise Failure(f"nothing within {SECONDS} s") from None
        if line is None:
            raise Failure(f"ended with status {self.process.wait()}")
        return line


def start(command, log, **environment):
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **environment},
    )


class Peer:
    """The foreign process; started anew after it failed."""

    def __init__(self, name, work):
        self.name, self.work, self.process = name, work, None
        self.log = open(work / f"{name}.log", "w")

    def ask(self, **job):
        if self.process is None:
            command = (
                ["node", str(HERE / "peer_ws.mjs")]
                if self.name == "ws"
                else [sys.executable, str(HERE / f"peer_{self.name}.py")]
            )
            self.process = start(command, self.log, INTEROP_MODULES=str(self.work))
            self.lines = Lines(self.process)
        self.process.stdin.write(json.dumps({"messages": str(self.work / "messages"), **job}) + "\n")
        self.process.stdin.flush()

    def answer(self):
        answer = json.loads(self.lines.next())
        if "error" in answer:
            raise Failure(answer["error"])
        return answer

    def stop(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def example(examples, name, *arguments):
    command = [str(examples / name), *arguments, "--mixed"]
    process = start(command, subprocess.STDOUT)
    return process, Lines(process)


def run(examples, peer, it):
    """Does one run, and gives what both sides say."""
    ours = None
    try:
        if it.role == "server":
            ours, lines = example(examples, "echo_server", "0", "--connections", "1", *it.options)
            address = lines.next().split()[-1]
            peer.ask(role="client", deflate=it.asked, address=address)
            theirs = peer.answer()
        else:
            peer.ask(role="server", deflate=it.asked)
            address = f"127.0.0.1:{peer.answer()['port']}"
            ours, lines = example(
                examples, "echo_client", address, "--messages", str(MESSAGES), *it.options
            )
            theirs = None
        said = lines.next().strip()
        if "messages=" not in said:
            raise Failure(said)
        return said, theirs or peer.answer()
    except Exception as failure:
        peer.stop()
        if ours is not None:
            ours.kill()
            said = [line for line in list(lines.lines.queue) if line]
            failure = Failure(f"{failure}; our {it.role}: {''.join(said).strip() or 'nothing'}")
        raise failure from None
    finally:
        if ours is not None:
            ours.kill()
            ours.wait()


def parameters(header):
    """Those of an answer as text, None without one."""
    name, *rest = [part.strip() for part in header.split(";")]
    if name == "":
        return None
    if name != "permessage-deflate":
        raise Failure(f"agreed on {header!r}")
    pairs = [part.partition("=") for part in rest]
    return {name: int(value) if equals else True for name, equals, value in pairs}


def check(it, said, theirs):
    """Everything but the bytes, which the client of the two has compared."""
    agreed, counts = re.search(r"\[(.*?)\] (.*)$", said).groups()
    ours = {name: int(value) for name, value in (pair.split("=") for pair in counts.split())}
    expect("the server's answer", parameters(theirs["header"]), it.answer)
    expect("our side's agreement", parameters(agreed), it.answer if it.ours is None else it.ours)
    expect("our messages", ours["messages"], MESSAGES)
    expect("their messages", theirs["messages"], MESSAGES)
    # What one side compressed the other must have inflated.
    expect("inflated by us", ours["inflated"], theirs["sent"])
    expect("deflated by us", ours["deflated"], theirs["received"])
    for name, count in [("theirs", theirs["sent"]), ("ours", ours["deflated"])]:
        # Some of each; without an agreement nobody compresses anything.
        least, most = (0, 0) if it.answer is None else (400, MESSAGES - 400)
        if it.short and name == "ours":
            least = 200
        if not least <= count <= most:
            raise Failure(f"{count} messages of {name} compressed instead of {least} to {most}")
    expect("our fragmented", ours["fragmented"], MESSAGES // 4)
    expect("their fragmented", theirs["fragmented"], 0 if it.peer == "aiohttp" else MESSAGES // 4)
    for side in [ours, theirs]:
        expect("pongs", side["pongs"], side["pings"])
        if not side["pings"]:
            raise Failure("no pings")
    return f"compressed: {ours['deflated']} of ours, {ours['inflated']} of theirs"


def expect(what, is_so, wanted):
    if is_so != wanted:
        raise Failure(f"{what}: {is_so} instead of {wanted}")


def line(it, outcome):
    def written(parameters):
        pairs = parameters.items()
        words = [name if value is True else f"{name}={value}" for name, value in pairs]
        return "; ".join(["permessage-deflate", *words])

    asked, answer = ("-" if side is None else written(side) for side in (it.asked, it.answer))
    with printing:
        print(f"our {it.role} {' '.join(it.options)}", f"{it.peer} {asked}", answer, outcome, sep=" | ", flush=True)


def all_of(name, examples, work, results):
    peer = Peer(name, work)
    failures = 0
    for it in plan.runs(name):
        if failures == MOST_FAILURES:
            line(it, "left out")
            continue
        try:
            said, theirs = run(examples, peer, it)
            line(it, check(it, said, theirs))
            results.append(it)
        # A peer that died or talks nonsense shows as any exception.
        except Exception as failure:
            line(it, f"FAILED: {type(failure).__name__}: {failure}")
            failures += 1
    peer.stop()


def main():
    examples, work, *names = sys.argv[1:]
    began = time.monotonic()
    results, waiting = [], queue.SimpleQueue()
    for name in names or plan.PEERS:
        waiting.put(name)

    def work_off():
        while True:
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            all_of(name, Path(examples), Path(work), results)

    workers = [threading.Thread(target=work_off) for _ in range(PARALLEL)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    planned = sum(len(plan.runs(name)) for name in names or plan.PEERS)
    good = len(results)
    print(f"{good} of {planned} runs of {MESSAGES} messages: every byte came back; {time.monotonic() - began:.0f} s")
    sys.exit(0 if good == planned else 1)


main()
