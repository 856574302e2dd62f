"""How many tokens a text has, by what it is made of, as weights for the tokenizers that models have.

No vocabulary is here: it would be megabytes. The weights were fitted to what the tokenizers themselves
make of some 350 texts, prose in 20 languages, code, markup, logs and tables; how, and how far they are
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
    letters=86,
    words=493,
    capitals=181,
    capital_runs=899,
    digits=200,
    numbers=1197,
    signs=39,
    sign_runs=1008,
    gaps=46,
    breaks=1841,
    repeats=52,
    latin=1795,
    greek=797,
    cyrillic=400,
    semitic=746,
    indic=902,
    more_latin=500,
    symbols=3681,
    symbol_pairs=-6693,
    kana=735,
    ideographs=1127,
    hangul=1244,
    wide=500,
    astral=4315,
)
"""Claude 3 to 4.6."""

CLAUDE_4_7 = Tokenizer(
    letters=241,
    words=239,
    capitals=451,
    capital_runs=989,
    digits=200,
    numbers=1222,
    signs=169,
    sign_runs=913,
    gaps=39,
    breaks=2245,
    repeats=26,
    latin=2239,
    greek=787,
    cyrillic=414,
    semitic=737,
    indic=881,
    more_latin=500,
    symbols=2635,
    symbol_pairs=-4614,
    kana=715,
    ideographs=1169,
    hangul=1247,
    wide=500,
    astral=4293,
)
"""Claude since Opus 4.7, with some 30 % more tokens for the same text."""

O200K = Tokenizer(
    letters=99,
    words=249,
    capitals=105,
    capital_runs=335,
    digits=200,
    numbers=1452,
    signs=161,
    sign_runs=574,
    gaps=280,
    breaks=1371,
    repeats=-24,
    latin=955,
    greek=393,
    cyrillic=237,
    semitic=321,
    indic=356,
    more_latin=500,
    symbols=1749,
    symbol_pairs=-3157,
    kana=655,
    ideographs=768,
    hangul=568,
    wide=500,
    astral=2342,
)
"""GPT's since 4o, gpt-oss among them."""

LLAMA_3 = Tokenizer(
    letters=117,
    words=212,
    capitals=86,
    capital_runs=313,
    digits=200,
    numbers=1504,
    signs=170,
    sign_runs=450,
    gaps=292,
    breaks=1534,
    repeats=-32,
    latin=1024,
    greek=403,
    cyrillic=278,
    semitic=406,
    indic=582,
    more_latin=500,
    symbols=2025,
    symbol_pairs=-3596,
    kana=563,
    ideographs=777,
    hangul=609,
    wide=500,
    astral=2698,
)
"""Llama since 3."""

QWEN_3 = Tokenizer(
    letters=121,
    words=173,
    capitals=54,
    capital_runs=311,
    digits=655,
    numbers=1634,
    signs=173,
    sign_runs=466,
    gaps=281,
    breaks=1524,
    repeats=-34,
    latin=1433,
    greek=944,
    cyrillic=311,
    semitic=418,
    indic=783,
    more_latin=500,
    symbols=5604,
    symbol_pairs=-10771,
    kana=557,
    ideographs=673,
    hangul=641,
    wide=500,
    astral=2012,
)
"""Qwen 3."""

DEEPSEEK = Tokenizer(
    letters=77,
    words=421,
    capitals=203,
    capital_runs=340,
    digits=200,
    numbers=1299,
    signs=148,
    sign_runs=630,
    gaps=201,
    breaks=1625,
    repeats=-11,
    latin=1610,
    greek=486,
    cyrillic=281,
    semitic=401,
    indic=438,
    more_latin=500,
    symbols=1780,
    symbol_pairs=-3244,
    kana=578,
    ideographs=598,
    hangul=692,
    wide=500,
    astral=2549,
)
"""DeepSeek since V3."""

GEMMA_3 = Tokenizer(
    letters=113,
    words=254,
    capitals=159,
    capital_runs=264,
    digits=782,
    numbers=1087,
    signs=121,
    sign_runs=851,
    gaps=135,
    breaks=1964,
    repeats=8,
    latin=775,
    greek=418,
    cyrillic=228,
    semitic=362,
    indic=263,
    more_latin=500,
    symbols=200,
    symbol_pairs=-135,
    kana=369,
    ideographs=620,
    hangul=534,
    wide=500,
    astral=2782,
)
"""Gemma 3."""

TEKKEN = Tokenizer(
    letters=113,
    words=245,
    capitals=203,
    capital_runs=248,
    digits=644,
    numbers=1630,
    signs=137,
    sign_runs=540,
    gaps=185,
    breaks=1699,
    repeats=22,
    latin=1028,
    greek=410,
    cyrillic=278,
    semitic=330,
    indic=462,
    more_latin=500,
    symbols=2134,
    symbol_pairs=-3574,
    kana=550,
    ideographs=979,
    hangul=569,
    wide=500,
    astral=3358,
)
"""Mistral's since Nemo."""
