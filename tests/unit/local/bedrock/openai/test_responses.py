"""Responses as the official OpenAI client reads them, stored and streamed ones among them."""

import json
from typing import Any

import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel

from local.bedrock.messages import Request
from local.bedrock.openai.store import ResponseStore
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import get, order, read

GPT = "us.openai.gpt-6-sol"
SOL = "global.openai.gpt-6.1-sol"
GROK = "us.xai.grok-4.7"

WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
    "strict": True,
}
SHELL: Any = {"type": "custom", "name": "shell"}
CRM: Any = {
    "type": "namespace",
    "name": "crm",
    "description": "Customers",
    "tools": [{"type": "function", "name": "find_customer"}],
}


def kinds(response: Any) -> list[str]:
    return [item.type for item in response.output]


def test_an_answer(client: OpenAI) -> None:
    answer = client.responses.create(
        model=GPT,
        instructions="Be brief.",
        input=order(say="So be it.", reasoning="one two three"),
        reasoning={"effort": "high"},
        metadata={"team": "red"},
        max_output_tokens=100,
    )
    assert answer.output_text == "So be it."
    assert kinds(answer) == ["reasoning", "message"]
    assert answer.status == "completed"
    assert answer.model == GPT
    assert answer.reasoning
    assert answer.reasoning.effort == "high"
    assert (answer.metadata, answer.instructions) == ({"team": "red"}, "Be brief.")
    assert (answer.service_tier, answer.max_output_tokens) == ("default", 100)
    assert answer.usage
    assert answer.usage.output_tokens == 6
    assert answer.usage.output_tokens_details.reasoning_tokens == 3
    assert answer.usage.total_tokens == answer.usage.input_tokens + 6


def test_the_caching_options_that_were_applied(client: OpenAI) -> None:
    explicit = client.responses.create(
        model=GPT, input="Hi", prompt_cache_options={"mode": "explicit"}
    )
    assert explicit.prompt_cache_options
    assert explicit.prompt_cache_options.to_dict() == {"mode": "explicit", "ttl": "30m"}
    assert client.responses.create(model=GPT, input="Hi").prompt_cache_options is None


def test_the_stream_s_events_are_in_order_and_numbered(client: OpenAI) -> None:
    call = {"name": "get_weather", "input": {"city": "Rome"}}
    with client.responses.stream(
        model=GPT,
        input=order(say="One moment", reasoning="Hm well", tool=call),
        tools=[WEATHER],
    ) as stream:
        told = list(stream)
        final = stream.get_final_response()
    assert [event.type for event in told] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.output_item.added",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.delta",
        "response.function_call_arguments.done",
        "response.output_item.done",
        "response.completed",
    ]
    assert [event.sequence_number for event in told] == list(range(len(told)))
    assert kinds(final) == ["reasoning", "message", "function_call"]
    assert final.output_text == "One moment"
    assert final.output[2].parsed_arguments == {"city": "Rome"}
    assert final.usage
    assert final.usage.output_tokens == 6


def test_a_stream_says_what_the_whole_answer_says(client: OpenAI) -> None:
    asked: Any = {"model": GROK, "input": "call get_weather", "tools": [WEATHER]}
    whole = client.responses.create(**asked)
    with client.responses.stream(**asked) as stream:
        streamed = stream.get_final_response()

    def shape(response: Any) -> Any:
        volatile = {"id", "call_id", "created_at", "completed_at", "parsed_arguments"}
        return [
            {k: v for k, v in item.model_dump().items() if k not in volatile}
            for item in response.output
        ]

    assert shape(whole) == shape(streamed)
    assert whole.usage == streamed.usage
    assert whole.id != streamed.id


class Person(BaseModel):
    name: str
    age: int


def test_the_clients_parser_gets_what_its_schema_says(client: OpenAI) -> None:
    answer = client.responses.parse(model=GPT, input="Who is it?", text_format=Person)
    assert isinstance(answer.output_parsed, Person)
    with client.responses.stream(model=GPT, input="Who is it?", text_format=Person) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Person)


