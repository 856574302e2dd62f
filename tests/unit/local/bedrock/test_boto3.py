"""boto3 reads every kind of answer: it parses by the service model, not by the simulator's code."""

import json
from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import EventStreamError

from tests.support.simulated_bedrock import (
    CLAUDE,
    NOVA,
    boto_client,
    claude_body,
    order,
    read_stream,
    user,
)

TOOLS = {
    "tools": [
        {
            "toolSpec": {
                "name": "get_weather",
                "inputSchema": {
                    "json": {
                        "type": "object",
                        "properties": {"city": {"type": "string"}, "unit": {"type": "string"}},
                        "required": ["city"],
                    }
                },
            }
        }
    ]
}
THINKING = {"thinking": {"type": "enabled", "budget_tokens": 1024}}


def events(stream: Any) -> list[tuple[str, Any]]:
    told, error = read_stream(stream)
    assert error is None
    return told


def chunks(boto: Any, model: str, body: dict[str, Any]) -> list[Any]:
    answer = boto.invoke_model_with_response_stream(modelId=model, body=json.dumps(body))
    assert answer["contentType"] == "application/json"
    return [json.loads(event["bytes"]) for _, event in events(answer["body"])]


def test_converse(boto: Any) -> None:
    answer = boto.converse(
        modelId=CLAUDE,
        messages=user(order(say="So be it.", reasoning="Let me see.")),
        inferenceConfig={"maxTokens": 4000},
        additionalModelRequestFields=THINKING,
        serviceTier={"type": "flex"},
    )
    reasoning, text = answer["output"]["message"]["content"]
    assert reasoning["reasoningContent"]["reasoningText"]["text"] == "Let me see."
    assert text == {"text": "So be it."}
    assert answer["stopReason"] == "end_turn"
    usage = answer["usage"]
    assert usage["totalTokens"] == usage["inputTokens"] + usage["outputTokens"]
    assert answer["serviceTier"] == {"type": "flex"}
    assert answer["metrics"]["latencyMs"] > 0


def test_converse_stream_has_every_event_in_order(boto: Any) -> None:
    call = {"name": "get_weather", "input": {"city": "Paris"}}
    answer = boto.converse_stream(
        modelId=CLAUDE,
        messages=user(order(reasoning="Hm well", say="One moment", tool=call)),
        toolConfig=TOOLS,
        inferenceConfig={"maxTokens": 4000},
        additionalModelRequestFields=THINKING,
    )
    told = events(answer["stream"])
    assert [name for name, _ in told] == [
        "messageStart",
        *["contentBlockDelta"] * 3,
        "contentBlockStop",
        *["contentBlockDelta"] * 2,
        "contentBlockStop",
        "contentBlockStart",
        *["contentBlockDelta"] * 2,
        "contentBlockStop",
        "messageStop",
        "metadata",
    ]
    deltas = [
        (e["contentBlockIndex"], e["delta"]) for name, e in told if name == "contentBlockDelta"
    ]
    assert "".join(d["text"] for i, d in deltas if i == 1) == "One moment"
    assert json.loads("".join(d["toolUse"]["input"] for i, d in deltas if i == 2)) == call["input"]
    assert "".join(d["reasoningContent"].get("text", "") for i, d in deltas if i == 0) == "Hm well"
    assert told[-2][1]["stopReason"] == "tool_use"
    assert told[-1][1]["usage"]["outputTokens"] == len(deltas) - 1


def test_a_tool_loop_goes_on_from_the_streamed_call(boto: Any) -> None:
    asked = user("Please use the get_weather tool.")
    first = boto.converse(modelId=CLAUDE, messages=asked, toolConfig=TOOLS)
    message = first["output"]["message"]
    call = message["content"][0]["toolUse"]
    assert (call["name"], call["input"]) == ("get_weather", {"city": "city"})
    result = {"toolUseId": call["toolUseId"], "content": [{"json": {"sky": "blue"}}]}
    second = boto.converse(
        modelId=CLAUDE,
        messages=[*asked, message, {"role": "user", "content": [{"toolResult": result}]}],
        toolConfig=TOOLS,
    )
    assert second["stopReason"] == "end_turn"
    assert second["output"]["message"]["content"] == [
        {"text": 'The tool answered: {"sky": "blue"}'}
    ]


