"""How many tokens a text has, estimated from its characters by a tokenizer's weights.

A tokenizer cuts a text into words, numbers and signs, and those it has no token for into pieces. What
is counted here is what it cuts at: each kind of character, and each run of a kind.

One pass over the characters in Python would cost a hundred times what a request may. So a text's bytes
become one integer with eight flags for each, and the kinds of all its characters are counted at once.
"""

from operator import mul

from catalog.tokenizers import Tokenizer

_LETTER, _CAPITAL, _DIGIT, _SIGN, _GAP, _BREAK = range(6)

_BLOCK = 512
_BLOCKS = 128
"""A text longer than so many blocks together is known by that many of its parts, evenly spread."""


def _flags(code: int) -> int:
    """The kinds of a byte, a bit for each."""
    character = chr(code)
    if code > 127:
        return 0
    if character.isalpha():
        return 1 << _LETTER | character.isupper() << _CAPITAL
    if character.isdigit():
        return 1 << _DIGIT
    if character == "\n":
        return 1 << _BREAK
    return 1 << (_GAP if character.isspace() else _SIGN)


_FLAGS = bytes(map(_flags, range(256)))

_SCRIPTS = (
    (0xC2, 0xCE),
    (0xCE, 0xD0),
    (0xD0, 0xD4),
    (0xD4, 0xE0),
    (0xE0, 0xE1),
    (0xE1, 0xE2),
    (0xE2, 0xE3),
    (0xE3, 0xE4),
    (0xE4, 0xEA),
    (0xEA, 0xEE),
    (0xEE, 0xF0),
    (0xF0, 0xF8),
)
"""The first bytes of UTF-8 for the scripts in the order of `Tokenizer`."""

_SYMBOLS = 6
"""The place of symbols among them."""

_SCRIPT_OF = bytes(
    next((i for i, (first, end) in enumerate(_SCRIPTS) if first <= code < end), 255)
    for code in range(256)
)
_NOT_FIRST = bytes(range(0xC2))


def text_tokens(text: str, tokenizer: Tokenizer) -> int:
    """The estimated tokens of a text, which may be broken Unicode."""
    sample = _sample(text)
    counted = sum(map(mul, features(sample), tokenizer))
    return max(0, counted * len(text) // (1_000 * len(sample))) if sample else 0


def features(text: str) -> tuple[int, ...]:
    """How much a text has of what `Tokenizer` has weights for, in its order."""
    data = text.encode("utf-8", "replace")
    ones = int.from_bytes(b"\1" * len(data), "little")
    kinds = int.from_bytes(data.translate(_FLAGS), "little")
    runs = kinds & ~(kinds << 8)

    def count(flags: int, kind: int) -> int:
        return (flags >> kind & ones).bit_count()

    scripts = b"" if text.isascii() else data.translate(_SCRIPT_OF, _NOT_FIRST)
    by_script = [scripts.count(i) for i in range(len(_SCRIPTS))]
    by_script.insert(_SYMBOLS + 1, scripts.count(bytes((_SYMBOLS, _SYMBOLS))))
    return (
        count(kinds, _LETTER),
        count(runs, _LETTER),
        count(kinds, _CAPITAL),
        count(runs, _CAPITAL),
        count(kinds, _DIGIT),
        count(runs, _DIGIT),
        count(kinds, _SIGN),
        count(runs, _SIGN),
        count(runs, _GAP),
        count(runs, _BREAK),
        _repeats(data),
        *by_script,
    )


def _repeats(data: bytes) -> int:
    """How many bytes are as the one before."""
    value = int.from_bytes(data, "little")
    differences = value ^ (value << 8)
    return differences.to_bytes(len(data) + 1, "little").count(0, 1, -1)


def _sample(text: str) -> str:
    if len(text) <= _BLOCK * _BLOCKS:
        return text
    starts = [len(text) * i // _BLOCKS for i in range(_BLOCKS)]
    return "".join([text[start : start + _BLOCK] for start in starts])
