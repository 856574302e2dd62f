"""Models that Bedrock's own OpenAI API serves, through OpenAI's own Python SDK and the local stack."""

import json
from typing import Any

import openai
import pytest
from ledger.money import from_usd
from openai.types.responses import Response
from pydantic import BaseModel

from tests.support.billing import billed_calls
from tests.support.stack import LocalStack

SOL = "gpt-6.1-sol"
GROK = "grok-4.7"

WEATHER = {
    "name": "get_weather",
    "description": "The weather in a city",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
TOOL: Any = {"type": "function", **WEATHER}
CHAT_TOOL: Any = {"type": "function", "function": WEATHER}


def order(**what: Any) -> str:
    return f"Go on. <<sim {json.dumps(what)}>>"


CALL = order(tool={"name": "get_weather", "input": {"city": "Oslo"}})


class Forecast(BaseModel):
    city: str
    degrees: int


# --- responses ------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", [SOL, GROK])
def test_a_response_has_text_usage_cost_and_the_model_asked_for(
    stack: LocalStack, client: openai.OpenAI, model: str
) -> None:
    with billed_calls(stack) as calls:
        response = client.responses.create(model=model, input=order(say="Hello there"))
    assert (response.output_text, response.model) == ("Hello there", model)
    (call,) = calls
    assert call["operation"] == "CreateResponse"
    assert response.usage is not None
    cost = response.usage.model_dump()["cost"]
    assert from_usd(cost) == call["picodollars"] > 0


def test_a_streamed_response_adds_up_to_the_whole_one(client: openai.OpenAI) -> None:
    with client.responses.stream(
        model=SOL, input=order(say="Hello there", reasoning="Hm.")
    ) as stream:
        events = list(stream)
        final = stream.get_final_response()
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    assert "".join(deltas) == final.output_text == "Hello there"
    assert final.model == SOL
    assert final.usage is not None
    assert from_usd(final.usage.model_dump()["cost"]) > 0
    assert [event.sequence_number for event in events if event.type != "response.completed"]


def test_an_answer_is_held_to_a_schema(client: openai.OpenAI) -> None:
    response = client.responses.parse(model=SOL, input="Oslo?", text_format=Forecast)
    assert isinstance(response.output_parsed, Forecast)


def conversation(client: openai.OpenAI, **more: Any) -> tuple[Response, Response]:
    """A call of a tool with its result, of which the client keeps the history itself."""
    history: list[Any] = [{"role": "user", "content": CALL}]
    first = client.responses.create(model=SOL, input=history, tools=[TOOL], **more)
    history += first.output
    (call,) = [item for item in first.output if item.type == "function_call"]
    history.append({"type": "function_call_output", "call_id": call.call_id, "output": "4 degrees"})
    history.append({"role": "user", "content": order(say="Cold.", reasoning="Brr.")})
    return first, client.responses.create(model=SOL, input=history, tools=[TOOL], **more)


@pytest.mark.parametrize("more", [{}, {"reasoning": {"effort": "high"}}])
def test_a_tool_loop_whose_client_keeps_the_history_works_although_nothing_is_stored(
    client: openai.OpenAI, more: dict[str, Any]
) -> None:
    first, second = conversation(client, **more)
    assert second.output_text == "Cold."
    reasoning = [item for item in second.output if item.type == "reasoning"]
    assert all(item.encrypted_content for item in reasoning)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(first.id)


def test_a_response_is_stored_read_gone_on_from_and_deleted_when_the_client_says_so(
    stack: LocalStack, client: openai.OpenAI
) -> None:
    first = client.responses.create(model=SOL, input=order(say="noted"), store=True)
    found = client.responses.retrieve(first.id)
    assert found.output_text == "noted"
    second = client.responses.create(
        model=SOL, input=order(say="teal"), previous_response_id=first.id
    )
    assert second.output_text == "teal"
    with openai.OpenAI(
        base_url=f"{stack.proxy_url}/v1", api_key=stack.new_key()["key"], max_retries=0
    ) as other:
        assert other.responses.retrieve(first.id).id == first.id
    with pytest.raises(openai.BadRequestError, match="Cannot cancel"):
        client.responses.cancel(first.id)
    client.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.retrieve(first.id)


def test_what_was_not_stored_cannot_be_gone_on_from(client: openai.OpenAI) -> None:
    first = client.responses.create(model=SOL, input="Hi")
    with pytest.raises(openai.BadRequestError, match="not found"):
        client.responses.create(model=SOL, input="And?", previous_response_id=first.id)


def test_a_stored_response_needs_a_key(stack: LocalStack) -> None:
    assert stack.proxy(None).get("/v1/responses/resp_1").status_code == 401
    assert stack.proxy().get("/v1/responses/resp_1").status_code == 404


# --- chat completions -----------------------------------------------------------------------------


def test_a_completion_has_text_usage_cost_and_the_model_asked_for(
    stack: LocalStack, client: openai.OpenAI
) -> None:
    with billed_calls(stack) as calls:
        completion = client.chat.completions.create(
            model=GROK, messages=[{"role": "user", "content": order(say="Hello there")}]
        )
    assert completion.choices[0].message.content == "Hello there"
    assert completion.model == GROK
    (call,) = calls
    assert call["operation"] == "CreateChatCompletion"
    assert completion.usage is not None
    assert from_usd(completion.usage.model_dump()["cost"]) == call["picodollars"] > 0


@pytest.mark.parametrize("wanted", [True, False])
def test_a_stream_tells_its_usage_to_those_who_want_it_and_is_billed_either_way(
    stack: LocalStack, wanted: bool
) -> None:
    key = stack.new_key(credit_limit_usd="10")
    with (
        openai.OpenAI(
            base_url=f"{stack.proxy_url}/v1", api_key=key["key"], max_retries=0
        ) as client,
        billed_calls(stack) as calls,
    ):
        chunks = list(
            client.chat.completions.create(
                model=GROK,
                messages=[{"role": "user", "content": order(say="Hello there")}],
                max_completion_tokens=100,
                stream=True,
                stream_options={"include_usage": wanted},
            )
        )
    text = [choice.delta.content or "" for chunk in chunks for choice in chunk.choices]
    assert "".join(text) == "Hello there"
    assert {chunk.model for chunk in chunks} == {GROK}
    assert any(chunk.usage for chunk in chunks) is wanted
    spent = stack.settled_account(key["id"])["spent_usd"]
    assert from_usd(spent) == sum(call["picodollars"] for call in calls) > 0


def test_tool_calls_of_different_turns_have_different_ids(client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": CALL}]
    ids = []
    for _ in range(2):
        completion = client.chat.completions.create(
            model=GROK, messages=messages, tools=[CHAT_TOOL]
        )
        message = completion.choices[0].message
        (call,) = message.tool_calls or []
        ids.append(call.id)
        messages += [
            message,
            {"role": "tool", "tool_call_id": call.id, "content": "4 degrees"},
            {"role": "user", "content": CALL},
        ]
    assert len(set(ids)) == 2


def test_a_completion_is_held_to_a_schema(client: openai.OpenAI) -> None:
    completion = client.chat.completions.parse(
        model=GROK,
        messages=[{"role": "user", "content": "Oslo?"}],
        response_format=Forecast,
    )
    assert isinstance(completion.choices[0].message.parsed, Forecast)


def test_json_without_a_schema_is_served_by_the_translation(
    stack: LocalStack, client: openai.OpenAI
) -> None:
    with billed_calls(stack) as calls:
        client.chat.completions.create(
            model=GROK,
            messages=[{"role": "user", "content": "Oslo?"}],
            response_format={"type": "json_object"},
        )
    assert [call["operation"] for call in calls] == ["Converse"]


# --- what goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("directive", "error"),
    [
        ({"status": 429}, openai.RateLimitError),
        ({"status": 503}, openai.InternalServerError),
        ({"status": 400}, openai.BadRequestError),
    ],
)
def test_a_refusal_of_bedrocks_is_the_sdks_own_error_and_costs_nothing(
    stack: LocalStack, directive: dict[str, Any], error: type[openai.APIStatusError]
) -> None:
    key = stack.new_key(credit_limit_usd="10")
    with openai.OpenAI(
        base_url=f"{stack.proxy_url}/v1", api_key=key["key"], max_retries=0
    ) as client:
        with pytest.raises(error):
            client.responses.create(model=SOL, input=order(**directive), max_output_tokens=16)
        with pytest.raises(error):
            client.chat.completions.create(
                model=GROK,
                messages=[{"role": "user", "content": order(**directive)}],
                max_tokens=16,
            )
    assert stack.settled_account(key["id"])["spent_usd"] == "0"


BROKEN = [
    {"words": 9, "exception": "throttlingException", "after": 3},
    {"words": 9, "cut_after": 3},
    {"words": 9, "corrupt_after": 3},
]


@pytest.mark.parametrize("directive", BROKEN, ids=["exception", "cut", "corrupt"])
def test_a_stream_that_goes_wrong_raises_and_is_charged_no_less_than_it_is_billed(
    stack: LocalStack, directive: dict[str, Any]
) -> None:
    key = stack.new_key(credit_limit_usd="10")
    with (
        openai.OpenAI(
            base_url=f"{stack.proxy_url}/v1", api_key=key["key"], max_retries=0
        ) as client,
        billed_calls(stack) as calls,
    ):
        streams: list[Any] = [
            client.responses.create(
                model=SOL, input=order(**directive), max_output_tokens=100, stream=True
            ),
            client.chat.completions.create(
                model=GROK,
                messages=[{"role": "user", "content": order(**directive)}],
                max_tokens=100,
                stream=True,
            ),
        ]
        for stream in streams:
            with stream, pytest.raises(openai.APIError):
                list(stream)
    spent = from_usd(stack.settled_account(key["id"])["spent_usd"])
    assert spent >= sum(call["picodollars"] for call in calls) > 0