def test_kept_thinking_is_accepted_back(boto: Any) -> None:
    settings = {
        "modelId": CLAUDE,
        "toolConfig": TOOLS,
        "inferenceConfig": {"maxTokens": 4000},
        "additionalModelRequestFields": THINKING,
    }
    asked = user("Please call get_weather.")
    message = boto.converse(messages=asked, **settings)["output"]["message"]
    assert "reasoningContent" in message["content"][0]
    tool_id = message["content"][1]["toolUse"]["toolUseId"]
    result = {"toolUseId": tool_id, "content": [{"text": "sunny"}]}
    answered = [*asked, message, {"role": "user", "content": [{"toolResult": result}]}]
    assert boto.converse(messages=answered, **settings)["stopReason"] == "end_turn"


def test_a_claude_answers_invoke_model(boto: Any) -> None:
    body = claude_body(order(say="Fine", input_tokens=7, output_tokens=3, cache_read=2))
    answer = boto.invoke_model(modelId=CLAUDE, body=json.dumps(body), serviceTier="priority")
    message = json.loads(answer["body"].read())
    assert message["content"] == [{"type": "text", "text": "Fine"}]
    assert message["id"].startswith("msg_bdrk_01")
    assert message["model"] == "claude-sonnet-4-6"
    assert message["usage"]["input_tokens"] == 7
    assert message["usage"]["cache_read_input_tokens"] == 2
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-bedrock-input-token-count"] == "7"
    assert headers["x-amzn-bedrock-output-token-count"] == "3"
    assert headers["x-amzn-bedrock-cache-read-input-token-count"] == "2"
    assert answer["serviceTier"] == "priority"
    assert headers["x-amzn-requestid"]


def test_a_claude_streams_its_own_events(boto: Any) -> None:
    call = {"name": "look", "input": {"at": "sea"}}
    body = claude_body(
        order(say="I look", tool=call), tools=[{"name": "look", "input_schema": {"type": "object"}}]
    )
    told = chunks(boto, CLAUDE, body)
    assert [event["type"] for event in told] == [
        "message_start",
        "content_block_start",
        *["content_block_delta"] * 2,
        "content_block_stop",
        "content_block_start",
        *["content_block_delta"] * 3,
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]
    pieces = [event["delta"].get("partial_json", "") for event in told if "delta" in event]
    assert json.loads("".join(pieces)) == call["input"]
    metrics = told[-1]["amazon-bedrock-invocationMetrics"]
    assert metrics["outputTokenCount"] == told[-2]["usage"]["output_tokens"] == 4


def test_omitted_thinking_is_told_by_its_signature_only(boto: Any) -> None:
    body = claude_body(
        order(reasoning="secret thoughts", say="Done"), thinking={"type": "adaptive"}
    )
    opus = "us.anthropic.claude-opus-5-5"
    told = chunks(boto, opus, body)
    deltas = [event["delta"]["type"] for event in told if event["type"] == "content_block_delta"]
    assert deltas == ["signature_delta", "text_delta"]
    shown = {**body, "thinking": {"type": "adaptive", "display": "summarized"}}
    assert "secret" in json.dumps(chunks(boto, opus, shown))


TEXT_BODIES: dict[str, dict[str, Any]] = {
    "amazon.titan-text-express-v1": {"inputText": "{}"},
    "meta.llama3-1-8b-instruct-v1:0": {"prompt": "{}"},
    "mistral.mistral-7b-instruct-v0:2": {"prompt": "{}"},
    "cohere.command-r-v1:0": {"message": "{}"},
    "cohere.command-text-v14": {"prompt": "{}"},
    "ai21.j2-mid-v1": {"prompt": "{}"},
    "anthropic.claude-v2": {"prompt": "{}", "max_tokens_to_sample": 50},
    "openai.gpt-oss-20b-1:0": {"messages": [{"role": "user", "content": "{}"}]},
    NOVA: {"messages": user("{}")},
    "arn:aws:sagemaker:us-east-1:767398002385:endpoint/endpoint-quick-start-idr7y": {
        "prompt": "{}"
    },
}


