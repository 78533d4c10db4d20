"""Sends every message through `websockets` and compares every byte of the echo.

client_websockets.py URL FILE EXPECTED: EXPECTED is what must have been negotiated, "-" for nothing.
INTEROP_WINDOW is the window to ask for in both directions, 15 to ask for none.
"""

import os
import sys
import threading

from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
)
from websockets.sync.client import connect

import messages

compressed = {"sent": 0, "received": 0}


class Counting(PerMessageDeflate):
    """Counts the messages that really are compressed."""

    def encode(self, frame):
        encoded = super().encode(frame)
        compressed["sent"] += encoded.rsv1
        return encoded

    def decode(self, frame, **limits):
        compressed["received"] += frame.rsv1
        return super().decode(frame, **limits)


def main():
    url, path, expected = sys.argv[1:]
    sent = list(messages.read(path))
    bits = int(os.environ["INTEROP_WINDOW"])
    windows = {"server_max_window_bits": bits, "client_max_window_bits": bits} if bits < 15 else {}
    factory = ClientPerMessageDeflateFactory(**{"client_max_window_bits": True, **windows})
    with connect(
        url, compression=None, extensions=[factory], max_size=None
    ) as connection:
        for extension in connection.protocol.extensions:
            extension.__class__ = Counting
        agreed = connection.response.headers.get("Sec-WebSocket-Extensions", "-")
        assert agreed == expected, f"agreed on {agreed!r} instead of {expected!r}"

        def send():
            for message in sent:
                connection.send(message)

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        for number, message in enumerate(sent):
            echo = connection.recv(timeout=20)
            assert type(echo) is type(message), f"message {number}: kind"
            assert echo == message, f"message {number}: {len(message)} bytes differ"
        sender.join()
        assert connection.ping(b"still there?").wait(timeout=20)
    closed = (connection.protocol.close_code, connection.protocol.close_reason)
    assert closed[0] == 1000, f"closed with {closed}"
    print(f"messages={len(sent)} sent={compressed['sent']} received={compressed['received']}")


main()
