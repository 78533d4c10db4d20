"""A headless Chromium opens page.html, which talks to our echo servers with its own WebSocket: drive.py PEER.

PEER is tests/peer, built. The page's own verdict is what counts: it is posted back here. A line a server; ends with status 1
if anything came back different, or nothing.
"""

import http.server
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

HERE = Path(__file__).parent
ADAPTERS = ("blocking", "tokio")
# Every server takes some seconds.
SECONDS = 300
# What page.js sends: 5 kinds of 9 lengths, 1,000 small ones; 3 codes of its own and 11 of the server, each twice.
MESSAGES, ENDS = 5 * 9 + 1000, 2 * (3 + 11)
FRAME_SIZES = (None, 1000)


def servers(peer):
    """Each backend, and none, whole and in fragments, the adapters in turn."""
    backends = subprocess.run([peer, "backends"], check=True, capture_output=True, text=True).stdout.split()
    for number, backend in enumerate([None, *backends]):
        for place, size in enumerate(FRAME_SIZES):
            adapter = ADAPTERS[(number + place) % 2]
            options = ["--obey", "--adapter", adapter]
            options += ["--backend", backend] if backend else []
            options += ["--frame-size", str(size)] if size else []
            name = f"{adapter} {backend or 'plain'} {'in fragments' if size else 'whole'}"
            yield name, backend is not None, subprocess.Popen([peer, "serve", *options], stdout=subprocess.PIPE, text=True)


class Page(http.server.BaseHTTPRequestHandler):
    """The page, the list of servers, and what it says of them."""

    listed, verdict, arrived = [], None, threading.Event()

    def do_GET(self):
        if self.path == "/servers":
            return self.answer("application/json", json.dumps(Page.listed).encode())
        files = {"/": ("text/html", "page.html"), "/page.js": ("text/javascript", "page.js")}
        if self.path not in files:
            return self.send_error(404)
        kind, name = files[self.path]
        self.answer(kind, (HERE / name).read_bytes())

    def do_POST(self):
        Page.verdict = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer("text/plain", b"")
        Page.arrived.set()

    def answer(self, kind, body):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def chromium(url, profile):
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        sys.exit("no chromium: Debian's package is `chromium`")
    flags = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={profile}", "--no-first-run"]
    if os.geteuid() == 0:
        # It refuses to run its sandbox as root, as in a container.
        flags.append("--no-sandbox")
    return subprocess.Popen([program, *flags, url], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def main():
    running = list(servers(Path(sys.argv[1]).absolute()))
    web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = None
        try:
            for name, deflate, process in running:
                address = process.stdout.readline().split()[-1]
                Page.listed.append({"name": name, "url": f"ws://{address}/", "deflate": deflate})
            browser = chromium(f"http://127.0.0.1:{web.server_port}/", profile)
            if not Page.arrived.wait(SECONDS):
                sys.exit(f"no verdict within {SECONDS} s")
            ended = [name for name, _, process in running if process.poll() is not None]
        finally:
            for process in [browser, *(process for *_, process in running)]:
                if process is not None:
                    process.kill()
                    process.wait()

    faults = [f"the server {name} ended" for name in ended]
    if [outcome["name"] for outcome in Page.verdict] != [name for name, *_ in running]:
        faults.append("not all servers have a verdict")
    for outcome in Page.verdict:
        fault = outcome["fault"]
        if fault is None and (outcome["messages"], outcome["ends"]) != (MESSAGES, ENDS):
            fault = "not everything was done"
        print(f"{outcome['name']}: {outcome['messages']} messages, {outcome['ends']} ends, {fault or 'all as sent'}")
        faults += [fault] if fault else []
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