@pytest.mark.parametrize("model", TEXT_BODIES)
def test_every_family_answers_in_its_own_form(boto: Any, model: str) -> None:
    body = json.dumps(TEXT_BODIES[model]).replace('"{}"', json.dumps(order(say="Bonjour à tous")))
    answer = boto.invoke_model(modelId=model, body=body)
    assert "Bonjour à tous" in json.dumps(json.loads(answer["body"].read()), ensure_ascii=False)
    told = chunks(boto, model, json.loads(body))
    text = "".join(_text(chunk) for chunk in told)
    assert text == "Bonjour à tous"
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    metrics = told[-1]["amazon-bedrock-invocationMetrics"]
    assert str(metrics["outputTokenCount"]) == headers["x-amzn-bedrock-output-token-count"] == "3"


def _text(chunk: Any) -> str:
    """The text in a chunk of any family."""
    if isinstance(chunk, dict):
        names = ("text", "outputText", "generation", "completion", "content")
        own = "".join(chunk[name] for name in names if isinstance(chunk.get(name), str))
        return own + "".join(_text(value) for value in chunk.values())
    return "".join(map(_text, chunk)) if isinstance(chunk, list) else ""


def test_a_nova_streams_a_tool_call_and_its_reasoning(boto: Any) -> None:
    prompt = order(
        reasoning="Well", say="So", tool={"name": "get_weather", "input": {"city": "Rome"}}
    )
    nova = "us.amazon.nova-2-lite-v1:0"
    body = {"messages": user(prompt), "toolConfig": TOOLS, "reasoningConfig": {"type": "enabled"}}
    told = chunks(boto, nova, body)
    deltas = [e["contentBlockDelta"]["delta"] for e in told if "contentBlockDelta" in e]
    pieces = [delta["toolUse"]["input"] for delta in deltas if "toolUse" in delta]
    assert json.loads("".join(pieces)) == {"city": "Rome"}
    assert deltas[:2] == [{"reasoningContent": {"reasoningText": {"text": "Well"}}}, {"text": "So"}]
    start = next(e["contentBlockStart"] for e in told if "contentBlockStart" in e)
    answer = boto.invoke_model(modelId=nova, body=json.dumps(body))
    content = json.loads(answer["body"].read())["output"]["message"]["content"]
    assert content[2]["toolUse"]["toolUseId"] == start["start"]["toolUse"]["toolUseId"]
    assert content[2]["toolUse"]["input"] == {"city": "Rome"}
    assert content[0] == {"reasoningContent": {"reasoningText": {"text": "Well"}}}


def test_an_openai_model_streams_chat_completion_chunks(boto: Any) -> None:
    prompt = order(reasoning="Well", say="So", tool={"name": "look", "input": {"at": 1}})
    body = {
        "messages": [{"role": "user", "content": [{"type": "text", "text": prompt}]}],
        "tools": [{"type": "function", "function": {"name": "look"}}],
    }
    told = chunks(boto, "openai.gpt-oss-20b-1:0", body)
    deltas = [chunk["choices"][0]["delta"] for chunk in told]
    text = "".join(delta.get("content", "") for delta in deltas)
    assert text == "<reasoning>Well</reasoning>So"
    calls = [call for delta in deltas for call in delta.get("tool_calls", ())]
    assert calls[0]["function"]["name"] == "look"
    assert json.loads("".join(call["function"]["arguments"] for call in calls)) == {"at": 1}
    assert told[-1]["choices"][0]["finish_reason"] == "tool_calls"
    assert told[-1]["usage"]["completion_tokens"] == 4


def test_the_end_of_a_stream_tells_of_the_cache(boto: Any) -> None:
    told = chunks(boto, CLAUDE, claude_body(order(cache_read=5, cache_write=7)))
    metrics = told[-1]["amazon-bedrock-invocationMetrics"]
    assert metrics["cacheReadInputTokenCount"] == 5
    assert metrics["cacheWriteInputTokenCount"] == 7


