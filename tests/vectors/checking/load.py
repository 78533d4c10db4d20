"""Reads the vectors, strictly."""

import re


class Vector:
    def __init__(self, place):
        self.place, self.fields, self.steps = place, {}, []

    def finish(self):
        fields = self.fields
        missing = {"name", "row", "rfc", "role", "extension"} - fields.keys()
        assert not missing, f"{self.place}: no {missing}"
        self.name, self.row, self.role = fields["name"], fields["row"], fields["role"]
        assert self.role in ("server", "client"), self.place
        words = fields["extension"].split()
        self.any, self.window, self.takeovers = words == ["any"], None, [False]
        if words[0] == "permessage-deflate":
            values = dict(word.split("=") for word in words[1:])
            self.window = int(values.pop("window"))
            self.takeovers = {"yes": [True], "no": [False], "any": [False, True]}[values.pop("takeover")]
            assert not values and 8 <= self.window <= 15, self.place
        else:
            assert words in (["any"], ["none"]), self.place
        self.limits = {
            name: int(value) for name, value in (word.split("=") for word in fields.get("limits", "").split())
        }
        assert self.limits.keys() <= {"frame", "message", "fragments"}, self.place
        return self


def payload(words):
    out = b""
    for word in words:
        match = re.fullmatch(r"(?:(\d+)\*)?((?:[0-9a-f]{2})+)", word)
        assert match, f"not bytes: {word}"
        out += bytes.fromhex(match[2]) * int(match[1] or 1)
    return out


def step(key, words):
    if key == "in":
        return ("in", payload(words))
    if key in ("error", "may-fail"):
        kinds, code = words
        return (key, set(kinds.split("|")), int(code))
    kind, *rest = words
    assert kind in (("text", "binary", "ping", "pong", "close") if key == "event" else ("pong", "close")), kind
    if kind == "close":
        return (key, ("close", int(rest[0]) if rest else None, payload(rest[1:])))
    return (key, (kind, payload(rest)))


def load(path):
    lines = path.read_text(encoding="utf-8").replace("\n  ", " ").split("\n")
    vector, vectors = None, []
    for number, text in enumerate([*lines, ""], 1):
        if text.startswith("#"):
            continue
        if not text:
            if vector:
                vectors.append(vector.finish())
            vector = None
            continue
        key, colon, value = text.partition(":")
        assert colon, f"{path.name}, {text}"
        vector = vector or Vector(f"{path.name}, near {text}")
        words = value.split()
        if key in ("in", "event", "answer", "error", "may-fail"):
            vector.steps.append(step(key, words))
        else:
            assert (
                key in ("name", "row", "rfc", "note", "role", "extension", "limits") and key not in vector.fields
            ), text
            vector.fields[key] = value.strip()
    return vectors
