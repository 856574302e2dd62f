"""Measures what every model family does with every feature, and writes docs/compatibility.md of it."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx

from tests.support.compatibility.answers import (
    Answer,
    read_chat,
    read_embeddings,
    read_messages,
    read_responses,
)
from tests.support.compatibility.chat import CHAT
from tests.support.compatibility.embeddings import EMBEDDINGS
from tests.support.compatibility.messages.groups import MESSAGES
from tests.support.compatibility.probes import Json, Probe
from tests.support.compatibility.responses import RESPONSES
from tests.support.stack import ROOT
from tests.support.whole_router import Outcome, Sent, WholeRouter

PAGE = ROOT / "docs" / "compatibility.md"

CHAT_MODELS = {
    "Claude 5.5": "claude-opus-5-5",
    "Claude 4.6": "claude-sonnet-4-6",
    "Claude 4.5": "claude-haiku-4-5",
    "Nova 2": "nova-2-lite",
    "Nova": "nova-pro",
    "GPT-6": "gpt-6.1-sol",
    "gpt-oss": "gpt-oss-120b",
    "Grok": "grok-4.7",
    "Llama": "llama-4-maverick",
    "Mistral": "mistral-large-3",
    "Voxtral": "mistral.voxtral-small-24b-2507",
    "DeepSeek V3": "deepseek-v3.2",
    "DeepSeek R1": "deepseek-r1",
    "Qwen": "qwen3-32b",
    "Kimi": "kimi-k2.5",
    "GLM": "glm-5",
    "MiniMax": "minimax-m2.5",
}
EMBEDDING_MODELS = {
    "Titan v2": "titan-embed-text-v2",
    "Titan v1": "amazon.titan-embed-text-v1",
    "Cohere v4": "cohere-embed-v4",
    "Cohere v3": "cohere-embed-multilingual-v3",
    "Nova 2": "nova-2-multimodal-embeddings",
}


class Protocol(NamedTuple):
    """One section of the page."""

    title: str
    path: str
    models: dict[str, str]
    groups: Mapping[str, Sequence[Probe]]
    """A table each, by its heading; "" for none."""
    read: Callable[[httpx.Response], Answer]
    native: tuple[str, ...] = ()
    """How the paths end at which Bedrock speaks the protocol itself."""
    remark: str = ""


PROTOCOLS = {
    "chat": Protocol(
        "Chat Completions",
        "/v1/chat/completions",
        CHAT_MODELS,
        {"": CHAT},
        read_chat,
        ("/chat/completions",),
    ),
    "responses": Protocol(
        "Responses", "/v1/responses", CHAT_MODELS, {"": RESPONSES}, read_responses, ("/responses",)
    ),
    "messages": Protocol(
        "Messages",
        "/v1/messages",
        CHAT_MODELS,
        MESSAGES,
        read_messages,
        ("/invoke", "/invoke-with-response-stream"),
        "Betas and `metadata.user_id` mean nothing to models other than Claude, which are asked without "
        "them and without a notice.",
    ),
    "embeddings": Protocol(
        "Embeddings", "/v1/embeddings", EMBEDDING_MODELS, {"": EMBEDDINGS}, read_embeddings
    ),
}

INTRODUCTION = """\
# What works with which model

Every cell is the outcome of a request that the tests send through the whole router to the simulated
Bedrock, which refuses what the real one is known to refuse. `pytest tests/e2e/test_compatibility.py
--snapshot-update` writes this page.

- **native**: served by an API of Bedrock's that speaks the client's protocol: bedrock-runtime's own OpenAI
  API, or InvokeModel for Messages to a Claude
- **translated**: served through another API of Bedrock's, with what was asked for
- **native ⁿ**, **translated ⁿ**: likewise; the response header `x-bedrockrouter-changes` tells what was
  changed, as in note n
- **left out ⁿ**: answered without it, and the header says so
- **refused**: an error with status 4xx that names the parameter or says what the model lacks
- **counted**, **estimated**: a number of tokens that is Bedrock's own, or the router's estimate, of which
  the response header `x-bedrockrouter-input-tokens` tells
