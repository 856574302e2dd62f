"""OpenAI's own Python SDK against the local stack."""

import json

import openai
import pytest
from router.dialects.converse.tools import NAME_CHARACTERS, stand_in

from tests.support.stack import LocalStack

MODEL = "claude-sonnet-5-5"

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather.get",
        "description": "The weather in a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}

PIXEL = (
    "data:image/png;base64,"
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def test_a_completion_has_text_usage_and_the_model_asked_for(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": 'Hi <<sim {"say": "Hello there", "input_tokens": 7}>>'},
        ],
        max_completion_tokens=100,
    )
    assert completion.choices[0].message.content == "Hello there"
    assert completion.choices[0].finish_reason == "stop"
    assert completion.model == MODEL
    assert completion.usage is not None
    assert completion.usage.prompt_tokens == 7


def test_an_answer_cut_by_max_tokens_says_length(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": 'Hi <<sim {"words": 50}>>'}],
        max_tokens=5,
    )
    assert completion.choices[0].finish_reason == "length"


def test_a_stream_adds_up_to_the_answer_and_ends_with_usage(client: openai.OpenAI) -> None:
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": 'Hi <<sim {"say": "one two three"}>>'}],
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = list(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == "one two three"
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 3


def test_a_tool_call_goes_round_with_a_name_bedrock_would_refuse(client: openai.OpenAI) -> None:
    question = 'Rome? <<sim {"tool": {"name": "%s", "input": {"city": "Rome"}}}>>'
    tool_name = stand_in("weather.get", NAME_CHARACTERS)
    messages: list = [{"role": "user", "content": question % tool_name}]
    with client.chat.completions.stream(model=MODEL, messages=messages, tools=[WEATHER]) as stream:
        answer = stream.get_final_completion().choices[0]
    assert answer.finish_reason == "tool_calls"
    assert answer.message.tool_calls is not None
    (call,) = answer.message.tool_calls
    assert call.function.name == "weather.get"
    assert json.loads(call.function.arguments) == {"city": "Rome"}
    messages += [
        answer.message.model_dump(exclude_none=True, exclude={"parsed"}),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    after = client.chat.completions.create(model=MODEL, messages=messages, tools=[WEATHER])
    assert after.choices[0].finish_reason == "stop"


def test_an_image_is_seen(client: openai.OpenAI) -> None:
    completion = client.chat.completions.create(
        model=MODEL,
        messages=[
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": 'What? <<sim {"say": "A pixel"}>>'},
                    {"type": "image_url", "image_url": {"url": PIXEL}},
                ],
            }
        ],
    )
    assert completion.choices[0].message.content == "A pixel"


@pytest.mark.parametrize(
    ("model", "directive", "expected", "status"),
    [
        ("no-such-model", "", openai.NotFoundError, 404),
        (MODEL, '<<sim {"throttle": 1, "id": "openai-throttled"}>>', openai.RateLimitError, 429),
        (MODEL, '<<sim {"status": 503}>>', openai.InternalServerError, 503),
        (MODEL, '<<sim {"status": 500}>>', openai.InternalServerError, 500),
    ],
)
def test_bedrocks_refusals_keep_their_meaning(
    client: openai.OpenAI,
    model: str,
    directive: str,
    expected: type[openai.APIStatusError],
    status: int,
) -> None:
    with pytest.raises(expected) as caught:
        client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": f"Hi {directive}"}]
        )
    assert caught.value.status_code == status
    if status == 429:
        assert int(caught.value.response.headers["retry-after"]) > 0


def test_an_unsupported_parameter_is_named(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=MODEL, messages=[{"role": "user", "content": "Hi"}], n=2
        )
    assert caught.value.param == "n"


@pytest.mark.parametrize(
    "directive",
    [
        '{"words": 20, "exception": "throttlingException", "after": 5}',
        '{"words": 20, "cut_after": 5}',
        '{"words": 20, "corrupt_after": 5}',
    ],
)
def test_a_fault_after_the_first_token_is_an_error_in_the_stream(
    client: openai.OpenAI, directive: str
) -> None:
    stream = client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": f"Hi <<sim {directive}>>"}],
        stream=True,
    )
    chunks = []
    with pytest.raises(openai.APIError):
        chunks.extend(stream)
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text.startswith("word1 word2")


def test_a_wrong_key_is_an_authentication_error(stack: LocalStack) -> None:
    with (
        openai.OpenAI(
            base_url=f"{stack.proxy_url}/v1", api_key="sk_m11_no", max_retries=0
        ) as client,
        pytest.raises(openai.AuthenticationError),
    ):
        client.models.list()


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert MODEL in {model.id for model in client.models.list()}
