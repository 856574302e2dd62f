"""Chat Completions as the official OpenAI client reads them."""

import json
from typing import Any

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import get, order, simulator
from tests.support.simulated_openai import openai_client

GPT = "us.openai.gpt-6-sol"
GPT_OSS = "openai.gpt-oss-120b-1:0"
GROK = "us.xai.grok-4.7"
QWEN = "qwen.qwen3-32b-v1:0"
GLM = "zai.glm-5"

WEATHER: Any = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


def said(text: str) -> Any:
    return [{"role": "user", "content": text}]


@pytest.mark.parametrize("model", [GPT, GPT_OSS, GROK, QWEN, GLM])
def test_an_answer_and_its_stream_say_the_same(client: OpenAI, model: str) -> None:
    messages = said(order(say="So be it.", reasoning="Let me see."))
    whole = client.chat.completions.create(model=model, messages=messages)
    with client.chat.completions.stream(
        model=model, messages=messages, stream_options={"include_usage": True}
    ) as stream:
        streamed = stream.get_final_completion()
    assert whole.model == streamed.model == model
    assert whole.choices[0].finish_reason == streamed.choices[0].finish_reason == "stop"
    assert whole.choices[0].message.content == streamed.choices[0].message.content
    assert whole.usage is not None
    assert whole.usage.model_dump() == streamed.usage.model_dump()
    assert whole.service_tier == streamed.service_tier == "default"


def test_gpt_only_counts_its_reasoning(client: OpenAI) -> None:
    answer = client.chat.completions.create(
        model=GPT, messages=said(order(say="Yes", reasoning="one two three"))
    )
    assert answer.choices[0].message.content == "Yes"
    assert answer.usage
    assert answer.usage.completion_tokens_details
    assert answer.usage.completion_tokens_details.reasoning_tokens == 3
    assert answer.usage.completion_tokens == 4


def test_gpt_oss_reasons_in_its_text_and_itemises_nothing(client: OpenAI) -> None:
    messages = said(order(say="Yes", reasoning="one two"))
    answer = client.chat.completions.create(model=GPT_OSS, messages=messages)
    assert answer.choices[0].message.content == "<reasoning>one two</reasoning>Yes"
    assert answer.usage
    assert answer.usage.completion_tokens_details is None
    pieces = client.chat.completions.create(model=GPT_OSS, messages=messages, stream=True)
    told = [piece.choices[0].delta.content for piece in pieces]
    assert told == ["", "<reasoning>", "one", " two", "</reasoning>", "Yes", None]


def test_other_models_have_their_reasoning_beside_their_text(client: OpenAI) -> None:
    messages = said(order(say="Yes", reasoning="one two"))
    message = client.chat.completions.create(model=QWEN, messages=messages).choices[0].message
    assert (message.content, message.to_dict()["reasoning"]) == ("Yes", "one two")
    pieces = client.chat.completions.create(model=QWEN, messages=messages, stream=True)
    reasoning = [piece.choices[0].delta.to_dict().get("reasoning") for piece in pieces]
    assert [one for one in reasoning if one] == ["one", " two"]


def test_an_effort_makes_a_model_reason_and_none_keeps_it_from_it(client: OpenAI) -> None:
    def spent(**settings: Any) -> int | None:
        answer = client.chat.completions.create(model=GPT, messages=said("Hello"), **settings)
        assert answer.usage
        assert answer.usage.completion_tokens_details
        return answer.usage.completion_tokens_details.reasoning_tokens

    assert spent(reasoning_effort="high")
    assert spent(reasoning_effort="none") == 0


def test_a_tool_loop_goes_on_from_the_call(client: OpenAI) -> None:
    messages = said("Please call get_weather")
    first = client.chat.completions.create(model=GLM, messages=messages, tools=[WEATHER])
    call = first.choices[0].message.tool_calls[0]
    assert first.choices[0].finish_reason == "tool_calls"
    assert call.type == "function"
    assert json.loads(call.function.arguments) == {"city": "city"}
    messages += [
        first.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": call.id, "content": "sunny"},
    ]
    second = client.chat.completions.create(model=GLM, messages=messages, tools=[WEATHER])
    assert second.choices[0].message.content == "The tool answered: sunny"


