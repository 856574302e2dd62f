"""The Converse request that a client's request is becoming."""

import json
from collections.abc import Callable
from typing import NamedTuple

from catalog.families import Family

from router.dialects.checks import Json
from router.fetching import Fetched


class Remote(NamedTuple):
    """Media that the client gives by its URL, to be fetched once the call is admitted."""

    url: str
    where: str
    """The field it stands in, for errors."""
    complete: Callable[[Fetched], None]
    """Puts what it led to into the draft's body. Raises `ApiError`."""


class Draft:
    """What the parts of a translation add to, one after the other.

    `body` is Converse's request without `modelId`. `changes` are the notices for the response header
    ``x-bedrockrouter-changes``: what was dropped or bent, each in a few plain ASCII words.
    """

    def __init__(self, family: Family) -> None:
        self.family = family
        self.body: Json = {}
        self.changes: set[str] = set()
        self.remote: list[Remote] = []
        self.images = 0
        """How many there are so far."""
        self.document_names: set[str] = set()
        """Names in use; a Converse request may have each once."""
        self.answer_tool: str | None = None
        """The Bedrock name of the tool whose input is the answer itself, where JSON is asked of a
        model that can only be made to write it that way."""

    def add_fields(self, fields: Json) -> None:
        """Adds to `additionalModelRequestFields`; objects are merged, other values replaced."""
        if fields:
            _merge(self.body.setdefault("additionalModelRequestFields", {}), fields)

    def instruct(self, words: str) -> None:
        """Adds an instruction of the router's own, once the conversation is in the draft."""
        if self.family.system:
            self.body.setdefault("system", []).append({"text": words})
        else:
            self.body["messages"][0]["content"].insert(0, {"text": words})

    def encode(self) -> bytes:
        """The request body."""
        return _encode(self.body).encode()


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
"""What is made of JSON holds no circles."""


def _merge(into: Json, fields: Json) -> None:
    for key, value in fields.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            _merge(into[key], value)
        else:
            into[key] = value
