#!/usr/bin/env python3
"""Writes the vectors next to this file; with --check, only tells whether they are current."""

import pathlib
import sys

sys.dont_write_bytecode = True

from making import compressed, framing, texts
from making.rows import ROWS
from making.vector import Book

HERE = pathlib.Path(__file__).resolve().parent


def main():
    book = Book(ROWS)
    for write in (
        framing.examples,
        framing.lengths,
        framing.masks,
        framing.opcodes,
        framing.controls,
        framing.closes,
        framing.limits,
        texts.utf8,
        texts.compressed_text,
        compressed.payloads,
        compressed.finals,
        compressed.blocks,
        compressed.fragments,
        compressed.contexts,
        compressed.limits,
    ):
        write(book)
    files = {name: "\n\n".join(parts) + "\n" for name, parts in book.files.items()}
    files["rows.txt"] = (
        "# What the vectors cover: the row's name, the RFC and its section, what it is about.\n"
        + "".join(f"{name} | {section} | {what}\n" for name, section, what in ROWS)
    )
    there = {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("*.txt")}
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
        if stale:
            sys.exit(f"not current: {', '.join(stale)}; run tests/vectors/generate.py")
    else:
        for name in there.keys() - files.keys():
            (HERE / name).unlink()
        for name, content in files.items():
            (HERE / name).write_text(content, encoding="utf-8", newline="\n")
    print(f"{len(book.names)} vectors in {len(book.files)} files, {sum(map(len, files.values()))} bytes")


main()
