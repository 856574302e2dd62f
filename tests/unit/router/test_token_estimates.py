"""What a request's input tokens are estimated as, and how near that is to what Bedrock reported."""

import base64
import statistics
import struct
from typing import Any

import pytest
from catalog.families import FAMILIES, UNKNOWN, Family, family_of
from hypothesis import given
from hypothesis import strategies as st
from router.token_estimates import input_tokens

from tests.support import recordings
from tests.support.json_values import ANY_JSON
from tests.support.recorded_usage import UNLIKE_WHAT_WAS_SENT, counts

CLAUDE_4_6 = family_of("anthropic.claude-sonnet-4-6")
CLAUDE_4_8 = family_of("anthropic.claude-opus-4-8")
NOVA = family_of("amazon.nova-lite-v1:0")

STORY = "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 40


def said(*blocks: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def of_blocks(family: Family, *blocks: Any) -> int:
    """What the blocks add to a prompt."""
    return input_tokens(said(*blocks), family) - input_tokens(said(), family)


# --- against what Bedrock reported ------------------------------------------------------------------

WORST_OFF = {
    "claude-2": 2,
    "claude-3": 104,
    "claude-3-5": 1,
    "claude-3-7": 1,
    "llama-text": 2,
    "nova": 7,
    "titan-text": 8,
}
"""The most tokens that an estimate is off, by family. Claude 3 Sonnet is told of tools in 105 tokens
less than Haiku, which shares its row; without it the most is 28 of 604."""


def recorded() -> list[tuple[Family, int, int]]:
    """(family, estimate, tokens that Bedrock reported) for each recorded conversation."""
    found = []
    for row in recordings.index():
        if row["status"] != 200 or row["id"] in UNLIKE_WHAT_WAS_SENT:
            continue
        recording = recordings.load(row["id"])
        body, used = recording["request"]["body"], counts(recording)
        if isinstance(body, dict) and "messages" in body and used.get("input"):
            family = family_of(row["model"])
            found.append((family, input_tokens(body, family), used["input"]))
    return found


def test_estimates_are_near_what_bedrock_reported() -> None:
    rows = recorded()
    if not rows:
        pytest.skip("no recorded Bedrock calls")
    large = [abs(estimate / told - 1) for _, estimate, told in rows if told >= 300]
    assert len(large) > 20
    assert statistics.median(large) <= 0.02
    off = dict.fromkeys(WORST_OFF, 0)
    for family, estimate, told in rows:
        off[family.name] = max(off[family.name], abs(estimate - told))
    assert {name: most for name, most in off.items() if most > WORST_OFF[name]} == {}


# --- what counts ------------------------------------------------------------------------------------


def test_a_longer_prompt_has_more_tokens() -> None:
    assert of_blocks(CLAUDE_4_6, {"type": "text", "text": STORY}) == pytest.approx(640, rel=0.1)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_text_counts_alike_wherever_it_stands(family: Family) -> None:
    as_text = of_blocks(family, {"type": "text", "text": STORY})
    whole = input_tokens({"messages": [{"role": "user", "content": STORY}]}, family)
    system = input_tokens({"system": STORY, **said()}, family)
    bedrock = of_blocks(family, {"text": STORY})
    assert {whole - as_text, system - as_text} == {input_tokens(said(), family)}
    assert bedrock == as_text > 400


def test_the_tokenizer_since_opus_4_7_has_more_tokens_for_the_same_text() -> None:
    block = {"type": "text", "text": STORY}
    assert 1.2 < of_blocks(CLAUDE_4_8, block) / of_blocks(CLAUDE_4_6, block) < 1.5


SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOL = {"name": "weather", "description": "The weather in a city", "input_schema": SCHEMA}
TOOL_SPEC = {"toolSpec": {**TOOL, "inputSchema": {"json": SCHEMA}}}


@pytest.mark.parametrize(
    ("choices", "index"),
    [(({"type": "auto"}, {"auto": {}}), 0), (({"type": "any"}, {"any": {}}), 1)],
    ids=["free", "forced"],
)
def test_tools_come_with_instructions_that_depend_on_the_choice(
    choices: tuple[Any, Any], index: int
) -> None:
    bare = input_tokens(said(), CLAUDE_4_6)
    native = said() | {"tools": [TOOL], "tool_choice": choices[0]}
    converse = said() | {"toolConfig": {"tools": [TOOL_SPEC], "toolChoice": choices[1]}}
    of_definition = input_tokens(native, CLAUDE_4_6) - bare - CLAUDE_4_6.tool_prompt[index]
    assert 20 < of_definition < 50
    assert input_tokens(converse, CLAUDE_4_6) == input_tokens(native, CLAUDE_4_6)


def test_tools_that_anthropic_defines_have_the_tokens_it_states() -> None:
    body = said() | {"tools": [{"type": "bash_20250124", "name": "bash"}]}
    assert input_tokens(body, CLAUDE_4_6) - input_tokens(said(), CLAUDE_4_6) == 245 + 497


REFERENCE = {"type": "tool_reference", "tool_name": "weather"}
FOUND = {"type": "tool_search_tool_search_result", "tool_references": [REFERENCE, REFERENCE]}


@pytest.mark.parametrize(
    "finding",
    [
        {"type": "tool_search_tool_result", "tool_use_id": "s", "content": FOUND},
        {"type": "tool_result", "tool_use_id": "s", "content": [REFERENCE]},
    ],
    ids=["Claude's search", "the client's"],
)
def test_a_deferred_tool_counts_once_it_is_found(finding: dict[str, Any]) -> None:
    other = {**TOOL, "name": "other"}
    tools = [{**TOOL, "defer_loading": True}, other]
    hidden = input_tokens(said() | {"tools": tools}, CLAUDE_4_8)
    assert hidden == input_tokens(said() | {"tools": [other]}, CLAUDE_4_8)
    found = input_tokens(said(finding) | {"tools": tools}, CLAUDE_4_8)
    without_tools = {**finding, "content": []}
    assert 30 < found - input_tokens(said(without_tools) | {"tools": tools}, CLAUDE_4_8) < 60


CALL = {"name": "weather", "input": {"city": "Oslo"}}


@pytest.mark.parametrize(
    ("native", "converse"),
    [
        ({"type": "tool_use", "id": "a", **CALL}, {"toolUse": {"toolUseId": "a", **CALL}}),
        (
            {
                "type": "tool_result",
                "tool_use_id": "a",
                "content": [{"type": "text", "text": STORY}],
            },
            {"toolResult": {"toolUseId": "a", "content": [{"text": STORY}]}},
        ),
        (
            {"type": "thinking", "thinking": STORY, "signature": "c2ln"},
            {"reasoningContent": {"reasoningText": {"text": STORY, "signature": "c2ln"}}},
        ),
        (
            {"type": "search_result", "title": "t", "source": "s", "content": [{"text": STORY}]},
            {"searchResult": {"title": "t", "source": "s", "content": [{"text": STORY}]}},
        ),
        (
            {"type": "document", "source": {"type": "text", "data": STORY}},
            {"document": {"format": "txt", "source": {"text": STORY}}},
        ),
        (
            {"type": "text", "text": STORY},
            {"citationsContent": {"content": [{"text": STORY}], "citations": []}},
        ),
        ({"type": "text", "text": STORY}, {"guardContent": {"text": {"text": STORY}}}),
    ],
    ids=["call", "result", "thinking", "search result", "document", "citations", "guarded"],
)
def test_both_forms_of_a_block_count_alike(native: Any, converse: Any) -> None:
    assert of_blocks(CLAUDE_4_6, native) == of_blocks(CLAUDE_4_6, converse) > 20


def test_the_form_of_an_answer_counts_as_its_schema() -> None:
    form = {"type": "json_schema", "schema": SCHEMA}
    native = said() | {"output_config": {"format": form}}
    converse = said() | {"outputConfig": {"textFormat": form}}
    bare = input_tokens(said(), CLAUDE_4_6)
    assert input_tokens(native, CLAUDE_4_6) - bare > 20
    assert input_tokens(converse, CLAUDE_4_6) - bare > 20


def test_a_cache_point_has_no_tokens() -> None:
    assert of_blocks(CLAUDE_4_6, {"cachePoint": {"type": "default"}}) == 0


# --- media ------------------------------------------------------------------------------------------


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height) + b"\x08\2\0\0\0"


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HH", width, height) + b"\xf7\0\0"