def test_a_tool_loop_without_a_store(client: OpenAI) -> None:
    items: Any = [{"role": "user", "content": "Please call get_weather"}]
    settings: Any = {
        "model": GROK,
        "tools": [WEATHER],
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    first = client.responses.create(input=items, **settings)
    assert kinds(first) == ["reasoning", "function_call"]
    reasoning, call = first.output
    assert reasoning.type == "reasoning"
    assert reasoning.encrypted_content
    assert call.type == "function_call"
    assert json.loads(call.arguments) == {"city": "city"}
    items += [item.model_dump(exclude_none=True) for item in first.output]
    items.append({"type": "function_call_output", "call_id": call.call_id, "output": "sunny"})
    second = client.responses.create(input=items, **settings)
    assert second.output_text == "The tool answered: sunny"
    items[1]["encrypted_content"] = "AAAA" + items[1]["encrypted_content"][4:]
    with pytest.raises(openai.BadRequestError, match="could not be verified") as caught:
        client.responses.create(input=items, **settings)
    assert caught.value.code == "invalid_encrypted_content"


def test_a_tool_loop_that_goes_on_from_a_stored_response(client: OpenAI) -> None:
    first = client.responses.create(model=GPT, input="call get_weather", tools=[WEATHER])
    (call,) = first.output
    assert call.type == "function_call"
    second = client.responses.create(
        model=GPT,
        previous_response_id=first.id,
        input=[{"type": "function_call_output", "call_id": call.call_id, "output": "sunny"}],
    )
    assert second.output_text == "The tool answered: sunny"
    assert second.previous_response_id == first.id
    third = client.responses.create(model=GPT, previous_response_id=second.id, input="Thanks")
    assert third.output_text == "You said: Thanks"
    assert third.usage
    assert second.usage
    assert third.usage.input_tokens > second.usage.input_tokens


def test_every_call_of_a_conversation_has_its_own_id(client: OpenAI) -> None:
    calls = [
        client.responses.create(model=GPT, input="call get_weather", tools=[WEATHER])
        for _ in range(2)
    ]
    assert len({answer.id for answer in calls}) == 2
    assert len({answer.output[0].call_id for answer in calls}) == 2  # same words, two calls


def test_a_custom_tool_is_called_with_a_text(client: OpenAI) -> None:
    call = {"name": "shell", "input": {"input": "ls -l"}}
    with client.responses.stream(model=GPT, input=order(tool=call), tools=[SHELL]) as stream:
        told = list(stream)
        made = stream.get_final_response().output[0]
    assert made.type == "custom_tool_call"
    assert (made.name, made.input) == ("shell", "ls -l")
    deltas = [e.delta for e in told if e.type == "response.custom_tool_call_input.delta"]
    assert "".join(deltas) == "ls -l"
    again = client.responses.create(
        model=GPT,
        input=[
            {"role": "user", "content": "Go on"},
            made.model_dump(exclude_none=True),
            {"type": "custom_tool_call_output", "call_id": made.call_id, "output": "a.txt"},
        ],
        tools=[SHELL],
    )
    assert again.output_text == "The tool answered: a.txt"


def test_a_tool_in_a_namespace_is_called_with_it(client: OpenAI) -> None:
    answer = client.responses.create(model=GPT, input="call find_customer", tools=[CRM])
    (call,) = answer.output
    assert call.type == "function_call"
    assert (call.name, call.namespace) == ("find_customer", "crm")


def test_tools_that_an_item_adds_can_be_called(client: OpenAI) -> None:
    added: Any = {"type": "additional_tools", "role": "developer", "tools": [WEATHER]}
    answer = client.responses.create(
        model=GPT, input=[added, {"role": "user", "content": "call get_weather"}]
    )
    assert kinds(answer) == ["function_call"]


def test_tool_choice_is_obeyed(client: OpenAI) -> None:
    def calls(**settings: Any) -> list[str]:
        answer = client.responses.create(
            **{"model": GPT, "input": "Hello", "tools": [WEATHER, SHELL], **settings}
        )
        return [item.name for item in answer.output if hasattr(item, "call_id")]

    both = "call get_weather, then call shell"
    assert calls() == []
    assert calls(input=both) == ["get_weather", "shell"]
    assert calls(input=both, parallel_tool_calls=False) == ["get_weather"]
    assert calls(input=both, tool_choice="none") == []
    assert calls(tool_choice="required") == ["get_weather"]
    assert calls(tool_choice={"type": "custom", "name": "shell"}) == ["shell"]
    allowed = [{"type": "function", "name": "get_weather"}]
    only = {"type": "allowed_tools", "mode": "auto", "tools": allowed}
    assert calls(input=both, tool_choice=only) == ["get_weather"]


def test_an_answer_cut_short_is_incomplete(client: OpenAI) -> None:
    asked: Any = {"model": GPT, "input": order(words=20), "max_output_tokens": 16}
    answer = client.responses.create(**asked)
    assert answer.status == "incomplete"
    assert answer.incomplete_details
    assert answer.incomplete_details.reason == "max_output_tokens"
    assert answer.output_text.endswith("word16")
    *_, last = client.responses.create(stream=True, **asked)
    assert last.type == "response.incomplete"
    many = {"name": "get_weather", "input": {"city": "a " * 20}}
    cut = client.responses.create(
        model=GPT, input=order(tool=many), tools=[WEATHER], max_output_tokens=16
    )
    assert cut.status == "incomplete"
    assert cut.output[0].status == "incomplete"
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.output[0].arguments)


