"""Anthropic's own Python SDK against the local stack."""

from collections.abc import Callable
from typing import Any

import anthropic
import pytest
from anthropic import beta_tool
from anthropic.types import MessageParam

from tests.support.agent_task import ANSWER, CALLS, CITIES, MODELS, QUESTION, WEATHER
from tests.support.billing import billed_calls, billed_tokens
from tests.support.simulated_bedrock import order
from tests.support.stack import LocalStack

CLAUDE = "claude-sonnet-5-5"
NOVA = "nova-pro"
ROUTES = [CLAUDE, NOVA]
"""A model that is sent Messages as they are, and one they are translated for."""

WITH_KEY: dict[str, Callable[[str], dict[str, Any]]] = {
    "api_key": lambda key: {"api_key": key},
    "auth_token": lambda key: {"auth_token": key},
    "x-api-key": lambda key: {
        "default_headers": {"x-api-key": key, "authorization": anthropic.omit}
    },
}
"""The ways to give the SDK a key; the last is what its older releases make of the first."""


def ask(text: str, **directive: Any) -> list[MessageParam]:
    """A conversation of one turn, which says what to answer."""
    return [{"role": "user", "content": f"{text} {order(**directive)}"}]


@pytest.mark.parametrize("model", ROUTES)
def test_a_message_has_text_usage_and_the_model_asked_for(
    stack: LocalStack, messages_client: anthropic.Anthropic, model: str
) -> None:
    with billed_calls(stack) as calls:
        message = messages_client.messages.create(
            model=model,
            max_tokens=100,
            system="Be brief.",
            messages=ask("Hi", say="Hello there"),
        )
    (block,) = message.content
    assert block.type == "text"
    assert block.text == "Hello there"
    assert message.stop_reason == "end_turn"
    assert message.model == model
    assert (message.usage.input_tokens, message.usage.output_tokens) == billed_tokens(calls)


@pytest.mark.parametrize("model", ROUTES)
def test_the_helper_for_streams_tells_of_every_piece_and_of_the_whole(
    stack: LocalStack, messages_client: anthropic.Anthropic, model: str
) -> None:
    with (
        billed_calls(stack) as calls,
        messages_client.messages.stream(
            model=model, max_tokens=100, messages=ask("Hi", say="one two three")
        ) as stream,
    ):
        kinds = [event.type for event in stream]
        message = stream.get_final_message()
    assert kinds[:2] == ["message_start", "content_block_start"]
    assert kinds.count("text") == kinds.count("content_block_delta") > 1
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    assert stream.get_final_text() == "one two three"
    assert (message.usage.input_tokens, message.usage.output_tokens) == billed_tokens(calls)


@pytest.mark.parametrize("model", ROUTES)
@pytest.mark.parametrize(
    ("terms", "directive", "reason", "sequence"),
    [
        ({"max_tokens": 5}, {"words": 50}, "max_tokens", None),
        ({"stop_sequences": ["word3"]}, {"words": 50}, "stop_sequence", "word3"),
    ],
)
def test_an_answer_tells_why_it_ended(
    messages_client: anthropic.Anthropic,
    model: str,
    terms: dict[str, Any],
    directive: dict[str, Any],
    reason: str,
    sequence: str | None,
) -> None:
    message = messages_client.messages.create(
        **{"model": model, "max_tokens": 100, "messages": ask("Hi", **directive)} | terms
    )
    assert (message.stop_reason, message.stop_sequence) == (reason, sequence)


@pytest.mark.parametrize("model", ROUTES)
@pytest.mark.parametrize("way", WITH_KEY)
def test_a_key_is_taken_wherever_the_sdk_puts_it(stack: LocalStack, way: str, model: str) -> None:
    key = stack.new_key()["key"]
    with anthropic.Anthropic(
        base_url=stack.proxy_url, max_retries=0, **WITH_KEY[way](key)
    ) as client:
        message = client.messages.create(
            model=model, max_tokens=100, messages=ask("Hi", say="Hello")
        )
    assert message.stop_reason == "end_turn"


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("stream", [False, True])
def test_the_tool_runner_takes_every_step_of_a_task(
    stack: LocalStack, messages_client: anthropic.Anthropic, stream: bool, model: str
) -> None:
    asked: list[str] = []

    @beta_tool
    def get_weather(city: str) -> str:
        """The weather in a city."""
        asked.append(city)
        return WEATHER[city]

    with billed_calls(stack) as calls:
        message = messages_client.beta.messages.tool_runner(
            model=model,
            max_tokens=1000,
            messages=[{"role": "user", "content": QUESTION}],
            tools=[get_weather],
            stream=stream,
            thread=False,
        ).until_done()
    assert [block.text for block in message.content if block.type == "text"] == [ANSWER]
    assert asked == CITIES
    assert [call["model"] for call in calls] == [MODELS[model]] * CALLS