def test_streamed_calls_come_in_pieces_under_dense_indexes(client: OpenAI) -> None:
    tools = [WEATHER, {"type": "function", "function": {"name": "now"}}]
    text = "First call get_weather, then call now."
    with client.chat.completions.stream(model=GROK, messages=said(text), tools=tools) as stream:
        deltas = [
            call
            for event in stream
            if event.type == "chunk"
            for call in event.chunk.choices[0].delta.tool_calls or []
        ]
        final = stream.get_final_completion()
    assert [call.index for call in deltas if call.id] == [0, 1]
    calls = final.choices[0].message.tool_calls or []
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("get_weather", '{"city": "city"}'),
        ("now", "{}"),
    ]


@pytest.mark.parametrize(("model", "ids"), [(GROK, {"call_0"}), (GLM, set())])
def test_grok_numbers_its_calls_anew_in_every_answer(
    client: OpenAI, model: str, ids: set[str]
) -> None:
    told = {
        call.id
        for text in ("call get_weather", "now call get_weather")
        for call in client.chat.completions.create(
            model=model, messages=said(text), tools=[WEATHER]
        )
        .choices[0]
        .message.tool_calls
        or []
    }
    assert told == ids if ids else len(told) == 2


def test_tool_choice_is_obeyed(client: OpenAI) -> None:
    def calls(**settings: Any) -> list[Any]:
        answer = client.chat.completions.create(
            model=GROK,
            tools=[WEATHER, {"type": "function", "function": {"name": "now"}}],
            **{"messages": said("Hello"), **settings},
        )
        return [call.function.name for call in answer.choices[0].message.tool_calls or []]

    both = said("call get_weather, then call now")
    assert calls() == []
    assert calls(messages=both) == ["get_weather", "now"]
    assert calls(messages=both, parallel_tool_calls=False) == ["get_weather"]
    assert calls(messages=both, tool_choice="none") == []
    assert calls(tool_choice="required") == ["get_weather"]
    assert calls(tool_choice={"type": "function", "function": {"name": "now"}}) == ["now"]
    only = {"mode": "required", "tools": [{"type": "function", "function": {"name": "now"}}]}
    assert calls(tool_choice={"type": "allowed_tools", "allowed_tools": only}) == ["now"]


def test_a_custom_tool_is_called_with_a_text(client: OpenAI) -> None:
    tools: Any = [{"type": "custom", "custom": {"name": "shell"}}]
    call = {"name": "shell", "input": {"input": "ls -l"}}
    answer = client.chat.completions.create(
        model=GROK, messages=said(order(tool=call)), tools=tools
    )
    made = answer.choices[0].message.tool_calls[0]
    assert made.type == "custom"
    assert (made.custom.name, made.custom.input) == ("shell", "ls -l")


class Person(BaseModel):
    name: str
    age: int


def test_the_clients_parser_gets_what_its_schema_says(client: OpenAI) -> None:
    answer = client.chat.completions.parse(
        model=GPT, messages=said("Who is it?"), response_format=Person
    )
    assert isinstance(answer.choices[0].message.parsed, Person)


