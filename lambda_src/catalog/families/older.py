"""Families from before 2025, and those that kept their ways.

What they take: "Supported models and model features" for Converse, and for the ways of forcing a tool
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html.
"""

from catalog.families.family import Family
from catalog.tokenizers import LLAMA_3, TEKKEN

# Its template tells the date: https://www.llama.com/docs/model-cards-and-prompt-formats/llama3_1/.
_LLAMA_TEXT = Family(
    "llama-text",
    (
        "meta.llama2-",
        "meta.llama3-8b-",
        "meta.llama3-70b-",
        "meta.llama3-2-1b-",
        "meta.llama3-2-3b-",
    ),
    tools=False,
    structured="instructions",
    tokenizer=LLAMA_3,
    frame_tokens=29,
    turn_tokens=5,
)
_AUTO_TOOLS = Family(
    "auto-tools",
    (),
    streamed_tools=False,
    tool_choices=frozenset({"auto"}),
    structured="instructions",
)
_MISTRAL_LARGE = Family(
    "mistral-large",
    ("mistral.mistral-large-24",),
    streamed_tools=False,
    tool_choices=frozenset({"auto", "any"}),
    tokenizer=TEKKEN,
)
OLDER = (
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-mistral-text-completion.html
    Family(
        "mistral-7b",
        ("mistral.mistral-7b-", "mistral.mixtral-8x7b-"),
        extra={"top_k": ("top_k",)},
        tokenizer=TEKKEN,
        system=False,
        tools=False,
        structured="instructions",
    ),
    _MISTRAL_LARGE,
    _AUTO_TOOLS._replace(
        name="mistral-small",
        begins=("mistral.mistral-small-24", "mistral.pixtral-large-"),
        tokenizer=TEKKEN,
    ),
    # Llama refuses both ways of forcing a tool, and tools in streams.
    _AUTO_TOOLS._replace(
        name="llama",
        begins=("meta.llama",),
        # Llama 3.2 has 1,601 for each of at most four tiles of 560 pixels:
        # https://huggingface.co/docs/transformers/model_doc/mllama.
        image_tokens=6_404,
        tokenizer=LLAMA_3,
        frame_tokens=29,
        turn_tokens=5,
    ),
    _LLAMA_TEXT,
    # https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-cohere-command-r-plus.html.
    # Whether it and Jamba take tools in streams the sources tell differently.
    _AUTO_TOOLS._replace(
        name="command-r",
        begins=("cohere.command-r-",),
        # Its penalties go from 0 to 1, where OpenAI's go from -2 to 2.
        extra={"top_k": ("k",), "seed": ("seed",)},
    ),
    _AUTO_TOOLS._replace(name="jamba", begins=("ai21.jamba-",)),
    # Single prompts, before there were chats: "Supported models and model features" has neither a
    # system prompt nor tools for them.
    Family(
        "completion",
        ("ai21.j2-", "cohere.command-text-", "cohere.command-light-"),
        system=False,
        tools=False,
        structured="instructions",
    ),
    Family("jamba-instruct", ("ai21.jamba-instruct-",), tools=False, structured="instructions"),
    _AUTO_TOOLS._replace(name="palmyra", begins=("writer.palmyra-",)),
    Family("palmyra-vision", ("writer.palmyra-vision-",), tools=False, structured="instructions"),
)
