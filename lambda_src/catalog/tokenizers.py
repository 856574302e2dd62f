"""How many tokens a text has, by what it is made of, as weights for the tokenizers that models have.

No vocabulary is here: it would be megabytes. The weights were fitted to what the tokenizers themselves
make of some 400 texts, prose in 20 languages, code, markup, logs and tables; how, and how far they are
off, docs/token-counts.md says.
"""

from typing import NamedTuple


class Tokenizer(NamedTuple):
    """Thousandths of a token for each of these in a text; `router.text_tokens` counts them.

    A run is as long as characters of one kind follow each other.
    """

    letters: int
    """ASCII's."""
    words: int
    """Runs of letters."""
    capitals: int
    capital_runs: int
    digits: int
    numbers: int
    """Runs of digits."""
    signs: int
    """What ASCII has beside letters, digits and whitespace."""
    sign_runs: int
    gaps: int
    """Runs of spaces and tabs."""
    breaks: int
    """Runs of line breaks."""
    repeats: int
    """Bytes that are as the one before."""
    latin: int
    """Characters beyond ASCII by script: Latin with marks."""
    greek: int
    cyrillic: int
    semitic: int
    """Hebrew, Arabic and their neighbours up to U+07FF."""
    indic: int
    """U+0800 to U+0FFF: Devanagari, Bengali, Tamil, Thai, …"""
    more_latin: int
    """U+1000 to U+1FFF: the letters of Vietnamese, Georgian, …"""
    symbols: int
    """U+2000 to U+2FFF: typography, arrows, lines of tables."""
    symbol_pairs: int
    """Symbols that stand beside each other, two by two."""
    kana: int
    """U+3000 to U+3FFF."""
    ideographs: int
    hangul: int
    wide: int
    """U+E000 to U+FFFF: forms as wide as ideographs."""
    astral: int
    """What lies beyond U+FFFF: emoji."""


CLAUDE_3 = Tokenizer(
    letters=113,
    words=424,
    capitals=157,
    capital_runs=943,
    digits=200,
    numbers=1237,
    signs=41,
    sign_runs=908,
    gaps=46,
    breaks=1897,
    repeats=46,
    latin=1818,
    greek=800,
    cyrillic=386,
    semitic=754,
    indic=903,
    more_latin=500,
    symbols=2905,
    symbol_pairs=-5154,
    kana=764,
    ideographs=1125,
    hangul=1254,
    wide=500,
    astral=4318,
)
"""Claude 3 to 4.6."""

CLAUDE_4_7 = Tokenizer(
    letters=276,
    words=142,
    capitals=417,
    capital_runs=1049,
    digits=200,
    numbers=1280,
    signs=174,
    sign_runs=790,
    gaps=40,
    breaks=2366,
    repeats=15,
    latin=2271,
    greek=787,
    cyrillic=385,
    semitic=742,
    indic=877,
    more_latin=500,
    symbols=1768,
    symbol_pairs=-2898,
    kana=756,
    ideographs=1141,
    hangul=1254,
    wide=500,
    astral=4296,
)
"""Claude since Opus 4.7, with some 30 % more tokens for the same text."""

O200K = Tokenizer(
    letters=105,
    words=233,
    capitals=97,
    capital_runs=380,
    digits=200,
    numbers=1455,
    signs=155,
    sign_runs=570,
    gaps=274,
    breaks=1305,
    repeats=-21,
    latin=959,
    greek=398,
    cyrillic=226,
    semitic=328,
    indic=362,
    more_latin=500,
    symbols=1470,
    symbol_pairs=-2599,
    kana=675,
    ideographs=804,
    hangul=575,
    wide=500,
    astral=2354,
)
"""GPT's since 4o, gpt-oss among them."""

LLAMA_3 = Tokenizer(
    letters=138,
    words=186,
    capitals=75,
    capital_runs=320,
    digits=200,
    numbers=1525,
    signs=164,
    sign_runs=375,
    gaps=292,
    breaks=1485,
    repeats=-33,
    latin=1047,
    greek=410,
    cyrillic=269,
    semitic=417,
    indic=589,
    more_latin=500,
    symbols=1297,
    symbol_pairs=-2152,
    kana=590,
    ideographs=810,
    hangul=624,
    wide=500,
    astral=2680,
)
"""Llama since 3."""

QWEN_3 = Tokenizer(
    letters=142,
    words=130,
    capitals=44,
    capital_runs=330,
    digits=667,
    numbers=1626,
    signs=171,
    sign_runs=389,
    gaps=283,
    breaks=1539,
    repeats=-38,
    latin=1463,
    greek=947,
    cyrillic=294,
    semitic=425,
    indic=785,
    more_latin=500,
    symbols=4695,
    symbol_pairs=-8965,
    kana=569,
    ideographs=688,
    hangul=651,
    wide=500,
    astral=2025,
)
"""Qwen 3."""

DEEPSEEK = Tokenizer(
    letters=95,
    words=381,
    capitals=191,
    capital_runs=362,
    digits=200,
    numbers=1323,
    signs=145,
    sign_runs=571,
    gaps=202,
    breaks=1614,
    repeats=-13,
    latin=1620,
    greek=490,
    cyrillic=265,
    semitic=409,
    indic=442,
    more_latin=500,
    symbols=1098,
    symbol_pairs=-1888,
    kana=601,
    ideographs=613,
    hangul=701,
    wide=500,
    astral=2556,
)
"""DeepSeek since V3."""

GEMMA_3 = Tokenizer(
    letters=118,
    words=246,
    capitals=153,
    capital_runs=311,
    digits=806,
    numbers=1029,
    signs=114,
    sign_runs=852,
    gaps=130,
    breaks=1867,
    repeats=12,
    latin=780,
    greek=423,
    cyrillic=219,
    semitic=369,
    indic=269,
    more_latin=500,
    symbols=200,
    symbol_pairs=-134,
    kana=396,
    ideographs=645,
    hangul=543,
    wide=500,
    astral=2765,
)
"""Gemma 3."""

TEKKEN = Tokenizer(
    letters=124,
    words=224,
    capitals=195,
    capital_runs=279,
    digits=659,
    numbers=1602,
    signs=133,
    sign_runs=513,
    gaps=184,
    breaks=1658,
    repeats=22,
    latin=1029,
    greek=414,
    cyrillic=269,
    semitic=337,
    indic=467,
    more_latin=500,
    symbols=1630,
    symbol_pairs=-2570,
    kana=587,
    ideographs=991,
    hangul=576,
    wide=640,
    astral=3368,
)
"""Mistral's since Nemo."""
