"""What the driver and a Python peer say to each other: a job a line on stdin, its answers on stdout, all of them JSON.

A job has the peer's `role`, the `deflate` parameters that it is to ask for (null for no compression), the `messages`
file, and for a client the `address`. A server first answers with its `port`; both end with their counts, or an `error`.
"""

import asyncio
import json
import sys
import traceback

# For a job as a whole, a little less than the driver's own.
SECONDS = 20


def say(**answer):
    print(json.dumps(answer), flush=True)


async def serve_jobs(client, server):
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        job = json.loads(line)
        try:
            work = client(job) if job["role"] == "client" else server(job)
            say(**await asyncio.wait_for(work, SECONDS))
        except Exception as error:
            traceback.print_exc()
            say(error=f"{type(error).__name__}: {error}")
