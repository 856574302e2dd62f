"""A response's object: how its answer ended, and what it took."""

from typing import Any

import botocore.session
import pytest
from openai.types.responses import Response
from router.dialects.openai_responses.answer import INCOMPLETE

from tests.support.responses import ASKED, answered


def answer(*content: dict[str, Any], stop: str = "end_turn", **members: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": list(content)}
    return {"output": {"message": message}, "stopReason": stop, **members}


SAID = {"text": "Four."}
THOUGHT = {"reasoningContent": {"reasoningText": {"text": "2 + 2", "signature": "EqQB"}}}
CACHED = {
    "inputTokens": 100,
    "outputTokens": 20,
    "totalTokens": 1170,
    "cacheReadInputTokens": 1000,
    "cacheWriteInputTokens": 50,
    "cacheDetails": [{"ttl": "1h", "inputTokens": 30}],
}


def test_usage_counts_cached_tokens_as_input_and_tells_the_cost() -> None:
    response = answered(answer(SAID, usage=CACHED))
    assert response["usage"] == {
        "input_tokens": 1150,
        "input_tokens_details": {"cached_tokens": 1000, "cache_write_tokens": 50},
        "output_tokens": 20,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 1170,
        "cost": "0.00117",
    }


def test_reasoning_tokens_are_those_the_model_tells_or_the_share_of_what_it_shows() -> None:
    told = {"usage": {"output_tokens_details": {"thinking_tokens": 17}}}
    usage = {"inputTokens": 1, "outputTokens": 20, "totalTokens": 21}
    exact = answered(answer(THOUGHT, SAID, usage=usage, additionalModelResponseFields=told))
    estimated = answered(answer(THOUGHT, SAID, usage=usage))
    assert exact["usage"]["output_tokens_details"] == {"reasoning_tokens": 17}
    assert estimated["usage"]["output_tokens_details"] == {"reasoning_tokens": 10}


def test_an_answer_that_reports_no_usage_has_none() -> None:
    assert answered(answer(SAID))["usage"] is None


@pytest.mark.parametrize("reason", INCOMPLETE)
def test_an_incomplete_response_says_why(reason: str) -> None:
    response = answered(answer(SAID, stop=reason))
    assert Response.model_validate(response, strict=True).status == "incomplete"
    assert response["incomplete_details"] == {"reason": INCOMPLETE[reason]}
    assert response["completed_at"] is None
    assert [item["status"] for item in response["output"]] == ["incomplete"]


def test_every_stop_reason_of_converse_ends_a_response_or_is_an_error() -> None:
    model = botocore.session.get_session().get_service_model("bedrock-runtime")
    whole = {"end_turn", "stop_sequence", "tool_use"}
    malformed = {"malformed_model_output", "malformed_tool_use"}
    assert set(model.shape_for("StopReason").enum) <= {*INCOMPLETE, *whole, *malformed}


def test_a_response_is_completed_when_bedrock_says_that_it_took_so_long() -> None:
    response = answered(answer(SAID, metrics={"latencyMs": 2999}))
    assert response["completed_at"] == response["created_at"] + 2


@pytest.mark.parametrize(
    ("served", "told"),
    [("default", "default"), ("flex", "flex"), ("priority", "priority"), ("reserved", "scale")],
)
def test_the_service_tier_is_the_one_that_served(served: str, told: str) -> None:
    response = answered(
        answer(SAID, serviceTier={"type": served}), {**ASKED, "service_tier": "fast"}
    )
    assert Response.model_validate(response, strict=True).service_tier == told


def test_what_a_guardrail_found_is_told() -> None:
    found = {"inputAssessment": {"gr1": {}}}
    response = answered(answer(SAID, trace={"guardrail": found}))
    assert response["amazon-bedrock-trace"] == {"guardrail": found}


def test_an_answer_of_nothing_is_a_response_without_output() -> None:
    response = answered(answer({"text": ""}))
    assert (response["status"], response["output"]) == ("completed", [])


def test_what_nothing_heeds_of_a_tool_is_not_repeated() -> None:
    function = {"type": "function", "name": "f", "parameters": None, "output_schema": {"a": 1}}
    group = {"type": "namespace", "name": "n", "description": "", "tools": [function]}
    response = answered(answer(SAID), {**ASKED, "tools": [group]})
    assert response["tools"] == [
        {**group, "tools": [{"type": "function", "name": "f", "parameters": None}]}
    ]


@pytest.mark.parametrize("description", [{}, {"description": None}])
def test_a_namespace_without_a_description_is_repeated_as_the_sdk_reads_one(
    description: dict[str, Any],
) -> None:
    group = {"type": "namespace", "name": "n", "tools": [{"type": "custom", "name": "c"}]}
    response = answered(answer(SAID), {**ASKED, "tools": [group | description]})
    Response.model_validate(response, strict=True)
    assert response["tools"] == [{**group, "description": ""}]
