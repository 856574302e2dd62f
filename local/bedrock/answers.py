"""What the simulated model answers: decided by the prompt and its directive, the same every time."""

import hashlib
from base64 import urlsafe_b64encode
from typing import Any, NamedTuple

from local.bedrock import tokens
from local.bedrock.blocks import Block, partial, planned, said
from local.bedrock.caching import CacheUse
from local.bedrock.directives import Directive
from local.bedrock.guardrails import Guard, trace
from local.bedrock.prompts import Prompt


class Usage(NamedTuple):
    """Tokens, each counted in exactly one part."""

    input: int
    output: int
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def cache_write(self) -> int:
        """Tokens written to the cache, for however long."""
        return self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        """All tokens."""
        return sum(self)


class Answer(NamedTuple):
    """A model's whole answer."""

    id: str
    """A digest, mostly of the request: every id in the answer is made from it."""
    blocks: tuple[Block, ...]
    stop_reason: str
    """``end_turn``, ``tool_use``, ``max_tokens``, ``stop_sequence``, ``refusal``,
    ``guardrail_intervened`` or whatever a directive says."""
    stop_sequence: str | None
    usage: Usage
    refusal: str = ""
    """The category of what it refuses."""
    blocked: str = ""
    """What a guardrail blocked: ``input`` or ``output``; "" for nothing."""
    trace: dict[str, Any] | None = None
    """What it tells of its guardrail."""

    @property
    def text(self) -> str:
        """The text of the text blocks."""
        return "".join(block.text for block in self.blocks if block.kind == "text")

    @property
    def reasoning_tokens(self) -> int:
        """How many of the tokens were spent on reasoning."""
        spent = sum(len(block.tokens) for block in self.blocks if block.kind == "reasoning")
        return min(spent, self.usage.output)

    @property
    def latency_ms(self) -> int:
        """How long it says it took."""
        return 100 + 10 * self.usage.output

    def made_id(self, index: int, length: int = 22) -> str:
        """An id for the part with this index, of URL-safe characters."""
        digest = hashlib.sha512(f"{self.id}:{index}".encode()).digest()
        return urlsafe_b64encode(digest).decode().replace("-", "A").replace("_", "B")[:length]


def plan(seed: bytes, prompt: Prompt, directive: Directive, cache: CacheUse) -> Answer:
    """The answer to a prompt; `prompt.texts` no longer hold the directive."""
    answer_id = hashlib.sha256(seed).hexdigest()
    if prompt.guard is not None and prompt.guard.blocks_input:
        message = said(prompt.guard.guardrail.for_input)
        return _guarded(
            Answer(
                answer_id, (message,), "guardrail_intervened", None, Usage(0, 0), blocked="input"
            ),
            prompt.guard,
            "",
        )
    refuses = directive.refusal is not None or prompt.refused
    blocks = partial(directive) if refuses else planned(prompt, directive)
    blocks, stop_sequence = _stop_at(blocks, prompt.stops)
    blocks, cut = _cut(blocks, prompt.max_tokens, cuts_calls=prompt.cuts_calls)
    if directive.stop_reason is not None or refuses:
        stop_reason = directive.stop_reason or "refusal"
    elif cut:
        stop_reason = "max_tokens"
    elif stop_sequence is not None:
        stop_reason = "stop_sequence"
    else:
        stop_reason = "tool_use" if any(block.kind == "tool" for block in blocks) else "end_turn"
    answer = Answer(
        id=answer_id,
        blocks=tuple(blocks),
        stop_reason=stop_reason,
        stop_sequence=stop_sequence if stop_reason == "stop_sequence" else None,
        usage=_usage(prompt, directive, cache, sum(len(block.tokens) for block in blocks)),
        refusal=directive.refusal or "",
    )
    return answer if prompt.guard is None else _screened(answer, prompt.guard)


def _screened(answer: Answer, guard: Guard) -> Answer:
    """An answer as its guardrail lets it pass."""
    text = answer.text
    kept = guard.kept(text)
    if kept is not None:
        answer = answer._replace(
            blocks=(said(kept),),
            stop_reason="guardrail_intervened",
            stop_sequence=None,
            blocked="output",
        )
    return _guarded(answer, guard, text)


def _guarded(answer: Answer, guard: Guard, text: str) -> Answer:
    return answer._replace(trace=trace(guard, answer.blocked, text) if guard.traced else None)


def _usage(prompt: Prompt, directive: Directive, cache: CacheUse, output: int) -> Usage:
    cached = cache.read + cache.write_5m + cache.write_1h
    counted = Usage(prompt.input_tokens - cached, output, *cache)
    stated = {
        "input": directive.input_tokens,
        "output": directive.output_tokens,
        "cache_read": directive.cache_read,
        "cache_write_5m": directive.cache_write,
        "cache_write_1h": directive.cache_write_1h,
    }
    return counted._replace(**{part: n for part, n in stated.items() if n is not None})


def _stop_at(blocks: list[Block], stops: tuple[str, ...]) -> tuple[list[Block], str | None]:
    """The blocks up to the first stop sequence in a text, and that sequence."""
    for index, block in enumerate(blocks):
        if block.kind != "text":
            continue
        found = [(block.text.find(stop), stop) for stop in stops if stop and stop in block.text]
        if found:
            at, stop = min(found)
            kept = block._replace(tokens=tuple(tokens.split(block.text[:at])))
            return [*blocks[:index], kept], stop
    return blocks, None


def _cut(blocks: list[Block], most: int, *, cuts_calls: bool) -> tuple[list[Block], bool]:
    """The blocks within `most` tokens, and whether anything was lost.

    An empty block is left out and a tool call is cut in two only when `cuts_calls`.
    """
    kept: list[Block] = []
    left = most
    for block in blocks:
        if len(block.tokens) <= left:
            if block.tokens or block.custom:
                kept.append(block)
            left -= len(block.tokens)
            continue
        if left and (block.kind != "tool" or cuts_calls):
            kept.append(block._replace(tokens=block.tokens[:left]))
        return kept, True
    return kept, False
