"""What an answer is made of, and which blocks the prompt and its directive make it have."""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from local.bedrock import tokens
from local.bedrock.directives import Directive
from local.bedrock.prompts import Prompt, Tool
from local.bedrock.samples import sample
from local.bedrock.seals import redact, seal

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
    redacted: bool = False
    """Reasoning of which only `data` is told."""
    bound: bytes = b""
    """Of reasoning: the digest of the conversation it is bound to."""
    citations: tuple[Mapping[str, Any], ...] = ()
    """Of a text: what it rests on."""

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
        return seal(self.text, self.bound)

    @property
    def data(self) -> str:
        """Redacted reasoning."""
        return redact(self.text, self.bound)


def said(text: str) -> Block:
    """A block of text."""
    return Block("text", tuple(tokens.split(text)))


def partial(directive: Directive) -> list[Block]:
    """What a model says before it refuses."""
    return [said(directive.say)] if directive.say else []


def planned(prompt: Prompt, directive: Directive) -> list[Block]:
    """The blocks of an answer: reasoning, text and calls, in this order."""
    calls = _tool_calls(prompt, directive)
    told = directive.say is not None or directive.words is not None
    if prompt.cited and not (told or calls or prompt.schema):
        cited = (said(c["cited_text"])._replace(citations=(c,)) for c in prompt.cited)
        texts = [said("The sources say: "), *cited]
    else:
        texts = [said(_text(prompt, directive))] if told or not calls else []
    return [*_reasoning(prompt, directive), *texts, *calls]


def _reasoning(prompt: Prompt, directive: Directive) -> list[Block]:
    """What the model thinks first: what it shows, and what nobody is to read."""
    if prompt.reasoning == "never":
        return []
    reasoning, redacted = directive.reasoning, directive.redacted
    if reasoning is None and redacted is None and prompt.reasoning == "asked":
        reasoning = f"The user wrote {sum(map(len, prompt.texts))} characters."
        if prompt.redacts:
            reasoning, redacted = None, reasoning
    blocks = []
    if reasoning:
        blocks.append(
            Block("reasoning", tuple(tokens.split(reasoning)), shown=prompt.shows_reasoning)
        )
    if redacted:
        blocks.append(Block("reasoning", tuple(tokens.split(redacted)), shown=False, redacted=True))
    return blocks


def _text(prompt: Prompt, directive: Directive) -> str:
    if directive.say is not None:
        return directive.say
    if directive.words is not None:
        return " ".join(f"word{n}" for n in range(1, directive.words + 1))
    if prompt.schema is not None:
        return json.dumps(sample(prompt.schema))
    if prompt.results:
        return f"The tool answered: {' '.join(prompt.results)[:_QUOTED]}"
    last = prompt.texts[-1].strip()[:_QUOTED] if prompt.texts else ""
    return f"You said: {last}" if last else "Hello."


def _tool_calls(prompt: Prompt, directive: Directive) -> list[Block]:
    offered = {tool.name: tool for tool in prompt.tools}
    if directive.tool is not None:
        wanted = directive.tool if isinstance(directive.tool, list) else [directive.tool]
        # A model calls only what it is offered, so a side request without tools gets text.
        return [
            _call(offered[order["name"]], order.get("input", {}))
            for order in wanted
            if order["name"] in offered
        ]
    if prompt.forced:
        tool = (
            next(iter(prompt.tools), None) if prompt.forced == "*" else offered.get(prompt.forced)
        )
        return [_filled_call(tool)] if tool else []
    if directive.say is not None or directive.words is not None or prompt.results:
        return []
    # Agents put instructions that name tools before what their user says, which comes last.
    last = prompt.texts[-1] if prompt.texts else ""
    calls = [_filled_call(tool) for tool in prompt.tools if _asks_for(last, tool.name)]
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
