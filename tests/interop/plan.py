"""What is run: for each foreign peer and each role, which backend of ours, what either side asks for, and what must be
agreed on.
"""

from dataclasses import dataclass

COMBINATIONS = [(False, False), (False, True), (True, False), (True, True)]
# The server's and the client's window: each size once in either direction.
WINDOWS = [(8, 14), (9, 13), (10, 12), (11, 11), (12, 10), (13, 9), (14, 8)]
# Those that can keep to any window.
OF_ANY_WINDOW = ["zlib-rs", "compact", "hybrid"]
# Those that keep a history in both directions.
WITH_TAKEOVER = ["zlib-rs", "compact", "flate2"]
PEERS = ["ws", "websockets", "aiohttp"]


@dataclass(frozen=True)
class Run:
    peer: str
    # Of the example: "server" against the peer's client, or "client" against its server.
    role: str
    options: list
    # What the peer's library is told to ask for; None for no compression.
    asked: dict | None
    # The parameters in the server's answer; None if permessage-deflate was not agreed on.
    answer: dict | None
    # Those that our side acts on, if they are not the same: a client may do more than the answer says.
    ours: dict | None = None
    # Whether our compressor takes short messages only.
    short: bool = False


def agreement(server_forgets=False, client_forgets=False, server=15, client=15):
    flags = {"server_no_context_takeover": server_forgets, "client_no_context_takeover": client_forgets}
    bits = {"server_max_window_bits": server, "client_max_window_bits": client}
    return {name: True for name, is_set in flags.items() if is_set} | {
        name: value for name, value in bits.items() if value < 15
    }


def options(parameters):
    """The same wishes as options of the examples."""
    words = []
    for name, value in parameters.items():
        words.append("--" + name.replace("_", "-"))
        if value is not True:
            words.append(str(value))
    return words


def but(parameters, prefix):
    return {name: value for name, value in parameters.items() if not name.startswith(prefix)}


def backend(name, parameters=None, short=False):
    return ["--backend", name, *options(parameters or {}), *(["--short-messages"] if short else [])]


def runs(peer):
    return [*our_server(peer), *our_client(peer)]


def our_server(peer):
    def run(*arguments, **named):
        return Run(peer, "server", *arguments, **named)

    forgetful = agreement(True, True)
    for combination in COMBINATIONS:
        agreed = agreement(*combination)
        # aiohttp's client can ask for nothing but the server's window: there, ours imposes the rest.
        imposed = agreed if peer == "aiohttp" else {}
        asked = {} if peer == "aiohttp" else agreed
        yield run(backend("hybrid", imposed), asked, agreed)
    for number, (server, client) in enumerate(WINDOWS):
        # Neither Python client takes a window of 8 bits for itself, as zlib can't.
        client = client if client > 8 or peer == "ws" else 15
        agreed = agreement(server=server, client=client)
        if peer != "aiohttp":
            asked, imposed = agreed, {}
        elif server > 8:
            asked, imposed = but(agreed, "client"), but(agreed, "server")
        else:
            asked, imposed = {}, agreed
        yield run(backend(OF_ANY_WINDOW[number % 3], imposed), asked, agreed)
    for name in WITH_TAKEOVER:
        yield run(backend(name), {}, {})
        yield run(backend(name, forgetful), {}, forgetful)
    # It has takeover on the way in only, and says so unasked.
    yield run(backend("libdeflate"), {}, agreement(True))
    yield run(backend("libdeflate", forgetful), {}, forgetful)

    ask_both = agreement(server=10, client=10)
    asked, imposed = (but(ask_both, "client"), but(ask_both, "server")) if peer == "aiohttp" else (ask_both, {})
    # A backend of 32 KiB windows declines, unless long messages may go plain.
    yield run(backend("flate2", imposed), asked, None)
    for name in ["flate2", "libdeflate"]:
        agreed = agreement(True, server=10, client=10)
        yield run(backend(name, imposed, short=True), asked, agreed, short=True)
    yield run(["--no-compression"], {}, None)


def our_client(peer):
    def run(*arguments, **named):
        return Run(peer, "client", *arguments, **named)

    # aiohttp's server never answers with a parameter of the client's direction; ours keeps to its own all the same.
    def answered(agreed):
        return but(agreed, "client") if peer == "aiohttp" else agreed

    forgetful = agreement(True, True)
    for combination in COMBINATIONS:
        agreed = agreement(*combination)
        yield run(backend("hybrid", agreed), {}, answered(agreed), agreed)
    for number, (server, client) in enumerate(WINDOWS):
        wished = agreement(server=server, client=client)
        # Neither Python server can compress with 8 bits: it takes our second offer.
        server = server if server > 8 or peer == "ws" else 15
        agreed = agreement(server=server, client=client)
        # The server decides on the client's window where it can, otherwise the client does.
        limits = peer != "aiohttp"
        asked = but(wished, "server") if limits else {}
        wishes = but(wished, "client") if limits else wished
        yield run(backend(OF_ANY_WINDOW[(number + 1) % 3], wishes), asked, answered(agreed), agreed)
    imposes = peer != "aiohttp"
    for name in WITH_TAKEOVER:
        yield run(backend(name), {}, {}, {})
        asked, wishes = (forgetful, {}) if imposes else ({}, forgetful)
        yield run(backend(name, wishes), asked, answered(forgetful), forgetful)
    forgets = agreement(False, True)
    yield run(backend("libdeflate"), {}, answered(forgets), forgets)
    yield run(backend("libdeflate", forgetful), {}, answered(forgetful), forgetful)
    for name in ["flate2", "libdeflate"]:
        wished = agreement(client=10)
        agreed = agreement(False, True, client=10)
        asked, wishes = (wished, {}) if imposes else ({}, wished)
        # flate2 has takeover, so its client announces nothing; what it does without is its own business.
        on_wire = agreed if name == "libdeflate" else wished
        yield run(backend(name, wishes, short=True), asked, answered(on_wire), agreed, short=True)
    yield run(backend("hybrid"), None, None)
