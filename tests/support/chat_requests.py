"""Chat Completions requests of every form, for hypothesis: valid ones, damaged ones and any JSON."""

import copy
from typing import Any

from hypothesis import strategies as st
from router.dialects.openai_chat.parameters import PARAMETERS

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs="
PDF = "data:application/pdf;base64,JVBERi0x"

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
CUSTOM_NAME = "run.it"
SCHEMAS = st.sampled_from([None, {}, {"type": "object"}, {"properties": {"a": {"type": "string"}}}])
MARKS = st.sampled_from([None, {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}])

IMAGE = {"type": "image_url", "image_url": {"url": PIXEL}}
FILE = {"type": "file", "file": {"file_data": PDF, "filename": "a_b.pdf"}}
AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}


def _text_part(text: str, mark: Any) -> dict[str, Any]:
    return {"type": "text", "text": text, "cache_control": mark}


TEXT_PARTS = st.builds(_text_part, TEXT, MARKS)

PARTS = st.lists(TEXT_PARTS | st.sampled_from([IMAGE, FILE]), max_size=3)


def _exchange(ids: list[str], name: str, content: Any, said: str, arguments: str) -> list[Any]:
    function = {"name": name, "arguments": arguments}
    asked = [{"id": call_id, "type": "function", "function": function} for call_id in ids]
    answers = [{"role": "tool", "tool_call_id": i, "content": content} for i in reversed(ids)]
    return [{"role": "assistant", "content": said, "tool_calls": asked}, *answers]


def _custom_exchange(call_id: str, given: str, result: str) -> list[Any]:
    call = {"id": call_id, "type": "custom", "custom": {"name": CUSTOM_NAME, "input": given}}
    answer = {"role": "tool", "tool_call_id": call_id, "content": result}
    return [{"role": "assistant", "tool_calls": [call]}, answer]


def _legacy_exchange(name: str, arguments: str, result: str) -> list[Any]:
    called = {"name": name, "arguments": arguments}
    answer = {"role": "function", "name": name, "content": result}
    return [{"role": "assistant", "content": None, "function_call": called}, answer]


ARGUMENTS = st.sampled_from(['{"n":1}', "", "[1]", "{n"])

PLAIN_SPEECH = st.builds(
    lambda role, content: [{"role": role, "content": content}],
    st.sampled_from(["user", "assistant", "system", "developer"]),
    TEXT,
) | st.builds(
    lambda parts: [{"role": "user", "content": parts}],
    st.lists(TEXT_PARTS | st.just(IMAGE), max_size=3),
)

PLAIN_EXCHANGES = st.builds(
    _exchange,
    st.lists(IDS, min_size=1, max_size=3, unique=True),
    NAMES,
    TEXT,
    TEXT,
    st.just('{"n":1}'),
)

RICH_SPEECH = st.one_of(
    st.builds(lambda parts: [{"role": "user", "content": parts}], PARTS),
    st.builds(lambda refusal: [{"role": "assistant", "refusal": refusal}], TEXT),
    st.builds(
        lambda role, text, mark: [{"role": role, "content": text, "cache_control": mark}],
        st.sampled_from(["user", "assistant", "system"]),
        TEXT,
        MARKS,
    ),
    st.builds(
        _exchange,
        st.lists(IDS, min_size=1, max_size=3, unique=True),
        NAMES,
        TEXT | PARTS,
        TEXT,
        ARGUMENTS,
    ),
    st.builds(_custom_exchange, IDS, TEXT, TEXT),
    st.builds(_legacy_exchange, NAMES, ARGUMENTS, TEXT),
)


