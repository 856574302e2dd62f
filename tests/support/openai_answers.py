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

from tests.support.responses import EVENT_CLASSES
from tests.support.whole_router import Outcome, Refusal

CHAT = "/v1/chat/completions"
RESPONSES = "/v1/responses"
EMBEDDINGS = "/v1/embeddings"

ONLY_BEDROCK_KNOWS = (
    # Any id that has the form of one is passed on, and this is how Bedrock says that it has no such.
    "The provided model identifier is invalid",
    "Invocation of model ID ",
    "This action doesn't support the model that you provided",
    # In which tiers it runs a model, what that can see or hear, and what is in an image.
    "The service tier ",
    "'flex' is not supported for 'service_tier' on this model",
    "'priority' is not supported for 'service_tier' on this model",
    "This model doesn't support the image content block",
    "This model doesn't support the document content block",
    "This model doesn't support the audio content block",
    "Model does not support ",
    "Could not process image",
    # How many tokens a text has, and how many a model can write that the catalog does not list.
    "Input is too long for requested model",
    "This model's maximum context length is ",
    "The maximum tokens you requested exceeds the model limit",
    "max_completion_tokens is too large",
    # What there is in the account, what it has stored, and what it has signed.
    "The guardrail identifier or version provided in the request does not exist",
    "Previous response with id ",
    "Item with id ",
    "The encrypted content ",
    "Invalid `signature` in `thinking` block",
)
"""How the messages begin with which Bedrock may refuse what the router lets through."""

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

_OF_A_MODEL = re.compile(
    r"^The model returned the following errors: (messages\.\d+\.content\.\d+: )?"
)
"""What Converse puts before a model's own words, and the model before those on one block."""

MALFORMED = "The model's output was malformed. Try again."
"""What comes of an order that no answer can fulfil, such as a JSON Schema that nothing fits."""

WITHOUT_FIELD = (
    "The request body is not valid JSON.",
    "The request body must be a JSON object.",
    "The request is larger than 6 MB",
    "The query string is not percent-encoded.",
)
"""How messages begin that are about no single field."""

_STATUSES = (400, 404, 405, 413)

_OF_PATHS = ("unknown_url", "method_not_allowed")

_LONGEST_MESSAGE = 500
_LONGEST_OF_BEDROCK = 1_001
_LONGEST_PARAM = 300

_PYTHON = re.compile(
    r"Traceback|object at 0x|<class |NoneType|unhashable|\b[A-Z]\w+Error\b|\bExceptions?\b|, line \d"
)
"""Words that no message to a client has a use for."""

_RESPONSE_ENDS = ("response.completed", "response.incomplete")


def assert_proper(path: str, asked: object, outcome: Outcome) -> None:
    """Fails unless a paid request was answered as it should be, and nothing is left behind.

    `asked` is the JSON of its body, None if it has none.
    """
    for refusal in outcome.refusals:
        assert is_for_bedrock_to_tell(refusal) or is_for_passed_on(refusal, asked), refusal
    assert outcome.settled == outcome.reserved
    assert [record.status for record in outcome.records] == [outcome.status]
    assert all(value.isascii() and value.isprintable() for value in outcome.headers.values())
    if outcome.status == 200:
        assert outcome.reserved == 1
        assert_readable(path, outcome)
    else:
        assert_refused_by_name(outcome)


def is_for_bedrock_to_tell(refusal: Refusal) -> bool:
    """Whether a refusal of Bedrock's is for what the router cannot know, or leaves to it."""
    content = json.loads(refusal.message)
    message = _OF_A_MODEL.sub("", message_of(refusal))
    relayed = refusal.path.startswith("/openai/") and content["error"]["param"] is not None
    return message.startswith(ONLY_BEDROCK_KNOWS) or (relayed and message.startswith(RELAYED))


def is_for_passed_on(refusal: Refusal, asked: object) -> bool:
    """Whether Bedrock refused a field that is the client's own word to the model."""
    own = json.loads(refusal.body).get("additionalModelRequestFields", {})
    passed_on = own.keys() & asked.keys() if isinstance(asked, dict) else set()
    words = re.findall(r"[\w-]+", message_of(refusal))
    return not passed_on.isdisjoint(words)


def message_of(refusal: Refusal) -> str:
    """The words of a refusal of Bedrock's, in either of its envelopes."""
    content = json.loads(refusal.message)
    return str((content.get("error") or content)["message"])


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
    most = _LONGEST_OF_BEDROCK if outcome.refusals else _LONGEST_MESSAGE
    assert 0 < len(message) <= most, len(message)
    assert message.encode(), "no halves of surrogate pairs"
    assert not _PYTHON.search(message), message
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
