"""Writes what arrives in each of the test vectors into a file of its own: vectors.py DIRECTORY LONGEST."""

import sys
from pathlib import Path

sys.dont_write_bytecode = True
VECTORS = Path(__file__).resolve().parent.parent / "tests/vectors"
sys.path.insert(0, str(VECTORS))

from checking.load import load

directory, longest = Path(sys.argv[1]), int(sys.argv[2])
for path in sorted(VECTORS.glob("*.txt")):
    if path.name == "rows.txt":
        continue
    for vector in load(path):
        arrives = b"".join(bytes for key, bytes, *_ in vector.steps if key == "in")
        if 0 < len(arrives) <= longest:
            (directory / f"vector-{vector.name}").write_bytes(arrives)
