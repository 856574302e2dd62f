"""Whatever a client sends is either refused with a 400 or becomes what Converse accepts."""

import json
from collections import Counter
from typing import Any

import pytest
from catalog.families import UNKNOWN, Family, family_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router.dialects.converse.turns import FILLER
from router.errors import ApiError

from tests.support.chat import Translated, translated
from tests.support.chat_requests import ANY_JSON, CHARACTERS, PLAIN, RICH, damaged
from tests.support.converse import CHAT_MODELS, assert_accepted, refusal_by


def translation_or_refusal(body: Any, family: Family) -> Translated | ApiError:
    try:
        return translated(body, family)
    except ApiError as refusal:
        return refusal


def check(body: Any, family: Family = UNKNOWN) -> Translated | None:
    """Translates, or finds the refusal to be a 400 that names a field."""
    before = repr(body)
    translation = translation_or_refusal(body, family)
    assert repr(body) == before, "the client's request is left as it was"
    if isinstance(translation, ApiError):
        assert translation.kind == "invalid_request"
        assert translation.param is not None or not isinstance(body, dict)
        return None
    assert_accepted(translation.body)
    assert all(change.isascii() and change.isprintable() for change in translation.changes)
    return translation


def strings_in(tree: Any, key: str) -> list[str]:
    """The strings held under `key` anywhere in a JSON value; a plain message's content is a text."""
    if isinstance(tree, list):
        return [text for item in tree for text in strings_in(item, key)]
    if not isinstance(tree, dict):
        return []
    found = [tree[key]] if isinstance(tree.get(key), str) else []
    if key == "text" and isinstance(tree.get("content"), str):
        found.append(tree["content"])
    return found + [text for inner in tree.values() for text in strings_in(inner, key)]


SLOW_IS_FINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@given(
    st.dictionaries(
        st.sampled_from(["model", "messages", "tools"]) | st.text(CHARACTERS, max_size=5), ANY_JSON
    )
)
@SLOW_IS_FINE
def test_any_json_is_refused_or_translated(body: Any) -> None:
    check(body)


@given(damaged())
@settings(SLOW_IS_FINE, max_examples=300)
def test_a_damaged_request_is_refused_or_translated(body: Any) -> None:
    check(body)


OF_THE_MODELS_OWN = (
    # Not every model takes every kind of media.
    "doesn't support the image content block",
    "doesn't support the document content block",
    "doesn't support the audio content block",
    # It says itself how many tokens it can write, and in which tiers it is served.
    "exceeds the model limit",
    "The service tier",
)


@given(st.sampled_from(CHAT_MODELS), RICH | damaged())
@settings(SLOW_IS_FINE, max_examples=400)
def test_no_model_finds_anything_to_refuse_in_the_shape_of_a_request(
    model_id: str, body: Any
) -> None:
    translation = check(body, family_of(model_id))
    if translation is not None:
        found = refusal_by(model_id, translation.body)
        # What a client passes on is between it and the model.
        passed_on = translation.body.get("additionalModelRequestFields", {}).keys() & body.keys()
        assert found is None or any(words in found for words in (*OF_THE_MODELS_OWN, *passed_on))


@given(st.sampled_from(CHAT_MODELS), RICH)
@settings(SLOW_IS_FINE, max_examples=100)
def test_a_valid_request_is_refused_for_what_a_family_cannot_do_only(
    model_id: str, body: dict[str, Any]
) -> None:
    family = family_of(model_id)
    found = translation_or_refusal(body, family)
    if isinstance(found, ApiError) and family.tools:
        asked = str(found.param).startswith("tool_choice")
        assert asked or "documents a request may have" in found.message, found.message


@given(PLAIN)
@SLOW_IS_FINE
def test_a_valid_request_is_translated_and_no_word_of_it_lost(body: dict[str, Any]) -> None:
    translation = translated(body)
    assert_accepted(translation.body)
    given_texts = Counter(text for text in strings_in(body["messages"], "text") if text.strip())
    told_texts = Counter(strings_in(translation.body, "text"))
    assert not given_texts - told_texts
    assert (told_texts - given_texts).keys() <= {FILLER}
    theirs = {tool["function"]["name"] for tool in body.get("tools", ())}
    called = strings_in(body["messages"], "name")
    for ours in strings_in(translation.body, "name"):
        assert translation.tool_names.get(ours, ours) in theirs.union(called)


@given(st.lists(st.sampled_from(["a", "b", "a b"]), min_size=1, max_size=8))
@SLOW_IS_FINE
def test_results_find_their_calls_however_often_ids_repeat(ids: list[str]) -> None:
    messages = [{"role": "user", "content": "Go."}]
    for number, call_id in enumerate(ids):
        function = {"name": "f", "arguments": json.dumps({"n": number})}
        messages += [
            {"role": "assistant", "tool_calls": [{"id": call_id, "function": function}]},
            {"role": "tool", "tool_call_id": call_id, "content": str(number)},
        ]
    body = translated({"model": "m", "messages": messages}).body
    assert_accepted(body)
    asked = [message["content"][0]["toolUse"] for message in body["messages"][1::2]]
    answers = [message["content"][0]["toolResult"] for message in body["messages"][2::2]]
    for use, answer in zip(asked, answers, strict=True):
        assert use["toolUseId"] == answer["toolUseId"]
        assert answer["content"] == [{"text": str(use["input"]["n"])}]


@pytest.mark.parametrize("depth", [50, 99, 101, 10_000])
def test_depth_is_refused_by_name_or_survives_the_journey(depth: int) -> None:
    schema: dict[str, Any] = {}
    for _ in range(depth):
        schema = {"items": schema}
    tools = [{"type": "function", "function": {"name": "f", "parameters": schema}}]
    body = {"model": "m", "messages": [{"role": "user", "content": "Go."}], "tools": tools}
    if depth < 100:
        assert_accepted(translated(body).body)
    else:
        with pytest.raises(ApiError) as refusal:
            translated(body)
        assert refusal.value.param == "tools[0].function.parameters"
