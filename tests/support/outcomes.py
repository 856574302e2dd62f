"""What comes of any request to the whole router, whatever protocol its client speaks."""

import json
import re

from tests.support.whole_router import Outcome, Refusal

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

_LONGEST_MESSAGE = 500
_LONGEST_OF_BEDROCK = 1_001

_PYTHON = re.compile(
    r"Traceback|object at 0x|<class |NoneType|unhashable|\b[A-Z]\w+Error\b|\bExceptions?\b|, line \d"
)
"""Words that no message to a client has a use for."""


def assert_settled(outcome: Outcome) -> None:
    """Fails unless a paid request left nothing reserved and was metered as it was answered."""
    assert outcome.settled == outcome.reserved
    assert [record.status for record in outcome.records] == [outcome.status]
    assert all(value.isascii() and value.isprintable() for value in outcome.headers.values())


def assert_for_people(message: str, outcome: Outcome) -> None:
    """Fails unless an error's message is short, and of words that mean something to a client."""
    most = _LONGEST_OF_BEDROCK if outcome.refusals else _LONGEST_MESSAGE
    assert 0 < len(message) <= most, len(message)
    assert message.encode(), "no halves of surrogate pairs"
    assert not _PYTHON.search(message), message


def only_bedrock_knows(refusal: Refusal) -> bool:
    """Whether a refusal of Bedrock's is for what the router cannot know."""
    return words_of(refusal).startswith(ONLY_BEDROCK_KNOWS)


def words_of(refusal: Refusal) -> str:
    """The model's own words of a refusal."""
    return _OF_A_MODEL.sub("", message_of(refusal))


def message_of(refusal: Refusal) -> str:
    """The words of a refusal of Bedrock's, in either of its envelopes."""
    content = json.loads(refusal.message)
    return str((content.get("error") or content)["message"])
