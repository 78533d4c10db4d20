"""permessage-deflate (RFC 7692)."""

from .deflate import Bits, expand, run
from .vector import *

HELLO = bytes.fromhex("f248cdc9c90700")  # RFC 7692 section 7.2.3.1
AGAIN = bytes.fromhex("f200110000")  # 7.2.3.2, after "Hello"
STORED = bytes.fromhex("000500faff48656c6c6f00")  # 7.2.3.3
FINAL = bytes.fromhex("f348cdc9c9070000")  # 7.2.3.4
TWO = bytes.fromhex("f24805000000ffffcac9c90700")  # 7.2.3.5
TAIL = bytes.fromhex("0000ffff")
EITHER = "permessage-deflate takeover=any window=15"
WITH = "permessage-deflate takeover=yes window=15"
WITHOUT = "permessage-deflate takeover=no window=15"
BEFORE, SEEN_BEFORE = Frame(FIN | RSV1 | TEXT, HELLO), text("Hello")
AFTER = Frame(FIN | BINARY, b"never")
BROKEN = error("broken-deflate", 1007)


def message(payload, opcode=BINARY, key=KEY):
    return Frame(FIN | RSV1 | opcode, payload, key=key)


def one_role(number):
    return ("server",) if number % 2 else ("client",)


def payloads(book):
    book.begin("deflate_payload.txt", "permessage-deflate: payloads.")
    hello = text("Hello")
    for name, payload in [("one-block", HELLO), ("stored", STORED), ("final", FINAL), ("two-blocks", TWO)]:
        book.add(
            f"hello-{name}",
            "examples-7692",
            came(message(payload, TEXT), message(HELLO, TEXT)),
            hello,
            hello,
            extension=EITHER,
        )
    book.add(
        "hello-again",
        "examples-7692",
        came(message(HELLO, TEXT)),
        hello,
        came(message(AGAIN, TEXT)),
        hello,
        extension=WITH,
    )
    book.add(
        "hello-literal",
        "examples-7692",
        came(Raw(bytes.fromhex("c107f248cdc9c90700"))),
        hello,
        extension=EITHER,
        roles=("client",),
    )
    book.add(
        "hello-literal-in-fragments",
        "examples-7692",
        came(Raw(bytes.fromhex("4103f248cd"))),
        came(Raw(bytes.fromhex("8004c9c90700"))),
        hello,
        extension=EITHER,
        roles=("client",),
    )
    book.add(
        "hello-and-an-empty-last-fragment",
        "examples-7692",
        came(Frame(RSV1 | TEXT, HELLO), Frame(FIN | CONT)),
        hello,
        extension=EITHER,
    )

    start = {"compressed": Frame(RSV1 | TEXT, HELLO[:3]), "plain": Frame(TEXT, b"p")}
    for name, first in start.items():
        for fin in (FIN, 0):
            book.add(
                f"rsv1-on-a-{'last' if fin else 'middle'}-fragment-of-{name}",
                "rsv1-place",
                came(BEFORE, first, Frame(fin | RSV1 | CONT, HELLO[3:]), AFTER),
                SEEN_BEFORE,
                error("rsv1-unexpected"),
                extension=EITHER,
            )
    for opcode, name, payload in [(PING, "ping", b"p"), (PONG, "pong", HELLO), (CLOSE, "close", b"\x03\xe8")]:
        book.add(
            f"rsv1-on-a-{name}",
            "rsv1-place",
            came(BEFORE, Frame(FIN | RSV1 | opcode, payload), AFTER),
            SEEN_BEFORE,
            error("rsv1-unexpected"),
            extension=EITHER,
        )
        book.add(
            f"rsv1-on-a-{name}-inside-a-message",
            "rsv1-place",
            came(BEFORE, Frame(RSV1 | BINARY), Frame(FIN | RSV1 | opcode, payload)),
            SEEN_BEFORE,
            error("rsv1-unexpected"),
            extension=EITHER,
        )
    for bits, name in [(RSV2, "rsv2"), (RSV3, "rsv3"), (RSV2 | RSV3, "rsv2-and-3")]:
        for rsv1 in (0, RSV1):
            kind = "reserved-bits"
            book.add(
                f"{name}-{'beside' if rsv1 else 'without'}-rsv1",
                "rsv1-place",
                came(BEFORE, Frame(FIN | rsv1 | bits | TEXT, HELLO), AFTER),
                SEEN_BEFORE,
                error(kind),
                extension=EITHER,
                roles=one_role(rsv1),
            )
        book.add(
            f"{name}-on-a-continuation-of-compressed",
            "rsv1-place",
            came(BEFORE, Frame(RSV1 | TEXT, HELLO[:3]), Frame(FIN | bits | CONT, HELLO[3:])),
            SEEN_BEFORE,
            error("reserved-bits"),
            extension=EITHER,
        )
    book.add(
        "rsv1-inside-a-message",
        "rsv1-place",
        came(BEFORE, Frame(TEXT, b"p"), message(HELLO, TEXT)),
        SEEN_BEFORE,
        error("continuation-expected"),
        extension=EITHER,
    )

    book.add("plain-alone", "deflate-plain", came(Frame(FIN | TEXT, b"plain")), text("plain"), extension=EITHER)
    book.add(
        "plain-after-compressed",
        "deflate-plain",
        came(BEFORE, Frame(FIN | TEXT, b"plain"), Frame(TEXT, b"pl"), Frame(FIN | CONT, b"ain"), BEFORE),
        SEEN_BEFORE,
        text("plain"),
        text("plain"),
        SEEN_BEFORE,
        extension=EITHER,
    )
    book.add(
        "plain-is-no-history",
        "deflate-plain",
        came(
            BEFORE,
            Frame(FIN | TEXT, b"plain"),
            Frame(TEXT, b"12345"),
            Frame(FIN | CONT, b"67890"),
            message(AGAIN, TEXT),
        ),
        SEEN_BEFORE,
        text("plain"),
        text("1234567890"),
        hello,
        extension=WITH,
    )
    book.add(
        "plain-that-looks-compressed",
        "deflate-plain",
        came(Frame(FIN | BINARY, HELLO), Frame(BINARY, HELLO[:3]), Frame(FIN | CONT, HELLO[3:])),
        binary(HELLO),
        binary(HELLO),
        extension=EITHER,
    )
    book.add(
        "plain-empty",
        "deflate-plain",
        came(Frame(FIN | TEXT), Frame(TEXT), Frame(FIN | CONT)),
        text(""),
        text(""),
        extension=EITHER,
    )
    book.add(
        "fragmented-compressed-then-fragmented-plain",
        "deflate-plain",
        came(
            Frame(RSV1 | TEXT, HELLO[:2]),
            Frame(FIN | CONT, HELLO[2:]),
            Frame(TEXT, b"pl"),
            Frame(CONT),
            Frame(FIN | CONT, b"ain"),
            BEFORE,
        ),
        hello,
        text("plain"),
        hello,
        extension=EITHER,
    )

    for name, payload in [
        ("00", b"\0"),
        ("fixed", Bits().fixed().payload()),
        ("dynamic", Bits().dynamic().payload()),
        ("stored", Bits().stored(b"").payload()),
        ("final-stored", b"\x01"),
        ("final-fixed", Bits().fixed(final=1).align().payload()),
        ("three-blocks", Bits().fixed().stored(b"").fixed().payload()),
        ("twenty-blocks", Bits().stored(b"").bytes() * 20 + b"\0"),
    ]:
        for opcode, event in [(TEXT, text), (BINARY, binary)]:
            book.add(
                f"empty-{name}-{'text' if opcode == TEXT else 'binary'}",
                "deflate-empty",
                came(message(payload, opcode), message(payload, opcode)),
                event(b""),
                event(b""),
                extension=EITHER,
                roles=one_role(opcode),
            )
        book.add(
            f"empty-{name}-keeps-the-history",
            "deflate-empty",
            came(BEFORE, message(payload), message(AGAIN)),
            SEEN_BEFORE,
            binary(b""),
            binary(b"Hello"),
            extension=WITH,
        )
    book.add(
        "empty-in-fragments",
        "deflate-empty",
        came(Frame(RSV1 | TEXT), Frame(CONT), Frame(CONT, b"\0"), Frame(FIN | CONT)),
        text(""),
        extension=EITHER,
    )
    for name, frames in [
        ("whole", [message(b"")]),
        ("in-2", [Frame(RSV1 | BINARY), Frame(FIN | CONT)]),
        ("in-4", [Frame(RSV1 | BINARY), Frame(CONT), Frame(CONT), Frame(FIN | CONT)]),
    ]:
        book.add(
            f"no-byte-{name}",
            "deflate-no-byte",
            came(BEFORE, *frames, AFTER),
            SEEN_BEFORE,
            BROKEN,
            extension=EITHER,
            note="an empty message has one byte (7.2.3.6)",
        )


