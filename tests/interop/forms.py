"""In which form a foreign peer sends its message of a number, the same for the Python peers; peer_ws.mjs does likewise."""

PINGS_EVERY = 16


def is_plain(number):
    return number % 3 == 2


def is_fragmented(number):
    return number % 4 == 3


def pings_before(number):
    return number % PINGS_EVERY == 5


def fragments(message, number):
    """Two to five of about the same length, and every third time an empty one in the end."""
    size = len(message) // (2 + number // 4 % 4) + 1
    pieces = [message[at : at + size] for at in range(0, len(message), size)] or [message]
    return pieces + [message[:0]] if number % 3 == 0 or len(pieces) == 1 else pieces
