"""A receiver that looks at all bytes so far at once, and begins anew with each byte more."""

from .inflate import Broken, Inflate, TooLong

HUGE = 1 << 70


class Fail(Exception):
    """With every kind that names what is wrong with the frame, and the close code."""

    def __init__(self, code, *kinds):
        self.kinds, self.code = set(kinds), code


def receive(vector, takeover, data):
    """The events, the answers, and the failure or None."""
    events, answers = [], []
    try:
        Receiver(vector, takeover, events, answers).run(data)
    except Fail as failure:
        return events, answers, failure
    return events, answers, None


class Receiver:
    def __init__(self, vector, takeover, events, answers):
        self.masked = vector.role == "server"
        self.deflate, self.takeover = vector.window is not None, takeover
        self.limit = {name: vector.limits.get(name, HUGE) for name in ("frame", "message", "fragments")}
        self.events, self.answers = events, answers
        self.history = b""
        self.message = None

    def run(self, data):
        at = 0
        while (header := self.header(data, at)) is not None:
            first, masked, length, key, start = header
            self.check(first, masked, length)
            payload = data[start : start + length]
            if key:
                payload = bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))
            whole = len(payload) == length
            if first & 15 >= 8:
                if not whole:
                    return
                if self.control(first & 15, payload):
                    return
            else:
                self.data(first, length, payload, whole)
                if not whole:
                    return
            at = start + length

    @staticmethod
    def header(data, at):
        rest = data[at : at + 14]
        if len(rest) < 2:
            return None
        size, code = 2, rest[1] & 127
        size += {126: 2, 127: 8}.get(code, 0)
        masked = rest[1] >> 7
        # The key is not needed to see what is wrong.
        if len(rest) < size:
            return None
        length = int.from_bytes(rest[2:size], "big") if size > 2 else code
        kinds = set()
        if size == 4 and length < 126 or size == 10 and length < 65536:
            kinds.add("length-not-minimal")
        if length >> 63:
            kinds.add("length-top-bit")
        if rest[0] & 15 >= 8 and code > 125:
            kinds.add("control-too-long")
        if kinds:
            raise Fail(1002, *kinds)
        key = rest[size : size + 4] if masked else b""
        if masked and len(key) < 4:
            return None
        return rest[0], masked, length, key, at + size + len(key)

    def check(self, first, masked, length):
        opcode, fin, rsv1, others = first & 15, first >> 7, first >> 6 & 1, first >> 4 & 3
        kinds = set()
        if opcode in (3, 4, 5, 6, 7) or opcode > 10:
            kinds.add("reserved-opcode")
        if opcode >= 8 and not fin:
            kinds.add("control-fragmented")
        if others:
            kinds.add("reserved-bits")
        if rsv1 and not (self.deflate and opcode in (1, 2)):
            kinds.add("rsv1-unexpected")
        if masked and not self.masked:
            kinds.add("mask-unexpected")
        if self.masked and not masked:
            kinds.add("mask-missing")
        if opcode == 0 and self.message is None:
            kinds.add("continuation-unexpected")
        if opcode in (1, 2) and self.message is not None:
            kinds.add("continuation-expected")
        if kinds:
            raise Fail(1002, *kinds)
        if length > self.limit["frame"]:
            raise Fail(1009, "too-long")

    def control(self, opcode, payload):
        if opcode == 9:
            self.events.append(("ping", payload))
            self.answers.append(("pong", payload))
        elif opcode == 10:
            self.events.append(("pong", payload))
        else:
            self.close(payload)
            return True
        return False

    def close(self, payload):
        if not payload:
            self.events.append(("close", None, b""))
            self.answers.append(("close", None, b""))
            return
        if len(payload) == 1:
            raise Fail(1002, "close-payload-1")
        code, reason = int.from_bytes(payload[:2], "big"), payload[2:]
        if not (code in (1000, 1001, 1002, 1003) or 1007 <= code <= 1014 or 3000 <= code <= 4999):
            raise Fail(1002, "close-code-invalid")
        check_text(reason, True)
        self.events.append(("close", code, reason))
        self.answers.append(("close", code, b""))

    def data(self, first, length, payload, whole):
        if first & 15:
            self.message = {
                "text": first & 15 == 1,
                "deflated": bool(first & 0x40),
                "bytes": b"",
                "claimed": 0,
                "frames": 0,
            }
        message = self.message
        message["frames"] += 1
        message["claimed"] += length
        message["bytes"] += payload
        if message["frames"] > self.limit["fragments"]:
            raise Fail(1008, "too-many-fragments")
        ends = whole and first >> 7
        if not message["deflated"]:
            if message["claimed"] > self.limit["message"]:
                raise Fail(1009, "too-long")
            if message["text"]:
                check_text(message["bytes"], ends)
        if ends:
            content = self.inflated(message["bytes"]) if message["deflated"] else message["bytes"]
            if message["text"]:
                check_text(content, True)
            self.events.append(("text" if message["text"] else "binary", content))
            self.message = None

    def inflated(self, payload):
        try:
            content = Inflate(payload, self.history, self.limit["message"]).message()
        except Broken:
            raise Fail(1007, "broken-deflate") from None
        except TooLong:
            raise Fail(1009, "too-long") from None
        if self.takeover:
            self.history = (self.history + content)[-32768:]
        return content


def check_text(data, complete):
    try:
        data.decode("utf-8", "strict")
    except UnicodeDecodeError as problem:
        if complete or data[problem.start :] not in BEGINNINGS:
            raise Fail(1007, "invalid-utf8") from None


# Every way in which a character can be cut short.
BEGINNINGS = {chr(code).encode()[:cut] for code in range(0x80, 0x110000) if code >> 11 != 0x1B for cut in (1, 2, 3)}
BEGINNINGS = {some for some in BEGINNINGS if len(some) < 2 + (some[0] >= 0xE0) + (some[0] >= 0xF0)}