def test_stored_responses_are_retrieved_and_deleted(client: OpenAI) -> None:
    made = client.responses.create(model=GPT, input="Hello")
    assert client.responses.retrieve(made.id) == made
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError, match="not found"):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.delete(made.id)
    with pytest.raises(openai.BadRequestError, match=f"'{made.id}' not found") as caught:
        client.responses.create(model=GPT, input="And?", previous_response_id=made.id)
    assert caught.value.code == "previous_response_not_found"


def test_what_is_not_to_be_stored_is_not(client: OpenAI) -> None:
    made = client.responses.create(model=GPT, input="Hello", store=False)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)
    with pytest.raises(openai.BadRequestError, match="Previous response with id"):
        client.responses.create(model=GPT, input="And?", previous_response_id=made.id)


def test_only_a_response_in_progress_can_be_cancelled(client: OpenAI) -> None:
    stream = client.responses.create(model=GPT, input=order(words=9), stream=True)
    first = next(stream)
    assert first.type == "response.created"
    assert client.responses.retrieve(first.response.id).status == "in_progress"
    assert client.responses.cancel(first.response.id).status == "cancelled"
    assert "response.completed" not in [event.type for event in stream]
    assert client.responses.retrieve(first.response.id).status == "cancelled"
    done = client.responses.create(model=GPT, input="Hello")
    with pytest.raises(openai.BadRequestError, match="Cannot cancel a synchronous response"):
        client.responses.cancel(done.id)


def test_a_stream_is_stored_once_it_ends(client: OpenAI) -> None:
    with client.responses.stream(model=GPT, input="Hello") as stream:
        made = stream.get_final_response()
    assert client.responses.retrieve(made.id).status == "completed"


def test_a_stream_that_its_client_leaves_is_stored_all_the_same(client: OpenAI) -> None:
    stream = client.responses.create(model=GPT, input=order(words=9), stream=True)
    first = next(stream)
    stream.close()
    assert first.type == "response.created"
    assert client.responses.retrieve(first.response.id).output_text.endswith("word9")


def test_an_item_can_be_named_by_its_id(client: OpenAI) -> None:
    made = client.responses.create(model=GROK, input=order(say="Blue", reasoning="Hm"))
    reasoning, message = made.output
    again = client.responses.create(
        model=GROK,
        input=[
            {"role": "user", "content": "Colour?"},
            {"type": "reasoning", "id": reasoning.id, "summary": []},
            {"type": "item_reference", "id": message.id},
            {"role": "user", "content": "Sure?"},
        ],
    )
    assert again.output_text == "You said: Sure?"
    for unknown in (
        {"type": "item_reference", "id": "msg_1"},
        {"type": "reasoning", "id": "rs_1", "summary": []},
    ):
        with pytest.raises(openai.NotFoundError, match="Items are not persisted"):
            client.responses.create(model=GROK, input=[unknown, {"role": "user", "content": "x"}])


