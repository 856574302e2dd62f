"""What every answer of the Anthropic routes must be, whatever was asked."""

import json
import re
from typing import Any

from anthropic.types import MessageTokensCount

from tests.support.anthropic_sdk import streamed_message, whole_message
from tests.support.outcomes import (
    MALFORMED,
    WITHOUT_FIELD,
    assert_for_people,
    assert_settled,
    message_of,
    only_bedrock_knows,
)
from tests.support.whole_router import Outcome, Refusal

MESSAGES = "/v1/messages"
COUNT = "/v1/messages/count_tokens"

NATIVE = ("/count-tokens", "/invoke", "/invoke-with-response-stream")
"""How the paths end on which Bedrock takes a Messages body, and refuses it in words that name its fields."""

FIELDS = frozenset(
    {
        "anthropic-beta",
        "anthropic-version",
        "cache_control",
        "container",
        "context_management",
        "inference_geo",
        "max_tokens",
        "mcp_servers",
        "messages",
        "metadata",
        "model",
        "output_config",
        "service_tier",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "thread",
        "tool_choice",
        "tools",
        "top_k",
        "top_p",
        "x-amzn-bedrock-guardrailidentifier",
        "x-amzn-bedrock-guardrailversion",
        "x-amzn-bedrock-trace",
    }
)
"""What an Anthropic-shaped refusal may name beside the fields that were sent."""

UNNAMED = (
    # Bedrock's words on things that are no fields, or not by the name of one.
    "invalid beta flag",
    "Tool reference ",
    "Nested too deeply.",
    "All tools have defer_loading set",
    "Thinking may not be enabled when tool_choice forces tool use",
    "This model does not support assistant message prefill",
    "This model does not support the effort parameter",
)

_TYPES = {
    400: "invalid_request_error",
    404: "not_found_error",
    405: "invalid_request_error",
    413: "request_too_large",
    424: "api_error",
}


def assert_proper(path: str, asked: object, outcome: Outcome) -> None:
    """Fails unless a request was answered as it should be, and nothing is left behind.

    `asked` is the JSON of its body, None if it has none.
    """
    for refusal in outcome.refusals:
        assert refusal.path.endswith(NATIVE) or only_bedrock_knows(refusal), refusal
    assert_settled(outcome)
    if outcome.status == 200 and path == COUNT:
        assert outcome.reserved == 0
        assert MessageTokensCount.model_validate_json(outcome.body, strict=True).input_tokens > 0
    elif outcome.status == 200:
        assert outcome.reserved == 1
        assert_readable(outcome)
    else:
        assert_refused_by_name(asked, outcome)


def assert_readable(outcome: Outcome) -> None:
    """Fails unless Anthropic's SDK can read it to its end."""
    if not outcome.headers["content-type"].startswith("text/event-stream"):
        whole_message(outcome.body)
        return
    if b"event: error\n" in outcome.body:
        *_, last = outcome.body.removesuffix(b"\n\n").rpartition(b"data: ")
        assert json.loads(last)["error"]["message"] == MALFORMED
        return
    streamed_message(outcome.body)


def assert_refused_by_name(asked: object, outcome: Outcome) -> None:
    """Fails unless it is a 4xx in Anthropic's form, for people, that says which field is wrong."""
    assert outcome.headers["content-type"] == "application/json"
    assert outcome.headers["request-id"]
    content = json.loads(outcome.body)
    assert set(content) == {"type", "error", "request_id"}
    assert content["type"] == "error"
    assert set(content["error"]) == {"type", "message"}
    message = content["error"]["message"]
    assert content["error"]["type"] == _TYPES[outcome.status], outcome
    assert_for_people(message, outcome)
    if message == MALFORMED or message.startswith(WITHOUT_FIELD):
        return
    if any(is_unnamed(refusal) for refusal in outcome.refusals):
        return
    assert _names_a_field(message, asked), message


def is_unnamed(refusal: Refusal) -> bool:
    """Whether Bedrock refused something that is no field, or does not call it by the field's name."""
    return only_bedrock_knows(refusal) or message_of(refusal).startswith(UNNAMED)


def _names_a_field(message: str, asked: Any) -> bool:
    sent = set(asked) if isinstance(asked, dict) else set()
    words = set(re.findall(r"[\w-]+", message))
    beginnings = {name[:_SHORT] for name in sent}
    escaped = {json.dumps(name)[1:-1] for name in beginnings}
    if message.endswith("Extra inputs are not permitted") and not message.startswith("Extra"):
        return True
    return not words.isdisjoint(FIELDS) or any(name in message for name in beginnings | escaped)


_SHORT = 20
"""Characters of a field's name that a message holds, however long the name is."""
