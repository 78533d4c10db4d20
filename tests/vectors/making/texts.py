"""UTF-8 (RFC 6455 section 8.1, RFC 3629), plain and compressed."""

from .deflate import Bits
from .vector import *

BEFORE, SEEN_BEFORE = Frame(FIN | TEXT, b"a"), text(b"a")
DEFLATE = "permessage-deflate takeover=no window=15"

VALID = [
    ("nul", b"\x00"),
    ("last-of-1", b"\x7f"),
    ("first-of-2", b"\xc2\x80"),
    ("last-of-2", b"\xdf\xbf"),
    ("first-of-3", b"\xe0\xa0\x80"),
    ("after-e0", b"\xe1\x80\x80"),
    ("before-surrogates", b"\xed\x9f\xbf"),
    ("after-surrogates", b"\xee\x80\x80"),
    ("last-of-3", b"\xef\xbf\xbf"),
    ("noncharacter", b"\xef\xbf\xbe"),
    ("bom", b"\xef\xbb\xbf"),
    ("first-of-4", b"\xf0\x90\x80\x80"),
    ("after-f0", b"\xf1\x80\x80\x80"),
    ("before-f4", b"\xf3\xbf\xbf\xbf"),
    ("last-of-4", b"\xf4\x8f\xbf\xbf"),
    ("euro", "€".encode()),
    ("kosme", "κόσμε".encode()),
    ("mixture", "aé€😀z".encode()),
]

# The name, the row, the bytes, and how many of them are enough to know.
INVALID = [
    ("80", "utf8-lone-continuation", b"\x80", 1),
    ("bf", "utf8-lone-continuation", b"\xbf", 1),
    ("80-twice", "utf8-lone-continuation", b"\x80\x80", 1),
    ("one-too-many-of-2", "utf8-lone-continuation", b"\xc3\xa9\xa9", 3),
    ("one-too-many-of-3", "utf8-lone-continuation", b"\xe2\x82\xac\xac", 4),
    ("one-too-many-of-4", "utf8-lone-continuation", b"\xf0\x9f\x98\x80\x80", 5),
    ("c0-80", "utf8-overlong", b"\xc0\x80", 1),
    ("c0-af", "utf8-overlong", b"\xc0\xaf", 1),
    ("c1-bf", "utf8-overlong", b"\xc1\xbf", 1),
    ("e0-80-80", "utf8-overlong", b"\xe0\x80\x80", 2),
    ("e0-9f-bf", "utf8-overlong", b"\xe0\x9f\xbf", 2),
    ("f0-80-80-80", "utf8-overlong", b"\xf0\x80\x80\x80", 2),
    ("f0-8f-bf-bf", "utf8-overlong", b"\xf0\x8f\xbf\xbf", 2),
    ("f8-88-80-80-80", "utf8-overlong", b"\xf8\x88\x80\x80\x80", 1),
    ("fc-84-80-80-80-80", "utf8-overlong", b"\xfc\x84\x80\x80\x80\x80", 1),
    ("d800", "utf8-surrogates", b"\xed\xa0\x80", 2),
    ("dbff", "utf8-surrogates", b"\xed\xaf\xbf", 2),
    ("dc00", "utf8-surrogates", b"\xed\xb0\x80", 2),
    ("dfff", "utf8-surrogates", b"\xed\xbf\xbf", 2),
    ("pair", "utf8-surrogates", b"\xed\xa0\xbd\xed\xb8\x80", 2),
    ("110000", "utf8-above", b"\xf4\x90\x80\x80", 2),
    ("13ffff", "utf8-above", b"\xf4\xbf\xbf\xbf", 2),
    ("140000", "utf8-above", b"\xf5\x80\x80\x80", 1),
    ("1fffff", "utf8-above", b"\xf7\xbf\xbf\xbf", 1),
    ("fe", "utf8-above", b"\xfe", 1),
    ("ff", "utf8-above", b"\xff", 1),
    ("c3-28", "utf8-interrupted", b"\xc3\x28", 2),
    ("c3-c3", "utf8-interrupted", b"\xc3\xc3\xa9", 2),
    ("e2-28", "utf8-interrupted", b"\xe2\x28\xa1", 2),
    ("e2-82-28", "utf8-interrupted", b"\xe2\x82\x28", 3),
    ("f0-28", "utf8-interrupted", b"\xf0\x28\x8c\xbc", 2),
    ("f0-9f-28", "utf8-interrupted", b"\xf0\x9f\x28\xbc", 3),
    ("f0-9f-98-28", "utf8-interrupted", b"\xf0\x9f\x98\x28", 4),
    ("f0-9f-98-f0", "utf8-interrupted", b"\xf0\x9f\x98\xf0\x9f\x98\x80", 4),
]

