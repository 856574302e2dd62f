"""Requests held to botocore's service model: members, types, lengths, patterns, enums and unions."""

import json
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.errors import ServiceError
from local.bedrock.service import Simulator
from local.bedrock.shapes import check_request
from tests.support.simulated_bedrock import CLAUDE, assert_refused, call, claude_body, user

Json = dict[str, Any]


def with_block(**block: Any) -> Json:
    return {"messages": [{"role": "user", "content": [block]}]}


def with_tool(**spec: Any) -> Json:
    schema = {"inputSchema": {"json": {}}}
    return {"messages": user("hi"), "toolConfig": {"tools": [{"toolSpec": {**schema, **spec}}]}}


def with_config(**config: Any) -> Json:
    return {"messages": user("hi"), "inferenceConfig": config}


CONSTRAINTS: dict[str, tuple[Json, str]] = {
    "missing member": (
        {"messages": [{"role": "user"}]},
        (
            "Value null at 'messages.1.member.content' failed to satisfy constraint: Member must not be "
            "null"
        ),
    ),
    "enum": (
        {"messages": [{"role": "robot", "content": [{"text": "x"}]}]},
        (
            "Value 'robot' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy "
            "enum value set: [user, assistant, system]"
        ),
    ),
    "pattern": (
        with_tool(name="a.b"),
        (
            "Value 'a.b' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member "
            "must satisfy regular expression pattern: [a-zA-Z0-9_-]+"
        ),
    ),
    "longest": (with_tool(name="a" * 65), "Member must have length less than or equal to 64"),
    "shortest": (
        with_tool(name="a", description=""),
        (
            "Value '' at 'toolConfig.tools.1.member.toolSpec.description' failed to satisfy constraint: "
            "Member must have length greater than or equal to 1"
        ),
    ),
    "least": (
        with_config(maxTokens=0),
        (
            "Value '0' at 'inferenceConfig.maxTokens' failed to satisfy constraint: Member must have value "
            "greater than or equal to 1"
        ),
    ),
    "most": (with_config(topP=1.1), "Member must have value less than or equal to 1"),
    "no tools": (
        {"messages": user("x"), "toolConfig": {"tools": []}},
        "length greater than or equal",
    ),
    "too many stop sequences": (
        with_config(stopSequences=["x"] * 2501),
        "less than or equal to 2500",
    ),
    "too much metadata": (
        {"messages": user("x"), "requestMetadata": {f"k{n}": "v" for n in range(17)}},
        "Member must have length less than or equal to 16",
    ),
    "empty image": (
        with_block(image={"format": "png", "source": {"bytes": ""}}),
        "Member must have length greater than or equal to 1",
    ),
}


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_a_broken_constraint_is_told_as_aws_tells_it(sim: Simulator, case: str) -> None:
    body, message = CONSTRAINTS[case]
    answer = call(sim, "converse", CLAUDE, body)
    assert_refused(answer, "ValidationException", message)
    assert answer.json["message"].startswith("1 validation error detected: ")


def test_all_broken_constraints_are_told_at_once(sim: Simulator) -> None:
    answer = call(sim, "converse", CLAUDE, with_config(maxTokens=0, temperature=2))
    assert_refused(answer, "ValidationException", "2 validation errors detected: ")


WRONG_TYPES: dict[str, tuple[Json | list[Any], str]] = {
    "list for a structure": ([], "Start of list found where not expected"),
    "text for a list": ({"messages": "hi"}, "STRING_VALUE can not be converted to a List"),
    "structure for a text": (
        with_block(text={}),
        "Start of structure or map found where not expected.",
    ),
    "number for a text": (with_block(text=5), "NUMBER_VALUE can not be converted to a String"),
    "text for a number": (
        with_config(maxTokens="5"),
        "STRING_VALUE can not be converted to an Integer",
    ),
    "fraction for a whole": (with_config(maxTokens=5.5), "DECIMAL_VALUE can not be converted"),
    "truth for a number": (with_config(maxTokens=True), "TRUE_VALUE can not be converted"),
    "text for a truth": (with_tool(name="a", strict="yes"), "can not be converted to a Boolean"),
    "number for a blob": (
        with_block(image={"format": "png", "source": {"bytes": 5}}),
        "NUMBER_VALUE can not be converted to a Blob",
    ),
    "list for a map": (
        {"messages": user("x"), "requestMetadata": []},
        "Start of list found where not expected",
    ),
    "bad base64": (
        with_block(image={"format": "png", "source": {"bytes": "%%%"}}),
        "Invalid base64",
    ),
}


