"""A stream reaches its client as it is made: proved by order, never by the clock."""

import json
import uuid

import httpx
import pytest

from tests.support.stack import LocalStack

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"
NATIVE = "/model/us.amazon.nova-lite-v1:0/converse-stream"


def held(gate: str) -> str:
    return f'Hi <<sim {{"say": "first middle last", "hold_last": "{gate}"}}>>'


@pytest.mark.parametrize("path", [CHAT, MESSAGES, NATIVE])
def test_the_first_token_arrives_while_bedrock_holds_back_the_last(
    stack: LocalStack, path: str
) -> None:
    gate = uuid.uuid4().hex
    body = (
        {
            "model": "claude-sonnet-5-5",
            "stream": True,
            "max_tokens": 99,
            "messages": [{"role": "user", "content": held(gate)}],
        }
        if path != NATIVE
        else {"messages": [{"role": "user", "content": [{"text": held(gate)}]}]}
    )
    with stack.proxy().stream("POST", path, json=body, timeout=30) as response:
        received = b""
        opened = False
        for piece in response.iter_raw():
            received += piece
            if not opened and b"first" in received:
                assert b"last" not in received
                stack.open_gate(gate)
                opened = True
    assert opened
    assert b"last" in received


def test_a_silent_stream_of_messages_gets_a_ping(stack: LocalStack) -> None:
    directive = json.dumps({"say": "first last", "silence_s": 16, "after": 1})
    body = {
        "model": "claude-sonnet-5-5",
        "stream": True,
        "max_tokens": 99,
        "messages": [{"role": "user", "content": f"Hi <<sim {directive}>>"}],
    }
    with stack.proxy().stream("POST", MESSAGES, json=body, timeout=60) as response:
        lines = [line for line in response.iter_lines() if line]
    ping = lines.index("event: ping")
    assert lines[ping + 1] == 'data: {"type":"ping"}'
    assert any("first" in line for line in lines[:ping])
    assert any("last" in line for line in lines[ping:])
    assert lines[-2] == "event: message_stop"


def test_a_silent_stream_gets_a_comment_as_a_sign_of_life(stack: LocalStack) -> None:
    directive = json.dumps({"say": "first last", "silence_s": 16, "after": 1})
    body = {
        "model": "claude-sonnet-5-5",
        "stream": True,
        "messages": [{"role": "user", "content": f"Hi <<sim {directive}>>"}],
    }
    with stack.proxy().stream("POST", CHAT, json=body, timeout=60) as response:
        lines = [line for line in response.iter_lines() if line]
    comment = lines.index(": keep-alive")
    assert any("first" in line for line in lines[:comment])
    assert any("last" in line for line in lines[comment:])
    assert lines[-1] == "data: [DONE]"


def test_a_request_too_large_is_told_of_s3(stack: LocalStack) -> None:
    answer = httpx.post(
        f"{stack.proxy_url}{CHAT}",
        content=b'{"model": "m", "messages": [], "user": "' + b"a" * 6_050_000 + b'"}',
        headers={"authorization": f"Bearer {stack.api_key}", "content-type": "application/json"},
    )
    assert answer.status_code == 413
    assert "Amazon S3" in answer.json()["error"]["message"]
