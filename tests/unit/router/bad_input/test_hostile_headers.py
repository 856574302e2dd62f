"""Whatever the headers hold, a request is answered, or refused by the name of the header."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.guardrails import IDENTIFIER, TRACE, VERSION

from tests.support.anthropic_answers import COUNT, MESSAGES
from tests.support.bad_input import examples, whole_router
from tests.support.json_values import CHARACTERS
from tests.support.openai_answers import CHAT, RESPONSES
from tests.support.protocols import assert_proper

NAMES = st.sampled_from(
    [
        *(IDENTIFIER, VERSION, TRACE),
        *("accept", "content-encoding", "content-length", "content-type", "transfer-encoding"),
        *("anthropic-beta", "anthropic-version"),
        *("host", "openai-project", "originator", "x-amzn-bedrock-service-tier", "x-api-key"),
    ]
)

VALUES = st.text(CHARACTERS, max_size=10) | st.sampled_from(
    [
        "1",
        "DRAFT",
        "enabled",
        "codex",
        "abc123",
        "priority",
        "2026-10-21",
        "x" * 5000,
        "\r\nhost: evil.test",
    ]
)

TURNS = [{"role": "user", "content": "Hi"}]

BODIES: dict[str, dict[str, Any]] = {
    CHAT: {"messages": TURNS},
    COUNT: {"messages": TURNS},
    MESSAGES: {"messages": TURNS, "max_tokens": 64},
    RESPONSES: {"input": "Hi"},
}


@given(
    path=st.sampled_from(sorted(BODIES)),
    model=st.sampled_from(["nova-lite", "claude-opus-5-5", "gpt-6.1-sol", "grok-4.7"]),
    headers=st.dictionaries(NAMES, VALUES, max_size=4),
)
@examples(300)
def test_any_headers(path: str, model: str, headers: dict[str, str]) -> None:
    body = {"model": model, **BODIES[path]}
    outcome = whole_router().send("POST", path, json.dumps(body).encode(), headers)
    assert_proper(path, body, outcome)
