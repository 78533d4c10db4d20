#!/usr/bin/env python3
"""Runs the vectors against a naive model of the RFCs, which has its own inflate: a second opinion on what they expect, and
an example of how another stack may read them."""

import pathlib
import sys

sys.dont_write_bytecode = True

from checking.load import load
from checking.model import receive

HERE = pathlib.Path(__file__).resolve().parent


def check(vector, takeover):
    data, events, answers = b"", [], []
    for place, step in enumerate(vector.steps):
        match step:
            case ("in", piece):
                # What came so far did not do more than was listed by now.
                compare(vector, place, receive(vector, takeover, data)[:2], (events, answers))
                data += piece
            case ("event", event):
                events.append(event)
            case ("answer", answer):
                answers.append(answer)
    failures = [step for step in vector.steps if step[0] == "error"]
    seen = receive(vector, takeover, data)
    compare(vector, "the end", seen[:2], (events, answers))
    failure = seen[2]
    if failures:
        [(_, kinds, code)] = failures
        if failure is None or not failure.kinds <= kinds or failure.code != code:
            raise SystemExit(
                f"{vector.name}: expects {kinds} {code}, the model has {failure and (failure.kinds, failure.code)}"
            )
    elif failure:
        raise SystemExit(f"{vector.name}: expects no failure, the model has {failure.kinds}")


def compare(vector, place, seen, expected):
    if seen != expected:
        raise SystemExit(f"{vector.name}, at {place}: expects {shown(expected)}, the model has {shown(seen)}")


def shown(lists):
    return [[(item[0], *(str(part)[:60] for part in item[1:])) for item in items] for items in lists]


def main():
    rows = {line.split(" | ")[0] for line in (HERE / "rows.txt").read_text().splitlines() if not line.startswith("#")}
    vectors = [vector for path in sorted(HERE.glob("*.txt")) if path.name != "rows.txt" for vector in load(path)]
    assert len({vector.name for vector in vectors}) == len(vectors), "names are unique"
    assert {vector.row for vector in vectors} == rows, "each row has vectors, each vector has a row"
    for vector in vectors:
        for takeover in vector.takeovers:
            check(vector, takeover)
        if vector.any:
            vector.window = 15
            check(vector, True)
    print(f"{len(vectors)} vectors agree with the model, {len(rows)} rows covered")


main()
