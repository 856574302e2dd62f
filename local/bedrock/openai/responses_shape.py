"""The shape of a Responses body: https://platform.openai.com/docs/api-reference/responses/create."""

from local.bedrock.openai.chat_shape import CACHE_OPTIONS, TOOL_NAME
from local.bedrock.schemas import Field

_TEXT = Field("string")
_NEEDED = Field("string", required=True)
_FLAG = Field("boolean")
_ANY = Field()
_OBJECT = Field("object")
_LIST = Field("array")
_BREAKPOINT = Field("object", members={"mode": Field("string", choices=("implicit", "explicit"))})
_NAME = Field("string", required=True, least=1, most=64, pattern=TOOL_NAME)


def _object(**members: Field) -> Field:
    return Field("object", members=members)


def _typed(**members: Field) -> Field:
    return _object(type=_TEXT, **members)


def _item(**members: Field) -> Field:
    return _typed(id=_TEXT, status=_TEXT, **members)


_INPUT_PARTS = {
    "input_text": _typed(text=_NEEDED, prompt_cache_breakpoint=_BREAKPOINT),
    "input_image": _typed(
        image_url=_TEXT,
        file_id=_TEXT,
        detail=Field("string", choices=("auto", "low", "high", "original")),
        prompt_cache_breakpoint=_BREAKPOINT,
    ),
    "input_file": _typed(
        file_data=_TEXT,
        file_id=_TEXT,
        file_url=_TEXT,
        filename=_TEXT,
        detail=_TEXT,
        prompt_cache_breakpoint=_BREAKPOINT,
    ),
}
_PART = Field(
    "tagged",
    tags={
        **_INPUT_PARTS,
        "output_text": _typed(text=_NEEDED, annotations=_LIST, logprobs=_LIST),
        "refusal": _typed(refusal=_NEEDED),
    },
)
_OUTPUT = Field("text", required=True, items=Field("tagged", tags=_INPUT_PARTS))

FUNCTION_TOOL = _typed(
    name=_NAME,
    description=_TEXT,
    parameters=_OBJECT,
    strict=_FLAG,
    defer_loading=_FLAG,
    allowed_callers=_LIST,
    output_schema=_OBJECT,
    **{"async": _FLAG},
)
_CUSTOM_TOOL = _typed(
    name=_NAME,
    description=_TEXT,
    format=Field(
        "tagged",
        tags={
            "text": _typed(),
            "grammar": _typed(
                syntax=Field("string", required=True, choices=("lark", "regex")),
                definition=_NEEDED,
            ),
        },
    ),
    defer_loading=_FLAG,
    allowed_callers=_LIST,
)
_TOOL = Field(
    "tagged",
    tags={
        "function": FUNCTION_TOOL,
        "mcp": Field("object"),
        "custom": _CUSTOM_TOOL,
        "apply_patch": Field("object"),
        "namespace": _typed(
            name=_NAME,
            description=_NEEDED,
            tools=Field(
                "array",
                required=True,
                items=Field("tagged", tags={"function": FUNCTION_TOOL, "custom": _CUSTOM_TOOL}),
            ),
        ),
        "tool_search": Field("object"),
        "computer": Field("object"),
    },
)
TOOL_TYPES = tuple(_TOOL.tags or ())
"""The types of tools that bedrock-runtime takes: those that its client runs."""

_ITEM = Field(
    "tagged",
    untagged="message",
    tags={
        "message": _item(
            role=Field(
                "string", required=True, choices=("user", "assistant", "system", "developer")
            ),
            content=Field("text", required=True, items=_PART),
            phase=_TEXT,
        ),
        "function_call": _item(
            call_id=_NEEDED,
            name=_NEEDED,
            arguments=_NEEDED,
            namespace=_TEXT,
            caller=_OBJECT,
            **{"async": _FLAG},
        ),
        "function_call_output": _item(call_id=_NEEDED, output=_OUTPUT, caller=_OBJECT),
        "custom_tool_call": _item(
            call_id=_NEEDED,
            name=_NEEDED,
            input=_NEEDED,
            namespace=_TEXT,
            caller=_OBJECT,
            **{"async": _FLAG},
        ),
        "custom_tool_call_output": _item(call_id=_NEEDED, output=_OUTPUT, caller=_OBJECT),
        "reasoning": _item(
            summary=Field("array", required=True, items=_object(type=_TEXT, text=_NEEDED)),
            content=Field("array", items=_object(type=_TEXT, text=_NEEDED)),
            encrypted_content=_TEXT,
        ),
        "item_reference": _typed(id=_NEEDED),
        "additional_tools": _item(role=_TEXT, tools=Field("array", required=True, items=_TOOL)),
        **{
            kind: Field("object")
            for kind in (
                "apply_patch_call",
                "apply_patch_call_output",
                "compaction",
                "computer_call",
                "computer_call_output",
                "mcp_approval_request",
                "mcp_approval_response",
                "mcp_call",
                "mcp_list_tools",
                "tool_search_call",
                "tool_search_output",
            )
        },
    },
)

_FORMAT = Field(
    "tagged",
    tags={
        "text": _typed(),
        "json_object": _typed(),
        "json_schema": _typed(
            name=_NAME,
            description=_TEXT,
            schema=Field("object", required=True),
            strict=_FLAG,
        ),
    },
)
_TOOL_CHOICE = Field(
    "choice",
    choices=("none", "auto", "required"),
    tags={
        "function": _typed(name=_NEEDED),
        "custom": _typed(name=_NEEDED),
        "allowed_tools": _typed(
            mode=Field("string", required=True, choices=("auto", "required")),
            tools=Field("array", required=True, items=_object(type=_TEXT, name=_NEEDED)),
        ),
    },
)
_INCLUDES = (
    "reasoning.encrypted_content",
    "message.output_text.logprobs",
    "message.input_image.image_url",
    "file_search_call.results",
    "web_search_call.results",
    "web_search_call.action.sources",
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
)

BODY = _object(
    background=_FLAG,
    client_metadata=_OBJECT,
    context_management=_LIST,
    conversation=_ANY,
    include=Field("array", items=Field("string", choices=_INCLUDES)),
    input=Field("text", items=_ITEM),
    instructions=_TEXT,
    max_output_tokens=Field("integer", least=16),
    max_tool_calls=Field("integer", least=1),
    metadata=_OBJECT,
    model=_NEEDED,
    parallel_tool_calls=_FLAG,
    previous_response_id=_TEXT,
    prompt=_OBJECT,
    prompt_cache_key=Field("string", most=64),
    prompt_cache_options=CACHE_OPTIONS,
    prompt_cache_retention=Field("string", choices=("in_memory", "24h")),
    reasoning=_object(
        effort=_TEXT,
        summary=Field("string", choices=("auto", "concise", "detailed")),
        generate_summary=_TEXT,
        context=_TEXT,
    ),
    safety_identifier=Field("string", most=64),
    service_tier=_TEXT,
    store=_FLAG,
    stream=_FLAG,
    stream_options=_object(include_obfuscation=_FLAG),
    temperature=Field("number", least=0, most=2),
    text=_object(format=_FORMAT, verbosity=Field("string", choices=("low", "medium", "high"))),
    tool_choice=_TOOL_CHOICE,
    tools=Field("array", items=_TOOL),
    top_logprobs=Field("integer", least=0, most=20),
    top_p=Field("number", least=0, most=1),
    truncation=Field("string", choices=("auto", "disabled")),
    user=_TEXT,
)
