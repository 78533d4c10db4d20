"""RFC 1951 from the receiver's side, a bit at a time."""


class Broken(Exception):
    pass


class TooLong(Exception):
    pass


class Inflate:
    """One payload: RFC 7692 section 7.2.2, after `history`."""

    def __init__(self, payload, history, limit):
        self.end = len(payload)
        self.data = payload + b"\x00\x00\xff\xff"
        self.number = int.from_bytes(self.data, "little")
        self.at = 0
        self.out = bytearray(history)
        self.start = len(history)
        self.most = self.start + limit

    def message(self):
        while True:
            final, kind = self.bits(1), self.bits(2)
            if kind == 0:
                self.stored()
            elif kind == 1:
                self.codes(FIXED, FIXED_DISTANCES)
            elif kind == 2:
                self.codes(*self.dynamic())
            else:
                raise Broken("block type")
            if final:
                self.align()
                if self.at == 8 * self.end:
                    break
            if self.at == 8 * len(self.data):
                if kind != 0:
                    raise Broken("the tail was no empty block")
                break
        return bytes(self.out[self.start :])

    def bits(self, count):
        if self.at + count > 8 * len(self.data):
            raise Broken("too short")
        byte = self.at // 8
        value = int.from_bytes(self.data[byte : byte + 4], "little") >> self.at % 8
        self.at += count
        return value & ((1 << count) - 1)

    def align(self):
        self.at += -self.at % 8

    def put(self, data):
        self.out += data
        if len(self.out) > self.most:
            raise TooLong

    def stored(self):
        self.align()
        length, complement = self.bits(16), self.bits(16)
        if length != complement ^ 0xFFFF:
            raise Broken("stored length")
        if self.at // 8 + length > len(self.data):
            raise Broken("stored data")
        self.put(self.data[self.at // 8 : self.at // 8 + length])
        self.at += 8 * length

    def symbol(self, code):
        value, count = 0, 0
        while count < 15:
            value, count = value << 1 | self.bits(1), count + 1
            if (count, value) in code:
                return code[count, value]
        raise Broken("no such code")

    def dynamic(self):
        literals, distances, lengths = self.bits(5) + 257, self.bits(5) + 1, self.bits(4) + 4
        order = (16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15)
        sizes = [0] * 19
        for place in order[:lengths]:
            sizes[place] = self.bits(3)
        code, found = build(sizes), []
        while len(found) < literals + distances:
            symbol = self.symbol(code)
            if symbol < 16:
                found.append(symbol)
                continue
            if symbol == 16:
                if not found:
                    raise Broken("nothing to repeat")
                run = [found[-1]] * (3 + self.bits(2))
            else:
                run = [0] * (3 + self.bits(3) if symbol == 17 else 11 + self.bits(7))
            found += run
        if len(found) > literals + distances:
            raise Broken("too many lengths")
        if found[256] == 0:
            raise Broken("no end of block")
        return build(found[:literals]), build(found[literals:])

    def codes(self, literals, distances):
        while (symbol := self.symbol(literals)) != 256:
            if symbol < 256:
                self.put(bytes([symbol]))
                continue
            if symbol > 285:
                raise Broken("length code")
            base, extra = LENGTHS[symbol - 257]
            length = base + self.bits(extra)
            code = self.symbol(distances)
            if code > 29:
                raise Broken("distance code")
            base, extra = DISTANCES[code]
            distance = base + self.bits(extra)
            if distance > len(self.out):
                raise Broken("distance")
            unit = self.out[len(self.out) - distance :][:length]
            self.put((bytes(unit) * (length // len(unit) + 1))[:length])


def build(sizes):
    """The code by length and value; it must be complete, or one code of one bit, or none."""
    code, value, table = {}, 0, 0
    for size in range(1, 16):
        value <<= 1
        for symbol, of in enumerate(sizes):
            if of == size:
                code[size, value] = symbol
                value += 1
                table += 1 << (15 - size)
    if table > 1 << 15 or (table < 1 << 15 and len(code) > 1):
        raise Broken("no code")
    return code


FIXED = build([8] * 144 + [9] * 112 + [7] * 24 + [8] * 8)
FIXED_DISTANCES = build([5] * 32)
LENGTHS = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
]
DISTANCES = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
]