TRUNCATED = [
    ("c3", b"\xc3"),
    ("e2", b"\xe2"),
    ("e2-82", b"\xe2\x82"),
    ("f0", b"\xf0"),
    ("f0-9f", b"\xf0\x9f"),
    ("f0-9f-98", b"\xf0\x9f\x98"),
    ("ed-9f", b"\xed\x9f"),
    ("f4-8f-bf", b"\xf4\x8f\xbf"),
]

WRONG = error("invalid-utf8", 1007)


def stored(message):
    return Bits().stored(message).payload()


def utf8(book):
    book.begin("utf8.txt", "Text, plain.")
    for name, sample in VALID:
        book.add(
            f"valid-{name}",
            "utf8-valid",
            came(Frame(FIN | TEXT, sample), Frame(FIN | TEXT, b"x" + sample + b"y")),
            text(sample),
            text(b"x" + sample + b"y"),
            extension="any",
        )
    for name, row, bad, enough in INVALID:
        book.add(
            f"invalid-{name}",
            row,
            came(BEFORE, Frame(FIN | TEXT, b"x" + bad + b"y"), BEFORE),
            SEEN_BEFORE,
            WRONG,
            extension="any",
        )
        # The header claims 200 bytes, and the last that comes is the first wrong one.
        book.add(
            f"invalid-{name}-fail-fast",
            "utf8-fail-fast",
            came(BEFORE, Frame(FIN | TEXT, b"xyz" + bad[:enough], claim=200)),
            SEEN_BEFORE,
            WRONG,
            roles=("server",),
        )
        for cut in range(1, len(bad)):
            frames = [Frame(TEXT, b"x" + bad[:cut]), Frame(CONT, bad[cut:])]
            book.add(
                f"invalid-{name}-cut-at-{cut}",
                row,
                came(BEFORE, *frames),
                SEEN_BEFORE,
                WRONG,
                roles=("client",),
                note="no last fragment is needed to know",
            )
    for name, bad in TRUNCATED:
        book.add(
            f"truncated-{name}",
            "utf8-truncated",
            came(BEFORE, Frame(FIN | TEXT, b"x" + bad), BEFORE),
            SEEN_BEFORE,
            WRONG,
            extension="any",
        )
        book.add(
            f"truncated-{name}-waits",
            "utf8-truncated",
            came(BEFORE, Frame(TEXT, b"x" + bad)),
            SEEN_BEFORE,
            roles=("server",),
            note="the rest may come in the next fragment",
        )
        book.add(
            f"truncated-{name}-then-empty",
            "utf8-empty-final",
            came(BEFORE, Frame(TEXT, b"x" + bad), Frame(FIN | CONT)),
            SEEN_BEFORE,
            WRONG,
        )
        book.add(
            f"truncated-{name}-then-empties",
            "utf8-empty-final",
            came(BEFORE, Frame(TEXT, bad), Frame(CONT), Frame(CONT), Frame(FIN | CONT)),
            SEEN_BEFORE,
            WRONG,
            roles=("client",),
        )
        book.add(
            f"truncated-{name}-then-the-next-message",
            "utf8-state",
            came(BEFORE, Frame(FIN | BINARY, bad), Frame(FIN | TEXT, b"b"), Frame(FIN | TEXT, "é".encode())),
            SEEN_BEFORE,
            binary(bad),
            text(b"b"),
            text("é"),
            roles=("server",),
            note="binary is not validated",
        )
    for name, sample in VALID:
        for cut in range(1, len(sample)) if len(sample) > 1 else ():
            frames = [Frame(TEXT, sample[:cut]), Frame(FIN | PING, b"\xff"), Frame(FIN | CONT, sample[cut:])]
            book.add(
                f"valid-{name}-cut-at-{cut}",
                "utf8-split",
                came(frames[0]),
                came(frames[1]),
                ping(b"\xff"),
                answers_pong(b"\xff"),
                came(frames[2]),
                text(sample),
                roles=("server" if cut % 2 else "client",),
            )
    sample = "aé€😀z".encode()
    book.add(
        "valid-mixture-in-single-bytes",
        "utf8-split",
        came(Frame(TEXT, sample[:1]), *[Frame(CONT, bytes([byte])) for byte in sample[1:]], Frame(FIN | CONT)),
        text(sample),
        extension="any",
    )
    book.add(
        "state-of-fragments",
        "utf8-state",
        came(
            Frame(TEXT, b"\xe2"),
            Frame(CONT, b"\x82"),
            Frame(FIN | CONT, b"\xac"),
            Frame(FIN | TEXT, b"\x41"),
            Frame(TEXT, b"\xf0\x9f"),
            Frame(FIN | CONT, b"\x98\x80"),
        ),
        text("€"),
        text("A"),
        text("😀"),
        extension="any",
    )
    book.add(
        "state-over-binary",
        "utf8-state",
        came(BEFORE, Frame(BINARY, b"\xe2\x82"), Frame(FIN | CONT, b""), Frame(FIN | TEXT, b"\xac")),
        SEEN_BEFORE,
        binary(b"\xe2\x82"),
        WRONG,
        note="what binary began, text does not end",
    )
    book.add(
        "pong-is-no-text",
        "utf8-state",
        came(Frame(TEXT, b"\xe2"), Frame(FIN | PONG, b"\x82\xac"), Frame(FIN | CONT, b"\x82\xac")),
        pong(b"\x82\xac"),
        text("€"),
    )
    book.add(
        "ping-does-not-end-a-character",
        "utf8-state",
        came(Frame(TEXT, b"\xe2"), Frame(FIN | PING, b"\x82\xac"), Frame(FIN | CONT)),
        ping(b"\x82\xac"),
        answers_pong(b"\x82\xac"),
        WRONG,
    )
    for block in (8, 16, 32, 64, 128, 256, 4096):
        for character in ("é", "€", "😀"):
            encoded = character.encode()
            for back in range(1, len(encoded)):
                whole = b"b" * (block - back) + encoded + b"c" * 9
                wrong = b"b" * (block - back) + encoded[:-1] + b"c" * 9
                name = f"{len(encoded)}-bytes-{back}-before-{block}"
                book.add(
                    f"across-{name}",
                    "utf8-blocks",
                    came(Frame(FIN | TEXT, whole)),
                    text(whole),
                    roles=("server" if back % 2 else "client",),
                )
                book.add(
                    f"cut-{name}",
                    "utf8-blocks",
                    came(BEFORE, Frame(FIN | TEXT, wrong), BEFORE),
                    SEEN_BEFORE,
                    WRONG,
                    roles=("client" if back % 2 else "server",),
                )
    for length in (15, 16, 17, 31, 32, 33, 63, 64, 65, 1000, 65536):
        ends = b"d" * (length - 2) + b"\xe2\x82"
        book.add(
            f"truncated-at-{length}",
            "utf8-blocks",
            came(BEFORE, Frame(FIN | TEXT, ends), BEFORE),
            SEEN_BEFORE,
            WRONG,
            roles=("server" if length % 2 else "client",),
        )
    for place in (0, 1, 15, 16, 63, 64, 4095, 4096, 65535):
        book.add(
            f"fail-fast-at-{place}",
            "utf8-fail-fast",
            came(BEFORE, Frame(FIN | TEXT, b"e" * place + b"\xff", claim=100000)),
            SEEN_BEFORE,
            WRONG,
        )
        book.add(
            f"fail-fast-at-{place}-of-a-fragment",
            "utf8-fail-fast",
            came(BEFORE, Frame(TEXT, b"\xe2\x82"), Frame(CONT, b"\xac" + b"e" * place + b"\xff", claim=100000)),
            SEEN_BEFORE,
            WRONG,
            roles=("server",),
        )
    book.add(
        "fail-fast-and-a-ping",
        "utf8-fail-fast",
        came(BEFORE, Frame(TEXT, b"\xe2\x82\x41"), Frame(FIN | PING, b"p")),
        SEEN_BEFORE,
        WRONG,
        note="the ping is not answered any more",
    )