def _conversations(groups: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[list[Any]]:
    return st.lists(groups, max_size=4).map(
        lambda found: [
            {"role": "user", "content": "Go."},
            *(message for group in found for message in group),
        ]
    )


FUNCTIONS = st.builds(
    lambda name, parameters, description: {
        "name": name,
        "parameters": parameters,
        "description": description,
    },
    NAMES,
    SCHEMAS,
    TEXT,
)

TOOLS = st.lists(
    st.builds(
        lambda function, mark: {"type": "function", "function": function, "cache_control": mark},
        FUNCTIONS,
        MARKS,
    ),
    max_size=3,
    unique_by=lambda tool: tool["function"]["name"],
)

CUSTOM_TOOL = {"type": "custom", "custom": {"name": CUSTOM_NAME}}

PLAIN = st.fixed_dictionaries(
    {"model": st.just("m"), "messages": _conversations(PLAIN_SPEECH | PLAIN_EXCHANGES)},
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
        "seed": st.integers(-(2**60), 2**60),
    },
)
"""Requests of words, images and function calls."""

_SCHEMA = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}

_OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "cache_control": MARKS,
    "frequency_penalty": st.floats(-2, 2),
    "include_reasoning": st.booleans(),
    "logit_bias": st.sampled_from([{}, {"50256": -100}]),
    "max_completion_tokens": st.sampled_from([1, 2_000, 4_000]),
    "parallel_tool_calls": st.booleans(),
    "reasoning": st.sampled_from(
        [{}, {"effort": None}, {"max_tokens": 2000}, {"enabled": True, "exclude": True}]
    ),
    "reasoning_effort": st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh"]),
    "response_format": st.sampled_from(
        [
            {"type": "text"},
            {"type": "json_object"},
            {"type": "json_schema", "json_schema": {"name": "a", "schema": _SCHEMA}},
            {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}},
        ]
    ),
    "service_tier": st.sampled_from(["auto", "default", "flex", "priority"]),
    "stop": st.sampled_from(["\n", ["a", "b"], []]),
    "stream": st.booleans(),
    "system": TEXT,
    "temperature": st.floats(0, 2),
    "top_k": st.integers(-1, 9),
    "top_p": st.floats(0, 1),
}


def _offers(custom: bool) -> dict[str, st.SearchStrategy[Any]]:
    with_custom = TOOLS.map(lambda tools: [*tools, CUSTOM_TOOL])
    return {
        "tools": with_custom if custom else TOOLS,
        "tool_choice": st.sampled_from(["none", "auto", "required", CUSTOM_TOOL])
        if custom
        else st.sampled_from(["none", "auto"]),
    }


def _rich(offers: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"model": st.just("m"), "messages": _conversations(PLAIN_SPEECH | RICH_SPEECH)},
        optional={**_OPTIONS, **offers},
    )


RICH = st.one_of(
    _rich(_offers(custom=False)),
    st.builds(
        lambda body, tools, choice: {**body, "tools": tools, "tool_choice": choice},
        _rich({}),
        _offers(custom=True)["tools"],
        _offers(custom=True)["tool_choice"],
    ),
    _rich(
        {
            "functions": st.lists(FUNCTIONS, max_size=2, unique_by=lambda one: one["name"]),
            "function_call": st.sampled_from(["none", "auto"]),
        }
    ),
)
"""Requests of everything that is translated."""


def places(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values inside a JSON value."""
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = []
    for key, value in inner:
        found.append((*path, key))
        if isinstance(value, dict | list):
            found += places(value, (*path, key))
    return found


_STRAYS = ANY_JSON | st.sampled_from(
    ["user", "tool", "custom", "a", "f", {}, [], IMAGE, FILE, AUDIO]
).map(copy.deepcopy)

_MEMBERS = st.sampled_from(
    [*PARAMETERS, "name", "tool_calls", "function_call", "reasoning_details", "type", "x"]
)


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    """A valid request with one to three values replaced, removed, repeated or moved elsewhere."""
    body = copy.deepcopy(draw(RICH))
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(places(body)))
        holder = body
        for step in way:
            holder = holder[step]
        how = draw(st.sampled_from(["replace", "remove", "add", "repeat"]))
        if how == "replace":
            holder[last] = draw(_STRAYS)
        elif how == "remove":
            del holder[last]
        elif isinstance(holder, dict):
            holder[draw(_MEMBERS)] = draw(_STRAYS)
        elif how == "repeat":
            holder.insert(draw(st.integers(0, len(holder))), copy.deepcopy(holder[last]))
        else:
            holder.append(draw(_STRAYS))
        if not places(body):
            break
    return body
