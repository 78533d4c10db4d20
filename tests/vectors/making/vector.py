"""Vectors, frames, and the notation in which they are written."""

KEY = bytes.fromhex("37fa213d")  # of RFC 6455 section 5.7
FIN, RSV1, RSV2, RSV3 = 0x80, 0x40, 0x20, 0x10
CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def notation(data):
    """Bytes in hex, with runs of a repeated unit of up to 16 bytes as COUNT*UNIT."""
    tokens, plain, at = [], bytearray(), 0

    def flush():
        for start in range(0, len(plain), 32):
            tokens.append(bytes(plain[start : start + 32]).hex())
        plain.clear()

    while at < len(data):
        best = (0, 0)
        for unit in range(1, 17):
            count, piece = 1, data[at : at + unit]
            while data[at + count * unit : at + (count + 1) * unit] == piece:
                count += 1
            if count >= 3 and count * unit >= 12 and (count * unit) > best[0] * best[1]:
                best = (count, unit)
        count, unit = best
        if count:
            flush()
            tokens.append(f"{count}*{data[at:at + unit].hex()}")
            at += count * unit
        else:
            plain.append(data[at])
            at += 1
    flush()
    return tokens


def length_bytes(mask_bit, length, form=None):
    """The second byte of a header and the extended length, in the shortest form or that of 7, 16 or 64 bits."""
    if form is None:
        form = 7 if length <= 125 else 16 if length <= 0xFFFF else 64
    if form == 7:
        return bytes([mask_bit | length])
    if form == 16:
        return bytes([mask_bit | 126]) + length.to_bytes(2, "big")
    return bytes([mask_bit | 127]) + length.to_bytes(8, "big")


def mask(payload, key):
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


class Frame:
    """A frame for whichever role receives it: masked for a server, unless `masked` says otherwise.

    `claim` is the length in the header, if it is not that of the payload.
    """

    def __init__(self, first, payload=b"", key=KEY, masked=None, form=None, claim=None):
        self.first, self.payload, self.key = first, payload, key
        self.masked, self.form, self.claim = masked, form, claim

    def tokens(self, role):
        masked = role == "server" if self.masked is None else self.masked
        length = len(self.payload) if self.claim is None else self.claim
        header = bytes([self.first]) + length_bytes(0x80 if masked else 0, length, self.form)
        if not masked:
            return [header.hex()] + notation(self.payload)
        return [header.hex(), self.key.hex()] + notation(mask(self.payload, self.key))


class Raw:
    """Bytes as they are, or tokens of the notation."""

    def __init__(self, data=b"", tokens=None):
        self.list = notation(data) if tokens is None else tokens

    def tokens(self, _role):
        return self.list


def came(*frames):
    return ("in", frames)


def text(payload):
    return ("event", "text", payload if isinstance(payload, bytes) else payload.encode())


def binary(payload):
    return ("event", "binary", payload)


def ping(payload=b""):
    return ("event", "ping", payload)


def pong(payload=b""):
    return ("event", "pong", payload)


def close(code=None, reason=b""):
    return ("event", "close", code, reason)


def answers_pong(payload=b""):
    return ("answer", "pong", payload)


def answers_close(code=None):
    return ("answer", "close", code, b"")


def error(kind, code=1002):
    """A failure; several kinds, any of which names it, with `|` between them."""
    return ("error", kind, code)


def may_fail(kind, code):
    return ("may-fail", kind, code)


def line(key, words):
    """A line of the file, continued on lines that begin with two spaces."""
    lines, current = [], f"{key}:"
    for word in words:
        if len(current) + 1 + len(word) > 110 and current.strip():
            lines.append(current)
            current = " " + " " + word
        else:
            current += " " + word
    lines.append(current)
    return "\n".join(lines)


class Book:
    """The vectors of all files, by file."""

    def __init__(self, rows):
        self.rows = {name: (section, what) for name, section, what in rows}
        self.files, self.names, self.file = {}, set(), None

    def begin(self, file, title):
        self.file = file
        self.files[file] = [f"# {title}\n# Written by generate.py; the format is described in README.md."]

    def add(self, name, row, *steps, roles=("server", "client"), extension="none", limits=(), note=None):
        section, _ = self.rows[row]
        for role in roles:
            full = f"{name}-{role}" if len(roles) > 1 else name
            assert full not in self.names, full
            self.names.add(full)
            lines = [f"name: {full}", f"row: {row}", f"rfc: {section}"]
            lines += [f"note: {note}"] if note else []
            lines += [f"role: {role}", f"extension: {extension}"]
            lines += [f"limits: {' '.join(limits)}"] if limits else []
            lines += [self.step(step, role) for step in steps]
            self.files[self.file].append("\n".join(lines))

    @staticmethod
    def step(step, role):
        match step:
            case ("in", frames):
                return line("in", [token for frame in frames for token in frame.tokens(role)])
            case (key, "close", code, reason):
                return line(key, ["close"] + ([str(code)] if code is not None else []) + notation(reason))
            case ("error" | "may-fail" as key, kind, code):
                return f"{key}: {kind} {code}"
            case (key, kind, payload):
                return line(key, [kind] + notation(payload))
