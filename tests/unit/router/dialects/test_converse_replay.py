"""Reasoning goes back to the model as it came from it, and nothing else gets in with it."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from catalog.families import FAMILIES, UNKNOWN, Family
from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.draft import Draft
from router.dialects.converse.replay import block_of, details, is_sealed, seal, unseal
from router.errors import ApiError

from local.bedrock.seals import seal as signature_of
from tests.support.converse import assert_accepted, refusal_by
from tests.support.drafts import EXAMPLES, family, tool_loop

REPLAYING = [row for row in FAMILIES if row.replays]
ALL_KINDS = UNKNOWN._replace(name="all-kinds", replays=frozenset({"signed", "text", "redacted"}))

WORDS = st.text(min_size=1).filter(lambda words: not words.isspace())
KINDS = {
    "signed": st.fixed_dictionaries({"text": st.text(), "signature": WORDS}).map(
        lambda text: {"reasoningText": text}
    ),
    "text": WORDS.map(lambda text: {"reasoningText": {"text": text}}),
    "redacted": st.binary().map(
        lambda data: {"redactedContent": base64.b64encode(data).decode()},
    ),
}
BLOCKS = st.one_of(list(KINDS.values())).map(lambda content: {"reasoningContent": content})


def through_json(value: Any) -> Any:
    """What a client has of it that keeps what it got."""
    return json.loads(json.dumps(value))


@given(BLOCKS, st.integers(0, 1_000))
def test_a_block_comes_back_from_its_details_exactly(block: dict[str, Any], index: int) -> None:
    draft = Draft(ALL_KINDS)
    detail = through_json(details(block, ALL_KINDS.name, index))
    assert block_of(detail, draft, "here") == block
    assert detail["index"] == index
    assert draft.changes == set()


@given(st.lists(BLOCKS, max_size=5))
def test_blocks_come_back_from_their_seal_exactly(blocks: list[dict[str, Any]]) -> None:
    draft = Draft(ALL_KINDS)
    sealed = through_json(seal(blocks, ALL_KINDS.name))
    assert is_sealed(sealed)
    assert unseal(sealed, draft, "here") == blocks
    assert draft.changes == set()


@given(st.lists(BLOCKS, max_size=5))
def test_a_seal_is_no_longer_than_its_blocks_warrant(blocks: list[dict[str, Any]]) -> None:
    assert len(seal(blocks, ALL_KINDS.name)) <= 100 + len(blocks) * 200 + 2 * len(
        json.dumps(blocks)
    )


@pytest.mark.parametrize("row", REPLAYING, ids=lambda row: row.name)
@pytest.mark.parametrize("kind", KINDS)
def test_a_family_gets_back_the_kinds_it_takes(row: Family, kind: str) -> None:
    content = {
        "signed": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}},
        "text": {"reasoningText": {"text": "Hm."}},
        "redacted": {"redactedContent": "c2ln"},
    }[kind]
    block = {"reasoningContent": content}
    draft = Draft(row)
    taken = kind in row.replays
    assert unseal(seal([block], row.name), draft, "here") == ([block] if taken else [])
    assert draft.changes == (set() if taken else {"earlier reasoning dropped"})


@pytest.mark.parametrize(
    "name", [name for name in EXAMPLES if {"signed", "text"} & family(name).replays]
)
def test_a_model_goes_on_with_reasoning_it_gets_back(name: str) -> None:
    row = family(name)
    text = {"text": "I ask for the weather."}
    if "signed" in row.replays:
        text["signature"] = signature_of(text["text"])
    (block,) = unseal(
        seal([{"reasoningContent": {"reasoningText": text}}], row.name), Draft(row), ""
    )
    draft = tool_loop(row, block)
    assert_accepted(draft.body)
    assert refusal_by(EXAMPLES[name], draft.body) is None


@pytest.mark.parametrize("row", FAMILIES, ids=lambda row: row.name)
def test_reasoning_of_another_family_is_dropped(row: Family) -> None:
    draft = Draft(row)
    block = {"reasoningContent": {"reasoningText": {"text": "Hm.", "signature": "c2ln"}}}
    assert unseal(seal([block], "another"), draft, "here") == []
    assert draft.changes == {"reasoning of another model dropped"}


def test_reasoning_that_another_service_sealed_is_dropped() -> None:
    draft = Draft(ALL_KINDS)
    assert not is_sealed("gAAAAABo7")
    assert unseal("gAAAAABo7", draft, "here") == []
    assert draft.changes == {"reasoning of another model dropped"}


@pytest.mark.parametrize(
    "detail",
    [
        {"type": "reasoning.summary", "summary": "Thought hard."},
        {"type": "reasoning.text"},
        {"type": "reasoning.text", "text": " ", "signature": ""},
        {"type": "reasoning.text", "text": None, "signature": None},
        {},
    ],
)
def test_what_has_nothing_to_replay_is_dropped(detail: dict[str, Any]) -> None:
    draft = Draft(ALL_KINDS)
    ours = {**detail, "format": f"bedrock/{ALL_KINDS.name}"}
    assert block_of(ours, draft, "here") is None
    assert draft.changes == {"earlier reasoning dropped"}


def test_a_client_may_leave_out_the_text_that_claude_hid() -> None:
    draft = Draft(ALL_KINDS)
    hidden = {"type": "reasoning.text", "signature": "c2ln", "format": "bedrock/all-kinds"}
    block = block_of(hidden, draft, "here")
    assert block == {"reasoningContent": {"reasoningText": {"text": "", "signature": "c2ln"}}}


@pytest.mark.parametrize(
    ("detail", "param"),
    [
        (1, "here"),
        ({"type": "reasoning.encrypted"}, "here.data"),
        ({"type": "reasoning.encrypted", "data": "no base64!"}, "here.data"),
        ({"type": "reasoning.text", "text": 1}, "here.text"),
        ({"type": "reasoning.text", "text": "\ud800"}, "here.text"),
        ({"type": "reasoning.text", "signature": {"a": 1}}, "here.signature"),
    ],
)
def test_damaged_details_are_refused_by_name(detail: Any, param: str) -> None:
    ours = {**detail, "format": "bedrock/all-kinds"} if isinstance(detail, dict) else detail
    with pytest.raises(ApiError) as refusal:
        block_of(ours, Draft(ALL_KINDS), "here")
    assert refusal.value.param == param


def resealed(content: bytes) -> str:
    """Any content in the form that `seal` gives its own."""
    empty = base64.b64encode(b"[]").decode()
    return seal([], "any").removesuffix(empty) + base64.b64encode(content).decode()


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"{}", b"1", b"[1]", b"[[]]", b"[" * 100_000, b"[NaN]", b'["x"]']
)
def test_a_damaged_seal_is_refused(content: bytes) -> None:
    with pytest.raises(ApiError):
        unseal(resealed(content), Draft(ALL_KINDS), "here")
    with pytest.raises(ApiError, match="is damaged"):
        unseal(seal([], "any") + "!", Draft(ALL_KINDS), "here")


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None))
    | st.sampled_from(["reasoning.text", "reasoning.encrypted", "c2ln", "bedrock/all-kinds"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["type", "format", "text", "signature", "data"]), inner)
    ),
    max_leaves=8,
)
DETAIL = st.fixed_dictionaries(
    {"format": st.just("bedrock/all-kinds")},
    optional={
        "type": st.sampled_from(["reasoning.text", "reasoning.encrypted"]) | ANYTHING,
        "text": ANYTHING,
        "signature": ANYTHING,
        "data": ANYTHING,
    },
)


def assert_read_or_refused(read: Callable[[Draft], list[dict[str, Any]]]) -> None:
    """Bedrock's API takes what is read, or the refusal names its place."""
    draft = Draft(ALL_KINDS)
    refusal = None
    try:
        blocks = read(draft)
    except ApiError as error:
        blocks, refusal = [], error
    assert refusal is None or str(refusal.param).startswith("here")
    if blocks:
        assert_accepted(tool_loop(ALL_KINDS, *blocks).body)


@given(ANYTHING | DETAIL)
def test_details_of_any_kind_are_read_or_refused(detail: Any) -> None:
    assert_read_or_refused(
        lambda draft: [block for block in [block_of(detail, draft, "here")] if block]
    )


@given(
    ANYTHING
    | st.binary().map(resealed)
    | ANYTHING.map(lambda value: resealed(json.dumps(value).encode()))
    | st.lists(DETAIL, max_size=3).map(lambda entries: resealed(json.dumps(entries).encode()))
)
def test_a_seal_of_any_kind_is_read_or_refused(sealed: Any) -> None:
    assert_read_or_refused(lambda draft: unseal(sealed, draft, "here"))
