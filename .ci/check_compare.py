"""Fails unless a report of `cargo compare` has what it promises: sections, contenders, engines, sane figures."""

import json
import sys

EXPECTED = {
    "mask": {"wscodec", "fastwebsockets", "sockudo-ws", "yawc", "soketto"},
    "frame": {
        "wscodec", "wscodec-kernel", "tungstenite", "fastwebsockets", "tokio-websockets", "yawc", "sockudo-ws",
        "soketto",
    },
    "deflate": {
        "flate2", "zlib-rs", "libdeflate", "compact", "hybrid", "zlib", "ratchet_deflate", "sockudo-ws", "yawc",
    },
}
# Workloads of the section deflate, told by what is in their names.
DEFLATE = {"1,024 connections", ", layers", "memory, compress", "memory, both directions"}
FIELDS = {
    "section", "workload", "contender", "engine", "ours", "unit", "median", "low", "high", "messages", "bytes",
}

report = json.load(open(sys.argv[1], encoding="utf-8"))
faults = [f"no {field}" for field in ("machine", "date", "command", "rows") if not report.get(field)]
faults += [f"contender failed: {failure}" for failure in report.get("failures", [])]
faults += [f"contender absent: {absent}" for absent in report.get("absent", [])]
rows = report.get("rows", [])
for section, contenders in EXPECTED.items():
    named = {row["contender"].split(" ")[0] for row in rows if row["section"] == section}
    faults += [f"{section}: no row of {name}" for name in sorted(contenders - named)]
workloads = {row["workload"] for row in rows if row["section"] == "deflate"}
faults += [f"deflate: no workload with '{part}'" for part in sorted(DEFLATE) if not any(part in name for name in workloads)]
for row in rows:
    where = f"{row.get('section')}: {row.get('workload')}: {row.get('contender')}"
    faults += [f"{where}: no {field}" for field in sorted(FIELDS - row.keys())]
    if not 0 < row["low"] <= row["median"] <= row["high"]:
        faults.append(f"{where}: {row['low']} <= {row['median']} <= {row['high']} does not hold")
    if row["section"] == "deflate" and not row["engine"]:
        faults.append(f"{where}: no engine")

print(f"{len(rows)} rows; faults: {faults or 'none'}")
sys.exit(1 if faults else 0)
