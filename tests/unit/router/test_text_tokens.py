"""Estimates of texts, held to what the tokenizers themselves make of them.

``text_token_counts.json`` has texts that no weight was fitted to, and their tokens as counted with
`ctok` 1.3 for Claude, `mistral-common` 1.13 for Tekken and the models' own ``tokenizer.json`` for the
others.
"""

import json
import statistics
from pathlib import Path
from typing import Any

import pytest
from catalog import tokenizers
from catalog.tokenizers import CLAUDE_3, O200K
from hypothesis import given
from router.text_tokens import features, text_tokens

from tests.support.json_values import TEXT

SAMPLES: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("text_token_counts.json").read_text()
)
COMMON = {"english", "instructions", "python", "numbered source", "json schema"}


def errors(name: str, kinds: set[str] | None = None) -> list[float]:
    weights = getattr(tokenizers, name)
    return [
        text_tokens(sample["text"], weights) / sample["tokens"][name] - 1
        for sample in SAMPLES
        if kinds is None or sample["kind"] in kinds
    ]


@pytest.mark.parametrize("name", sorted(SAMPLES[0]["tokens"]))
def test_what_agents_send_is_estimated_to_a_tenth(name: str) -> None:
    found = errors(name, COMMON)
    assert len(found) == len(COMMON)
    assert max(map(abs, found)) <= 0.11
    assert abs(statistics.mean(found)) <= 0.04


@pytest.mark.parametrize("name", sorted(SAMPLES[0]["tokens"]))
def test_other_texts_are_estimated_to_a_third(name: str) -> None:
    found = errors(name)
    assert max(map(abs, found)) <= 0.37
    assert statistics.median(map(abs, found)) <= 0.12


def slow_features(text: str) -> tuple[int, ...]:
    """`features`, one character after the other."""
    data = text.encode("utf-8", "replace")
    ascii_kinds = ("isalpha", "isupper", "isdigit")

    def is_kind(at: int, kind: str) -> bool:
        if at < 0 or data[at] > 127:
            return False
        character = chr(data[at])
        if kind == "break":
            return character == "\n"
        if kind == "gap":
            return character.isspace() and character != "\n"
        if kind == "sign":
            return not (character.isalnum() or character.isspace())
        return bool(getattr(character, kind)())

    def counted(kind: str) -> list[int]:
        of_kind = [at for at in range(len(data)) if is_kind(at, kind)]
        return [len(of_kind), sum(not is_kind(at - 1, kind) for at in of_kind)]

    by_kind = [count for kind in (*ascii_kinds, "sign") for count in counted(kind)]
    repeats = sum(data[at] == data[at - 1] for at in range(1, len(data)))
    ends = (0x370, 0x400, 0x500, 0x800, 0x1000, 0x2000, 0x3000, 0x4000, 0xA000, 0xE000, 0x10000)
    codes = [ord(c) for c in data.decode() if ord(c) > 0x7F]
    scripts = [0] * 12
    for code in codes:
        scripts[sum(code >= end for end in ends)] += 1
    is_symbol = "".join("s" if 0x2000 <= code < 0x3000 else "." for code in codes)
    scripts.insert(7, is_symbol.count("ss"))
    return (*by_kind, counted("gap")[1], counted("break")[1], repeats, *scripts)


@given(TEXT)
@pytest.mark.parametrize(
    "beside", ["", "Ab9 \n\t--", "Ünï ✓✓── ", "αя שa ไq ặ", "かx中한ﾊ🎉\ud800"], ids=range(5)
)
def test_features_are_what_each_character_says(beside: str, text: str) -> None:
    assert features(text + beside) == slow_features(text + beside)


def test_a_long_text_is_known_by_parts_of_it() -> None:
    text = "".join(f"Line {i} of a report tells that all is well.\n" for i in range(9_000))
    whole = sum(count * weight for count, weight in zip(features(text), CLAUDE_3, strict=True))
    assert text_tokens(text, CLAUDE_3) == pytest.approx(whole / 1_000, rel=0.01)


def test_nothing_has_no_tokens() -> None:
    assert text_tokens("", O200K) == 0
