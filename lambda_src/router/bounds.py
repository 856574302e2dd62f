"""The most tokens a request can use, from its body alone: what its reservation is made of.

A token of text covers at least one byte, so the body's size bounds a text prompt. Media do not keep
to that: an image costs thousands of tokens however well it is compressed, and a document, a
video or anything fetched by Bedrock can fill the model's whole context window.
"""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from catalog.names import LONG_WINDOW_BETA

SYSTEM_TOKENS = 1_000
"""What a service puts before the prompt by itself, such as Claude's tool use instructions
(https://docs.claude.com/en/docs/agents-and-tools/tool-use/overview, "Pricing")."""

DEFINED_TOOL_TOKENS = 1_000
"""What a tool is described in that a request only names, such as Anthropic's: 735 for its ``computer``
(https://platform.claude.com/docs/en/agents-and-tools/tool-use/computer-use-tool)."""

_SPELT_OUT = (None, "custom", "function")
"""The types of the tools that a request itself describes."""

LONG_WINDOW = 1_000_000
"""Tokens, of a Claude that is asked for `LONG_WINDOW_BETA`."""

_BETAS = "anthropic_beta"

_IMAGES = frozenset({"image", "inputImage", "image_url", "input_image"})

_UNBOUNDED = frozenset(
    {
        "audio",
        "audio_url",
        "document",
        "file",
        "input_audio",
        "inputDocument",
        "input_file",
        "s3Location",
        "systemTool",
        "video",
        "video_url",
    }
)

OUTPUT_LIMITS = (
    "max_tokens",
    "maxTokens",
    "max_completion_tokens",
    "max_gen_len",
    "max_new_tokens",
    "max_output_tokens",
    "max_tokens_to_sample",
    "maxTokenCount",
)
"""What families call the limit on an answer's tokens."""

_ANSWERS = ("best_of", "n", "num_generations", "numResults")
"""What families call the number of answers to one prompt, each as long as the limit allows."""

OUTPUT_SECTIONS = ("inferenceConfig", "textGenerationConfig")
"""The members of a body that may hold it."""

_REASONING = ("thinking", "reasoningConfig")
"""What Claude and Nova call the settings of their reasoning."""

MODEL_FIELDS = "additionalModelRequestFields"
"""The member of a Converse body that holds the model's own fields."""

_SCHEMAS = frozenset({"inputSchema", "input_schema", "parameters"})
"""Hold JSON Schema, whose property names say nothing of media."""


class Media(NamedTuple):
    """What in a body costs tokens out of proportion to its size."""

    images: int
    unbounded: bool


def media(tree: object) -> Media:
    """Counts the media blocks of a JSON body, in Bedrock's or a vendor's form."""
    images = 0
    unbounded = False
    waiting = [tree]
    # Long histories have tens of thousands of nodes: this loop is what bounding them costs.
    for node in waiting:
        if isinstance(node, dict):
            is_image = False
            for name, value in node.items():
                if isinstance(value, dict | list):
                    if name not in _SCHEMAS:
                        waiting.append(value)
                elif name == "type" and isinstance(value, str):
                    is_image = is_image or value in _IMAGES
                    unbounded = unbounded or value in _UNBOUNDED
                if name in _IMAGES:
                    is_image = True
                elif name in _UNBOUNDED:
                    unbounded = True
            images += is_image
        elif isinstance(node, list):
            waiting.extend([value for value in node if isinstance(value, dict | list)])
    return Media(images, unbounded)


def prompt_tokens(
    tree: object, size: int, context_window: int, image_tokens: int, *, stored: bool = False
) -> int:
    """The most tokens the prompt of a body of `size` bytes can have, with so many for each image.

    `stored` tells that Bedrock has more of the prompt than the body.
    """
    found = media(tree)
    tools = _defined_tools(tree) * DEFINED_TOOL_TOKENS
    images = found.images + _listed_images(tree)
    text = size + SYSTEM_TOKENS + tools + images * image_tokens
    unbounded = stored or found.unbounded
    return max(text, context_window, _asked_window(tree)) if unbounded else text


def _asked_window(tree: object) -> int:
    """The context window that a body asks for where it asks for more than the model's usual one."""
    betas = [one[_BETAS] for one in _own_fields(tree) if _BETAS in one]
    return LONG_WINDOW if any(LONG_WINDOW_BETA in str(asked) for asked in betas) else 0


def _listed_images(tree: object) -> int:
    """Those of a body of Llama's, in a list of their own.

    https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-meta.html
    """
    listed = tree.get("images") if isinstance(tree, dict) else None
    return len(listed) if isinstance(listed, list) else 0


def _defined_tools(tree: object) -> int:
    lists = [one.get("tools") for one in _own_fields(tree)]
    tools = [tool for one in lists if isinstance(one, list) for tool in one]
    return sum(isinstance(tool, dict) and tool.get("type") not in _SPELT_OUT for tool in tools)


def asks_reasoning(tree: object) -> bool:
    """Whether a body asks a model to reason that else would not."""
    settings = [one.get(name) for one in _own_fields(tree) for name in _REASONING]
    return any(isinstance(one, dict) and one.get("type") != "disabled" for one in settings)


def _own_fields(tree: object) -> list[dict[str, Any]]:
    """Where a body has the model's own fields: InvokeModel's itself, Converse's in a member."""
    sections = (tree, tree.get(MODEL_FIELDS)) if isinstance(tree, dict) else ()
    return [section for section in sections if isinstance(section, dict)]


def converse_output_tokens(body: dict[str, Any], model_limit: int) -> int:
    """The most tokens of an answer to a Converse body: what it asks for, else the model's limit.

    A limit in `additionalModelRequestFields` overrides `inferenceConfig` with some models and means
    nothing to others, so it may raise the bound and not lower it.
    """
    config, fields = body.get("inferenceConfig"), body.get(MODEL_FIELDS)
    asked = _limits([config], ("maxTokens",), model_limit) or [model_limit]
    limit = max([*asked, *_limits(limit_sections(fields), OUTPUT_LIMITS, model_limit)])
    return limit * answers(fields)


def invoke_output_tokens(body: dict[str, Any], model_limit: int) -> int:
    """The most tokens of an answer to an InvokeModel body: what it asks for, by any family's name.

    The largest is taken where it names several, the model's limit where it names none.
    """
    limits = _limits(limit_sections(body), OUTPUT_LIMITS, model_limit)
    return max(limits, default=model_limit) * answers(body)


def answers(body: object) -> int:
    """How many answers a model's own fields ask for."""
    asked = map(body.get, _ANSWERS) if isinstance(body, dict) else ()
    numbers = [one for one in asked if isinstance(one, int | float)]
    return max([1, *(math.ceil(number) for number in numbers if number < math.inf)])


def limit_sections(body: object) -> list[dict[str, Any]]:
    """Where a model's own fields may hold a limit."""
    sections = (body, *map(body.get, OUTPUT_SECTIONS)) if isinstance(body, dict) else ()
    return [section for section in sections if isinstance(section, dict)]


def is_limit(value: object) -> bool:
    """Whether a limit is one that is sure to hold: a model may take ``9.0`` or ``"9"`` for any."""
    return type(value) is int and value > 0


def _limits(sections: Iterable[object], names: Iterable[str], model_limit: int) -> list[int]:
    """The limits that are named; the model's for what is none."""
    return [
        value if is_limit(value) else model_limit
        for section in sections
        if isinstance(section, dict)
        for name in names
        if (value := section.get(name)) is not None
    ]