@pytest.mark.parametrize("case", WRONG_TYPES)
def test_a_value_of_the_wrong_type_cannot_be_read(sim: Simulator, case: str) -> None:
    body, message = WRONG_TYPES[case]
    assert_refused(call(sim, "converse", CLAUDE, body), "SerializationException", message)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b'{"messages": [{"role": "\\ud800"}]}', b"NaN,"]
)
def test_a_body_that_is_no_json_cannot_be_read(sim: Simulator, body: bytes) -> None:
    assert_refused(
        call(sim, "converse", CLAUDE, body), "SerializationException", "isn't valid JSON"
    )


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"messages": user("x"), "max_tokens": 5}, "#: extraneous key [max_tokens]"),
        (
            with_block(text="x", cache_control={}),
            "#/messages/0/content/0: extraneous key [cache_control]",
        ),
        (
            with_tool(name="a", parameters={}),
            "#/toolConfig/tools/0/toolSpec: extraneous key [parameters]",
        ),
    ],
)
def test_an_unknown_member_is_refused(sim: Simulator, body: Json, place: str) -> None:
    assert_refused(call(sim, "converse", CLAUDE, body), "ValidationException", place)


def test_a_union_has_exactly_one_member(sim: Simulator) -> None:
    nothing = call(sim, "converse", CLAUDE, with_block())
    assert_refused(
        nothing,
        "ValidationException",
        "ContentBlock object at messages.0.content.0 must set one of the following keys: text, image,",
    )
    both = call(sim, "converse", CLAUDE, with_block(text="x", cachePoint={"type": "default"}))
    assert_refused(both, "ValidationException", "has more than one of the following keys")


@pytest.mark.parametrize(
    ("operation", "body"),
    [("converse", {}), ("invoke", {}), ("count-tokens", {"input": {"converse": {}}})],
)
def test_a_model_id_that_no_model_could_have_is_refused(
    sim: Simulator, operation: str, body: Json
) -> None:
    answer = call(sim, operation, "not a model!", body)
    assert_refused(
        answer, "ValidationException", "Value 'not a model!' at 'modelId' failed to satisfy"
    )


def test_headers_are_members_too(sim: Simulator) -> None:
    answer = call(sim, "invoke", CLAUDE, claude_body(), x_amzn_bedrock_trace="LOUD")
    assert_refused(
        answer, "ValidationException", "enum value set: [ENABLED, DISABLED, ENABLED_FULL]"
    )


SHAPE = (
    botocore.session.get_session()
    .get_service_model("bedrock-runtime")
    .operation_model("Converse")
    .input_shape
)

_NAMES = st.sampled_from(
    ["role", "content", "text", "image", "toolUse", "name", "input", "json", "source", "bytes", "tools",
     "toolSpec", "inputSchema", "maxTokens", "temperature", "format", "toolUseId", "status", "x"]
)  # fmt: skip
_LEAVES = st.sampled_from(["user", "assistant", "png", "aGk=", "", 0, 1, 0.5, True, {}, []])
_TREES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=8,
)
_MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["user", "assistant"]) | _TREES},
        optional={"content": st.lists(_TREES, max_size=2)},
    ),
    max_size=2,
)


@given(
    st.fixed_dictionaries(
        {"messages": _MESSAGES | _TREES}, optional={"toolConfig": _TREES, "inferenceConfig": _TREES}
    )
)
def test_what_botocore_refuses_to_send_the_simulator_refuses_to_take(body: Json) -> None:
    report = ParamValidator().validate({"modelId": "m", **json.loads(json.dumps(body))}, SHAPE)
    if report.has_errors():
        with pytest.raises(ServiceError):
            check_request("Converse", "m", {}, body)
