"""Whatever the headers hold, a request is answered, or refused by the name of the header."""

import json

from hypothesis import given
from hypothesis import strategies as st
from router.dialects.converse.guardrails import IDENTIFIER, TRACE, VERSION

from tests.support.bad_input import examples, whole_router
from tests.support.json_values import CHARACTERS
from tests.support.openai_answers import CHAT, RESPONSES, assert_proper

NAMES = st.sampled_from(
    [
        *(IDENTIFIER, VERSION, TRACE),
        *("accept", "content-encoding", "content-length", "content-type", "transfer-encoding"),
        *("host", "openai-project", "originator", "x-amzn-bedrock-service-tier", "x-api-key"),
    ]
)

VALUES = st.text(CHARACTERS, max_size=10) | st.sampled_from(
    ["1", "DRAFT", "enabled", "codex", "abc123", "priority", "x" * 5000, "\r\nhost: evil.test"]
)

BODIES = {CHAT: {"messages": [{"role": "user", "content": "Hi"}]}, RESPONSES: {"input": "Hi"}}


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
