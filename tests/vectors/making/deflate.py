"""DEFLATE (RFC 1951) written by hand: blocks from lists of literals and matches, so that every distance, block and bit is
the vector's to choose."""


class Bits:
    """Bits in the order of RFC 1951 section 3.1.1."""

    def __init__(self):
        self.bits = []

    def put(self, value, count):
        self.bits += [value >> i & 1 for i in range(count)]
        return self

    def code(self, code, count):
        self.bits += [code >> i & 1 for i in reversed(range(count))]
        return self

    def align(self):
        self.bits += [0] * (-len(self.bits) % 8)
        return self

    def bytes(self):
        bits = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << i for i, bit in enumerate(bits[at : at + 8])) for at in range(0, len(bits), 8))

    # Blocks. `tokens` are bytes, for literals, and pairs of length and distance.

    def stored(self, data, final=0):
        self.put(final, 1).put(0, 2).align()
        length = len(data)
        self.put(length, 16).put(length ^ 0xFFFF, 16)
        for byte in data:
            self.put(byte, 8)
        return self

    def fixed(self, *tokens, final=0, end=True):
        self.put(final, 1).put(1, 2)
        for symbol, *extra in symbols(tokens):
            if symbol == "distance":
                self.code(extra[0], 5).put(*extra[1:])
            else:
                self.code(*fixed_code(symbol))
                if extra:
                    self.put(*extra)
        if end:
            self.code(0, 7)
        return self

    def dynamic(self, *tokens, final=0, end=True, one_distance=False):
        used, distances = {256}, set()
        for symbol, *extra in symbols(tokens):
            (distances if symbol == "distance" else used).add(extra[0] if symbol == "distance" else symbol)
        if len(used) == 1:
            used.add(0)
        if len(distances) == 1 and not one_distance:
            distances.add(29 if 29 not in distances else 0)
        literal_lengths, distance_lengths = balanced(used), balanced(distances)
        if len(distances) == 1:
            distance_lengths = {next(iter(distances)): 1}
        codes, distance_codes = canonical(literal_lengths), canonical(distance_lengths)
        count = max(used) + 1
        distance_count = max(distances, default=0) + 1
        self.header(
            [literal_lengths.get(i, 0) for i in range(count)],
            [distance_lengths.get(i, 0) for i in range(distance_count)],
            final,
        )
        for symbol, *extra in symbols(tokens):
            if symbol == "distance":
                self.code(*distance_codes[extra[0]]).put(*extra[1:])
            else:
                self.code(*codes[symbol])
                if extra:
                    self.put(*extra)
        if end:
            self.code(*codes[256])
        return self

    def header(self, literal_lengths, distance_lengths, final=0, runs=None):
        """The header of a dynamic block (RFC 1951 section 3.2.7); `runs` are symbols of the code length code."""
        runs = runs or run_lengths(literal_lengths + distance_lengths)
        precode = balanced({symbol for symbol, *_ in runs} | {0, 18})
        codes = canonical(precode)
        order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
        count = max(4, max(order.index(symbol) for symbol in precode) + 1)
        self.put(final, 1).put(2, 2)
        self.put(len(literal_lengths) - 257, 5).put(len(distance_lengths) - 1, 5).put(count - 4, 4)
        for symbol in order[:count]:
            self.put(precode.get(symbol, 0), 3)
        for symbol, *extra in runs:
            self.code(*codes[symbol])
            if extra:
                self.put(*extra)
        return self

    def payload(self):
        """Ends the message: an empty stored block, its last four bytes cut off (RFC 7692 section 7.2.1)."""
        return self.put(0, 3).bytes()


def balanced(used):
    """Lengths of a complete code over the symbols, as even as can be."""
    used = sorted(used)
    if len(used) < 2:
        return {symbol: 1 for symbol in used}
    bits = (len(used) - 1).bit_length()
    short = 2**bits - len(used)
    return {symbol: bits - 1 if i < short else bits for i, symbol in enumerate(used)}


def canonical(lengths):
    """RFC 1951 section 3.2.2."""
    codes, code = {}, 0
    for bits in range(1, 16):
        for symbol in sorted(symbol for symbol, length in lengths.items() if length == bits):
            codes[symbol] = (code, bits)
            code += 1
        code <<= 1
    return codes


def run_lengths(lengths):
    """Code lengths by the symbols of section 3.2.7: zeros in runs, the rest one by one."""
    out, at = [], 0
    while at < len(lengths):
        run = 0
        while lengths[at] == 0 and run < 138 and at + run < len(lengths) and lengths[at + run] == 0:
            run += 1
        if run >= 11:
            out.append((18, run - 11, 7))
        elif run >= 3:
            out.append((17, run - 3, 3))
        else:
            out.append((lengths[at],))
            run = 1
        at += run
    return out


def fixed_code(symbol):
    if symbol < 144:
        return 0x30 + symbol, 8
    if symbol < 256:
        return 0x190 + symbol - 144, 9
    if symbol < 280:
        return symbol - 256, 7
    return 0xC0 + symbol - 280, 8


def symbols(tokens):
    """Each token as symbols with their extra bits; a distance is ("distance", code, value, bits)."""
    for token in tokens:
        if isinstance(token, bytes):
            yield from ((byte,) for byte in token)
        else:
            length, distance = token
            yield length_symbol(length)
            yield ("distance", *distance_symbol(distance))


def length_symbol(length):
    if length == 258:
        return (285, 0, 0)
    base, symbol, extra = 3, 257, 0
    while True:
        extra = 0 if symbol < 265 else (symbol - 261) // 4
        if length < base + (1 << extra):
            return (symbol, length - base, extra)
        base += 1 << extra
        symbol += 1


def distance_symbol(distance):
    base, code = 1, 0
    while True:
        extra = 0 if code < 4 else code // 2 - 1
        if distance < base + (1 << extra):
            return (code, distance - base, extra)
        base += 1 << extra
        code += 1


def expand(tokens, history=b""):
    """What the tokens stand for, a byte at a time."""
    out = bytearray(history)
    for token in tokens:
        if isinstance(token, bytes):
            out += token
        else:
            length, distance = token
            assert distance <= len(out)
            for _ in range(length):
                out.append(out[-distance])
    return bytes(out[len(history) :])


def run(byte, length):
    """Tokens for a long run of one byte."""
    tokens, length = [byte], length - 1
    while length > 258:
        step = 258 if length - 258 >= 3 or length == 258 else 200
        tokens.append((step, 1))
        length -= step
    if length >= 3:
        tokens.append((length, 1))
    elif length:
        tokens.append(byte * length)
    return tokens
