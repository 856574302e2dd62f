"""Measures what every model family does with every feature, and writes docs/compatibility.md of it."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import httpx
from catalog import models

from tests.support.compatibility.answers import Answer, read_chat, read_embeddings, read_responses
from tests.support.compatibility.probes import CHAT, EMBEDDINGS, RESPONSES, Probe
from tests.support.stack import ROOT, LocalStack

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
    probes: Sequence[Probe]
    read: Callable[[httpx.Response], Answer]


PROTOCOLS = {
    "chat": Protocol("Chat Completions", "/v1/chat/completions", CHAT_MODELS, CHAT, read_chat),
    "responses": Protocol("Responses", "/v1/responses", CHAT_MODELS, RESPONSES, read_responses),
    "embeddings": Protocol(
        "Embeddings", "/v1/embeddings", EMBEDDING_MODELS, EMBEDDINGS, read_embeddings
    ),
}

NATIVE = {"CreateChatCompletion", "CreateResponse"}
"""What the simulated Bedrock calls the operations of its own OpenAI API."""

CATALOG = models.load("us-east-1")

AT_ONCE = 16

INTRODUCTION = """\
# What works with which model

Every cell is the outcome of a request that the tests send through the local stack to the simulated
Bedrock, which refuses what the real one is known to refuse. `pytest tests/e2e/test_compatibility.py
--snapshot-update` writes this page.

- **native**: served by bedrock-runtime's own OpenAI API, as the client wrote it
- **translated**: served through another API of Bedrock's, with what was asked for
- **native ⁿ**, **translated ⁿ**: likewise; the response header `x-bedrockrouter-changes` tells what was
  changed, as in note n
- **left out ⁿ**: answered without it, and the header says so
- **refused**: an error with status 4xx that names the parameter or says what the model lacks
"""


class Notes:
    """The notices that cells refer to, numbered in the order in which they come up."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, notice: str) -> int:
        return self._numbers.setdefault(notice, len(self._numbers) + 1)

    def lines(self) -> list[str]:
        return [f"{number}. {notice}" for notice, number in self._numbers.items()]


def section(protocol: Protocol, stack: LocalStack) -> str:
    """The protocol's table, measured."""
    notes = Notes()
    families = list(protocol.models)
    rows = [
        f"| feature | {' | '.join(families)} |",
        "| --- |" + " --- |" * len(families),
    ]
    client = stack.proxy()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for probe in protocol.probes:
            stack.forget_bill()
            responses = _ask(protocol, probe, client, pool)
            operations = {call["model"]: call["operation"] for call in stack.bill()["calls"]}
            cells = [
                _cell(protocol, probe, response, operations.get(_target(model), ""), notes)
                for model, response in responses.items()
            ]
            rows.append(f"| {probe.feature} | {' | '.join(cells)} |")
    tried = ", ".join(f"{family} `{model}`" for family, model in protocol.models.items())
    parts = [f"## {protocol.title}", f"Tried with {tried}.", "\n".join(rows)]
    if notes.lines():
        parts.append("\n".join(notes.lines()))
    return "\n\n".join(parts) + "\n"


def _ask(
    protocol: Protocol, probe: Probe, client: httpx.Client, pool: Executor
) -> dict[str, httpx.Response]:
    """Each model's answer; all are asked at once, as the bill tells them apart by their ids."""
    models = protocol.models.values()
    answers = pool.map(
        lambda model: client.post(
            protocol.path, json={"model": model, **probe.body}, headers=probe.headers
        ),
        models,
    )
    return dict(zip(models, answers, strict=True))


def _cell(
    protocol: Protocol, probe: Probe, response: httpx.Response, operation: str, notes: Notes
) -> str:
    where = f"{probe.feature}: {response.request.content!r}: {response.text}"
    if response.is_client_error:
        error = response.json()["error"]
        assert error["param"] or error["message"], where
        return "refused"
    assert response.is_success, where
    there = probe.there(protocol.read(response))
    changes = response.headers.get("x-bedrockrouter-changes")
    assert there or changes, where
    assert operation, where
    kind = "native" if operation in NATIVE else "translated"
    if not changes:
        return kind
    number = _superscript(notes.number(changes))
    return f"{kind} {number}" if there and " dropped" not in changes else f"left out {number}"


def _target(model: str) -> str:
    return CATALOG.resolve(model).model_id


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
