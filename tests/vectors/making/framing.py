"""Frames, control frames, fragments, closes and limits (RFC 6455)."""

from .vector import *

BEFORE, SEEN_BEFORE = Frame(FIN | TEXT, b"a"), text(b"a")
AFTER = Frame(FIN | BINARY, b"never")
ANY = "any"


def fails(book, name, row, *frames, kind, code=1002, events=(), answers=(), **options):
    """A message that comes through, then what is wrong, then what nobody may look at."""
    book.add(name, row, came(BEFORE, *frames, AFTER), SEEN_BEFORE, *events, *answers, error(kind, code), **options)


def examples(book):
    book.begin("examples_6455.txt", "The examples of RFC 6455 section 5.7, byte for byte.")
    one = "examples-6455"
    book.add("unmasked-hello", one, came(Raw(b"\x81\x05Hello")), text(b"Hello"), roles=("client",))
    book.add("masked-hello", one, came(Raw(bytes.fromhex("818537fa213d7f9f4d5158"))), text(b"Hello"), roles=("server",))
    book.add(
        "fragmented-unmasked",
        one,
        came(Raw(b"\x01\x03Hel")),
        came(Raw(b"\x80\x02lo")),
        text(b"Hello"),
        roles=("client",),
    )
    book.add(
        "unmasked-ping", one, came(Raw(b"\x89\x05Hello")), ping(b"Hello"), answers_pong(b"Hello"), roles=("client",)
    )
    book.add("masked-pong", one, came(Raw(bytes.fromhex("8a8537fa213d7f9f4d5158"))), pong(b"Hello"), roles=("server",))
    book.add(
        "binary-256",
        one,
        came(Raw(b"\x82\x7e\x01\x00" + bytes(range(256)))),
        binary(bytes(range(256))),
        roles=("client",),
    )
    book.add(
        "binary-64k",
        one,
        came(Raw(b"\x82\x7f\0\0\0\0\0\x01\0\0" + b"x" * 65536)),
        binary(b"x" * 65536),
        roles=("client",),
    )


