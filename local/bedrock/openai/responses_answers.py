"""Answers of Responses: the response object, and the events that build it up.

Field by field as in the types of the openai SDK; the order of events is that of
https://platform.openai.com/docs/api-reference/responses-streaming.
"""

from typing import Any

from local.bedrock.answers import Answer
from local.bedrock.blocks import Block
from local.bedrock.openai.rules import Served
from local.bedrock.openai.sse import ResponseEvent

Item = dict[str, Any]
Response = dict[str, Any]

_ECHOED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "prompt_cache_key": None,
    "prompt_cache_retention": "in_memory",
    "safety_identifier": None,
    "store": True,
    "tool_choice": "auto",
    "tools": [],
    "top_logprobs": 0,
    "truncation": "disabled",
    "user": None,
}
"""What a response repeats of its request, and what it says where the request says nothing."""

_CACHING = {"mode": "implicit", "ttl": "30m"}
"""What is applied where a request leaves its caching options open."""


def started(
    served: Served, body: dict[str, Any], response_id: str, created_at: int, tier: str
) -> Response:
    """The response before anything is answered."""
    echoed = {name: body.get(name, default) for name, default in _ECHOED.items()}
    reasoning = body.get("reasoning", {})
    effort = reasoning.get("effort") or served.openai.default_effort or None
    text = body.get("text", {})
    caching = body.get("prompt_cache_options")
    return {
        "id": response_id,
        "object": "response",
        "created_at": created_at,
        "status": "in_progress",
        "background": False,
        "completed_at": None,
        "error": None,
        "incomplete_details": None,
        "model": served.asked,
        "output": [],
        "prompt_cache_options": None if caching is None else {**_CACHING, **caching},
        "reasoning": {"effort": effort, "summary": reasoning.get("summary")},
        "service_tier": tier,
        "temperature": body.get("temperature", served.openai.temperature),
        "text": {
            "format": text.get("format", {"type": "text"}),
            "verbosity": text.get("verbosity", "medium"),
        },
        "top_p": body.get("top_p", served.openai.top_p),
        "usage": None,
        **echoed,
    }


def finished(
    served: Served, response: Response, answer: Answer, completed_at: int, includes: list[str]
) -> Response:
    """The response with its answer."""
    cut = answer.stop_reason == "max_tokens"
    last = len(answer.blocks) - 1
    output = [
        _item(served, answer, index, block, includes, cut=cut and index == last)
        for index, block in enumerate(answer.blocks)
    ]
    return {
        **response,
        "status": "incomplete" if cut else "completed",
        "completed_at": None if cut else completed_at,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "output": output,
        "usage": _usage(answer),
    }


def failed(response: Response, code: str, message: str) -> Response:
    """The response of a stream that broke off."""
    return {**response, "status": "failed", "error": {"code": code, "message": message}}


def events(
    served: Served, response: Response, answer: Answer, final: Response
) -> list[ResponseEvent]:
    """The events from the response as it `started` to the `final` one."""
    made = [
        ResponseEvent("response.created", {"response": response}),
        ResponseEvent("response.in_progress", {"response": response}),
    ]
    for index, block in enumerate(answer.blocks):
        made += _item_events(served, index, block, final["output"][index])
    ending = "response.incomplete" if final["status"] == "incomplete" else "response.completed"
    return [*made, ResponseEvent(ending, {"response": final})]


def _usage(answer: Answer) -> dict[str, Any]:
    usage = answer.usage
    return {
        "input_tokens": usage.total - usage.output,
        "input_tokens_details": {
            "cached_tokens": usage.cache_read,
            "cache_write_tokens": usage.cache_write,
        },
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": answer.reasoning_tokens},
        "total_tokens": usage.total,
    }


def _item(
    served: Served,
    answer: Answer,
    index: int,
    block: Block,
    includes: list[str],
    *,
    cut: bool,
) -> Item:
    def made_id(prefix: str, part: int) -> str:
        return f"{prefix}_{answer.made_id(part, 50).lower()}"

    status = "incomplete" if cut else "completed"
    if block.kind == "reasoning":
        item: Item = {"id": made_id("rs", index), "type": "reasoning", "summary": []}
        if served.openai.reasoning != "hidden":
            item["content"] = [{"type": "reasoning_text", "text": block.text}]
        if "reasoning.encrypted_content" in includes:
            item["encrypted_content"] = block.signature
        return item
    if block.kind == "text":
        part = {"type": "output_text", "text": block.text, "annotations": [], "logprobs": []}
        return {
            "id": made_id("msg", index),
            "type": "message",
            "status": status,
            "role": "assistant",
            "content": [part],
        }
    kind, prefix, name = (
        ("custom_tool_call", "ctc", "input")
        if block.custom
        else ("function_call", "fc", "arguments")
    )
    # The ids of a call and its item are made from different numbers, so that they differ too.
    call = {
        "id": made_id(prefix, index),
        "type": kind,
        "status": status,
        "call_id": made_id("call", -2 - index),
        "name": block.tool,
        name: block.text,
    }
    return {**call, "namespace": block.namespace} if block.namespace else call


def _item_events(served: Served, index: int, block: Block, item: Item) -> list[ResponseEvent]:
    place = {"item_id": item["id"], "output_index": index}
    match item["type"]:
        case "message":
            empty = {"status": "in_progress", "content": []}
            inner = _text_events(place, block, item["content"][0])
        case "reasoning":
            empty = {"content": []} if "content" in item else {}
            inner = _reasoning_events(place, block, item)
        case "function_call":
            empty = {"status": "in_progress", "arguments": ""}
            inner = _streamed(
                "response.function_call_arguments", place, block, {"arguments": block.text}
            )
        case _:
            empty = {"status": "in_progress", "input": ""}
            inner = _streamed(
                "response.custom_tool_call_input", place, block, {"input": block.text}
            )
    added = {"output_index": index, "item": {**item, **empty}}
    hidden = block.kind == "reasoning" and served.openai.reasoning == "hidden"
    done = ResponseEvent(
        "response.output_item.done",
        {"output_index": index, "item": item},
        len(block.tokens) if hidden else 0,
    )
    return [ResponseEvent("response.output_item.added", added), *inner, done]


def _text_events(place: Item, block: Block, part: Item) -> list[ResponseEvent]:
    within = {**place, "content_index": 0}
    return [
        ResponseEvent("response.content_part.added", {**within, "part": {**part, "text": ""}}),
        *(
            ResponseEvent(
                "response.output_text.delta", {**within, "delta": token, "logprobs": []}, 1
            )
            for token in block.tokens
        ),
        ResponseEvent("response.output_text.done", {**within, "text": block.text, "logprobs": []}),
        ResponseEvent("response.content_part.done", {**within, "part": part}),
    ]


def _reasoning_events(place: Item, block: Block, item: Item) -> list[ResponseEvent]:
    if "content" not in item:
        return []
    within = {**place, "content_index": 0}
    part = item["content"][0]
    return [
        ResponseEvent("response.content_part.added", {**within, "part": {**part, "text": ""}}),
        *(
            ResponseEvent("response.reasoning_text.delta", {**within, "delta": token}, 1)
            for token in block.tokens
        ),
        ResponseEvent("response.reasoning_text.done", {**within, "text": block.text}),
        ResponseEvent("response.content_part.done", {**within, "part": part}),
    ]


def _streamed(kind: str, place: Item, block: Block, whole: dict[str, str]) -> list[ResponseEvent]:
    return [
        *(ResponseEvent(f"{kind}.delta", {**place, "delta": token}, 1) for token in block.tokens),
        ResponseEvent(f"{kind}.done", {**place, **whole}),
    ]
