"""What the simulated model answers: decided by the prompt and its directive, the same every time."""

import hashlib
import json
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from local.bedrock import tokens
from local.bedrock.caching import CacheUse
from local.bedrock.directives import Directive
from local.bedrock.guardrails import Guard, trace
from local.bedrock.prompts import Prompt, Tool
from local.bedrock.samples import sample
from local.bedrock.seals import seal

_QUOTED = 200
"""Characters of the prompt that an answer repeats."""


class Block(NamedTuple):
    """One block of an answer: ``text``, ``reasoning`` or ``tool``."""

    kind: str
    tokens: tuple[str, ...]
    """The block's text; for a tool call its input as JSON."""
    shown: bool = True
    """False for reasoning that is kept to the model: only its signature is told."""
    tool: str = ""
    input: Mapping[str, Any] = MappingProxyType({})
    custom: bool = False
    """It calls a tool that takes a text: that is `text`."""
    namespace: str = ""
    """The one that the called tool is in."""

    @property
    def text(self) -> str:
        """The text as a whole."""
        return "".join(self.tokens)

    @property
    def shown_text(self) -> str:
        """What of the text is told."""
        return self.text if self.shown else ""

    @property
    def signature(self) -> str:
        """The signature of a reasoning block."""
        return seal(self.text)


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
    """``end_turn``, ``tool_use``, ``max_tokens``, ``stop_sequence`` or ``guardrail_intervened``."""
    stop_sequence: str | None
    usage: Usage
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
        message = _message(prompt.guard.guardrail.for_input)
        return _guarded(
            Answer(answer_id, (message,), "guardrail_intervened", None, Usage(0, 0), "input"),
            prompt.guard,
            "",
        )
    blocks, stop_sequence = _stop_at(_blocks(prompt, directive), prompt.stops)
    blocks, cut = _cut(blocks, prompt.max_tokens, cuts_calls=prompt.cuts_calls)
    if cut:
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
    )
    return answer if prompt.guard is None else _screened(answer, prompt.guard)


def _screened(answer: Answer, guard: Guard) -> Answer:
    """An answer as its guardrail lets it pass."""
    text = answer.text
    kept = guard.kept(text)
    if kept is not None:
        answer = answer._replace(
            blocks=(_message(kept),),
            stop_reason="guardrail_intervened",
            stop_sequence=None,
            blocked="output",
        )
    return _guarded(answer, guard, text)


def _guarded(answer: Answer, guard: Guard, text: str) -> Answer:
    return answer._replace(trace=trace(guard, answer.blocked, text) if guard.traced else None)


def _message(text: str) -> Block:
    return Block("text", tuple(tokens.split(text)))


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


def _blocks(prompt: Prompt, directive: Directive) -> list[Block]:
    blocks: list[Block] = []
    reasoning = directive.reasoning
    if reasoning is None and prompt.reasoning == "asked":
        reasoning = f"The user wrote {sum(map(len, prompt.texts))} characters."
    if reasoning and prompt.reasoning != "never":
        pieces = tuple(tokens.split(reasoning))
        blocks.append(Block("reasoning", pieces, shown=prompt.shows_reasoning))
    calls = _tool_calls(prompt, directive)
    if directive.say is not None or directive.words is not None or not calls:
        blocks.append(Block("text", tuple(tokens.split(_text(prompt, directive)))))
    return [*blocks, *calls]


def _text(prompt: Prompt, directive: Directive) -> str:
    if directive.say is not None:
        return directive.say
    if directive.words is not None:
        return " ".join(f"word{n}" for n in range(1, directive.words + 1))
    if prompt.schema is not None:
        return json.dumps(sample(prompt.schema))
    if prompt.results:
        return f"The tool answered: {' '.join(prompt.results)[:_QUOTED]}"
    said = prompt.texts[-1].strip()[:_QUOTED] if prompt.texts else ""
    return f"You said: {said}" if said else "Hello."


def _tool_calls(prompt: Prompt, directive: Directive) -> list[Block]:
    offered = {tool.name: tool for tool in prompt.tools}
    if directive.tool is not None:
        name = directive.tool["name"]
        # A model calls only what it is offered, so a side request without tools gets text.
        called = offered.get(name)
        return [_call(called, directive.tool.get("input", {}))] if called else []
    if prompt.forced:
        tool = (
            next(iter(prompt.tools), None) if prompt.forced == "*" else offered.get(prompt.forced)
        )
        return [_filled_call(tool)] if tool else []
    if directive.say is not None or directive.words is not None or prompt.results:
        return []
    # Agents put instructions that name tools before what their user says, which comes last.
    said = prompt.texts[-1] if prompt.texts else ""
    calls = [_filled_call(tool) for tool in prompt.tools if _asks_for(said, tool.name)]
    return calls[:1] if prompt.one_call else calls


def _asks_for(text: str, name: str) -> bool:
    """Whether a text asks for a tool by name: "use the get_weather tool", "call `get_weather`"."""
    if name not in text:
        return False
    asking = r"(?i:\b(?:use|using|call|run|invoke)\s+(?:the\s+)?(?:tool\s+)?)[`\"']?"
    return re.search(rf"{asking}{re.escape(name)}(?![\w-])", text) is not None


def _filled_call(tool: Tool) -> Block:
    if tool.custom:
        return _call(tool, {"input": "input"})
    filled = sample(tool.schema)
    return _call(tool, filled if isinstance(filled, dict) else {})


def _call(tool: Tool, arguments: dict[str, Any]) -> Block:
    """A call; a tool that takes a text gets what `arguments` have for ``input``."""
    text = str(arguments.get("input", "")) if tool.custom else json.dumps(arguments)
    return Block(
        "tool",
        tuple(tokens.split(text)),
        tool=tool.name,
        input=arguments,
        custom=tool.custom,
        namespace=tool.namespace,
    )


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