"""


class Notes:
    """The notices that cells refer to, numbered in the order in which they come up."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, notice: str) -> int:
        return self._numbers.setdefault(notice, len(self._numbers) + 1)

    def lines(self) -> list[str]:
        return [f"{number}. {notice}" for notice, number in self._numbers.items()]


def section(protocol: Protocol, router: WholeRouter) -> str:
    """The protocol's tables, measured."""
    notes = Notes()
    tried = ", ".join(f"{family} `{model}`" for family, model in protocol.models.items())
    parts = [f"## {protocol.title}", f"Tried with {tried}. {protocol.remark}".strip()]
    for heading, probes in protocol.groups.items():
        parts += [f"### {heading}"] if heading else []
        parts.append(_table(protocol, probes, router, notes))
    if notes.lines():
        parts.append("\n".join(notes.lines()))
    return "\n\n".join(parts) + "\n"


def _table(protocol: Protocol, probes: Sequence[Probe], router: WholeRouter, notes: Notes) -> str:
    rows = [
        f"| feature | {' | '.join(protocol.models)} |",
        "| --- |" + " --- |" * len(protocol.models),
    ]
    for probe in probes:
        cells = [_cell(protocol, probe, model, router, notes) for model in protocol.models.values()]
        rows.append(f"| {probe.feature} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(protocol: Protocol, probe: Probe, model: str, router: WholeRouter, notes: Notes) -> str:
    outcome = _ask(protocol, probe, probe.body, model, router)
    if probe.then is not None and outcome.status == 200:
        following = probe.then(json.loads(outcome.body)["content"])
        outcome = _ask(protocol, probe, following, model, router)
    response = httpx.Response(outcome.status, headers=outcome.headers, content=outcome.body)
    where = f"{probe.feature} of {model}: {response.text}"
    if response.is_client_error:
        error = response.json()["error"]
        assert error.get("param") or _holds(error["message"], probe.refusal), where
        return "refused"
    assert response.is_success, where
    there = _reaches(probe, outcome) and probe.there(protocol.read(response))
    changes = response.headers.get("x-bedrockrouter-changes")
    assert there or changes, where
    kind = _kind(protocol, probe, response, outcome)
    if not changes:
        return kind
    number = _superscript(notes.number(changes))
    return f"{kind} {number}" if there and " dropped" not in changes else f"left out {number}"


def _ask(protocol: Protocol, probe: Probe, body: Json, model: str, router: WholeRouter) -> Outcome:
    content = json.dumps({"model": model, **body}).encode()
    return router.send("POST", protocol.path + probe.path, content, probe.headers)


def _reaches(probe: Probe, outcome: Outcome) -> bool:
    return not probe.reaches or any(_holds(_written(call), probe.reaches) for call in outcome.calls)


def _written(call: Sent) -> str:
    """A call's headers and body."""
    return "\n".join([*(f"{name}: {value}" for name, value in call.headers), call.body.decode()])


def _holds(text: str, some: tuple[str, ...]) -> bool:
    return any(one in text for one in some)


def _kind(protocol: Protocol, probe: Probe, response: httpx.Response, outcome: Outcome) -> str:
    """What served it, of the words of the page's legend."""
    if probe.counts:
        return str(response.headers.get("x-bedrockrouter-input-tokens", "counted"))
    return "native" if outcome.calls[-1].path.endswith(protocol.native) else "translated"


def _superscript(number: int) -> str:
    return str(number).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))


def page_sections(page: Path = PAGE) -> dict[str, str]:
    """The sections of the page as it is, by protocol."""
    text = page.read_text() if page.exists() else ""
    found = {}
    for name, protocol in PROTOCOLS.items():
        _, head, rest = text.partition(f"## {protocol.title}\n")
        found[name] = head + rest.partition("\n## ")[0].rstrip() + "\n" if head else ""
    return found


def write_section(name: str, text: str, page: Path = PAGE) -> None:
    """Puts a section in the place of the one that the page has."""
    sections = {**page_sections(page), name: text}
    page.write_text("\n".join([INTRODUCTION, *(sections[name] for name in PROTOCOLS)]))