def test_a_stream_gives_a_field_of_the_models_answer(boto: Any) -> None:
    answer = boto.converse_stream(
        modelId=CLAUDE,
        messages=user(order(say="a b c")),
        inferenceConfig={"stopSequences": ["b"]},
        additionalModelResponseFieldPaths=["/delta/stop_sequence"],
    )
    stop = dict(events(answer["stream"]))["messageStop"]
    assert stop == {
        "stopReason": "stop_sequence",
        "additionalModelResponseFields": {"delta": {"stop_sequence": "b"}},
    }


EMBEDDINGS: dict[str, tuple[dict[str, Any], int]] = {
    "amazon.titan-embed-text-v1": ({"inputText": "a"}, 1536),
    "amazon.titan-embed-text-v2:0": ({"inputText": "a", "dimensions": 256}, 256),
    "cohere.embed-english-v3": ({"texts": ["a"], "input_type": "search_query"}, 1024),
    "cohere.embed-v4:0": ({"texts": ["a"], "input_type": "search_query"}, 1536),
    "amazon.nova-2-multimodal-embeddings-v1:0": (
        {
            "taskType": "SINGLE_EMBEDDING",
            "singleEmbeddingParams": {
                "embeddingPurpose": "GENERIC_INDEX",
                "text": {"truncationMode": "END", "value": "a"},
            },
        },
        3072,
    ),
}


@pytest.mark.parametrize("model", EMBEDDINGS)
def test_embeddings_are_unit_vectors_of_the_models_size(boto: Any, model: str) -> None:
    body, size = EMBEDDINGS[model]
    answers = [boto.invoke_model(modelId=model, body=json.dumps(body)) for _ in range(2)]
    first, second = (json.loads(answer["body"].read()) for answer in answers)
    assert first == second
    vector = first.get("embedding") or first["embeddings"][0]
    vector = vector["embedding"] if isinstance(vector, dict) else vector
    assert len(vector) == size
    assert sum(value * value for value in vector) == pytest.approx(1, abs=1e-4)
    headers = answers[0]["ResponseMetadata"]["HTTPHeaders"]
    assert headers["x-amzn-bedrock-input-token-count"] == "1"


def test_cohere_gives_embeddings_by_type(boto: Any) -> None:
    types = ["float", "int8", "uint8", "binary", "ubinary"]
    body = {"texts": ["a", "b"], "input_type": "search_query", "embedding_types": types,
            "output_dimension": 256}  # fmt: skip
    answer = boto.invoke_model(modelId="cohere.embed-v4:0", body=json.dumps(body))
    embeddings = json.loads(answer["body"].read())["embeddings"]
    assert {kind: len(vectors[1]) for kind, vectors in embeddings.items()} == {
        "float": 256, "int8": 256, "uint8": 256, "binary": 32, "ubinary": 32,
    }  # fmt: skip
    assert all(-128 <= value <= 127 for value in embeddings["int8"][0] + embeddings["binary"][0])
    assert all(0 <= value <= 255 for value in embeddings["uint8"][0] + embeddings["ubinary"][0])
    assert embeddings["float"][0] != embeddings["float"][1]


def test_count_tokens_of_both_forms(boto: Any) -> None:
    model = "anthropic.claude-sonnet-4-6"
    said = boto.converse(modelId=CLAUDE, messages=user("Hello there"))["usage"]["inputTokens"]
    counted = boto.count_tokens(
        modelId=model, input={"converse": {"messages": user("Hello there")}}
    )
    assert counted["inputTokens"] == said
    body = json.dumps(claude_body("Hello there")).encode()
    native = boto.count_tokens(modelId=model, input={"invokeModel": {"body": body}})
    told = boto.invoke_model(modelId=CLAUDE, body=body)["ResponseMetadata"]["HTTPHeaders"]
    assert str(native["inputTokens"]) == told["x-amzn-bedrock-input-token-count"]


