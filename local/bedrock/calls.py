"""A call of an operation on a model, and what is wrong with it."""

from typing import Any, NamedTuple

from local.bedrock.claude_features import MILLION
from local.bedrock.directory import Target
from local.bedrock.encoders import converse
from local.bedrock.engine import Billing
from local.bedrock.errors import ModelRefusal, invalid
from local.bedrock.messages import Request
from local.bedrock.models import Model
from local.bedrock.prompts import Prompt
from local.bedrock.reading import from_anthropic, from_converse, from_native
from local.bedrock.rules import anthropic as anthropic_rules
from local.bedrock.rules import converse as converse_rules
from local.bedrock.rules import native as native_rules
from local.bedrock.rules.converse_claude import own_fields

_CONVERSE_REFUSAL = "The model returned the following errors: "


class Call(NamedTuple):
    """A call of an operation on a model."""

    id: str
    operation: str
    target: Target
    request: Request
    body: dict[str, Any]
    """The JSON body."""

    @property
    def model(self) -> Model:
        """The model it is on."""
        return self.target.model

    @property
    def streamed(self) -> bool:
        """Whether its answer is a stream."""
        return self.operation in {"ConverseStream", "InvokeModelWithResponseStream"}

    @property
    def converses(self) -> bool:
        """Whether its body is Converse's."""
        return self.operation in {"Converse", "ConverseStream"}

    @property
    def billing(self) -> Billing:
        """What it is charged as."""
        if self.converses:
            tier = str((self.body.get("serviceTier") or {}).get("type", "default"))
            latency = (self.body.get("performanceConfig") or {}).get("latency")
        else:
            tier = self.request.headers.get("x-amzn-bedrock-service-tier", "default")
            latency = self.request.headers.get("x-amzn-bedrock-performanceconfig-latency")
        if latency == "optimized":
            # It has prices of its own, which the price list does not have.
            tier = latency
        return Billing(self.id, self.target.priced_as, self.operation, tier)

    @property
    def context(self) -> int:
        """The most tokens its prompt may have."""
        claude = self.model.claude
        fields = own_fields(self.body) if self.converses else self.body
        if claude and claude.long_context and MILLION in (fields.get("anthropic_beta") or ()):
            return 1_000_000
        return self.model.context

    @property
    def prompt(self) -> Prompt:
        """What it asks."""
        if self.converses:
            return from_converse(self.model, self.body)
        if self.model.claude is not None:
            return from_anthropic(self.model, self.body)
        return from_native(self.model, self.body)

    @property
    def echoed_headers(self) -> dict[str, str]:
        """The tier and the latency mode InvokeModel was asked for, as used."""
        if self.converses:
            return {}
        names = ("x-amzn-bedrock-service-tier", "x-amzn-bedrock-performanceconfig-latency")
        return {name: self.request.headers[name] for name in names if name in self.request.headers}


def check_converse(model: Model, body: dict[str, Any], *, streamed: bool) -> None:
    """Raises the refusal of a request of Converse."""
    try:
        converse_rules.check_request(model, body, streamed=streamed)
    except ModelRefusal as refusal:
        raise invalid(f"{_CONVERSE_REFUSAL}{refusal.message}") from None
    converse.check_field_paths(body)


def check_native(model: Model, body: dict[str, Any]) -> None:
    """Raises the refusal of a body of InvokeModel."""
    try:
        if model.claude is not None:
            anthropic_rules.check_body(model, model.claude, body)
        else:
            native_rules.check_body(model, body)
    except ModelRefusal as refusal:
        raise invalid(refusal.message) from None


def check_countable(model: Model, body: dict[str, Any]) -> None:
    """Raises the refusal of a body of InvokeModel whose tokens are to be counted.

    CountTokens "does not currently support" the clearing of tool uses
    (https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages-tool-use.html);
    how it says so was not found.
    """
    check_native(model, body)
    edits = (body.get("context_management") or {}).get("edits") or ()
    if any(edit["type"] == "clear_tool_uses_20250919" for edit in edits):
        raise invalid("context_management: Extra inputs are not permitted")
