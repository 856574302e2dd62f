"""The input of a custom tool comes out of its arguments' JSON, whichever way that is cut up."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.custom_input import CustomInput

CHARACTERS = st.characters(exclude_categories=["Cs"]) | st.sampled_from('"\\/\n\x00ud83d')


def read(pieces: list[str]) -> list[str]:
    reader = CustomInput()
    return [*(reader.feed(piece) for piece in pieces), reader.finish()]


@given(st.data(), st.text(CHARACTERS), st.booleans(), st.sampled_from([None, 2]))
def test_what_went_in_comes_out(data: st.DataObject, text: str, ascii: bool, indent: int) -> None:  # noqa: A002
    arguments = json.dumps({"input": text}, ensure_ascii=ascii, indent=indent)
    cuts = data.draw(st.lists(st.integers(0, len(arguments)), max_size=8))
    pieces = [arguments[a:b] for a, b in pairwise([0, *sorted(cuts), len(arguments)])]
    assert "".join(read(pieces)) == text


def test_text_comes_as_soon_as_it_can_be_read() -> None:
    pieces = ['{"in', 'put": "', "a", "b\\", "nc\\u00", 'e9\\ud83d", "d"}']
    assert read(pieces) == ["", "", "a", "b", "\nc", "é\ud83d", ""]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("", ""),
        ("{}", "{}"),
        ('{"input": 7}', '{"input":7}'),
        ('{"code": "a"}', '{"code":"a"}'),
        ('{"note": 1, "input": "a"}', "a"),
        ('"a"', '"a"'),
        ("no JSON", "no JSON"),
    ],
)
def test_what_does_not_begin_with_the_input_is_told_at_the_end(arguments: str, told: str) -> None:
    assert read([arguments]) == ["", told]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ('{"input": "ab', "ab"),
        ('{"input": "ab\\', "ab"),
        ('{"input": "ab\\ud83d\\ud', "ab"),
        ('{"inp', '{"inp'),
        ('{"input": "a\\qb"}', "a\\qb"),
    ],
)
def test_what_was_cut_off_or_is_no_json_is_told_as_far_as_it_goes(
    arguments: str, told: str
) -> None:
    assert "".join(read([arguments])) == told
