"""What the parts of OpenAI's protocols are made of: content, and what describes tools and forms."""

from router.dialects.checks import Json, document, fields, flag, invalid, members, name, text
from router.dialects.converse import media
from router.dialects.converse.draft import Draft
from router.dialects.converse.structured import JsonForm

AUDIO = fields("data", "format")

IMAGE_DETAILS = ("auto", "low", "high", "original")

SYNTAXES = ("lark", "regex")


def image_block(draft: Draft, image: Json, url: str, where: str) -> Json:
    """The block of an image; `url` is the member that holds its URL, beside a `detail`."""
    detail = image.get("detail")
    if detail is not None and detail not in IMAGE_DETAILS:
        raise invalid(f"{where}.detail", f"must be one of {', '.join(IMAGE_DETAILS)}")
    if detail not in (None, "auto"):
        draft.changes.add("detail dropped")
    where = f"{where}.{url}"
    return media.image(draft, text(image.get(url), where), where)


def audio_block(draft: Draft, value: object, where: str) -> Json:
    """The block of an ``input_audio`` object."""
    audio = members(value, where, AUDIO, draft.changes)
    data = text(audio.get("data"), f"{where}.data")
    return media.audio(draft, data, text(audio.get("format"), f"{where}.format"), where)


def description_of(value: Json, where: str) -> str:
    """The `description` of a tool or form; "" when it has none."""
    description = value.get("description")
    return "" if description is None else text(description, f"{where}.description")


def grammar_in_words(grammar: Json, where: str) -> str:
    """What a custom tool's description is to say of the grammar of its input."""
    syntax = grammar.get("syntax")
    if syntax not in SYNTAXES:
        raise invalid(f"{where}.syntax", f"must be {' or '.join(SYNTAXES)}")
    definition = name(grammar.get("definition"), f"{where}.definition")
    return f"The input must match this {syntax} grammar:\n{definition}"


def json_form(given: Json, where: str) -> JsonForm:
    """The form that a JSON Schema with its `name` asks for."""
    schema = given.get("schema")
    return JsonForm(
        # Without a schema it is any object, as with OpenAI.
        schema=None if schema is None else document(schema, f"{where}.schema"),
        name=name(given.get("name"), f"{where}.name"),
        description=description_of(given, where),
        strict=flag(given, "strict", f"{where}.strict"),
    )
