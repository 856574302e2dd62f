"""Whatever a client sends is refused by the name of a field or becomes what Bedrock's own API takes."""

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from router.errors import ApiError

from tests.support.damage import damaged
from tests.support.json_values import ANY_JSON
from tests.support.native import CHAT, GROK, RESPONSES, SOL, TERRA, Relayed, refusal_of, relayed
from tests.support.native_requests import CHATS, WANTED

PATIENT = settings(suppress_health_check=[HealthCheck.too_slow])

REQUESTS = {CHAT: list(CHATS.values()), RESPONSES: list(WANTED.values())}

LEFT_TO_BEDROCK = (
    # About parts that are right each by itself. Bedrock says it as well as the router could, and for
    # nothing.
    "'additionalProperties' is required",
    "'required' is required",
    "Tool choice '",
    "duplicate tool name",
    "must be a response to a preceeding message",
    "must be followed by tool messages",
    "must contain the word 'json'",
    "No tool call found",
    "No tool output found",
    "expected a string, got null",
    # About the model.
    "Model does not support",
    "is not supported for 'service_tier' on this model",
    "max_completion_tokens is too large",
    "Invalid 'max_output_tokens': integer above maximum value",
    # About places where only Bedrock can look.
    "only data: and s3: URLs are supported",
)


def relayed_or_refused(operation: str, body: Any) -> Relayed | ApiError:
    try:
        return relayed(operation, copy.deepcopy(body))
    except ApiError as refusal:
        return refusal


def of_a_native_model(body: Any) -> Any:
    """The request, to a model that is relayed: it is asked for nothing else."""
    if not isinstance(body, dict) or body.get("model") in (GROK, SOL, TERRA):
        return body
    return {**body, "model": GROK}


def check(operation: str, body: Any) -> None:
    found = relayed_or_refused(operation, body)
    if isinstance(found, ApiError):
        assert found.kind == "invalid_request"
        assert found.param is not None or not isinstance(body, dict)
        return
    assert found.changes.isascii()
    assert found.changes == "" or found.changes.isprintable()
    assert found.body["model"] == found.call.target.model_id
    if found.call.draft is not None and found.call.draft.remote:
        # Its images are still to be fetched, and refused until then.
        return
    said = refusal_of(operation, found.body)
    assert said is None or any(words in said.message for words in LEFT_TO_BEDROCK), said.message


@pytest.mark.parametrize("operation", REQUESTS)
@given(data=st.data())
@settings(PATIENT, max_examples=500)
def test_a_damaged_request_is_refused_or_what_bedrock_takes(
    operation: str, data: st.DataObject
) -> None:
    check(operation, of_a_native_model(data.draw(damaged(REQUESTS[operation]))))


@pytest.mark.parametrize("operation", REQUESTS)
@given(
    body=st.dictionaries(
        st.sampled_from(["messages", "input", "tools", "reasoning", "text", "stream_options"]),
        ANY_JSON,
    )
)
@settings(PATIENT)
def test_any_json_is_refused_or_what_bedrock_takes(operation: str, body: Any) -> None:
    check(operation, {**body, "model": GROK})


@given(data=st.data())
@settings(PATIENT, max_examples=200)
def test_a_response_is_stored_for_those_only_who_say_so(data: st.DataObject) -> None:
    body = of_a_native_model(data.draw(damaged(REQUESTS[RESPONSES])))
    found = relayed_or_refused(RESPONSES, body)
    if not isinstance(found, ApiError):
        assert found.body["store"] is (body.get("store") is True)
