"""What the messages of a Messages body are made of."""

from local.bedrock.schemas import Field

_STRING = Field("string", required=True)
_TEXT = Field("string")
_TYPE = Field("string")
_COUNT = Field("integer", required=True, least=0)

CACHE_CONTROL = Field(
    "object",
    members={
        "type": Field("string", required=True, choices=("ephemeral",)),
        "ttl": Field("string", choices=("5m", "1h")),
    },
)
_CITED = Field("object", members={"enabled": Field("boolean")})


def block(**members: Field) -> Field:
    """An object with a type that may be cached."""
    return Field("object", members={"type": _TYPE, "cache_control": CACHE_CONTROL, **members})


def _citation(first: str, last: str, **members: Field) -> Field:
    return Field(
        "object",
        members={
            "type": _TYPE,
            "cited_text": _STRING,
            first: _COUNT,
            last: _COUNT,
            **members,
        },
    )


_OF_DOCUMENT = {"document_index": _COUNT, "document_title": _TEXT}
_CITATION = Field(
    "tagged",
    tags={
        "char_location": _citation("start_char_index", "end_char_index", **_OF_DOCUMENT),
        "page_location": _citation("start_page_number", "end_page_number", **_OF_DOCUMENT),
        "content_block_location": _citation("start_block_index", "end_block_index", **_OF_DOCUMENT),
        "search_result_location": _citation(
            "start_block_index",
            "end_block_index",
            search_result_index=_COUNT,
            source=_STRING,
            title=_TEXT,
        ),
    },
)
TEXT_BLOCK = block(text=_STRING, citations=Field("array", items=_CITATION))


def _base64(*media_types: str) -> Field:
    media_type = Field("string", required=True, choices=media_types)
    return Field("object", members={"type": _TYPE, "media_type": media_type, "data": _STRING})


_IMAGE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")
_IMAGE = block(source=Field("tagged", required=True, tags={"base64": _base64(*_IMAGE_TYPES)}))
_DOCUMENT = block(
    source=Field(
        "tagged",
        required=True,
        tags={
            "base64": _base64("application/pdf"),
            "text": _base64("text/plain"),
            "content": Field(
                "object",
                members={
                    "type": _TYPE,
                    "content": Field(
                        "text",
                        required=True,
                        items=Field("tagged", tags={"text": TEXT_BLOCK, "image": _IMAGE}),
                    ),
                },
            ),
        },
    ),
    title=_TEXT,
    context=_TEXT,
    citations=_CITED,
)
_SEARCH_RESULT = block(
    source=_STRING,
    title=_STRING,
    content=Field("array", required=True, items=Field("tagged", tags={"text": TEXT_BLOCK})),
    citations=_CITED,
)
_MEDIA = {
    "text": TEXT_BLOCK,
    "image": _IMAGE,
    "document": _DOCUMENT,
    "search_result": _SEARCH_RESULT,
}
RESULT_TAGS = {**_MEDIA, "tool_reference": block(tool_name=_STRING)}
"""What a tool's result may hold."""

_CHANGED_TOOL = Field(
    "tagged",
    required=True,
    tags={"tool_reference": Field("object", members={"type": _TYPE, "name": _STRING})},
)
CHANGE_TAGS = {
    "tool_addition": block(tool=_CHANGED_TOOL),
    "tool_removal": block(tool=_CHANGED_TOOL),
}
"""What a turn of the role ``system`` may hold beside text."""

CONTENT_TAGS = {
    **_MEDIA,
    # Whether there is a signature is told when it is checked: an empty one counts as none.
    "thinking": Field("object", members={"type": _TYPE, "thinking": _STRING, "signature": _TEXT}),
    "redacted_thinking": Field("object", members={"type": _TYPE, "data": _STRING}),
    "tool_use": block(
        id=Field("string", required=True, pattern=r"[a-zA-Z0-9_-]+"),
        name=Field("string", required=True, least=1, most=200),
        input=Field("object", required=True),
        caller=Field("tagged", tags={"direct": Field("object", members={"type": _TYPE})}),
    ),
    "tool_result": block(
        tool_use_id=_STRING,
        content=Field("text", items=Field("tagged", tags=RESULT_TAGS)),
        is_error=Field("boolean"),
    ),
}
"""What a turn of the user or the assistant may hold."""

SYSTEM = Field("text", items=Field("tagged", tags={"text": TEXT_BLOCK}))
MESSAGE = Field(
    "object",
    members={
        "role": Field("string", required=True, choices=("user", "assistant", "system")),
        "content": Field(
            "text", required=True, items=Field("tagged", tags={**CONTENT_TAGS, **CHANGE_TAGS})
        ),
        "output_config": Field(
            "object",
            members={"effort": Field("string", choices=("low", "medium", "high", "xhigh", "max"))},
        ),
    },
)