def finals(book):
    book.begin("deflate_bfinal.txt", "permessage-deflate: blocks with BFINAL=1.")
    bare = FINAL[:7]
    cases = [
        ("then-a-block", bare + HELLO, b"HelloHello"),
        ("then-a-block-and-one-more", bare + HELLO + TAIL + FINAL, b"HelloHelloHello"),
        ("three", bare * 3 + b"\0", b"HelloHelloHello"),
        ("empty-in-front", b"\x03\0" + HELLO, b"Hello"),
        ("empty-ones-alone", b"\x03\0\x03\0\0", b""),
        ("stored-at-the-end", HELLO + TAIL + b"\x01", b"Hello"),
        ("stored", Bits().stored(b"Hello", final=1).payload(), b"Hello"),
        ("stored-in-the-middle", Bits().stored(b"Hel", final=1).stored(b"lo").payload(), b"Hello"),
        ("dynamic", Bits().dynamic(b"Hello", final=1).align().payload(), b"Hello"),
        ("dynamic-then-fixed", Bits().dynamic(b"Hel", final=1).align().fixed(b"lo").payload(), b"Hello"),
        ("a-match-across", bare + Bits().fixed((5, 5)).payload(), b"HelloHello"),
        ("a-match-across-two", bare + b"\x03\0" + Bits().fixed((10, 5)).payload(), b"Hello" * 3),
        ("and-empty-blocks", FINAL + TAIL + b"\0" + TAIL + b"\0", b"Hello"),
        ("four", b"\x03\0" * 4 + HELLO, b"Hello"),
        (
            "long",
            Bits().fixed(*run(b"f", 40000), final=1).align().fixed(b"M", (258, 1)).payload(),
            b"f" * 40000 + b"M" * 259,
        ),
    ]
    for name, payload, whole in cases:
        book.add(
            f"final-{name}",
            "deflate-bfinal",
            came(message(payload), message(payload)),
            binary(whole),
            binary(whole),
            extension=EITHER,
        )
        frames = [
            Frame(RSV1 | BINARY, payload[: len(payload) // 2]),
            Frame(CONT),
            Frame(FIN | CONT, payload[len(payload) // 2 :]),
        ]
        book.add(
            f"final-{name}-in-fragments",
            "deflate-bfinal",
            came(*frames, BEFORE),
            binary(whole),
            SEEN_BEFORE,
            extension=EITHER,
            roles=one_role(len(payload)),
        )
        again = Bits().fixed(b"=", (5, 5)).payload()
        history = (b"12345" + whole)[-5:]
        shown = b"=" + ((history + b"=")[-5:])
        book.add(
            f"final-{name}-keeps-the-history",
            "deflate-bfinal",
            came(message(Bits().stored(b"12345").payload()), message(payload), message(again)),
            binary(b"12345"),
            binary(whole),
            binary(shown),
            extension=WITH,
            roles=one_role(len(payload) + 1),
        )
    for cut in range(1, len(FINAL)):
        book.add(
            f"final-cut-at-{cut}",
            "deflate-bfinal",
            came(Frame(RSV1 | TEXT, FINAL[:cut]), Frame(FIN | CONT, FINAL[cut:]), BEFORE),
            text("Hello"),
            text("Hello"),
            extension=EITHER,
            roles=one_role(cut),
        )
    for name, payload, whole in [
        ("fixed", bare, b"Hello"),
        ("empty", b"\x03\0", b""),
        ("twice", bare * 2, b"HelloHello"),
    ]:
        book.add(
            f"final-without-00-{name}",
            "deflate-bfinal",
            came(message(payload)),
            may_fail("broken-deflate", 1007),
            binary(whole),
            came(BEFORE),
            SEEN_BEFORE,
            extension=EITHER,
            note="the byte 00 of 7.2.3.4 is missing; what it means is plain",
        )
    for name, rest in [
        ("ff", b"\xff\xff\xff"),
        ("a-reserved-block", b"\x06\0"),
        ("half-a-block", HELLO[:3]),
        ("half-a-stored-block", b"\0\x05\0\xfa\xffHe"),
    ]:
        book.add(
            f"final-then-{name}",
            "deflate-garbage",
            came(BEFORE, message(bare + rest), AFTER),
            SEEN_BEFORE,
            BROKEN,
            extension=EITHER,
        )


def blocks(book):
    book.begin("deflate_blocks.txt", "permessage-deflate: blocks, codes, and what is no DEFLATE data.")
    words = b"the same words, "
    forms = {
        "stored": lambda bits, *t: bits.stored(expand(t)),
        "fixed": lambda bits, *t: bits.fixed(*t),
        "dynamic": lambda bits, *t: bits.dynamic(*t),
    }
    for a, first in forms.items():
        tokens = (words, (40, 16), b"!")
        book.add(
            f"{a}-alone",
            "deflate-blocks",
            came(message(first(Bits(), *tokens).payload(), TEXT)),
            text(expand(tokens)),
            extension=EITHER,
        )
        for b, second in forms.items():
            bits = second(first(Bits(), *tokens), b"and ", *tokens)
            whole = expand(tokens) + b"and " + expand(tokens)
            book.add(
                f"{a}-then-{b}", "deflate-blocks", came(message(bits.payload(), TEXT)), text(whole), extension=EITHER
            )
    book.add(
        "a-match-into-the-block-before",
        "deflate-blocks",
        came(message(Bits().stored(words).fixed((30, 16)).dynamic((200, 32), b"?").payload())),
        binary(expand([words, (30, 16), (200, 32), b"?"])),
        extension=EITHER,
    )
    book.add(
        "blocks-of-one-byte",
        "deflate-blocks",
        came(message(single_bytes(b"Hello, blocks"))),
        binary(b"Hello, blocks"),
        extension=EITHER,
    )
    book.add(
        "flushes-between",
        "deflate-blocks",
        came(message((Bits().fixed(b"ab").payload() + TAIL) * 3 + b"\0")),
        binary(b"ababab"),
        extension=EITHER,
    )
    book.add(
        "every-byte-fixed",
        "deflate-blocks",
        came(message(Bits().fixed(bytes(range(256))).payload())),
        binary(bytes(range(256))),
        extension=EITHER,
    )
    book.add(
        "every-byte-dynamic",
        "deflate-blocks",
        came(message(Bits().dynamic(bytes(range(256))).payload())),
        binary(bytes(range(256))),
        extension=EITHER,
    )
    book.add(
        "one-distance-code-of-one-bit",
        "deflate-blocks",
        came(message(Bits().dynamic(b"abc", (9, 3), (9, 3), one_distance=True).payload())),
        binary(b"abc" * 7),
        extension=EITHER,
    )
    book.add(
        "dynamic-without-distances",
        "deflate-blocks",
        came(message(Bits().dynamic(b"no match").payload())),
        binary(b"no match"),
        extension=EITHER,
    )
    book.add(
        "stored-of-65535",
        "deflate-blocks",
        came(message(Bits().stored(b"s" * 65535).payload())),
        binary(b"s" * 65535),
        extension=EITHER,
        roles=("server",),
    )
    for ending in (TAIL, b"\0" + TAIL, b"\0\0\0\xff\xff\0", bytes.fromhex("010000ffff")):
        book.add(
            f"ends-like-a-tail-{ending.hex()}",
            "deflate-blocks",
            came(message(Bits().stored(b"x" + ending).payload()), message(Bits().fixed(ending).payload())),
            binary(b"x" + ending),
            binary(ending),
            extension=EITHER,
        )

    lengths = [
        3,
        4,
        9,
        10,
        11,
        12,
        13,
        14,
        15,
        16,
        17,
        18,
        19,
        22,
        23,
        26,
        27,
        30,
        31,
        34,
        35,
        42,
        43,
        50,
        51,
        58,
        59,
        66,
        67,
        82,
        83,
        98,
        99,
        114,
        115,
        130,
        131,
        162,
        163,
        194,
        195,
        226,
        227,
        257,
        258,
    ]
    for name, form in list(forms.items())[1:]:
        tokens = [token for length in lengths for token in (bytes([length % 251]), (length, 1))]
        book.add(
            f"every-length-{name}",
            "deflate-lengths",
            came(message(form(Bits(), *tokens).payload())),
            binary(expand(tokens)),
            extension=EITHER,
        )
        book.add(
            f"length-258-as-284-{name}",
            "deflate-lengths",
            came(message(form(Bits(), b"a", (257, 1), (258, 1)).payload())),
            binary(b"a" * 516),
            extension=EITHER,
        )
    base = 1
    for code in range(30):
        extra = 0 if code < 4 else code // 2 - 1
        first, last = base, base + (1 << extra) - 1
        base = last + 1
        tokens = []
        for distance in sorted({first, last}):
            mark = b"MARK"[: min(4, distance)]
            tokens += [mark, *(run(b"f", distance - len(mark)) if distance > len(mark) else []), (3, distance), b"."]
        form = Bits().fixed if code % 2 else Bits().dynamic
        book.add(
            f"distance-code-{code}",
            "deflate-lengths",
            came(message(form(*tokens).payload())),
            binary(expand(tokens)),
            extension=EITHER,
            roles=one_role(code),
        )

    reserved = Bits().put(0, 1).put(3, 2).payload()
    lit = [0] * 257
    broken = [
        ("reserved-block-type", reserved + b"\0\0"),
        ("reserved-final-block-type", b"\x07\0\0"),
        ("reserved-block-type-later", Bits().fixed(b"ok").put(0, 1).put(3, 2).payload() + b"\0\0"),
        ("stored-length-0-complement-0", bytes.fromhex("00050000004865")),
        ("stored-length-one-bit-off", bytes.fromhex("000500fbff48656c6c6f00")),
        ("stored-length-swapped", bytes.fromhex("000500fffa48656c6c6f00")),
        ("stored-length-later", Bits().fixed(b"ok").payload() + bytes.fromhex("0100ffff") + b"x\0"),
        ("code-lengths-oversubscribed", precode([1] * 19)),
        ("code-lengths-incomplete", precode([2, 2] + [0] * 17)),
        ("codes-oversubscribed", Bits().header(with_lengths(lit, {0: 1, 1: 1, 256: 1}), [0]).put(0, 64).payload()),
        ("codes-incomplete", Bits().header(with_lengths(lit, {65: 2, 256: 2}), [0]).put(0, 64).payload()),
        ("distances-oversubscribed", Bits().header(with_lengths(lit, {65: 1, 256: 1}), [1, 1, 1]).put(0, 64).payload()),
        ("distances-incomplete", Bits().header(with_lengths(lit, {65: 1, 256: 1}), [2, 2]).put(0, 64).payload()),
        (
            "repeat-before-the-first",
            Bits().header(lit, [0], runs=[(16, 0, 2), (1,), (1,)] + [(18, 127, 7)] * 2).put(0, 64).payload(),
        ),
        ("run-past-the-end", Bits().header(lit, [0], runs=[(1,), (18, 127, 7), (18, 127, 7)]).put(0, 64).payload()),
        (
            "repeat-past-the-end",
            Bits().header(lit, [0], runs=[(18, 127, 7), (18, 106, 7), (1,), (16, 3, 2)]).put(0, 64).payload(),
        ),
        ("no-end-of-block-code", Bits().header(with_lengths(lit, {65: 1, 66: 1}), [0]).put(0x5A5A, 16).payload()),
        ("all-ones", b"\xff" * 9),
    ]
    for i, (name, payload) in enumerate(broken):
        book.add(
            f"broken-{name}",
            "deflate-invalid",
            came(BEFORE, message(payload), AFTER),
            SEEN_BEFORE,
            BROKEN,
            extension=EITHER,
        )
        cut = 1 + i % (len(payload) - 1)
        book.add(
            f"broken-{name}-in-fragments",
            "deflate-invalid",
            came(BEFORE, Frame(RSV1 | BINARY, payload[:cut]), Frame(CONT), Frame(FIN | CONT, payload[cut:]), AFTER),
            SEEN_BEFORE,
            BROKEN,
            extension=EITHER,
            roles=one_role(i),
        )

    # Prefixes that are whole payloads themselves, or that the tail completes, are left out.
    for name, payload, leave in [
        ("one-block", HELLO, ()),
        ("stored", STORED, (1, 6)),
        ("two-blocks", TWO, (4,)),
        ("dynamic", Bits().dynamic(words, (40, 16)).payload(), ()),
    ]:
        for cut in range(1, len(payload)):
            if cut not in leave:
                book.add(
                    f"truncated-{name}-at-{cut}",
                    "deflate-truncated",
                    came(BEFORE, message(payload[:cut]), AFTER),
                    SEEN_BEFORE,
                    BROKEN,
                    extension=EITHER,
                    roles=one_role(cut),
                )
    book.add(
        "truncated-in-fragments",
        "deflate-truncated",
        came(BEFORE, Frame(RSV1 | BINARY, HELLO[:3]), Frame(CONT, HELLO[3:6]), Frame(FIN | CONT), AFTER),
        SEEN_BEFORE,
        BROKEN,
        extension=EITHER,
    )
    # What a decoder appends to find that out is none of the message, and can't make it too long.
    for name, payload, limit in [
        ("codes", bytes.fromhex("ecc1010900000080a0d3f5bf2329eefbbe03"), 3367),
        ("matches", Bits().dynamic(b"a", (258, 1), (258, 1), end=False).bytes(), 600),
        ("stored", bytes.fromhex("00881377ec") + b"Hello", 1000),
    ]:
        book.add(
            f"truncated-{name}-near-the-limit",
            "deflate-truncated",
            came(message(payload)),
            BROKEN,
            limits=(f"message={limit}",),
            extension=EITHER,
        )
    book.add(
        "truncated-beyond-the-limit",
        "deflate-truncated",
        came(message(Bits().fixed(*run(b"t", 3000)).payload()[:-3])),
        error("too-long", 1009),
        limits=("message=1000",),
        extension=EITHER,
        note="what is there is too long already",
    )
    book.add(
        "truncated-unfinished",
        "deflate-truncated",
        came(BEFORE, Frame(RSV1 | BINARY, HELLO[:3])),
        SEEN_BEFORE,
        extension=EITHER,
        note="the rest may come in the next fragment",
    )
    for name, payload in [
        ("ff", HELLO + b"\xff"),
        ("fe", HELLO + b"\xfe"),
        ("the-tail", HELLO + TAIL),
        ("the-tail-of-stored", STORED + TAIL),
        ("the-tail-of-nothing", b"\0" + TAIL),
        ("a-reserved-block", HELLO + TAIL + b"\x06"),
    ]:
        book.add(
            f"behind-the-end-{name}",
            "deflate-garbage",
            came(BEFORE, message(payload), AFTER),
            SEEN_BEFORE,
            BROKEN,
            extension=EITHER,
        )
    for name, payload in [("the-tail-and-00", HELLO + TAIL + b"\0"), ("twice", (HELLO + TAIL) * 2 + b"\0")]:
        book.add(
            f"more-blocks-{name}",
            "deflate-garbage",
            came(message(payload)),
            binary(b"Hello" * (2 if name == "twice" else 1)),
            extension=EITHER,
        )


def fragments(book):
    book.begin("deflate_fragments.txt", "permessage-deflate: fragments and buffers.")
    tokens = ("größe, ".encode(), (24, 8), b"end")
    payload = Bits().dynamic(*tokens).payload()
    for cut in range(len(HELLO) + 1):
        frames = [Frame(RSV1 | TEXT, HELLO[:cut]), Frame(FIN | PING, b"!"), Frame(FIN | CONT, HELLO[cut:])]
        book.add(
            f"hello-cut-at-{cut}",
            "deflate-fragments",
            came(frames[0]),
            came(frames[1]),
            ping(b"!"),
            answers_pong(b"!"),
            came(frames[2]),
            text("Hello"),
            extension=EITHER,
            roles=one_role(cut),
        )
    for cut in range(0, len(payload) + 1, 3):
        frames = [
            Frame(RSV1 | TEXT),
            Frame(CONT, payload[:cut]),
            Frame(FIN | PONG),
            Frame(CONT),
            Frame(CONT, payload[cut:]),
            Frame(FIN | CONT),
        ]
        book.add(
            f"words-cut-at-{cut}",
            "deflate-fragments",
            came(*frames),
            pong(),
            text(expand(tokens)),
            extension=EITHER,
            roles=one_role(cut),
        )
    book.add(
        "words-in-single-bytes",
        "deflate-fragments",
        came(Frame(RSV1 | TEXT), *[Frame(CONT, bytes([byte])) for byte in payload], Frame(FIN | CONT), BEFORE),
        text(expand(tokens)),
        SEEN_BEFORE,
        extension=EITHER,
    )
    book.add(
        "flushed-fragments",
        "deflate-fragments",
        came(Frame(RSV1 | BINARY, HELLO + TAIL), Frame(CONT, HELLO + TAIL), Frame(FIN | CONT, HELLO)),
        binary(b"Hello" * 3),
        extension=EITHER,
        note="each fragment by itself ends in a flush; the tail is cut off the last only",
    )
    book.add(
        "a-match-into-the-fragment-before",
        "deflate-fragments",
        came(Frame(RSV1 | BINARY, HELLO + TAIL), Frame(CONT, AGAIN + TAIL), Frame(FIN | CONT, AGAIN)),
        binary(b"Hello" * 3),
        extension=EITHER,
    )
    book.add(
        "close-inside-compressed",
        "deflate-fragments",
        came(Frame(RSV1 | TEXT, HELLO[:4]), Frame(FIN | CLOSE, b"\x03\xe9"), Frame(FIN | CONT, HELLO[4:])),
        close(1001),
        answers_close(1001),
        extension=EITHER,
    )
    book.add(
        "data-inside-compressed",
        "deflate-fragments",
        came(BEFORE, Frame(RSV1 | TEXT, HELLO[:4]), Frame(FIN | BINARY, b"x")),
        SEEN_BEFORE,
        error("continuation-expected"),
        extension=EITHER,
    )
    for i, length in enumerate(
        [
            1,
            7,
            8,
            9,
            63,
            64,
            65,
            127,
            128,
            255,
            256,
            257,
            258,
            259,
            260,
            319,
            320,
            321,
            511,
            512,
            513,
            1023,
            1024,
            1025,
            4095,
            4096,
            4097,
            8191,
            8192,
            8193,
            16383,
            16384,
            16385,
            32767,
            32768,
            32769,
            65535,
            65536,
            65537,
            131072,
            262144,
        ]
    ):
        tokens = [b"M", *run(b"n", length - 1)] if length > 1 else [b"M"]
        form = Bits().fixed if i % 2 else Bits().dynamic
        book.add(
            f"message-of-{length}",
            "deflate-buffers",
            came(message(form(*tokens).payload(), TEXT), BEFORE),
            text(b"M" + b"n" * (length - 1)),
            SEEN_BEFORE,
            extension=EITHER,
            roles=one_role(i),
        )
    for length in (320, 4096, 16384, 65535):
        book.add(
            f"stored-message-of-{length}",
            "deflate-buffers",
            came(message(Bits().stored(b"q" * length).payload()), BEFORE),
            binary(b"q" * length),
            SEEN_BEFORE,
            extension=EITHER,
            roles=("client",),
        )


def contexts(book):
    book.begin("deflate_context.txt", "permessage-deflate: takeover and windows.")
    messages = [b"one fish", b"two fish", b"red fish", b"blue fish"]
    frames, events = [message(Bits().fixed(messages[0]).payload())], [binary(messages[0])]
    for word, whole in zip([b"two", b"red", b"blue"], messages[1:]):
        # " fish" from the message before.
        frames.append(message(Bits().fixed(word, (5, 5 + len(word))).payload()))
        events.append(binary(whole))
    book.add(
        "series",
        "deflate-takeover",
        *[step for pair in zip(map(came, frames), events) for step in pair],
        extension=WITH,
    )
    book.add(
        "series-with-others-between",
        "deflate-takeover",
        came(
            frames[0],
            Frame(FIN | PING, b"p"),
            frames[1],
            Frame(FIN | TEXT, b"plain"),
            frames[2],
            message(b"\0"),
            frames[3],
        ),
        events[0],
        ping(b"p"),
        answers_pong(b"p"),
        events[1],
        text("plain"),
        events[2],
        binary(b""),
        events[3],
        extension=WITH,
    )
    book.add(
        "series-without-history",
        "deflate-takeover",
        came(*[message(Bits().fixed(m).payload()) for m in messages]),
        *map(binary, messages),
        extension=WITH,
        note="a sender need not use what it may",
    )
    book.add(
        "series-in-fragments",
        "deflate-takeover",
        came(
            BEFORE,
            *[
                frame
                for n in range(1, 5)
                for frame in (Frame(RSV1 | TEXT, AGAIN[:n]), Frame(CONT), Frame(FIN | CONT, AGAIN[n:]))
            ],
        ),
        *[text("Hello")] * 5,
        extension=WITH,
    )
    book.add(
        "series-of-100",
        "deflate-takeover",
        came(BEFORE, *[message(AGAIN, TEXT)] * 100),
        *[text("Hello")] * 101,
        extension=WITH,
        roles=("server",),
    )
    for form in ("fixed", "dynamic"):
        for length in (1, 100, 1000, 40000):
            first = Bits().stored(b"MARK").fixed(b"-", *run(b"r", length)).payload()
            distance = 5 + length
            if distance > 32768:
                continue
            second = getattr(Bits(), form)((4, distance), b"!").payload()
            # The distance counts from the message's first byte, so 4 of its own come in between.
            book.add(
                f"back-{distance}-{form}",
                "deflate-takeover",
                came(message(first), message(second)),
                binary(b"MARK-" + b"r" * length),
                binary(b"MARK!"),
                extension=WITH,
            )
    book.add(
        "series-over-a-long-message",
        "deflate-takeover",
        came(
            BEFORE,
            message(Bits().fixed(*run(b"x", 100000)).payload()),
            message(Bits().fixed((258, 32768), b".").payload()),
        ),
        SEEN_BEFORE,
        binary(b"x" * 100000),
        binary(b"x" * 258 + b"."),
        extension=WITH,
    )
    book.add(
        "series-of-all-blocks",
        "deflate-takeover",
        came(
            message(Bits().stored(b"abcdef").payload()),
            message(Bits().fixed((6, 6)).payload()),
            message(Bits().dynamic((6, 12), b"g").payload()),
            message(Bits().stored(b"h").fixed((8, 8)).payload()),
        ),
        binary(b"abcdef"),
        binary(b"abcdef"),
        binary(b"abcdefg"),
        binary(b"h" + b"abcdefgh"),
        extension=WITH,
    )

    book.add(
        "without-takeover-refers-back",
        "deflate-no-takeover",
        came(BEFORE, message(AGAIN, TEXT), AFTER),
        SEEN_BEFORE,
        BROKEN,
        extension=WITHOUT,
    )
    book.add(
        "without-takeover-refers-back-after-final",
        "deflate-no-takeover",
        came(message(FINAL, TEXT), message(AGAIN, TEXT), AFTER),
        SEEN_BEFORE,
        BROKEN,
        extension=WITHOUT,
    )
    book.add(
        "without-takeover-refers-back-in-fragments",
        "deflate-no-takeover",
        came(BEFORE, Frame(RSV1 | TEXT, AGAIN[:2]), Frame(FIN | CONT, AGAIN[2:]), AFTER),
        SEEN_BEFORE,
        BROKEN,
        extension=WITHOUT,
    )
    book.add(
        "without-takeover-refers-back-after-fragments",
        "deflate-no-takeover",
        came(Frame(RSV1 | TEXT, HELLO[:2]), Frame(FIN | CONT, HELLO[2:]), message(AGAIN, TEXT), AFTER),
        SEEN_BEFORE,
        BROKEN,
        extension=WITHOUT,
    )
    book.add(
        "without-takeover-refers-back-dynamic",
        "deflate-no-takeover",
        came(message(Bits().dynamic(b"words").payload()), message(Bits().dynamic((5, 5), b"!").payload()), AFTER),
        binary(b"words"),
        BROKEN,
        extension=WITHOUT,
    )
    book.add(
        "without-takeover-refers-to-zeros",
        "deflate-no-takeover",
        came(message(Bits().stored(bytes(50)).payload()), message(Bits().fixed(b"\0", (9, 2)).payload()), AFTER),
        binary(bytes(50)),
        BROKEN,
        extension=WITHOUT,
    )
    book.add(
        "without-takeover-series",
        "deflate-no-takeover",
        came(*[message(Bits().dynamic(m, (8, len(m))).payload()) for m in messages], BEFORE, BEFORE),
        *[binary(expand([m, (8, len(m))])) for m in messages],
        SEEN_BEFORE,
        SEEN_BEFORE,
        extension=WITHOUT,
    )

    for name, payload in [
        ("first-of-all", Bits().fixed((3, 1)).payload()),
        ("after-1", Bits().fixed(b"a", (3, 2)).payload()),
        ("after-5", Bits().fixed(b"Hello", (3, 6)).payload()),
        ("far", Bits().fixed(b"Hello", (3, 32768)).payload()),
        ("dynamic", Bits().dynamic(b"Hello", (3, 6)).payload()),
        ("after-zeros", Bits().fixed(bytes(9), (3, 10)).payload()),
        ("in-the-second-block", Bits().stored(b"abc").fixed((4, 4)).payload()),
        ("after-a-final-block", Bits().fixed(b"abc", final=1).align().fixed((4, 4)).payload()),
        ("after-a-run", Bits().fixed(*run(b"z", 1000), (258, 1001)).payload()),
        ("again", AGAIN),
    ]:
        book.add(
            f"before-start-{name}", "deflate-before-start", came(message(payload), AFTER), BROKEN, extension=EITHER
        )
        cut = len(payload) - 1
        book.add(
            f"before-start-{name}-in-fragments",
            "deflate-before-start",
            came(Frame(RSV1 | BINARY, payload[:cut]), Frame(FIN | CONT, payload[cut:]), AFTER),
            BROKEN,
            extension=EITHER,
            roles=one_role(cut),
        )
    for length in (1, 5, 300):
        first = Bits().stored(b"y" * length).payload()
        book.add(
            f"start-after-a-message-of-{length}",
            "deflate-before-start",
            came(message(first), message(Bits().fixed((3, length)).payload())),
            binary(b"y" * length),
            binary(b"yyy"),
            extension=WITH,
        )
        book.add(
            f"before-start-after-a-message-of-{length}",
            "deflate-before-start",
            came(message(first), message(Bits().fixed((3, length + 1)).payload()), AFTER),
            binary(b"y" * length),
            BROKEN,
            extension=WITH,
        )

    for bits in range(8, 16):
        window = 1 << bits
        mark = [b"MARK", *run(b"v", window - 4)]
        whole = b"MARK" + b"v" * (window - 4)
        for takeover in ("yes", "no"):
            extension = f"permessage-deflate takeover={takeover} window={bits}"
            book.add(
                f"window-{bits}-takeover-{takeover}",
                "deflate-windows",
                came(message(Bits().fixed(*mark, (4, window), b".").payload())),
                binary(whole + b"MARK."),
                extension=extension,
                roles=one_role(bits),
            )
        extension = f"permessage-deflate takeover=yes window={bits}"
        back = Bits().fixed((4, window)).payload()
        book.add(
            f"window-{bits}-of-the-message-before",
            "deflate-windows",
            came(message(Bits().dynamic(*mark).payload()), message(back)),
            binary(whole),
            binary(b"MARK"),
            extension=extension,
        )
        # MARK goes out again and again, each time a window behind.
        between = Bits().fixed(*run(b"u", window - 4)).payload()
        book.add(
            f"window-{bits}-of-many-messages",
            "deflate-windows",
            came(message(Bits().dynamic(*mark).payload()), *[message(back), message(between)] * 3, message(back)),
            binary(whole),
            *[binary(b"MARK"), binary(b"u" * (window - 4))] * 3,
            binary(b"MARK"),
            extension=extension,
            roles=one_role(bits),
        )
        book.add(
            f"window-{bits}-over-a-final-block",
            "deflate-windows",
            came(message(Bits().fixed(*mark, final=1).align().payload()), message(back)),
            binary(whole),
            binary(b"MARK"),
            extension=extension,
            roles=one_role(bits + 1),
        )
        if bits < 15:
            beyond = Bits().fixed((4, window + 1)).payload()
            longer = [b"MARK", *run(b"v", window - 3)]
            book.add(
                f"beyond-window-{bits}",
                "deflate-beyond-window",
                came(message(Bits().fixed(*longer, (4, window + 1)).payload())),
                may_fail("broken-deflate", 1007),
                binary(b"MARK" + b"v" * (window - 3) + b"MARK"),
                extension=f"permessage-deflate takeover=any window={bits}",
                note="the sender broke its promise; RFC 7692 does not say what becomes of it",
            )
            book.add(
                f"beyond-window-{bits}-of-the-message-before",
                "deflate-beyond-window",
                came(message(Bits().fixed(*longer).payload()), message(beyond)),
                binary(b"MARK" + b"v" * (window - 3)),
                may_fail("broken-deflate", 1007),
                binary(b"MARK"),
                extension=extension,
                roles=one_role(bits),
                note="as beyond-window",
            )


def limits(book):
    book.begin("deflate_limits.txt", "permessage-deflate: limits and bombs.")
    big = error("too-long", 1009)
    for limit in (1, 5, 1000, 16384, 65536):
        only = (f"message={limit}",)
        for over in (0, 1):
            length = limit + over
            forms = {
                "stored": stored(b"s" * length),
                "fixed": Bits().fixed(*run(b"t", length)).payload(),
                "dynamic": Bits().dynamic(*run(b"t", length)).payload(),
                "blocks": Bits().fixed(*run(b"t", limit)).stored(b"").fixed(b"t" * over).payload(),
                "final": Bits().fixed(*run(b"t", limit), final=1).align().fixed(b"t" * over).payload(),
            }
            for i, (name, payload) in enumerate(forms.items()):
                letter = b"s" if name == "stored" else b"t"
                steps = (big,) if over else (text(letter * length),)
                label = f"{name}-of-{limit}{'-and-1' if over else ''}"
                # Where the limit is small, the payload must fit what a receiver takes on the wire for it.
                book.add(
                    f"limit-{label}",
                    "deflate-limit",
                    came(message(payload, TEXT)),
                    *steps,
                    limits=only,
                    extension=EITHER,
                    roles=one_role(i + over),
                )
                cut = len(payload) * 2 // 3
                book.add(
                    f"limit-{label}-in-fragments",
                    "deflate-limit",
                    came(Frame(RSV1 | TEXT, payload[:cut]), Frame(FIN | CONT, payload[cut:])),
                    *steps,
                    limits=only,
                    extension=EITHER,
                    roles=one_role(i + over + 1),
                )
    empties = Bits().fixed(*run(b"t", 1000)).payload() + TAIL + (b"\0" + TAIL) * 5 + b"\0"
    book.add(
        "limit-then-empty-blocks",
        "deflate-limit",
        came(message(empties, TEXT)),
        text(b"t" * 1000),
        limits=("message=1000",),
        extension=EITHER,
        note="what holds nothing is not over the limit",
    )
    book.add(
        "limit-of-each-message",
        "deflate-limit",
        came(*[message(Bits().fixed(*run(b"t", 1000)).payload())] * 3, Frame(FIN | BINARY, b"p" * 1000)),
        *[binary(b"t" * 1000)] * 3,
        binary(b"p" * 1000),
        limits=("message=1000",),
        extension=EITHER,
    )
    book.add(
        "limit-after-a-plain-message",
        "deflate-limit",
        came(BEFORE, Frame(TEXT, b"p"), Frame(FIN | CONT, b"q"), message(Bits().fixed(*run(b"t", 6)).payload())),
        SEEN_BEFORE,
        text("pq"),
        big,
        limits=("message=5",),
        extension=EITHER,
    )
    book.add(
        "limit-of-a-plain-message-after-compressed",
        "deflate-limit",
        came(BEFORE, Frame(TEXT, b"ppp"), Frame(FIN | CONT, claim=3)),
        SEEN_BEFORE,
        big,
        limits=("message=5",),
        extension=EITHER,
    )
    book.add(
        "limit-of-a-short-payload",
        "deflate-limit",
        came(BEFORE),
        SEEN_BEFORE,
        limits=("message=5",),
        extension=EITHER,
        note="7 bytes on the wire for 5: it is the message that counts",
    )
    book.add(
        "limit-with-history",
        "deflate-limit",
        came(BEFORE, message(Bits().fixed((5, 5)).payload(), TEXT), message(Bits().fixed((6, 5)).payload(), TEXT)),
        SEEN_BEFORE,
        SEEN_BEFORE,
        big,
        limits=("message=5",),
        extension=WITH,
    )
    zero = bytes(4)
    for limit, times in [(1000, 2), (1000, 10), (1000, 100), (1000, 1000), (100000, 10), (100000, 100), (1000000, 10)]:
        payload = Bits().dynamic(*run(b"\0", limit * times)).payload()
        label = f"{limit}-times-{times}"
        book.add(
            f"bomb-{label}",
            "deflate-bomb",
            came(message(payload, key=zero), AFTER),
            big,
            limits=(f"message={limit}",),
            extension=EITHER,
            roles=one_role(times),
        )
        book.add(
            f"bomb-{label}-after-a-message",
            "deflate-bomb",
            came(BEFORE, message(payload, key=zero)),
            SEEN_BEFORE,
            big,
            limits=(f"message={limit}",),
            extension=EITHER,
            roles=one_role(times + 1),
        )
        frames = [
            Frame(RSV1 | BINARY, payload[:10], key=zero),
            Frame(CONT, payload[10:-5], key=zero),
            Frame(FIN | CONT, payload[-5:], key=zero),
        ]
        book.add(
            f"bomb-{label}-in-fragments",
            "deflate-bomb",
            came(*frames),
            big,
            limits=(f"message={limit}",),
            extension=EITHER,
            roles=one_role(times),
        )
    book.add(
        "no-bomb-within-the-limit",
        "deflate-bomb",
        came(message(Bits().dynamic(*run(b"\0", 1000000)).payload(), key=zero)),
        binary(bytes(1000000)),
        limits=("message=1000000",),
        extension=EITHER,
    )

    for claim in (6, 126, 65536, 1 << 40, 1 << 62):
        book.add(
            f"compressed-frame-of-{claim}",
            "deflate-limit-wire",
            came(BEFORE if claim > 7 else Frame(FIN | TEXT, b"Hello"), Frame(FIN | RSV1 | TEXT, claim=claim)),
            SEEN_BEFORE,
            error("too-long", 1009),
            limits=(f"frame={min(claim - 1, 100000)}",),
            extension=EITHER,
            note="the header is enough",
        )
    book.add(
        "compressed-frame-of-7", "deflate-limit-wire", came(BEFORE), SEEN_BEFORE, limits=("frame=7",), extension=EITHER
    )
    for count, fits in [(3, True), (4, False)]:
        parts = [HELLO[:3], b"", HELLO[3:]] if fits else [HELLO[:3], b"", b"", HELLO[3:]]
        frames = [Frame(CONT if i else RSV1 | TEXT, part) for i, part in enumerate(parts)]
        frames[-1].first |= FIN
        steps = (text("Hello"),) if fits else (error("too-many-fragments", 1008),)
        book.add(
            f"compressed-in-{count}-of-3",
            "deflate-limit-wire",
            came(*frames),
            *steps,
            limits=("fragments=3",),
            extension=EITHER,
        )
    for role, empty in [("server", "008000000000"), ("client", "0000")]:
        book.add(
            f"flood-of-empty-compressed-fragments-{role}",
            "deflate-limit-wire",
            came(Frame(RSV1 | TEXT), Raw(tokens=[f"2000*{empty}"])),
            error("too-many-fragments", 1008),
            limits=("fragments=1000",),
            extension=EITHER,
            roles=(role,),
        )


def stored(data):
    """In blocks of at most 65,535 bytes."""
    bits = Bits()
    for at in range(0, len(data), 65535):
        bits.stored(data[at : at + 65535])
    return bits.payload()


def single_bytes(data):
    bits = Bits()
    for byte in data:
        bits.fixed(bytes([byte]))
    return bits.payload()


def with_lengths(lengths, changes):
    return [changes.get(i, length) for i, length in enumerate(lengths)]


def precode(lengths):
    """A dynamic block whose code length code has these lengths, in the order of RFC 1951."""
    bits = Bits().put(0, 1).put(2, 2).put(0, 5).put(0, 5).put(15, 4)
    for length in lengths:
        bits.put(length, 3)
    return bits.put(0, 64).payload()
