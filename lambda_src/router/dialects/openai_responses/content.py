"""Message content and tool outputs, a string or typed parts, as Converse content blocks."""

from collections.abc import Callable

from router.dialects.checks import Fields, Json, fields, invalid, members, text
from router.dialects.converse import media
from router.dialects.converse.caching import cache_point
from router.dialects.converse.draft import Draft
from router.dialects.converse.turns import text_block
from router.dialects.openai_parts import audio_block, image_block

INPUT_TEXT = fields("type", "text", "cache_control", dropped=("prompt_cache_breakpoint",))
INPUT_IMAGE = fields(
    "type",
    "image_url",
    "file_id",
    "detail",
    "cache_control",
    dropped=("prompt_cache_breakpoint",),
)
INPUT_FILE = fields(
    "type",
    "file_data",
    "file_url",
    "file_id",
    "filename",
    "cache_control",
    dropped=("detail", "prompt_cache_breakpoint"),
)
INPUT_AUDIO = fields("type", "input_audio", "cache_control")
OUTPUT_TEXT = fields("type", "text", "cache_control", echoed=("annotations", "logprobs", "parsed"))
REFUSAL = fields("type", "refusal", "cache_control")

_NO_FILES = "cannot be read, as nothing is uploaded here: send the content itself"


def _text(draft: Draft, part: Json, where: str) -> Json | None:
    return text_block(draft, part.get("text"), f"{where}.text")


def _refusal(draft: Draft, part: Json, where: str) -> Json | None:
    return text_block(draft, part.get("refusal"), f"{where}.refusal")


def _image(draft: Draft, part: Json, where: str) -> Json:
    if part.get("file_id") is not None:
        raise invalid(f"{where}.file_id", f"{_NO_FILES} as image_url")
    return image_block(draft, part, "image_url", where)


def _file(draft: Draft, part: Json, where: str) -> Json:
    if part.get("file_id") is not None:
        raise invalid(f"{where}.file_id", f"{_NO_FILES} as file_data or file_url")
    filename = part.get("filename")
    if filename is not None:
        text(filename, f"{where}.filename")
    given = [key for key in ("file_data", "file_url") if part.get(key) is not None]
    if len(given) != 1:
        raise invalid(where, "must have either file_data or file_url")
    key = given[0]
    source = text(part[key], f"{where}.{key}")
    if (key == "file_url") != (source[:6].lower() == "https:"):
        wanted = "an https URL" if key == "file_url" else "base64, bare or in a data URL"
        raise invalid(f"{where}.{key}", f"must be {wanted}")
    return media.document(draft, source, filename, f"{where}.{key}")


def _audio(draft: Draft, part: Json, where: str) -> Json:
    return audio_block(draft, part.get("input_audio"), f"{where}.input_audio")


PARTS: dict[str, tuple[Fields, Callable[[Draft, Json, str], Json | None]]] = {
    "input_text": (INPUT_TEXT, _text),
    "input_image": (INPUT_IMAGE, _image),
    "input_file": (INPUT_FILE, _file),
    "input_audio": (INPUT_AUDIO, _audio),
    "output_text": (OUTPUT_TEXT, _text),
    "refusal": (REFUSAL, _refusal),
}
"""Part type → its members, and its Converse block; None for a blank one."""

ALLOWED = {
    "assistant": ("output_text", "refusal", "input_text"),
    "developer": ("input_text",),
    "system": ("input_text",),
    "tool": ("input_text", "input_image", "input_file"),
    "user": ("input_text", "input_image", "input_file", "input_audio"),
}
"""The part types that the content of each role, and a tool's output, may have in Converse."""


def content_blocks(draft: Draft, content: object, role: str, where: str) -> list[Json]:
    """The blocks of a message's content; without blank text, which Bedrock refuses."""
    if isinstance(content, str):
        block = text_block(draft, content, where)
        return [] if block is None else [block]
    if not isinstance(content, list):
        raise invalid(where, "must be a string or a list of content parts")
    blocks: list[Json] = []
    for index, part in enumerate(content):
        blocks += _part_blocks(draft, part, role, f"{where}[{index}]")
    return blocks


def _part_blocks(draft: Draft, part: object, role: str, where: str) -> list[Json]:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind not in ALLOWED[role]:
        raise invalid(f"{where}.type", f"must be {' or '.join(ALLOWED[role])} here")
    known, read = PARTS[kind]
    found = members(part, where, known, draft.changes)
    block = read(draft, found, where)
    if found.get("cache_control") is None:
        return [] if block is None else [block]
    point = cache_point(draft, found["cache_control"], f"{where}.cache_control")
    return [one for one in (block, point) if one is not None]