def lengths(book):
    book.begin("lengths.txt", "Lengths and headers.")
    for length in (0, 1, 2, 124, 125, 126, 127, 128, 254, 255, 256, 257, 65535, 65536, 65537, 70000):
        payload = (b"abcd" * (length // 4 + 1))[:length]
        book.add(f"length-{length}", "length-forms", came(Frame(FIN | BINARY, payload)), binary(payload), extension=ANY)
    for length, forms in [
        (0, (16, 64)),
        (1, (16, 64)),
        (2, (16, 64)),
        (125, (16, 64)),
        (126, (64,)),
        (255, (64,)),
        (65535, (64,)),
    ]:
        for form in forms:
            payload = b"b" * length
            fails(
                book,
                f"length-{length}-in-{form}-bits",
                "length-not-minimal",
                Frame(FIN | BINARY, payload, form=form),
                kind="length-not-minimal",
            )
    fails(
        book,
        "continuation-length-5-in-16-bits",
        "length-not-minimal",
        Frame(TEXT, b"b"),
        Frame(FIN | CONT, b"ccccc", form=16),
        kind="length-not-minimal",
    )
    for name, claim in [
        ("alone", 1 << 63),
        ("and-5", (1 << 63) + 5),
        ("and-all-others", (1 << 64) - 1),
        ("and-2-62", (1 << 63) | (1 << 62)),
        ("and-65536", (1 << 63) + 65536),
    ]:
        fails(
            book,
            f"top-bit-{name}",
            "length-top-bit",
            Frame(FIN | BINARY, b"hello", claim=claim, form=64),
            kind="length-top-bit",
        )
    fails(
        book,
        "top-bit-continuation",
        "length-top-bit",
        Frame(BINARY, b""),
        Frame(FIN | CONT, b"hello", claim=(1 << 63) + 5, form=64),
        kind="length-top-bit",
    )
    for name, claim in [
        ("2-32", 1 << 32),
        ("2-32-and-5", (1 << 32) + 5),
        ("2-48", 1 << 48),
        ("2-62", 1 << 62),
        ("2-63-less-1", (1 << 63) - 1),
    ]:
        # Five bytes of it, and what would be a ping if the length were cut to 32 bits.
        started = Frame(FIN | BINARY, b"hello", claim=claim)
        book.add(
            f"huge-{name}-without-limit",
            "length-huge",
            came(BEFORE, started, Frame(FIN | PING, b"x")),
            SEEN_BEFORE,
            may_fail("too-long", 1009),
            extension=ANY,
            note="it waits for the rest, or has a limit of its own",
        )
        book.add(
            f"huge-{name}-above-limit",
            "length-huge",
            came(BEFORE, Frame(FIN | BINARY, claim=claim)),
            SEEN_BEFORE,
            error("too-long", 1009),
            limits=("message=1000000",),
            extension=ANY,
            note="the header is enough",
        )
    book.add(
        "huge-sum-of-fragments",
        "length-huge",
        came(Frame(BINARY, b"ab"), Frame(CONT, claim=(1 << 63) - 1)),
        error("too-long", 1009),
        limits=("message=1000000",),
        note="2 and 2^63 - 1: a signed sum overflows",
    )
    every = [
        Frame(FIN | TEXT),
        Frame(FIN | TEXT, b"x"),
        Frame(FIN | BINARY, b"y" * 126),
        Frame(FIN | TEXT, b"z" * 65536),
        Frame(FIN | PING, b"p" * 125),
        Frame(BINARY, b"1"),
        Frame(CONT, b"2" * 200),
        Frame(FIN | CONT),
    ]
    book.add(
        "every-form-in-a-row",
        "header-splits",
        came(*every),
        text(b""),
        text(b"x"),
        binary(b"y" * 126),
        text(b"z" * 65536),
        ping(b"p" * 125),
        answers_pong(b"p" * 125),
        binary(b"1" + b"2" * 200),
        extension=ANY,
    )
    for length, what in [(5, "7"), (200, "16"), (65536, "64")]:
        frames = [Frame(FIN | TEXT, b"w" * length) for _ in range(3)]
        book.add(
            f"three-with-{what}-bits",
            "header-splits",
            *(step for frame in frames for step in (came(frame), text(b"w" * length))),
        )
    for role, small, empty in [("server", "8281000000006d", "828000000000"), ("client", "82016d", "8200")]:
        # Each message is an event, so not too many of them.
        book.add(
            f"many-small-{role}",
            "many-frames",
            came(Raw(tokens=[f"300*{small}"])),
            *[binary(b"m")] * 300,
            roles=(role,),
        )
        book.add(
            f"many-empty-{role}", "many-frames", came(Raw(tokens=[f"300*{empty}"])), *[binary(b"")] * 300, roles=(role,)
        )
        first, middle = (small.replace("82", "02", 1), small.replace("82", "00", 1))
        book.add(
            f"many-fragments-{role}",
            "many-frames",
            came(Raw(tokens=[first, f"4000*{middle}"]), Frame(FIN | CONT)),
            binary(b"m" * 4001),
            roles=(role,),
        )


def masks(book):
    book.begin("masks.txt", "Masks.")
    wrong = [
        ("text", [Frame(FIN | TEXT, b"b", masked=None)]),
        ("empty", [Frame(FIN | BINARY)]),
        ("ping", [Frame(FIN | PING, b"b")]),
        ("pong", [Frame(FIN | PONG)]),
        ("close", [Frame(FIN | CLOSE, b"\x03\xe8")]),
        ("126", [Frame(FIN | BINARY, b"b" * 126)]),
        ("65536", [Frame(FIN | BINARY, b"b" * 65536)]),
        ("first-fragment", [Frame(TEXT, b"b")]),
        ("continuation", [Frame(TEXT, b"b"), Frame(FIN | CONT, b"c")]),
    ]
    for name, frames in wrong:
        for role, row, kind, masked in [
            ("server", "mask-required", "mask-missing", False),
            ("client", "mask-forbidden", "mask-unexpected", True),
        ]:
            last = frames[-1]
            bad = Frame(last.first, last.payload, masked=masked)
            fails(book, f"{kind}-{name}", row, *frames[:-1], bad, kind=kind, roles=(role,))
    book.add(
        "mask-missing-at-the-header",
        "mask-required",
        came(Raw(bytes.fromhex("8105"))),
        error("mask-missing"),
        roles=("server",),
        note="the header is enough",
    )
    book.add(
        "mask-unexpected-at-the-header",
        "mask-forbidden",
        came(Raw(bytes.fromhex("818537fa213d"))),
        error("mask-unexpected"),
        roles=("client",),
        note="the header is enough",
    )
    for first, name, event, answer in [
        (TEXT, "text", text, ()),
        (BINARY, "binary", binary, ()),
        (PING, "ping", ping, (answers_pong(b"\x00zero\x7f"),)),
    ]:
        book.add(
            f"zero-key-{name}",
            "mask-zero-key",
            came(Frame(FIN | first, b"\x00zero\x7f", key=bytes(4))),
            event(b"\x00zero\x7f"),
            *answer,
            roles=("server",),
        )
    book.add(
        "ones-key",
        "mask-zero-key",
        came(Frame(FIN | BINARY, bytes(range(40)), key=b"\xff" * 4)),
        binary(bytes(range(40))),
        roles=("server",),
    )
    for length in [*range(1, 18), 31, 32, 33, 47, 63, 64, 65, 66, 67, 95, 127, 128, 129, 130, 131]:
        payload = bytes((7 * i + length) % 251 for i in range(length))
        frames = [
            Frame(FIN | BINARY, payload, key=bytes([1, 2, 4, 0x80])),
            Frame(FIN | BINARY, payload, key=bytes([0x80, 0, 0, 1])),
        ]
        book.add(
            f"mask-phase-{length}", "mask-phase", came(*frames), binary(payload), binary(payload), roles=("server",)
        )
    whole = bytes(range(1, 120))
    for cut in (1, 2, 3, 5, 62, 63, 64, 65):
        parts = [
            Frame(BINARY, whole[:cut], key=b"\x11\x22\x44\x88"),
            Frame(FIN | PING, b"k", key=b"\x01\x00\x00\x00"),
            Frame(FIN | CONT, whole[cut:], key=b"\x88\x11\x22\x44"),
        ]
        book.add(
            f"mask-phase-of-fragments-{cut}",
            "mask-phase",
            came(*parts),
            ping(b"k"),
            answers_pong(b"k"),
            binary(whole),
            roles=("server",),
            note="each frame's key begins with its payload",
        )
    # The text is made so that it is ASCII with the right phase only.
    key = bytes([0x80, 0xC0, 0xE0, 0xF0])
    for length in (5, 17, 64, 127, 300):
        book.add(
            f"mask-phase-text-{length}",
            "mask-phase",
            came(Frame(FIN | TEXT, b"t" * length, key=key)),
            text(b"t" * length),
            roles=("server",),
        )


def opcodes(book):
    book.begin("opcodes.txt", "Reserved opcodes and bits.")
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]:
        for fin in (FIN, 0):
            kind = "reserved-opcode" if fin or opcode < 8 else "reserved-opcode|control-fragmented"
            suffix = "" if fin else "-without-fin"
            fails(book, f"opcode-{opcode}{suffix}", "opcode-reserved", Frame(fin | opcode, b"b"), kind=kind)
    for opcode in (3, 11):
        fails(
            book,
            f"opcode-{opcode}-inside-a-message",
            "opcode-reserved",
            Frame(TEXT, b"b"),
            Frame(FIN | opcode),
            kind="reserved-opcode",
            roles=("server",),
        )
    names = {CONT: "continuation", TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
    for opcode, name in names.items():
        payload = b"\x03\xe8" if opcode == CLOSE else b"b"
        start = [Frame(BINARY, b"s")] if opcode == CONT else []
        for bits in range(1, 8):
            kinds = ["rsv1-unexpected"] if bits & 4 else []
            kinds += ["reserved-bits"] if bits & 3 else []
            fails(
                book,
                f"rsv-{bits:03b}-{name}",
                "rsv1-not-negotiated" if bits == 4 else "rsv-without-extension",
                *start,
                Frame(FIN | bits << 4 | opcode, payload),
                kind="|".join(kinds),
                roles=("server" if bits % 2 else "client",),
            )
    for opcode, name in [(TEXT, "text"), (BINARY, "binary")]:
        fails(
            book,
            f"rsv1-{name}-first-fragment",
            "rsv1-not-negotiated",
            Frame(RSV1 | opcode, b"b"),
            Frame(FIN | CONT),
            kind="rsv1-unexpected",
        )
        fails(book, f"rsv1-{name}-empty", "rsv1-not-negotiated", Frame(FIN | RSV1 | opcode), kind="rsv1-unexpected")


def controls(book):
    book.begin("control.txt", "Control frames, and messages in fragments.")
    names = {CLOSE: "close", PING: "ping", PONG: "pong"}
    for opcode, name in names.items():
        start = b"\x03\xe8" if opcode == CLOSE else b""
        for length in (0, 2, 125):
            payload = (start + b"c" * 125)[:length]
            fails(
                book,
                f"{name}-of-{length}-without-fin",
                "control-fragmented",
                Frame(opcode, payload),
                kind="control-fragmented",
                extension=ANY,
            )
        fails(
            book,
            f"{name}-without-fin-inside-a-message",
            "control-fragmented",
            Frame(TEXT, b"b"),
            Frame(opcode, start),
            kind="control-fragmented",
            roles=("client",),
        )
        for length in (126, 127, 65535, 65536):
            payload = (start + b"c" * length)[:length]
            fails(
                book,
                f"{name}-of-{length}",
                "control-too-long",
                Frame(FIN | opcode, payload),
                kind="control-too-long",
                extension=ANY,
            )
        for form in (16, 64):
            for length in (2, 125):
                payload = (start + b"c" * 125)[:length]
                fails(
                    book,
                    f"{name}-of-{length}-in-{form}-bits",
                    "control-too-long",
                    Frame(FIN | opcode, payload, form=form),
                    kind="control-too-long|length-not-minimal",
                    roles=("server" if form == 16 else "client",),
                )
        fails(
            book,
            f"{name}-of-2-62",
            "control-too-long",
            Frame(FIN | opcode, start, claim=1 << 62),
            kind="control-too-long",
            roles=("server",),
        )
        book.add(
            f"{name}-of-126-at-the-header",
            "control-too-long",
            came(Frame(FIN | opcode, claim=126)),
            error("control-too-long"),
            roles=("client",),
            note="the header is enough",
        )
    for length in (0, 1, 124, 125):
        payload = bytes((200 + i) % 256 for i in range(length))
        book.add(
            f"ping-of-{length}",
            "ping-answered",
            came(Frame(FIN | PING, payload)),
            ping(payload),
            answers_pong(payload),
            extension=ANY,
        )
        book.add(f"pong-of-{length}", "pong-unasked", came(Frame(FIN | PONG, payload)), pong(payload), extension=ANY)
    book.add(
        "close-of-125",
        "control-longest",
        came(Frame(FIN | CLOSE, b"\x03\xe8" + b"r" * 123)),
        close(1000, b"r" * 123),
        answers_close(1000),
    )
    book.add(
        "pings-of-0-and-125",
        "control-longest",
        came(Frame(FIN | PING), Frame(FIN | PING, b"\xff" * 125)),
        ping(),
        ping(b"\xff" * 125),
        answers_pong(),
        answers_pong(b"\xff" * 125),
    )
    book.add(
        "pings-in-a-row",
        "ping-answered",
        came(*[Frame(FIN | PING, bytes([n])) for n in range(10)]),
        *[ping(bytes([n])) for n in range(10)],
        *[answers_pong(bytes([n])) for n in range(10)],
    )
    book.add(
        "pong-and-then-ping",
        "pong-unasked",
        came(Frame(FIN | PONG, b"x"), Frame(FIN | PING, b"x"), Frame(FIN | PONG, b"x")),
        pong(b"x"),
        ping(b"x"),
        answers_pong(b"x"),
        pong(b"x"),
    )

    for opcode, name, event in [(TEXT, "text", text), (BINARY, "binary", binary)]:
        for between, what, steps in [
            (Frame(FIN | PING, b"!"), "ping", (ping(b"!"), answers_pong(b"!"))),
            (Frame(FIN | PONG, b"!"), "pong", (pong(b"!"),)),
        ]:
            book.add(
                f"{what}-inside-{name}",
                "control-between-fragments",
                came(Frame(opcode, b"frag")),
                came(between),
                *steps,
                came(Frame(FIN | CONT, b"ment")),
                event(b"fragment"),
                extension=ANY,
            )
        book.add(
            f"pings-and-pongs-inside-{name}",
            "control-between-fragments",
            came(
                Frame(opcode),
                Frame(FIN | PONG),
                Frame(CONT, b"1"),
                Frame(FIN | PING, b"a"),
                Frame(FIN | PING, b"b"),
                Frame(CONT),
                Frame(FIN | PONG, b"c"),
                Frame(FIN | CONT, b"2"),
            ),
            pong(),
            ping(b"a"),
            ping(b"b"),
            pong(b"c"),
            event(b"12"),
            answers_pong(b"a"),
            answers_pong(b"b"),
            extension=ANY,
        )
        book.add(
            f"close-inside-{name}",
            "control-between-fragments",
            came(Frame(opcode, b"frag"), Frame(FIN | CLOSE, b"\x03\xe9"), Frame(FIN | CONT, b"ment")),
            close(1001),
            answers_close(1001),
            extension=ANY,
            note="the message is lost",
        )
        book.add(
            f"{name}-in-2",
            "fragments",
            came(Frame(opcode, b"frag"), Frame(FIN | CONT, b"ment")),
            event(b"fragment"),
            extension=ANY,
        )
        book.add(
            f"{name}-in-8",
            "fragments",
            came(Frame(opcode, b"f"), *[Frame(CONT, bytes([c])) for c in b"ragmen"], Frame(FIN | CONT, b"t")),
            event(b"fragment"),
        )
        book.add(
            f"{name}-empty-in-3",
            "fragments",
            came(Frame(opcode), Frame(CONT), Frame(FIN | CONT)),
            event(b""),
            extension=ANY,
        )
        book.add(
            f"{name}-with-an-empty-first",
            "fragments",
            came(Frame(opcode), Frame(FIN | CONT, b"all")),
            event(b"all"),
            extension=ANY,
        )
        book.add(
            f"{name}-with-an-empty-last",
            "fragments",
            came(Frame(opcode, b"all")),
            came(Frame(FIN | CONT)),
            event(b"all"),
            extension=ANY,
        )
        book.add(
            f"{name}-of-large-fragments",
            "fragments",
            came(Frame(opcode, b"l" * 65536), Frame(CONT, b"m" * 126), Frame(FIN | CONT, b"n" * 65535)),
            event(b"l" * 65536 + b"m" * 126 + b"n" * 65535),
        )
        book.add(
            f"{name}-unfinished",
            "fragments",
            came(BEFORE, Frame(opcode, b"frag"), Frame(CONT, b"ment")),
            SEEN_BEFORE,
            note="nothing is given before its end",
        )
        other = BINARY if opcode == TEXT else TEXT
        fails(
            book,
            f"{name}-inside-{name}",
            "data-inside-message",
            Frame(opcode, b"b"),
            Frame(FIN | opcode, b"c"),
            kind="continuation-expected",
            extension=ANY,
        )
        fails(
            book,
            f"other-inside-{name}",
            "data-inside-message",
            Frame(opcode, b"b"),
            Frame(CONT, b"c"),
            Frame(other, b"d"),
            kind="continuation-expected",
        )
        fails(
            book,
            f"{name}-inside-{name}-after-a-ping",
            "data-inside-message",
            Frame(opcode, b"b"),
            Frame(FIN | PING, b"p"),
            Frame(FIN | opcode, b"c"),
            kind="continuation-expected",
            events=(ping(b"p"), answers_pong(b"p")),
        )
    for fin, name in [(FIN, "last"), (0, "middle")]:
        for payload, what in [(b"", "empty"), (b"b", "of-1")]:
            fails(
                book,
                f"{name}-continuation-{what}",
                "continuation-without-start",
                Frame(fin | CONT, payload),
                kind="continuation-unexpected",
                extension=ANY,
            )
    book.add(
        "continuation-first-of-all",
        "continuation-without-start",
        came(Frame(FIN | CONT, b"b")),
        error("continuation-unexpected"),
    )
    fails(
        book,
        "continuation-after-a-fragmented-message",
        "continuation-without-start",
        Frame(TEXT, b"b"),
        Frame(FIN | CONT, b"c"),
        Frame(FIN | CONT, b"d"),
        kind="continuation-unexpected",
        events=(text(b"bc"),),
    )
    fails(
        book,
        "continuation-after-a-ping",
        "continuation-without-start",
        Frame(FIN | PING, b"p"),
        Frame(FIN | CONT, b"d"),
        kind="continuation-unexpected",
        events=(ping(b"p"), answers_pong(b"p")),
    )


def closes(book):
    book.begin("close.txt", "Close frames.")
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3001, 3999, 4000, 4999]:
        late = (
            "not in RFC 6455, but in the registry that it sets up (section 7.4.2, 11.7)"
            if 1012 <= code <= 1014
            else None
        )
        book.add(
            f"code-{code}",
            "close-codes-valid",
            came(Frame(FIN | CLOSE, code.to_bytes(2, "big"))),
            close(code),
            answers_close(code),
            note=late,
        )
    book.add(
        "no-code",
        "close-codes-valid",
        came(Frame(FIN | CLOSE)),
        close(),
        answers_close(),
        extension=ANY,
        note="it reads as 1005, which is not sent",
    )
    for code in [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1099, 1100, 1999, 2000, 2999, 5000, 5001, 9999, 32768, 65535]:
        fails(
            book,
            f"code-{code}",
            "close-codes-invalid",
            Frame(FIN | CLOSE, code.to_bytes(2, "big")),
            kind="close-code-invalid",
        )
    fails(
        book,
        "code-1005-with-a-reason",
        "close-codes-invalid",
        Frame(FIN | CLOSE, b"\x03\xedwhy"),
        kind="close-code-invalid",
    )
    for byte in (0x00, 0x03, 0xFF):
        fails(
            book,
            f"close-of-the-byte-{byte:02x}",
            "close-payload-1",
            Frame(FIN | CLOSE, bytes([byte])),
            kind="close-payload-1",
            extension=ANY,
        )
    fails(
        book,
        "close-of-1-byte-inside-a-message",
        "close-payload-1",
        Frame(TEXT, b"b"),
        Frame(FIN | CLOSE, b"\x03"),
        kind="close-payload-1",
        roles=("server",),
    )
    for name, reason in [
        ("ascii", b"bye"),
        ("of-1", b"b"),
        ("of-123", b"b" * 123),
        ("of-2-bytes-each", "é".encode() * 61),
        ("of-4-bytes-each", "😀".encode() * 30),
        ("with-nul", b"a\0b"),
        ("with-the-last-character", b"\xf4\x8f\xbf\xbf"),
        ("with-a-bom", b"\xef\xbb\xbfx"),
    ]:
        book.add(
            f"reason-{name}",
            "close-reason",
            came(Frame(FIN | CLOSE, b"\x03\xe8" + reason)),
            close(1000, reason),
            answers_close(1000),
        )
    for name, reason in [
        ("lone-continuation", b"\x80"),
        ("ff", b"bye\xff"),
        ("overlong-2", b"\xc0\x80"),
        ("overlong-3", b"\xe0\x80\x80"),
        ("overlong-4", b"\xf0\x80\x80\x80"),
        ("surrogate", b"\xed\xa0\x80"),
        ("above", b"\xf4\x90\x80\x80"),
        ("truncated-2", b"bye\xc3"),
        ("truncated-3", b"bye\xe2\x82"),
        ("truncated-4", b"bye\xf0\x9f\x98"),
        ("last-of-123", b"b" * 122 + b"\xc3"),
        ("interrupted", b"\xe2\x28\xa1"),
    ]:
        fails(
            book,
            f"reason-{name}",
            "close-reason-utf8",
            Frame(FIN | CLOSE, b"\x03\xe8" + reason),
            kind="invalid-utf8",
            code=1007,
        )
    for name, after in [
        ("a-ping", [Frame(FIN | PING, b"late")]),
        ("a-message", [Frame(FIN | TEXT, b"late")]),
        ("a-close", [Frame(FIN | CLOSE, b"\x03\xe9")]),
        ("a-wrong-frame", [Frame(0x7F, b"late")]),
        ("a-wrong-close", [Frame(FIN | CLOSE, b"\x00\x00")]),
        ("rubbish", [Raw(b"\xff" * 40)]),
        ("half-a-frame", [Frame(FIN | BINARY, b"la", claim=50000)]),
        ("a-continuation", [Frame(FIN | CONT, b"late")]),
        ("a-wrong-mask", [Raw(bytes.fromhex("8185000000006c6174652101058c6c617465"))]),
    ]:
        book.add(
            f"close-then-{name}",
            "close-ends",
            came(Frame(FIN | CLOSE, b"\x03\xe8end"), *after),
            close(1000, b"end"),
            answers_close(1000),
        )
    book.add(
        "close-then-a-ping-later",
        "close-ends",
        came(BEFORE),
        SEEN_BEFORE,
        came(Frame(FIN | CLOSE, b"\x03\xe8")),
        close(1000),
        answers_close(1000),
        came(Frame(FIN | PING, b"late")),
        came(Frame(FIN | CLOSE)),
    )


def limits(book):
    book.begin("limits.txt", "Limits on frames, messages and fragments.")
    for kind, opcode, event in [("text", TEXT, text), ("binary", BINARY, binary)]:
        for limit in (5, 125, 126, 1000, 65535, 65536):
            fits = b"f" * limit
            book.add(
                f"message-of-{limit}-{kind}",
                "limit-message",
                came(Frame(FIN | opcode, fits)),
                event(fits),
                limits=(f"message={limit}",),
                roles=("server",),
                extension=ANY,
            )
            book.add(
                f"message-of-{limit}-and-1-{kind}",
                "limit-message",
                came(BEFORE, Frame(FIN | opcode, claim=limit + 1)),
                SEEN_BEFORE,
                error("too-long", 1009),
                limits=(f"message={limit}",),
                roles=("server",),
                extension=ANY,
                note="the header is enough",
            )
        for name, parts, fits in [
            ("3-2", (3, 2), True),
            ("3-3", (3, 3), False),
            ("0-5", (0, 5), True),
            ("0-6", (0, 6), False),
            ("5-0", (5, 0), True),
            ("5-1", (5, 1), False),
            ("1-1-1-1-1", (1,) * 5, True),
            ("1-1-1-1-1-1", (1,) * 6, False),
            ("5-0-0-0", (5, 0, 0, 0), True),
            ("4-0-2", (4, 0, 2), False),
        ]:
            frames = [Frame(opcode if i == 0 else CONT, b"g" * n) for i, n in enumerate(parts)]
            frames[-1].first |= FIN
            if fits:
                book.add(
                    f"sum-{name}-{kind}",
                    "limit-message",
                    came(*frames),
                    event(b"g" * 5),
                    limits=("message=5",),
                    extension=ANY,
                )
            else:
                # The last frame's header is there, and nothing of its payload.
                frames[-1] = Frame(frames[-1].first, claim=parts[-1])
                book.add(
                    f"sum-{name}-{kind}",
                    "limit-message",
                    came(*frames),
                    error("too-long", 1009),
                    limits=("message=5",),
                    extension=ANY,
                )
    book.add(
        "limit-per-message",
        "limit-message",
        came(
            *[Frame(FIN | TEXT, b"h" * 5)] * 3,
            Frame(TEXT, b"h" * 4),
            Frame(FIN | CONT, b"h"),
            Frame(FIN | TEXT, b"h" * 5),
        ),
        *[text(b"h" * 5)] * 5,
        limits=("message=5",),
        note="the sum begins afresh with each message",
    )
    book.add(
        "limit-and-pings",
        "limit-message",
        came(Frame(TEXT, b"h" * 5), Frame(FIN | PING, b"p" * 125), Frame(FIN | CONT)),
        ping(b"p" * 125),
        answers_pong(b"p" * 125),
        text(b"h" * 5),
        limits=("message=5",),
        note="control frames are no part of a message",
    )
    for limit in (5, 126, 65536):
        book.add(
            f"frame-of-{limit}",
            "limit-frame",
            came(Frame(FIN | BINARY, b"i" * limit)),
            binary(b"i" * limit),
            limits=(f"frame={limit}",),
            extension=ANY,
        )
        book.add(
            f"frame-of-{limit}-and-1",
            "limit-frame",
            came(BEFORE, Frame(FIN | BINARY, claim=limit + 1)),
            SEEN_BEFORE,
            error("too-long", 1009),
            limits=(f"frame={limit}",),
            extension=ANY,
        )
    book.add(
        "frames-of-5",
        "limit-frame",
        came(Frame(BINARY, b"i" * 5), Frame(CONT, b"i" * 5), Frame(FIN | CONT, b"i" * 5)),
        binary(b"i" * 15),
        limits=("frame=5",),
    )
    book.add(
        "continuation-of-6",
        "limit-frame",
        came(Frame(BINARY, b"i" * 5), Frame(CONT, claim=6)),
        error("too-long", 1009),
        limits=("frame=5",),
    )
    for name, payload in [("empty", b""), ("of-1", b"j")]:
        for count, fits in [(3, True), (4, False), (100, False)]:
            frames = [Frame(BINARY, payload)] + [Frame(CONT, payload)] * (count - 1)
            if fits:
                frames[-1] = Frame(FIN | CONT, payload)
                steps = came(*frames), binary(payload * count)
            else:
                steps = came(*frames), error("too-many-fragments", 1008)
            book.add(
                f"{count}-fragments-{name}-of-3", "limit-fragments", *steps, limits=("fragments=3",), extension=ANY
            )
    for role, empty in [("server", "008000000000"), ("client", "0000")]:
        book.add(
            f"flood-of-empty-fragments-{role}",
            "limit-fragments",
            came(Frame(TEXT), Raw(tokens=[f"5000*{empty}"])),
            error("too-many-fragments", 1008),
            limits=("fragments=1000",),
            roles=(role,),
        )
    book.add(
        "fragments-of-each-message",
        "limit-fragments",
        came(*[Frame(TEXT, b"k"), Frame(CONT), Frame(FIN | PING), Frame(FIN | CONT, b"k")] * 3),
        *[ping(), answers_pong(), text(b"kk")] * 3,
        limits=("fragments=3",),
        note="they are counted for each message, without control frames",
    )