def jpeg(width: int, height: int) -> bytes:
    exif = b"\xff\xe1" + struct.pack(">H", 20_000) + bytes(19_998)
    tables = b"\xff\xc4\0\x04\0\0"
    return b"\xff\xd8" + exif + tables + b"\xff\xc2\0\x11\x08" + struct.pack(">HH", height, width)


def webp(kind: bytes, header: bytes) -> bytes:
    return b"RIFF\0\0\0\0WEBP" + kind + b"\0\0\0\0" + header + bytes(30)


def lossy(width: int, height: int) -> bytes:
    return webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", width, height))


def lossless(width: int, height: int) -> bytes:
    return webp(b"VP8L", b"\x2f" + struct.pack("<I", (width - 1) | (height - 1) << 14))


def extended(width: int, height: int) -> bytes:
    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return webp(b"VP8X", b"\x10\0\0\0" + size)


def image(content: bytes) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {"type": "image", "source": {"type": "base64", "data": data}}


@pytest.mark.parametrize(
    "encode", [png, gif, jpeg, lossy, lossless, extended], ids=lambda encode: encode.__name__
)
def test_an_image_of_any_format_counts_by_its_size(encode: Any) -> None:
    content = encode(1000, 1000)
    data = base64.b64encode(content).decode()
    assert of_blocks(CLAUDE_4_6, image(content)) == 36 * 36
    assert of_blocks(CLAUDE_4_6, {"image": {"format": "png", "source": {"bytes": data}}}) == 36 * 36


