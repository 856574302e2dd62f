"""What a recorded answer itself says was used, read without the code under test.

Read are the counts that each vendor's model puts into its answer. The router reads other places where
it can: the headers and the metrics that Bedrock adds to every model's answer.
"""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Counts = dict[str, int]
"""Of `input`, `output`, `cache_read` and `cache_write`, those that the answer tells."""

UNLIKE_WHAT_WAS_SENT = {
    "openllmetry/test_bedrock_prompt_caching_metrics_test_prompt_cache.1": "the prompt is cut",
    "openllmetry/test_bedrock_prompt_caching_metrics_test_prompt_cache.2": "the prompt is cut",
    "openllmetry/test_anthropic_test_prompt_cache.1": "the prompt is cut",
    "openllmetry/test_anthropic_test_prompt_cache.2": "the prompt is cut",
    "openllmetry/test_prompt_caching_test_invoke_model_cache_tokens.1": "the prompt is cut",
    "openllmetry/test_prompt_caching_test_invoke_model_cache_tokens.2": "the prompt is cut",
    "openllmetry/test_nova_test_nova_completion.1": "30 tokens for other prompts as well",
    "openllmetry/test_nova_test_nova_invoke_stream.1": "30 tokens for other prompts as well",
    "openllmetry/test_nova_test_nova_converse.1": "54 tokens for other prompts as well",
    "openllmetry/test_nova_test_nova_converse_stream.1": "54 tokens for other prompts as well",
}
"""Recordings whose request was edited afterwards, as their counts give away."""

_NAMES = {
    # Converse and Nova
    "inputTokens": "input",
    "outputTokens": "output",
    "cacheReadInputTokens": "cache_read",
    "cacheReadInputTokenCount": "cache_read",
    "cacheWriteInputTokens": "cache_write",
    "cacheWriteInputTokenCount": "cache_write",
    # Anthropic
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_input_tokens": "cache_read",
    "cache_creation_input_tokens": "cache_write",
    # models with OpenAI's answers
    "prompt_tokens": "input",
    "completion_tokens": "output",
}

_AT_TOP = {
    # Llama
    "prompt_token_count": "input",
    "generation_token_count": "output",
    # Titan
    "inputTextTokenCount": "input",
    "totalOutputTextTokenCount": "output",
}


def counts(recording: Mapping[str, Any]) -> Counts:
    """The counts in a recorded answer; none where its model gives none."""
    found: Counts = {}
    for part in _parts(recording):
        for read in _READERS:
            # A stream counts on: what is said last holds.
            found |= read(part)
    return found


def _parts(recording: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The answer's JSON, or that of each event of a stream."""
    response = recording["response"]
    if "events" not in response:
        yield response["json"]
        return
    for event in response["events"]:
        payload = event["payload"]
        yield json.loads(base64.b64decode(payload["bytes"])) if "bytes" in payload else payload


def _usage(part: dict[str, Any]) -> Counts:
    holders = (part, part.get("message"), part.get("metadata"))
    found: Counts = {}
    for holder in holders:
        usage = holder.get("usage") if isinstance(holder, dict) else None
        if isinstance(usage, dict):
            found |= {_NAMES[name]: int(n) for name, n in usage.items() if name in _NAMES}
    return found


def _top(part: dict[str, Any]) -> Counts:
    return {_AT_TOP[name]: int(n) for name, n in part.items() if name in _AT_TOP and n is not None}


def _titan_results(part: dict[str, Any]) -> Counts:
    results = part.get("results") or ()
    produced = [int(result["tokenCount"]) for result in results if "tokenCount" in result]
    return {"output": sum(produced)} if produced else {}


def _ai21(part: dict[str, Any]) -> Counts:
    prompt, completions = part.get("prompt"), part.get("completions")
    if not isinstance(prompt, dict) or not completions:
        return {}
    return {
        "input": len(prompt["tokens"]),
        "output": sum(len(each["data"]["tokens"]) for each in completions),
    }


_READERS: tuple[Callable[[dict[str, Any]], Counts], ...] = (_usage, _top, _titan_results, _ai21)
