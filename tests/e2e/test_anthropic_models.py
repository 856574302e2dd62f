"""What a client of Anthropic's learns of models, limits and errors from the local stack."""

from datetime import UTC, datetime

import anthropic
import pytest

from tests.support.stack import LocalStack

USUAL = {"claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-haiku-4-5"}
"""The models that releases of Claude Code take by themselves."""


def test_claudes_answer_by_the_names_they_are_listed_by(
    messages_client: anthropic.Anthropic,
) -> None:
    listed = {entry.id: entry for entry in messages_client.models.list(limit=5)}
    for name in USUAL:
        assert messages_client.models.retrieve(name) == listed[name]
        message = messages_client.messages.create(
            model=name, max_tokens=10, messages=[{"role": "user", "content": "Hi"}]
        )
        assert message.model == name


@pytest.mark.parametrize("path", ["/", "/api/hello"])
def test_claude_codes_probes_are_answered_without_a_body(stack: LocalStack, path: str) -> None:
    proxy = stack.proxy()
    answer = proxy.head(path)
    assert answer.status_code == 404
    assert answer.content == b""
    assert proxy.get("/healthz").status_code == 200


def test_a_key_with_a_limit_is_told_what_is_left_of_it(stack: LocalStack) -> None:
    with anthropic.Anthropic(
        base_url=stack.proxy_url,
        api_key=stack.new_key(requests_per_minute=5, tokens_per_minute=10_000)["key"],
        max_retries=0,
    ) as client:
        answer = client.messages.with_raw_response.create(
            model="claude-sonnet-5-5",
            max_tokens=10,
            messages=[{"role": "user", "content": "Hi"}],
        )
    assert answer.headers["anthropic-ratelimit-requests-limit"] == "5"
    assert answer.headers["anthropic-ratelimit-requests-remaining"] == "4"
    assert 9_000 < int(answer.headers["anthropic-ratelimit-tokens-remaining"]) < 10_000
    reset = datetime.fromisoformat(answer.headers["anthropic-ratelimit-tokens-reset"])
    assert 0 < (reset - datetime.now(UTC)).total_seconds() + 5 <= 65


def test_what_is_not_supported_says_so(messages_client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as raised:
        messages_client.messages.batches.list()
    assert "not supported" in (raised.value.api_message or "")
    assert raised.value.request_id