def compressed_text(book):
    book.begin("deflate_text.txt", "Text, compressed.")
    for name, sample in VALID:
        book.add(
            f"compressed-{name}",
            "deflate-text",
            came(Frame(FIN | RSV1 | TEXT, Bits().fixed(sample).payload()), Frame(FIN | RSV1 | TEXT, stored(sample))),
            text(sample),
            text(sample),
            extension=DEFLATE,
            roles=("server",),
        )
    for i, (name, _, bad, _) in enumerate(INVALID + [(name, None, bad, 0) for name, bad in TRUNCATED]):
        payload = [
            stored(b"x" + bad + b"y"),
            Bits().fixed(b"x" + bad + b"y").payload(),
            Bits().dynamic(b"x" + bad + b"y").payload(),
        ][i % 3]
        if i >= len(INVALID):
            payload = [stored(b"x" + bad), Bits().fixed(b"x" + bad).payload()][i % 2]
        role = "client" if i % 2 else "server"
        book.add(
            f"compressed-invalid-{name}",
            "deflate-text",
            came(BEFORE, Frame(FIN | RSV1 | TEXT, payload), BEFORE),
            SEEN_BEFORE,
            WRONG,
            extension=DEFLATE,
            roles=(role,),
        )
        cut = len(payload) // 2
        book.add(
            f"compressed-invalid-{name}-in-fragments",
            "deflate-text",
            came(BEFORE, Frame(RSV1 | TEXT, payload[:cut]), Frame(FIN | CONT, payload[cut:]), BEFORE),
            SEEN_BEFORE,
            WRONG,
            extension=DEFLATE,
            roles=(role,),
        )
        book.add(
            f"compressed-invalid-{name}-binary",
            "deflate-text",
            came(Frame(FIN | RSV1 | BINARY, payload)),
            binary(b"x" + bad + (b"y" if i < len(INVALID) else b"")),
            extension=DEFLATE,
            roles=(role,),
            note="binary is not validated",
        )
    # The character is split over blocks, and by a match.
    book.add(
        "character-over-blocks",
        "deflate-text",
        came(Frame(FIN | RSV1 | TEXT, Bits().fixed(b"\xe2").stored(b"\x82").fixed(b"\xac").payload())),
        text("€"),
        extension=DEFLATE,
    )
    book.add(
        "character-out-of-a-match",
        "deflate-text",
        came(Frame(FIN | RSV1 | TEXT, Bits().fixed("€€".encode(), (30, 6), (4, 3), b"\x82\xac").payload())),
        text("€" * 14),
        extension=DEFLATE,
    )
    book.add(
        "a-match-that-breaks-a-character",
        "deflate-text",
        came(BEFORE, Frame(FIN | RSV1 | TEXT, Bits().fixed("€€".encode(), (4, 3)).payload())),
        SEEN_BEFORE,
        WRONG,
        extension=DEFLATE,
    )
    for cut in range(1, 6):
        payload = Bits().stored("€".encode() * 2).payload()
        book.add(
            f"compressed-characters-cut-at-{cut + 4}",
            "deflate-text",
            came(Frame(RSV1 | TEXT, payload[: cut + 4]), Frame(FIN | CONT, payload[cut + 4 :])),
            text("€€"),
            extension=DEFLATE,
        )
    book.add(
        "compressed-truncated-then-empty",
        "deflate-text",
        came(BEFORE, Frame(RSV1 | TEXT, stored(b"x\xe2\x82")), Frame(FIN | CONT)),
        SEEN_BEFORE,
        WRONG,
        extension=DEFLATE,
    )
    book.add(
        "compressed-state",
        "deflate-text",
        came(
            Frame(FIN | RSV1 | TEXT, stored("é".encode())),
            Frame(FIN | RSV1 | BINARY, stored(b"\xe2")),
            Frame(FIN | TEXT, b"b"),
            Frame(FIN | RSV1 | TEXT, stored(b"c")),
        ),
        text("é"),
        binary(b"\xe2"),
        text(b"b"),
        text(b"c"),
        extension=DEFLATE,
    )
    for place in (15, 31, 63, 4095, 16383, 16384, 32767, 65535):
        wrong = Bits().fixed(b"f", *matches(place - 1), b"\xff", b"g" * 9).payload()
        book.add(
            f"compressed-wrong-byte-at-{place}",
            "deflate-text",
            came(BEFORE, Frame(FIN | RSV1 | TEXT, wrong)),
            SEEN_BEFORE,
            WRONG,
            extension=DEFLATE,
            roles=("server",),
        )


def matches(length):
    """Tokens that repeat the byte before so many times."""
    out = [(258, 1)] * (length // 258)
    rest = length % 258
    return out + ([(rest, 1)] if rest >= 3 else [b"f" * rest] if rest else [])
