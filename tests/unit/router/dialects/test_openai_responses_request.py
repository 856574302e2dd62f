"""Responses requests become Converse requests, and what they bend is told."""

import copy
import json
from typing import Any, get_args, get_type_hints

import pytest
from catalog.families import family_of
from openai.types.responses import (
    ResponseIncludable,
    response_create_params,
    response_input_param,
    tool_param,
)
from router.dialects.openai_responses.items import ITEMS, REFUSED
from router.dialects.openai_responses.parameters import INCLUDABLE, PARAMETERS
from router.dialects.openai_responses.tools import HOSTED, KINDS
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.support.converse import assert_accepted
from tests.support.responses import translated
from tests.support.responses_requests import EXEC, REQUESTS, USER, WEATHER, call, output, request

CLAUDE = family_of("anthropic.claude-sonnet-4-6")

NOTHING = translated(request())._replace(body={})._asdict()


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_becomes_the_reviewed_converse_request(
    name: str, snapshot: SnapshotAssertion
) -> None:
    body = copy.deepcopy(REQUESTS[name])
    translation = translated(body, CLAUDE)
    assert body == REQUESTS[name], "the client's request is left as it was"
    told = {name: value for name, value in translation._asdict().items() if value != NOTHING[name]}
    assert json.loads(json.dumps(told)) == snapshot(extension_class=JSONSnapshotExtension)


@pytest.mark.parametrize("name", [name for name in REQUESTS if name != "parts"])
def test_every_reviewed_request_is_accepted_by_converse(name: str) -> None:
    # Media behind URLs are only in the body once they are fetched.
    assert_accepted(translated(copy.deepcopy(REQUESTS[name]), CLAUDE).body)


def test_codex_works_although_it_always_offers_to_search_the_web() -> None:
    body = request(tools=[WEATHER, {"type": "web_search", "external_web_access": True}])
    found = translated(body, headers={"originator": "codex_exec"})
    (tool,) = found.body["toolConfig"]["tools"]
    assert tool["toolSpec"]["name"] == "get_weather"
    assert "web_search withheld" in found.changes


def test_a_tool_is_known_by_what_it_is_now_and_not_by_what_was_called() -> None:
    body = request(
        USER, call("c1", "exec", '{"input":"a"}'), output("c1"), tools=[{**EXEC, "format": None}]
    )
    assert translated(body).tools == {"exec": ("custom", "exec", None)}


def test_a_tool_is_strict_only_where_bedrock_can_hold_a_model_to_its_schema() -> None:
    sizes = {"type": "object", "patternProperties": {"^x": {"type": "integer"}}}
    found = translated(request(tools=[WEATHER, {**WEATHER, "name": "f", "parameters": sizes}]))
    weather, other = [tool["toolSpec"] for tool in found.body["toolConfig"]["tools"]]
    assert weather["strict"] is True
    assert weather["inputSchema"]["json"]["additionalProperties"] is False
    assert "strict" not in other
    assert other["inputSchema"]["json"] == sizes
    assert found.changes == ("strict dropped",)


def test_a_guardrail_is_asked_for_by_headers() -> None:
    headers = {
        "x-amzn-bedrock-guardrailidentifier": "gr1",
        "x-amzn-bedrock-guardrailversion": "DRAFT",
    }
    config = translated(request(), headers=headers).body["guardrailConfig"]
    assert config == {"guardrailIdentifier": "gr1", "guardrailVersion": "DRAFT"}


def test_every_parameter_of_the_sdk_is_in_the_table() -> None:
    known = get_type_hints(response_create_params.ResponseCreateParamsBase).keys()
    assert known <= PARAMETERS.keys()


def types_in(union: Any) -> set[str]:
    """The values that `type` has in the members of a union of the SDK's types."""
    found: set[str] = set()
    waiting = [get_type_hints(member).get("type") for member in get_args(union)]
    while waiting:
        for argument in get_args(waiting.pop()):
            if isinstance(argument, str):
                found.add(argument)
            else:
                waiting.append(argument)
    return found


def test_every_type_of_item_and_tool_of_the_sdk_is_taken_or_refused_by_name() -> None:
    assert types_in(response_input_param.ResponseInputItemParam) <= {*ITEMS, *REFUSED}
    assert types_in(tool_param.ToolParam) <= {*KINDS, *HOSTED, "namespace"}


def test_everything_the_sdk_can_include_is_in_the_table() -> None:
    assert set(get_args(ResponseIncludable)) == INCLUDABLE.keys()