@pytest.mark.parametrize(
    ("status", "exception"),
    [
        (400, "ValidationException"),
        (403, "AccessDeniedException"),
        (404, "ResourceNotFoundException"),
        (408, "ModelTimeoutException"),
        (424, "ModelErrorException"),
        (429, "ThrottlingException"),
        (500, "InternalServerException"),
        (503, "ServiceUnavailableException"),
    ],
)
def test_an_error_is_raised_as_the_models_own_exception(
    boto: Any, status: int, exception: str
) -> None:
    with pytest.raises(getattr(boto.exceptions, exception)) as caught:
        boto.converse(modelId=NOVA, messages=user(order(status=status)))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    "name",
    [
        "internalServerException",
        "modelStreamErrorException",
        "validationException",
        "throttlingException",
        "serviceUnavailableException",
    ],
)
def test_an_exception_in_a_stream_is_raised_where_it_comes(boto: Any, name: str) -> None:
    messages = user(order(exception=name, after=2, words=5))
    told, error = read_stream(boto.converse_stream(modelId=NOVA, messages=messages)["stream"])
    assert isinstance(error, EventStreamError)
    assert error.response["Error"]["Code"] == name
    assert [event["delta"]["text"] for _, event in told[1:]] == ["word1", " word2"]


def test_a_stream_of_invoke_model_can_time_out_and_one_of_converse_cannot(boto: Any) -> None:
    prompt = order(exception="modelTimeoutException", after=1, words=5)
    body = json.dumps(claude_body(prompt))
    stream = boto.invoke_model_with_response_stream(modelId=CLAUDE, body=body)["body"]
    _, error = read_stream(stream)
    assert isinstance(error, EventStreamError)
    assert error.response["Error"]["Code"] == "modelTimeoutException"
    with pytest.raises(boto.exceptions.ValidationException, match="never sends"):
        boto.converse_stream(modelId=CLAUDE, messages=user(prompt))


def test_an_exception_of_a_stream_is_an_error_without_one(boto: Any) -> None:
    with pytest.raises(boto.exceptions.ThrottlingException):
        boto.converse(modelId=NOVA, messages=user(order(exception="throttlingException", words=5)))


def test_a_damaged_frame_fails_its_checksum(boto: Any) -> None:
    messages = user(order(corrupt_after=1, words=5))
    told, error = read_stream(boto.converse_stream(modelId=NOVA, messages=messages)["stream"])
    assert isinstance(error, ChecksumMismatch)
    assert len(told) == 2


def test_a_throttled_call_succeeds_when_tried_again(boto: Any) -> None:
    messages = user(order(throttle=2, id="once", say="At last"))
    for _ in range(2):
        with pytest.raises(boto.exceptions.ThrottlingException):
            boto.converse(modelId=NOVA, messages=messages)
    answer = boto.converse(modelId=NOVA, messages=messages)
    assert answer["output"]["message"]["content"] == [{"text": "At last"}]
    other = boto.converse(modelId=NOVA, messages=user(order(throttle=0, id="other")))
    assert other["stopReason"] == "end_turn"


def test_the_control_plane_lists_profiles_and_models(url: str) -> None:
    with boto_client(url, "bedrock") as bedrock:
        _check_listings(bedrock)


def _check_listings(bedrock: Any) -> None:
    profiles = bedrock.list_inference_profiles(typeEquals="SYSTEM_DEFINED")
    summary = next(
        p for p in profiles["inferenceProfileSummaries"] if p["inferenceProfileId"] == CLAUDE
    )
    assert summary["type"] == "SYSTEM_DEFINED"
    assert summary["models"][0]["modelArn"].endswith(
        "::foundation-model/anthropic.claude-sonnet-4-6"
    )
    pages = bedrock.get_paginator("list_inference_profiles").paginate(
        PaginationConfig={"PageSize": 20}
    )
    listed = [p["inferenceProfileId"] for page in pages for p in page["inferenceProfileSummaries"]]
    assert len(listed) == len(set(listed)) > 40
    models = bedrock.list_foundation_models(byOutputModality="EMBEDDING")["modelSummaries"]
    assert {m["outputModalities"][0] for m in models} == {"EMBEDDING"}
    with pytest.raises(bedrock.exceptions.ValidationException):
        bedrock.list_inference_profiles(typeEquals="OTHER")
