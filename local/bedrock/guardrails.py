"""The guardrails of the simulated account, one of which blocks a word.

What a guardrail reads and how it answers:
https://docs.aws.amazon.com/bedrock/latest/userguide/guardrails-use-converse-api.html; what a trace holds:
recorded calls. A blocked prompt never reaches the model and costs none of its tokens.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from local.bedrock.errors import invalid

_DIRECTIVE = re.compile(r"<<sim .*?>>", re.DOTALL)


class Guardrail(NamedTuple):
    """A guardrail with one word policy."""

    id: str
    word: str = ""
    """What it blocks, wherever it stands and however it is written; "" for nothing."""
    versions: tuple[str, ...] = ("DRAFT", "1")
    for_input: str = "Sorry, the model cannot answer this question."
    """What is answered to a prompt with the word."""
    for_output: str = "Sorry, the model cannot give this answer."
    """What is answered in place of an answer with the word."""

    def finds(self, texts: Iterable[str]) -> bool:
        """Whether it would block the texts. What orders the simulated model about is not read."""
        return bool(self.word) and any(
            self.word in _DIRECTIVE.sub("", text).lower() for text in texts
        )

    def assessment(self, text: str, *, blocked: bool) -> dict[str, Any]:
        """What a trace says of a text."""
        found = {"match": self.word, "action": "BLOCKED", "detected": True}
        policy = {"wordPolicy": {"customWords": [found], "managedWordLists": []}}
        usage = dict.fromkeys(_UNITS, 0) | {"wordPolicyUnits": -(-len(text) // 1_000)}
        length = {"guarded": len(text), "total": len(text)}
        metrics = {
            "guardrailProcessingLatency": 100,
            "usage": usage,
            "guardrailCoverage": {"textCharacters": length},
        }
        return {**(policy if blocked else {}), "invocationMetrics": metrics}


_UNITS = (
    "automatedReasoningPolicies", "automatedReasoningPolicyUnits", "contentPolicyImageUnits",
    "contentPolicyUnits", "contextualGroundingPolicyUnits", "sensitiveInformationPolicyFreeUnits",
    "sensitiveInformationPolicyUnits", "topicPolicyUnits", "wordPolicyUnits",
)  # fmt: skip

GUARDRAILS = {
    guardrail.id: guardrail
    for guardrail in (
        Guardrail("simguardrail1", "kumquat"),
        # Known from recorded calls; what they look for is not simulated.
        Guardrail("5zwrmdlsra2e"),
        Guardrail("v9kpg6yrwhs2"),
    )
}
_ARN = re.compile(r"arn:aws:bedrock:[a-z0-9-]+:[0-9]{12}:guardrail/([a-z0-9]+)")


class Guard(NamedTuple):
    """A guardrail at work on a call."""

    guardrail: Guardrail
    texts: tuple[str, ...]
    """What it reads of the prompt."""
    traced: bool = False
    late: bool = False
    """It reads a stream while that is sent, and cuts it off."""

    @property
    def blocks_input(self) -> bool:
        """Whether the prompt goes to no model."""
        return self.guardrail.finds(self.texts)

    def kept(self, text: str) -> str | None:
        """What is told in place of an answer; None when it passes."""
        if not self.guardrail.finds([text]):
            return None
        at = text.lower().find(self.guardrail.word)
        return (text[:at] if self.late else "") + self.guardrail.for_output


def find(identifier: str, version: str) -> Guardrail:
    """The guardrail a request names."""
    arn = _ARN.fullmatch(identifier)
    guardrail = GUARDRAILS.get(arn[1] if arn else identifier)
    if guardrail is not None and version in guardrail.versions:
        return guardrail
    raise invalid("The guardrail identifier or version provided in the request does not exist.")


_HEADER = "x-amzn-bedrock-guardrail"


def named_in(headers: Mapping[str, str]) -> bool:
    """Whether the headers, with names in lower case, ask for a guardrail."""
    return f"{_HEADER}identifier" in headers or f"{_HEADER}version" in headers


def from_headers(headers: Mapping[str, str], texts: Iterable[str]) -> Guard | None:
    """The guard the headers of a chat completion ask for; `texts` are what its user says."""
    if not named_in(headers):
        return None
    identifier, version = (
        headers.get(f"{_HEADER}{name}", "") for name in ("identifier", "version")
    )
    return Guard(find(identifier, version), tuple(texts))


def from_converse(request: dict[str, Any]) -> Guard | None:
    """The guard a request of Converse asks for."""
    config = request.get("guardrailConfig")
    if not config:
        return None
    return Guard(
        find(config.get("guardrailIdentifier", ""), config.get("guardrailVersion", "")),
        tuple(_guarded(request)),
        traced=config.get("trace", "disabled") != "disabled",
        late=config.get("streamProcessingMode") == "async",
    )


def _guarded(request: dict[str, Any]) -> Iterator[str]:
    """The texts marked to be guarded; when none is, all that the user says."""
    said = [
        block
        for message in request.get("messages") or []
        if message["role"] == "user"
        for block in message["content"]
    ]
    marked = [
        (block["guardContent"].get("text") or {}).get("text", "")
        for block in [*(request.get("system") or []), *said]
        if "guardContent" in block
    ]
    if marked:
        yield from marked
        return
    yield from (block["text"] for block in said if "text" in block)


def trace(guard: Guard, blocked: str, text: str) -> dict[str, Any]:
    """What a call tells of its guardrail; `text` is the answer, "" when there was none."""
    guardrail = guard.guardrail
    read = "".join(guard.texts)
    told: dict[str, Any] = {
        "inputAssessment": {guardrail.id: guardrail.assessment(read, blocked=blocked == "input")}
    }
    if blocked != "input":
        assessed = guardrail.assessment(text, blocked=blocked == "output")
        told["outputAssessments"] = {guardrail.id: [assessed]}
    if blocked == "output":
        told["modelOutput"] = [text]
    reasons = ["Guardrail blocked." if blocked == "input" else "No action."]
    if blocked == "output":
        reasons.append("Guardrail blocked.")
    told["actionReason"] = "\n".join(reasons)
    return {"guardrail": told}