@pytest.mark.parametrize("model", ROUTES)
def test_a_thread_kept_by_the_server_is_refused_by_name(
    messages_client: anthropic.Anthropic, model: str
) -> None:
    runner = messages_client.beta.messages.tool_runner(
        model=model, max_tokens=100, messages=ask("Hi", say="Hello"), tools=[]
    )
    with pytest.raises(anthropic.BadRequestError, match="thread"):
        runner.until_done()


@pytest.mark.parametrize("model", ROUTES)
def test_tokens_are_counted_before_they_are_paid_for(
    stack: LocalStack, messages_client: anthropic.Anthropic, model: str
) -> None:
    with billed_calls(stack) as calls:
        short = messages_client.messages.count_tokens(model=model, messages=ask("Hi", say="Yes"))
        long = messages_client.messages.count_tokens(
            model=model, messages=ask("Hi " * 1000, say="Yes"), system="Be brief.", tools=[]
        )
    assert 0 < short.input_tokens < 200
    assert short.input_tokens + 500 < long.input_tokens < short.input_tokens + 4000
    assert not calls


def test_models_are_listed_and_retrieved(messages_client: anthropic.Anthropic) -> None:
    models = {model.id: model for model in messages_client.models.list()}
    assert {*ROUTES} <= {*models}
    assert models[CLAUDE].type == "model"
    assert models[CLAUDE].display_name
    retrieved = messages_client.models.retrieve(CLAUDE)
    assert retrieved == models[CLAUDE]


def test_models_are_listed_page_by_page(messages_client: anthropic.Anthropic) -> None:
    page = messages_client.models.list(limit=3)
    assert len(page.data) == 3
    assert page.has_more
    following = page.get_next_page()
    assert not {model.id for model in page.data} & {model.id for model in following.data}


@pytest.mark.parametrize("model", ROUTES)
@pytest.mark.parametrize(
    ("directive", "expected", "status", "kind"),
    [
        ({"throttle": 1}, anthropic.RateLimitError, 429, "rate_limit_error"),
        ({"status": 503}, anthropic.OverloadedError, 529, "overloaded_error"),
        ({"status": 500}, anthropic.InternalServerError, 500, "api_error"),
    ],
)
def test_bedrocks_refusals_keep_their_meaning(
    messages_client: anthropic.Anthropic,
    model: str,
    directive: dict[str, Any],
    expected: type[anthropic.APIStatusError],
    status: int,
    kind: str,
) -> None:
    named = directive | ({"id": f"anthropic-{model}"} if "throttle" in directive else {})
    with pytest.raises(expected) as caught:
        messages_client.messages.create(model=model, max_tokens=100, messages=ask("Hi", **named))
    assert caught.value.status_code == status
    assert caught.value.type == kind
    assert caught.value.request_id
    if status == 429:
        assert int(caught.value.response.headers["retry-after"]) > 0


def test_an_unknown_model_is_not_found(messages_client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model identifier is invalid") as caught:
        messages_client.messages.create(
            model="no-such-model", max_tokens=100, messages=ask("Hi", say="Yes")
        )
    assert caught.value.type == "not_found_error"


@pytest.mark.parametrize("model", ROUTES)
def test_a_wrong_field_is_named(messages_client: anthropic.Anthropic, model: str) -> None:
    wrong: Any = [{"role": "user", "content": [{"type": "text", "text": 5}]}]
    with pytest.raises(anthropic.BadRequestError, match=r"messages.*text") as caught:
        messages_client.messages.create(model=model, max_tokens=100, messages=wrong)
    assert caught.value.type == "invalid_request_error"


@pytest.mark.parametrize("model", ROUTES)
@pytest.mark.parametrize(
    "directive",
    [
        {"words": 20, "exception": "throttlingException", "after": 5},
        {"words": 20, "cut_after": 5},
        {"words": 20, "corrupt_after": 5},
    ],
)
def test_a_fault_after_the_first_token_is_an_error_in_the_stream(
    messages_client: anthropic.Anthropic, model: str, directive: dict[str, Any]
) -> None:
    texts = []
    with (
        messages_client.messages.stream(
            model=model, max_tokens=100, messages=ask("Hi", **directive)
        ) as stream,
        pytest.raises(anthropic.APIStatusError),
    ):
        texts.extend(stream.text_stream)
    assert "".join(texts).startswith("word1 word2")


def test_a_wrong_key_is_an_authentication_error(stack: LocalStack) -> None:
    with (
        anthropic.Anthropic(base_url=stack.proxy_url, api_key="sk_m11_no", max_retries=0) as client,
        pytest.raises(anthropic.AuthenticationError) as caught,
    ):
        client.messages.create(model=CLAUDE, max_tokens=10, messages=ask("Hi", say="Yes"))
    assert caught.value.type == "authentication_error"
