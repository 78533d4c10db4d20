"""What the suite's reports come to, and what in them is not as it has to be."""

import ast
import json
from collections import Counter

from plan import INFORMATIONAL

NORMAL = 1000


def of(directory, agent):
    """Counts by verdict, and a line for each fault."""
    cases = json.loads((directory / "index.json").read_text()).get(agent, {})
    counts, faults = Counter(), []
    for case, outcome in sorted(cases.items(), key=lambda item: [int(part) for part in item[0].split(".")]):
        behaviour, closing = outcome["behavior"], outcome["behaviorClose"]
        counts[behaviour] += 1
        wanted = "INFORMATIONAL" if case in INFORMATIONAL else "OK"
        if behaviour != wanted:
            faults.append(f"{case}: {behaviour} instead of {wanted}")
        if closing not in ("OK", wanted):
            faults.append(f"{case}: its end is {closing}")
        if lacks_its_code(json.loads((directory / outcome["reportfile"]).read_text(errors="replace"))):
            faults.append(f"{case}: ended without a close code")
    missing = set(selected(directory)) - set(cases)
    faults.extend(f"{case}: not run" for case in sorted(missing))
    if not cases:
        faults.append("no case was run")
    return counts, faults


def lacks_its_code(report):
    """Whether we failed the connection without saying why; the suite takes that for good."""
    codes = report["expectedClose"].get("closeCode")
    return bool(codes) and NORMAL not in codes and report["remoteCloseCode"] is None


def selected(directory):
    """The cases that the suite says it is about to run."""
    prefix = "Cases = "
    for line in (directory / "suite.log").read_text(errors="replace").splitlines():
        if line.startswith(prefix):
            return [str(case) for case in ast.literal_eval(line.removeprefix(prefix))]
    return ["all of them"]
