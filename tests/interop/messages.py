"""The messages of the interop test, the same for every foreign client: `messages.py FILE` writes them.

The file is a sequence of messages, each one byte of kind ("t" or "b"), its length in 4 bytes, big-endian, and its bytes.
"""

import random
import struct
import sys

COUNT = 2000

WORDS = (
    "price volume bid ask order trade 12.5 {\"id\": true null } latency, "
    "größer straße café naïve ελληνικά привет мир שלום مرحبا नमस्ते 你好 世界 こんにちは 안녕 🎉 👩‍👩‍👧 🇨🇭"
).split(" ")


def size(rng):
    """Skewed to small: most are chat, a few are long."""
    scale = rng.choices([64, 512, 4096, 16384, 102400], weights=[50, 30, 14, 5, 1])[0]
    return rng.randint(0, scale)


def text(rng, length):
    """UTF-8 of exactly `length` bytes."""
    out = bytearray()
    while len(out) < length:
        out += rng.choice(WORDS).encode() + b" "
    whole = out[:length].decode(errors="ignore").encode()
    return whole + b"." * (length - len(whole))


def binary(rng, length):
    """Half of it records that compress, half of it noise that does not."""
    if rng.random() < 0.5:
        return rng.randbytes(length)
    record = struct.pack(">IHH", rng.getrandbits(32), 7, 0)
    return (record * (length // len(record) + 1))[:length]


def messages():
    rng = random.Random(7692)
    edges = [0, 1, 125, 126, 127, 32768, 65535, 65536]
    sizes = [edge for edge in edges for _ in "tb"]
    sizes += [size(rng) for _ in range(COUNT - len(sizes))]
    for number, length in enumerate(sizes):
        if number % 2 == 0 or (number >= 2 * len(edges) and rng.random() < 0.4):
            yield b"t", text(rng, length)
        else:
            yield b"b", binary(rng, length)


def read(path):
    """The messages of a file: `str` for text, `bytes` for binary."""
    with open(path, "rb") as file:
        while header := file.read(5):
            kind, length = struct.unpack(">cI", header)
            payload = file.read(length)
            yield payload.decode() if kind == b"t" else payload


def main():
    with open(sys.argv[1], "wb") as file:
        for kind, payload in messages():
            file.write(struct.pack(">cI", kind, len(payload)) + payload)


if __name__ == "__main__":
    main()
