"""What a call used, read from Bedrock's answer; each reader gives None where there is nothing to read.

Converse reports `usage` in its body or its last event. InvokeModel reports tokens in response headers
whatever the model family, and in `amazon-bedrock-invocationMetrics` of a stream's last chunk. In all
of them the input count excludes cache reads and writes. Counts may come as JSON doubles.
"""

import binascii
import json
from collections.abc import Iterable, Mapping
from typing import Any

from catalog.pricing import Usage

from router.eventstream import Frame

OPTIMIZED = "optimized"
"""The latency that has prices of its own. No table has them, so it counts as a tier that the catalog
does not know."""

TIER_HEADER = "x-amzn-bedrock-service-tier"
LATENCY_HEADER = "x-amzn-bedrock-performanceconfig-latency"
"""InvokeModel's headers, by which a request asks for a tier or a latency and an answer names what served it.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
"""

METRICS_KEY = "amazon-bedrock-invocationMetrics"


def from_converse(usage: object) -> Usage | None:
    """The `usage` of a Converse answer or of a stream's `metadata` event."""
    if not isinstance(usage, dict) or "inputTokens" not in usage:
        return None
    written = _count(usage, "cacheWriteInputTokens") or _count(usage, "cacheWriteInputTokenCount")
    hour = sum(
        _count(detail, "inputTokens")
        for detail in usage.get("cacheDetails") or ()
        if detail.get("ttl") == "1h"
    )
    return _usage(
        input=_count(usage, "inputTokens"),
        output=_count(usage, "outputTokens"),
        cache_read=_count(usage, "cacheReadInputTokens")
        or _count(usage, "cacheReadInputTokenCount"),
        cache_write=written,
        hour=hour,
    )


def from_converse_body(body: bytes) -> tuple[Usage | None, str | None]:
    """Usage and service tier of a whole Converse answer."""
    answer = loads(body)
    return from_converse(answer.get("usage")), _tier(answer)


def from_invoke(headers: Iterable[tuple[str, str]], body: bytes) -> Usage | None:
    """The token counts in InvokeModel's response headers; the body only tells what Anthropic's API has
    beyond them: 1-hour cache writes and compactions."""
    prefix = "x-amzn-bedrock-"
    counts = {
        name.removeprefix(prefix).removesuffix("-token-count"): int(value)
        for name, value in headers
        if name.startswith(prefix) and name.endswith("-token-count") and value.isdigit()
    }
    if "input" not in counts:
        return None
    told = loads(body).get("usage") if any(word in body for word in _BEYOND_COUNTS) else None
    return _counted(
        told if isinstance(told, dict) else {},
        input=counts["input"],
        output=counts.get("output", 0),
        cache_read=counts.get("cache-read-input", 0),
        cache_write=counts.get("cache-write-input", 0),
    )


def from_openai_body(body: bytes) -> tuple[Usage | None, str | None]:
    """Usage and service tier of a whole answer of bedrock-runtime's own OpenAI API."""
    return from_openai(loads(body))


def from_openai(content: object) -> tuple[Usage | None, str | None]:
    """Usage and service tier of an OpenAI answer, chunk or event.

    OpenAI's count of prompt tokens includes those read from and written to a cache. Chat Completions
    and Responses differ in the names (https://platform.openai.com/docs/api-reference/responses).
    """
    if not isinstance(content, dict):
        return None, None
    answer = content.get("response")
    if isinstance(answer, dict):
        content = answer
    tier = content.get("service_tier")
    told = content.get("usage")
    if not isinstance(told, dict) or not told.keys() & {"prompt_tokens", "input_tokens"}:
        return None, None
    prompt = _count(told, "prompt_tokens") or _count(told, "input_tokens")
    details = told.get("prompt_tokens_details") or told.get("input_tokens_details")
    details = details if isinstance(details, dict) else {}
    read, written = _count(details, "cached_tokens"), _count(details, "cache_write_tokens")
    used = Usage(
        input=max(0, prompt - read - written),
        output=_count(told, "completion_tokens") or _count(told, "output_tokens"),
        cache_read=read,
        cache_write_5m=written,
    )
    # ``auto`` repeats the request and names none.
    return used, tier if isinstance(tier, str) and tier != "auto" else None


def from_anthropic(told: Mapping[str, Any]) -> Usage:
    """Anthropic's `usage`, of which the members that are missing are 0.

    Its own counts leave out what the compaction of a conversation took, which is told and billed beside
    them (`BetaUsage.iterations` of anthropic 2.12.0).
    """
    return Usage(
        *map(sum, zip(_counts_of(told), *map(_counts_of, _compactions(told)), strict=True))
    )


def _counts_of(told: Mapping[str, Any]) -> Usage:
    return _usage(
        input=_count(told, "input_tokens"),
        output=_count(told, "output_tokens"),
        cache_read=_count(told, "cache_read_input_tokens"),
        cache_write=_count(told, "cache_creation_input_tokens"),
        hour=_hour_writes(told),
    )


