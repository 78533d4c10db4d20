"""What is run: which cases, through which end, adapter and backend."""

from dataclasses import dataclass

ADAPTERS = ("blocking", "tokio")
ROLES = ("server", "client")

# Framing, fragments, UTF-8, closing, and messages up to 16 MiB.
FRAMING = ["1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "9.*", "10.*"]
# permessage-deflate: all of it, and what a run of minutes leaves out (messages of 8 KiB and more, a thousand of each).
COMPRESSION = ["12.*", "13.*"]
QUICK = [f"{s}.{n}.{size}" for s, last in ((12, 5), (13, 7)) for n in range(1, last + 1) for size in (1, 2, 3, 4, 5, 6, 7, 11)]

# The suite has no expectation for these: large close payloads and codes that the RFC leaves undefined.
INFORMATIONAL = {"7.1.6", "7.13.1", "7.13.2"}


@dataclass(frozen=True)
class Run:
    role: str
    adapter: str
    # None: no compression is negotiated.
    backend: str | None
    cases: tuple

    @property
    def name(self):
        return f"{self.role}-{self.adapter}-{self.backend or 'plain'}"


def quick(backends):
    """For a gate: framing in both roles on both adapters, and a selection of compression for each backend."""
    runs = [Run(role, adapter, None, tuple(FRAMING)) for role in ROLES for adapter in ADAPTERS]
    for number, backend in enumerate(backends):
        # The roles and adapters in turn: it is the backends that differ here.
        runs.append(Run(ROLES[number % 2], ADAPTERS[number // 2 % 2], backend, tuple(QUICK)))
    return runs


def everything(backends):
    """All 517 cases for each role and backend; the adapters in turn, and framing on both."""
    runs = [Run(role, adapter, None, tuple(FRAMING)) for role in ROLES for adapter in ADAPTERS]
    for number, backend in enumerate(backends):
        for place, role in enumerate(ROLES):
            runs.append(Run(role, ADAPTERS[(number + place) % 2], backend, tuple(FRAMING + COMPRESSION)))
    return runs
