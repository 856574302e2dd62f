"""Whatever a client sends is either refused with a 400 or becomes what Converse accepts."""

import copy
import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router.dialects.converse.turns import FILLER
from router.dialects.openai_chat.parameters import PARAMETERS
from router.errors import ApiError

from tests.support.chat import translated
from tests.support.converse import assert_accepted

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="

CHARACTERS = st.characters(codec=None)
"""All of Unicode, halves of surrogate pairs too, as JSON's escapes can spell them."""

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(CHARACTERS, max_size=5)

ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(CHARACTERS, max_size=5), inner)
    ),
    max_leaves=6,
)

TEXT = st.sampled_from(["Hi", "", " \n", "né", "{}", "a.b"])
IDS = st.sampled_from(["a", "b", "call 1", "x" * 70])
NAMES = st.sampled_from(["f", "files.read", "y" * 65])
SCHEMAS = st.sampled_from([None, {}, {"type": "object"}, {"properties": {"a": {"type": "string"}}}])

PARTS = st.lists(
    st.builds(lambda text: {"type": "text", "text": text}, TEXT)
    | st.just({"type": "image_url", "image_url": {"url": PIXEL}}),
    max_size=3,
)


def exchange(ids: list[str], name: str, texts: list[str]) -> list[dict[str, Any]]:
    function = {"name": name, "arguments": '{"n":1}'}
    asked = [{"id": call_id, "type": "function", "function": function} for call_id in ids]
    answers = [{"role": "tool", "tool_call_id": i, "content": texts[0]} for i in reversed(ids)]
    return [{"role": "assistant", "content": texts[1], "tool_calls": asked}, *answers]


SPEECH = st.builds(
    lambda role, content: [{"role": role, "content": content}],
    st.sampled_from(["user", "assistant", "system", "developer"]),
    TEXT,
) | st.builds(lambda parts: [{"role": "user", "content": parts}], PARTS)

EXCHANGES = st.builds(
    exchange,
    st.lists(IDS, min_size=1, max_size=3, unique=True),
    NAMES,
    st.lists(TEXT, min_size=2, max_size=2),
)

MESSAGES = st.lists(SPEECH | EXCHANGES, max_size=4).map(
    lambda groups: [
        {"role": "user", "content": "Go."},
        *(message for group in groups for message in group),
    ]
)

TOOLS = st.lists(
    st.builds(
        lambda name, parameters, description: {
            "type": "function",
            "function": {"name": name, "parameters": parameters, "description": description},
        },
        NAMES,
        SCHEMAS,
        TEXT,
    ),
    max_size=3,
    unique_by=lambda tool: tool["function"]["name"],
)

REQUESTS = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": MESSAGES},
    optional={
        "tools": TOOLS,
        "tool_choice": st.sampled_from(["none", "auto"]),
        "temperature": st.floats(0, 1),
        "top_p": st.floats(0, 1),
        "max_tokens": st.integers(1, 9),
        "max_completion_tokens": st.integers(1, 9),
        "stop": st.sampled_from(["\n", ["a", "b"], []]),
        "stream": st.booleans(),
        "stream_options": st.sampled_from([{}, {"include_usage": True}]),
        "seed": st.integers(),
    },
)


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a JSON value."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A valid request with one to three values replaced, removed, repeated or moved elsewhere."""
    body = copy.deepcopy(draw(REQUESTS))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(body)))
        holder = body
        for step in way:
            holder = holder[step]
        how = draw(st.sampled_from(["replace", "remove", "add", "repeat"]))
        if how == "replace":
            holder[last] = draw(ANY_JSON | st.sampled_from(["user", "tool", "a", "f", {}, []]))
        elif how == "remove":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(st.sampled_from([*PARAMETERS, "name", "tool_calls", "x"]))] = draw(ANY_JSON)
        elif how == "repeat":
            holder.insert(draw(st.integers(0, len(holder))), copy.deepcopy(holder[last]))
        else:
            holder.append(draw(ANY_JSON))
        if not places(body):
            break
    return body


def check(body: Any) -> None:
    before = copy.deepcopy(body)
    try:
        translation = translated(body)
    except ApiError as error:
        refusal = error
    else:
        refusal = None
        assert_accepted(translation.body)
        assert all(change.isascii() and change.isprintable() for change in translation.changes)
    if refusal is not None:
        assert refusal.kind == "invalid_request"
        assert refusal.param is not None or not isinstance(body, dict)
    assert repr(body) == repr(before), "the client's request is left as it was"


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


@given(mutated())
@settings(SLOW_IS_FINE, max_examples=500)
def test_a_damaged_request_is_refused_or_translated(body: Any) -> None:
    check(body)


@given(REQUESTS)
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