@pytest.mark.parametrize(
    ("family", "size", "tokens"),
    [
        # https://platform.claude.com/docs/en/build-with-claude/vision: 1920 x 1080 is 2,691 tokens.
        (CLAUDE_4_8, (1920, 1080), 2_691),
        (CLAUDE_4_8, (8000, 8000), 4_784),
        (CLAUDE_4_6, (8000, 8000), 1_568),
        (CLAUDE_4_6, (1, 8000), 56),
        # https://docs.aws.amazon.com/nova/latest/userguide/modalities-image.html: some 1,300.
        (NOVA, (900, 900), 1_296),
    ],
)
def test_a_large_image_is_made_smaller_first(
    family: Family, size: tuple[int, int], tokens: int
) -> None:
    assert of_blocks(family, image(png(*size))) == tokens


@pytest.mark.parametrize(
    "source",
    [
        {"type": "url", "url": "https://example.com/a.png"},
        {"type": "base64", "data": "!"},
        {"type": "base64", "data": "Z" * 60},
        {"type": "base64", "data": "é" * 60},
        {"type": "base64", "data": base64.b64encode(png(0, 9)).decode()},
        {"type": "base64", "data": base64.b64encode(b"\xff\xd8\xff\xe1\0\x02" * 4).decode()},
        None,
    ],
)
def test_an_image_of_unknown_size_counts_as_a_common_one(source: Any) -> None:
    assert of_blocks(CLAUDE_4_6, {"type": "image", "source": source}) == 1_500


def document(form: str, content: bytes) -> dict[str, Any]:
    source = {"bytes": base64.b64encode(content).decode()}
    return {"document": {"format": form, "source": source}}


def test_a_pdf_counts_by_its_pages() -> None:
    plain = b"%PDF-1.7 /Type /Pages /Kids" + b" << /Type /Page >>" * 3
    hidden = b"%PDF-1.7 " + b"x" * 120_000
    assert of_blocks(CLAUDE_4_6, document("pdf", plain)) == 3 * 2_250
    assert of_blocks(CLAUDE_4_6, document("pdf", hidden)) == 3 * 2_250


def test_a_document_of_text_counts_as_its_text() -> None:
    as_text = of_blocks(CLAUDE_4_6, {"text": STORY})
    assert of_blocks(CLAUDE_4_6, document("md", STORY.encode())) == as_text
    assert of_blocks(CLAUDE_4_6, document("docx", STORY.encode())) > 0


# --- any input --------------------------------------------------------------------------------------


@given(ANY_JSON, st.sampled_from([*FAMILIES, UNKNOWN]))
def test_any_json_has_an_estimate(value: Any, family: Family) -> None:
    body = {"system": value, "messages": [{"content": value}, {"content": [value]}], "tools": value}
    assert input_tokens(body | {"toolConfig": value}, family) >= 0


KINDS = [
    "citationsContent",
    "document",
    "guardContent",
    "image",
    "json",
    "other",
    "reasoningContent",
    "searchResult",
    "search_result",
    "text",
    "thinking",
    "toolResult",
    "toolUse",
    "tool_reference",
    "tool_result",
    "tool_search_tool_result",
    "tool_use",
    "video",
]


@given(st.sampled_from(KINDS), ANY_JSON)
def test_any_block_has_an_estimate(name: str, value: Any) -> None:
    blocks = [{name: value}, {"type": name, "source": value, "content": value, "input": value}]
    blocks += [
        {name: {"source": value, "format": value, "content": value}},
        {"type": name, "source": {"data": value, "media_type": value, "content": value}},
    ]
    assert input_tokens(said(*blocks), CLAUDE_4_6) >= 0


def test_content_within_content_is_followed_to_a_depth_that_requests_have() -> None:
    block: Any = {"type": "text", "text": STORY}
    for _ in range(2_000):
        block = {"type": "tool_result", "content": [block]}
    assert of_blocks(CLAUDE_4_6, block) < 400


def test_json_that_is_too_deep_to_be_written_counts_for_nothing() -> None:
    deep: Any = []
    for _ in range(200_000):
        deep = [deep]
    call = {"type": "tool_use", "name": "f", "input": deep}
    assert of_blocks(CLAUDE_4_6, call) < 40