def test_gpt_oss_ignores_a_schema(client: OpenAI) -> None:
    form: Any = {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": "object"}}}
    answer = client.chat.completions.create(
        model=GPT_OSS, messages=said(order(say="plain")), response_format=form
    )
    assert "plain" in (answer.choices[0].message.content or "")


def test_an_answer_ends_where_its_budget_does(client: OpenAI) -> None:
    cut = client.chat.completions.create(
        model=GPT,
        messages=said(order(words=9)),
        max_completion_tokens=3,
        reasoning_effort="none",
    )
    assert cut.choices[0].message.content == "word1 word2 word3"
    assert cut.choices[0].finish_reason == "length"
    call = client.chat.completions.create(
        model=GPT,
        messages=said("call get_weather"),
        tools=[WEATHER],
        max_completion_tokens=1,
        reasoning_effort="none",
    ).choices[0]
    assert call.finish_reason == "length"
    assert call.message.tool_calls[0].function.arguments == '{"city":'


def test_stop_sequences_end_an_answer(client: OpenAI) -> None:
    answer = client.chat.completions.create(model=QWEN, messages=said(order(words=9)), stop="word4")
    assert answer.choices[0].message.content == "word1 word2 word3 "
    assert answer.choices[0].finish_reason == "stop"


def test_a_call_is_billed_by_its_usage_and_its_tier(client: OpenAI, signed_sim: Simulator) -> None:
    usage = {"input_tokens": 1_000_000, "output_tokens": 0, "cache_read": 5, "cache_write": 7}
    answer = client.chat.completions.create(
        model=GROK, messages=said(order(say="ok", **usage)), service_tier="flex"
    )
    assert answer.service_tier == "flex"
    assert answer.usage
    assert answer.usage.prompt_tokens_details
    assert answer.usage.prompt_tokens == 1_000_012
    assert answer.usage.prompt_tokens_details.cached_tokens == 5
    assert answer.usage.prompt_tokens_details.to_dict()["cache_write_tokens"] == 7
    (billed,) = signed_sim.bill.show()["calls"]
    assert (billed["model"], billed["operation"]) == (GROK, "CreateChatCompletion")
    assert billed["picodollars"] == 1_000_012 * 15_000_000 // 2


def test_the_prompt_is_cached_up_to_its_breakpoints(client: OpenAI) -> None:
    long: Any = {
        "type": "text",
        "text": "word " * 1_500,
        "prompt_cache_breakpoint": {"mode": "explicit"},
    }

    def cached(question: str, **settings: Any) -> tuple[int | None, int | None]:
        answer = client.chat.completions.create(
            model=GPT,
            messages=[{"role": "user", "content": [long, {"type": "text", "text": question}]}],
            **settings,
        )
        assert answer.usage
        assert answer.usage.prompt_tokens_details
        details = answer.usage.prompt_tokens_details
        return details.cached_tokens, details.cache_write_tokens

    explicit: Any = {"prompt_cache_options": {"mode": "explicit", "ttl": "30m"}}
    read, written = cached("One?", **explicit)
    assert read == 0
    assert written
    assert cached("Two?", **explicit) == (written, 0)
    assert cached("Two?", **explicit, prompt_cache_key="other") == (0, written)
    read, tail = cached("And three?")
    assert read == written
    assert tail


def test_directives_fail_calls_in_openai_s_shape(client: OpenAI) -> None:
    messages = said(order(throttle=1, id="x", say="now"))
    with pytest.raises(openai.RateLimitError):
        client.chat.completions.create(model=QWEN, messages=messages)
    answer = client.chat.completions.create(model=QWEN, messages=messages)
    assert answer.choices[0].message.content == "now"
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model=QWEN, messages=said(order(status=503)))
    assert caught.value.status_code == 503
    with pytest.raises(openai.BadRequestError, match="recordings"):
        client.chat.completions.create(model=QWEN, messages=said(order(replay="x")))


def test_a_failing_stream_ends_with_an_error(client: OpenAI, signed_sim: Simulator) -> None:
    stream = client.chat.completions.create(
        model=QWEN,
        messages=said(order(words=5, exception="throttlingException", after=2)),
        stream=True,
    )
    told: list[str | None] = []
    with pytest.raises(openai.APIError, match="Too many requests") as caught:
        told.extend(piece.choices[0].delta.content for piece in stream)
    assert told == ["", "word1", " word2"]
    assert caught.value.code == "rate_limit_exceeded"
    assert signed_sim.bill.show()["calls"][0]["usage"]["output"] == 2


def test_a_damaged_chunk_is_no_json(client: OpenAI) -> None:
    stream = client.chat.completions.create(
        model=QWEN, messages=said(order(words=5, corrupt_after=2)), stream=True
    )
    with pytest.raises(json.JSONDecodeError):
        list(stream)


def test_a_signature_is_demanded(tmp_path: Any) -> None:
    strict = simulator(tmp_path, access_key="key", secret_key="other")
    with (
        openai_client(strict) as client,
        pytest.raises(openai.PermissionDeniedError, match="signature we calculated"),
    ):
        client.chat.completions.create(model=QWEN, messages=said("Hello"))


def test_the_traffic_names_operation_and_model(client: OpenAI, signed_sim: Simulator) -> None:
    client.chat.completions.create(model=QWEN, messages=said("Hello"))
    assert get(signed_sim, "/_sim/state").json["seen"] == [
        {"operation": "CreateChatCompletion", "model": QWEN, "status": 200}
    ]