def test_the_store_forgets_the_oldest_first() -> None:
    store = ResponseStore(most_bytes=400)
    for name in "abc":
        store.keep({"id": name, "status": "completed", "output": [{"text": "x" * 100}]}, [])
    assert [store.get(name) is not None for name in "abc"] == [False, True, True]
    store.keep({"id": "d", "status": "completed", "output": [{"text": "x" * 1_000}]}, [])
    assert store.get("d") is not None
    assert store.get("c") is None


def test_grok_always_reasons_and_samples_its_own_way(client: OpenAI) -> None:
    answer = client.responses.create(model=GROK, input="Hello")
    assert kinds(answer) == ["reasoning", "message"]
    assert answer.reasoning
    assert answer.reasoning.effort == "high"
    assert (answer.temperature, answer.top_p) == (0.7, 0.95)


def test_a_call_is_billed(client: OpenAI, signed_sim: Simulator) -> None:
    usage = {"input_tokens": 100, "output_tokens": 50, "cache_read": 1_000, "cache_write": 7}
    answer = client.responses.create(model=SOL, input=order(say="ok", **usage))
    assert answer.usage
    assert answer.usage.input_tokens == 1_107
    details = answer.usage.input_tokens_details
    assert (details.cached_tokens, details.cache_write_tokens) == (1_000, 7)
    (billed,) = signed_sim.bill.show()["calls"]
    assert (billed["model"], billed["operation"]) == (SOL, "CreateResponse")
    assert billed["usage"]["cache_read"] == 1_000
    assert billed["picodollars"] == 15_000_000 * 1_107 + 75_000_000 * 50
    client.responses.retrieve(answer.id)
    assert len(signed_sim.bill.show()["calls"]) == 1


def test_directives_fail_calls_and_streams(client: OpenAI, signed_sim: Simulator) -> None:
    with pytest.raises(openai.RateLimitError):
        client.responses.create(model=GPT, input=order(throttle=1, id="x"))
    with pytest.raises(openai.APIStatusError, match="timed out") as timed_out:
        client.responses.create(model=GPT, input=order(status=408))
    assert timed_out.value.status_code == 408
    *told, last = client.responses.create(
        model=GPT,
        input=order(words=5, exception="internalServerException", after=2),
        stream=True,
    )
    assert last.type == "error"
    assert (last.code, last.sequence_number) == ("internal_server_error", len(told))
    assert told[-1].type == "response.output_text.delta"
    response_id = told[0].response.id
    assert client.responses.retrieve(response_id).status == "failed"
    assert signed_sim.bill.show()["calls"][-1]["usage"]["output"] == 2


def test_the_traffic_names_each_operation(client: OpenAI, signed_sim: Simulator) -> None:
    made = client.responses.create(model=GPT, input="Hello")
    client.responses.retrieve(made.id)
    client.responses.delete(made.id)
    seen = get(signed_sim, "/_sim/state").json["seen"]
    assert [entry["operation"] for entry in seen] == [
        "CreateResponse",
        "GetResponse",
        "DeleteResponse",
    ]


def test_wire_of_a_stream(sim: Simulator) -> None:
    body = {"model": GPT, "input": order(say="Hi"), "stream": True, "store": False}
    request = Request("POST", "/openai/v1/responses", "", {}, json.dumps(body).encode())
    answer = read(sim.handle(request))
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = answer.json.decode().split("\n\n")
    assert lines[0].startswith(
        'event: response.created\ndata: {"type":"response.created","sequence'
    )
    assert lines[-2].startswith("event: response.completed\n")
    assert lines[-1] == ""
