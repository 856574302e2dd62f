"""What every client protocol has to say of itself: the interface between serving and translating."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

from catalog.models import Model, Target
from catalog.pricing import Usage

from router.dialects.converse.draft import Draft
from router.errors import ApiError
from router.http import Headers, Request, Response

OPENAI_OPERATIONS = frozenset({"chat/completions", "responses"})
"""Those of bedrock-runtime's own OpenAI API, which name the model in the body."""


LEAST_ANSWER = 256
"""Tokens that an answer is left at least when credit is short: enough to be of use, and more than the
least limit that any model takes."""


class Call(NamedTuple):
    """One model call, ready to be priced, admitted and sent to Bedrock."""

    target: Target
    operation: str
    """The last part of Bedrock's path: ``converse``, ``converse-stream``, ``invoke``, …"""
    headers: Headers
    body: bytes
    prompt_tokens: int
    """The most tokens its prompt can have."""
    output_tokens: int
    """The most tokens its answer can have."""
    service_tier: str = "default"
    draft: Draft | None = None
    """What the body was made of, and where media that are still to be fetched have their place."""
    lower: Callable[[int], bytes] | None = None
    """Makes the body with its limit on the answer lowered to so many tokens, of which the dialect then
    tells the client; None where there is no limit to lower."""
    charged: int | None = None
    """Picodollars that it was charged; None while it is not settled."""

    @property
    def least_output_tokens(self) -> int:
        """The most tokens that its answer can have to be held to when credit is short."""
        return self.output_tokens if self.lower is None else min(self.output_tokens, LEAST_ANSWER)

    @property
    def path(self) -> str:
        """Bedrock's path for it, percent-encoded."""
        if self.operation in OPENAI_OPERATIONS:
            return f"/openai/v1/{self.operation}"
        return f"/model/{quote(self.target.model_id, safe='')}/{self.operation}"

    @property
    def is_free(self) -> bool:
        """Whether Bedrock runs no model for it, so that it costs nothing."""
        return self.operation == "count-tokens"

    @property
    def most(self) -> int:
        """The most it can cost, in picodollars: what is reserved for it while credit lasts."""
        if self.is_free:
            return 0
        return self.target.most(self.prompt_tokens, self.output_tokens, self.service_tier)

    @property
    def least(self) -> int:
        """The most it can cost with the shortest answer that it can be held to."""
        if self.is_free:
            return 0
        return self.target.most(self.prompt_tokens, self.least_output_tokens, self.service_tier)

    def output_tokens_within(self, amount: int) -> int:
        """The most tokens that its answer can have for `amount` picodollars."""
        if self.lower is None:
            return self.output_tokens
        return self.target.affordable(
            amount, self.prompt_tokens, self.output_tokens, self.service_tier
        )

    def within(self, amount: int) -> "Call":
        """The call with its answer held to what `amount` picodollars are sure to pay."""
        tokens = self.output_tokens_within(amount)
        if self.lower is None or tokens == self.output_tokens:
            return self
        return self._replace(body=self.lower(tokens), output_tokens=tokens)

    def cost(self, used: Usage, served_tier: str | None) -> int:
        """Picodollars for what it used, in the tier that the answer names, else in the one asked.

        Of a call that is settled, whatever was charged.
        """
        if self.charged is not None:
            return self.charged
        return self.target.cost(used, served_tier or self.service_tier)

    def cache_savings(self, used: Usage, served_tier: str | None) -> int:
        """Picodollars that it would have cost more without a cache, by the same prices."""
        return self.target.cache_savings(used, served_tier or self.service_tier)


class Names(Protocol):
    """What reading a request takes of a `catalog.models.Catalog`."""

    @property
    def models(self) -> Sequence[Model]:
        """Every model."""
        ...

    def resolve(self, requested: str) -> Target:
        """The target of what a request names as its model."""
        ...

    def is_name(self, requested: str) -> bool:
        """Whether that is a name and not an id itself."""
        ...


class Translator(Protocol):
    """Turns one answer's stream into the client's, as it arrives. Made for one call."""

    headers: Headers

    def translate(self, events: list[Any]) -> bytes:
        """What to send for the next events: `Frame`s of an event stream, or `SseEvent`s.

        A fault among them is told by `fail` afterwards.
        """
        ...

    def silence(self) -> bytes:
        """What to send when nothing has come for a while; empty where the protocol has nothing."""
        ...

    def end(self) -> bytes:
        """What ends a stream that went well. Raises `ApiError` if it ended before it was complete."""
        ...

    def fail(self, error: ApiError) -> bytes:
        """What ends a stream that went wrong."""
        ...


class Dialect(Protocol):
    """One client protocol for one request: pure, without I/O or clock.

    `answer` and `stream` get the call in the service tier that the answer's headers name, if they do.
    """

    route: str
    """What the log calls it."""

    def parse(self, request: Request, catalog: Names) -> Call:
        """The call that the request asks for. Raises `ApiError`."""
        ...

    def answer(self, call: Call, headers: Headers, body: bytes) -> Response:
        """The client's response for a whole answer of Bedrock's. Raises `ApiError`."""
        ...

    def stream(self, call: Call, headers: Headers) -> Translator:
        """The translator for a streamed answer with those headers."""
        ...

    def refusal(self, status: int, headers: Headers, body: bytes) -> Response:
        """The client's response for an error answer of Bedrock's."""
        ...