def _compactions(told: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    steps = told.get("iterations")
    return [
        step
        for step in (steps if isinstance(steps, list) else ())
        if isinstance(step, dict) and step.get("type") == "compaction"
    ]


def _counted(
    told: Mapping[str, Any],
    *,
    input: int,  # noqa: A002 (Usage calls it so)
    output: int,
    cache_read: int,
    cache_write: int,
) -> Usage:
    """What Bedrock has counted, and what Anthropic's `usage` tells beyond that.

    Whether Bedrock counts compactions is not known, so the larger count holds.
    """
    own = from_anthropic(told)
    counted = _usage(
        input=input,
        output=output,
        cache_read=cache_read,
        cache_write=cache_write,
        hour=own.cache_write_1h,
    )
    return Usage(*map(max, counted, own)) if _compactions(told) else counted


_BEYOND_COUNTS = (b"ephemeral_1h_input_tokens", b"compaction")
"""The words in an answer of Anthropic's API that tell of more than Bedrock's own counts do."""

_CHUNK = b'{"bytes":"'


def chunk_bytes(payload: bytes) -> bytes:
    """What a ``chunk`` event of InvokeModel's stream holds; empty where it cannot be read.

    Its payload is ``{"bytes": "<base64>", "p": "<padding>"}``.
    """
    try:
        if payload.startswith(_CHUNK):
            # Base64 has neither quotes nor escapes, so that it is found without reading the JSON.
            return binascii.a2b_base64(payload[len(_CHUNK) : payload.index(b'"', len(_CHUNK))])
        return binascii.a2b_base64(loads(payload).get("bytes", ""))
    except (TypeError, ValueError):
        return b""


class StreamUsage:
    """Reads a copy of the frames of a stream and keeps what they say of usage.

    `streamed` counts the bytes of content that came, which bounds the tokens produced where a stream
    breaks off before it reports them.
    """

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.service_tier: str | None = None
        self.streamed = 0
        self._told: dict[str, Any] = {}
        """Anthropic's own running `usage`."""

    def read(self, frame: Frame) -> None:
        """Takes in one frame."""
        event = frame.headers.get(":event-type")
        if event == "metadata":
            payload = loads(frame.payload)
            self.usage = from_converse(payload.get("usage"))
            self.service_tier = _tier(payload)
        elif event == "chunk":
            self._read_chunk(frame.payload)
        else:
            self.streamed += len(frame.payload)

    def _read_chunk(self, payload: bytes) -> None:
        inner = chunk_bytes(payload)
        self.streamed += len(inner)
        if b"output_tokens" in inner:
            self._read_own(loads(inner))
        if METRICS_KEY.encode() in inner:
            metrics = loads(inner).get(METRICS_KEY)
            if isinstance(metrics, dict) and "inputTokenCount" in metrics:
                self.usage = _counted(
                    self._told,
                    input=_count(metrics, "inputTokenCount"),
                    # The metrics leave out all but the first of several tool calls made at once
                    # (recorded: 97 for 133 tokens), which the same call unstreamed counts.
                    output=max(
                        _count(self._told, "output_tokens"), _count(metrics, "outputTokenCount")
                    ),
                    cache_read=_count(metrics, "cacheReadInputTokenCount"),
                    cache_write=_count(metrics, "cacheWriteInputTokenCount"),
                )

    def _read_own(self, event: dict[str, Any]) -> None:
        """Takes in what ``message_start`` and ``message_delta`` tell; the model may use the words too."""
        message = event.get("message")
        told = message.get("usage") if isinstance(message, dict) else event.get("usage")
        if isinstance(told, dict):
            self._told.update(told)


def _usage(*, input: int, output: int, cache_read: int, cache_write: int, hour: int) -> Usage:  # noqa: A002 (Usage calls it so)
    """`cache_write` counts writes of all ages, `hour` those kept for an hour."""
    return Usage(input, output, cache_read, max(0, cache_write - hour), hour)


def _tier(answer: Mapping[str, Any]) -> str | None:
    """The service tier that served a Converse answer: ``serviceTier.type``."""
    tier, config = answer.get("serviceTier"), answer.get("performanceConfig")
    latency = config.get("latency") if isinstance(config, dict) else None
    return tier_at(latency, tier.get("type") if isinstance(tier, dict) else None)


def tier_at(latency: object, tier: str | None) -> str | None:
    """The tier whose price is charged at a latency that an answer names; None where it names neither.

    Bedrock serves a call at ``standard`` latency, and prices, where it has no faster one left:
    https://docs.aws.amazon.com/bedrock/latest/userguide/latency-optimized-inference.html.
    """
    if latency == OPTIMIZED:
        return OPTIMIZED
    return tier if latency is None else tier or "default"


def _hour_writes(usage: object) -> int:
    """1-hour cache writes in an Anthropic `usage`: `cache_creation.ephemeral_1h_input_tokens`."""
    creation = usage.get("cache_creation") if isinstance(usage, dict) else None
    return _count(creation, "ephemeral_1h_input_tokens") if isinstance(creation, dict) else 0


def _count(counts: Mapping[str, Any], name: str) -> int:
    value = counts.get(name)
    return int(value) if isinstance(value, int | float) else 0


def loads(text: bytes) -> dict[str, Any]:
    """A JSON object; empty for whatever is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
