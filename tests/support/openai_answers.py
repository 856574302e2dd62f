"""What every answer of the OpenAI routes must be, whatever was asked."""

import base64
import json
import re
from array import array
from collections.abc import Iterator
from typing import Any

from openai.types import CreateEmbeddingResponse
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.responses import Response

from tests.support.outcomes import (
    MALFORMED,
    WITHOUT_FIELD,
    assert_for_people,
    assert_settled,
    message_of,
    only_bedrock_knows,
    words_of,
)
from tests.support.responses import EVENT_CLASSES
from tests.support.whole_router import Outcome, Refusal

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
EMBEDDINGS = "/v1/embeddings"

RELAYED = (
    "An assistant message with 'tool_calls' must be followed by tool messages",
    "Invalid parameter: messages with role 'tool' must be a response",
    "Invalid schema for ",
    "Invalid 'tools': duplicate tool name ",
    "No tool call found for ",
    "No tool output found for ",
    "Response input messages must contain the word 'json'",
    "Tool choice ",
)
"""The same for requests to its own OpenAI API: how the parts of a request go together, which it tells in
OpenAI's own words and with the name of the field."""

_STATUSES = (400, 404, 405, 413)

_OF_PATHS = ("unknown_url", "method_not_allowed")

_LONGEST_PARAM = 300

_RESPONSE_ENDS = ("response.completed", "response.incomplete")


def assert_proper(path: str, asked: object, outcome: Outcome) -> None:
    """Fails unless a paid request was answered as it should be, and nothing is left behind.

    `asked` is the JSON of its body, None if it has none.
    """
    for refusal in outcome.refusals:
        assert is_for_bedrock_to_tell(refusal) or is_for_passed_on(refusal, asked), refusal
    assert_settled(outcome)
    if outcome.status == 200:
        assert outcome.reserved == 1
        assert_readable(path, outcome)
    else:
        assert_refused_by_name(outcome)


def is_for_bedrock_to_tell(refusal: Refusal) -> bool:
    """Whether a refusal of Bedrock's is for what the router cannot know, or leaves to it."""
    content = json.loads(refusal.message)
    relayed = refusal.path.startswith("/openai/") and content["error"]["param"] is not None
    return only_bedrock_knows(refusal) or (relayed and words_of(refusal).startswith(RELAYED))


def is_for_passed_on(refusal: Refusal, asked: object) -> bool:
    """Whether Bedrock refused a field that is the client's own word to the model."""
    own = json.loads(refusal.body).get("additionalModelRequestFields", {})
    passed_on = own.keys() & asked.keys() if isinstance(asked, dict) else set()
    words = re.findall(r"[\w-]+", message_of(refusal))
    return not passed_on.isdisjoint(words)


def assert_refused_by_name(outcome: Outcome) -> None:
    """Fails unless it is a 4xx in OpenAI's form, for people, that says which field is wrong."""
    assert outcome.headers["content-type"] == "application/json"
    content = json.loads(outcome.body)
    assert set(content) == {"error"}
    error = content["error"]
    assert set(error) == {"message", "type", "param", "code"}
    message, param = error["message"], error["param"]
    if message == MALFORMED:
        assert outcome.status == 424
        return
    assert outcome.status in _STATUSES, outcome
    assert isinstance(error["type"], str)
    assert_for_people(message, outcome)
    about_no_field = message.startswith(WITHOUT_FIELD) or error["code"] in _OF_PATHS
    if outcome.refusals or about_no_field:
        return
    assert isinstance(param, str), error
    assert 0 < len(param) < _LONGEST_PARAM


def assert_readable(path: str, outcome: Outcome) -> None:
    """Fails unless OpenAI's SDK can read it to its end."""
    streamed = outcome.headers["content-type"].startswith("text/event-stream")
    if path == EMBEDDINGS:
        _assert_embeddings(outcome.body)
    elif path == CHAT and streamed:
        _assert_chunks(outcome.body)
    elif path == CHAT:
        ChatCompletion.model_validate_json(outcome.body, strict=True)
    elif streamed:
        _assert_events(outcome.body)
    else:
        response = Response.model_validate_json(outcome.body, strict=True)
        assert response.status in ("completed", "incomplete")


def _assert_embeddings(body: bytes) -> None:
    content = json.loads(body)
    for embedded in content["data"]:
        if isinstance(embedded["embedding"], str):
            # The SDK's client does this before it looks at the types.
            floats = array("f", base64.b64decode(embedded["embedding"], validate=True))
            embedded["embedding"] = floats.tolist()
        assert embedded["embedding"]
    CreateEmbeddingResponse.model_validate(content, strict=True)


def _assert_chunks(body: bytes) -> None:
    *chunks, last = _data(body)
    assert last == "[DONE]" or json.loads(last)["error"]["message"] == MALFORMED
    for data in chunks:
        chunk = json.loads(data)
        for choice in chunk["choices"]:
            # OpenAI streams custom calls as it tells whole ones; its SDK passes them on untyped.
            calls = choice["delta"].get("tool_calls", [])
            assert all(call.keys() & {"custom", "function"} for call in calls)
            choice["delta"]["tool_calls"] = [call for call in calls if "function" in call]
        ChatCompletionChunk.model_validate(chunk, strict=True)


def _assert_events(body: bytes) -> None:
    event: dict[str, Any] = {}
    for number, data in enumerate(_data(body)):
        event = json.loads(data)
        assert number or event["type"] == "response.created"
        assert event["sequence_number"] == number
        EVENT_CLASSES[event["type"]].model_validate_json(data, strict=True)
    response = event["response"]
    is_malformed = response["status"] == "failed" and response["error"]["message"] == MALFORMED
    assert event["type"] in _RESPONSE_ENDS or is_malformed


def _data(body: bytes) -> Iterator[str]:
    """The data of each server-sent event."""
    assert body.endswith(b"\n\n"), "the stream ends inside an event"
    for told in body.decode().removesuffix("\n\n").split("\n\n"):
        yield told.rpartition("\n")[2].removeprefix("data: ")
