"""Reasoning that goes back to the model in the next turn, in forms that clients keep.

Both forms name the model's family: only the family that wrote reasoning can read its signature, and a
conversation that goes on with another model goes on without it.
"""

import base64
import json
from typing import Any

from router.dialects.checks import Json, invalid, is_blank, text
from router.dialects.converse.draft import Draft

_SEAL = "bedrockrouter.1."


def details(block: Json, family: str, index: int) -> Json:
    """A `reasoningContent` block as an entry of Chat Completions' ``reasoning_details``.

    https://openrouter.ai/docs/use-cases/reasoning-tokens. `family` goes into its `format`, since only
    the family that wrote it can read its signature.
    """
    reasoning = block["reasoningContent"]
    place = {"format": _format(family), "index": index}
    if "redactedContent" in reasoning:
        return {"type": "reasoning.encrypted", "data": reasoning["redactedContent"], **place}
    return {"type": "reasoning.text", **reasoning["reasoningText"], **place}


def block_of(detail: object, draft: Draft, where: str) -> Json | None:
    """The block that `details` made `detail` of; None, with a notice, where it cannot be replayed."""
    if not isinstance(detail, dict):
        raise invalid(where, "must be an object")
    if detail.get("format") != _format(draft.family.name):
        draft.changes.add("reasoning of another model dropped")
        return None
    kind, reasoning = _read(detail, where)
    if kind in draft.family.replays:
        return {"reasoningContent": reasoning}
    draft.changes.add("earlier reasoning dropped")
    return None


def _read(detail: Json, where: str) -> tuple[str, Json]:
    """The kind of reasoning by the names of `Family.replays`, and a block's `reasoningContent`."""
    if detail.get("type") == "reasoning.encrypted":
        return "redacted", {"redactedContent": _base64(detail.get("data"), f"{where}.data")}
    if detail.get("type") != "reasoning.text":
        return "summary", {}
    # A client may leave out what is empty, and Claude may have hidden what it signed.
    content = text(detail.get("text") or "", f"{where}.text")
    if detail.get("signature") in (None, ""):
        return "text" if not is_blank(content) else "nothing", {"reasoningText": {"text": content}}
    signature = text(detail["signature"], f"{where}.signature")
    return "signed", {"reasoningText": {"text": content, "signature": signature}}


def _format(family: str) -> str:
    return f"bedrock/{family}"


def _base64(value: object, where: str) -> str:
    data = text(value, where)
    try:
        base64.b64decode(data, validate=True)
    except ValueError:
        raise invalid(where, "must be base64") from None
    return data


def seal(blocks: list[Json], family: str) -> str:
    """`reasoningContent` blocks as the `encrypted_content` of a Responses reasoning item.

    Not a secret: Bedrock's own signature is what keeps the text from being forged.
    """
    entries = [details(block, family, index) for index, block in enumerate(blocks)]
    return _SEAL + base64.b64encode(json.dumps(entries, separators=(",", ":")).encode()).decode()


def is_sealed(content: str) -> bool:
    """Whether this is the router's own `encrypted_content`, and no model's."""
    return content.startswith(_SEAL)


def unseal(sealed: object, draft: Draft, where: str) -> list[Json]:
    """The blocks that `seal` was given; those that cannot be replayed are left out with a notice."""
    content = text(sealed, where)
    if not is_sealed(content):
        draft.changes.add("reasoning of another model dropped")
        return []
    found = [
        block_of(entry, draft, f"{where}[{i}]") for i, entry in enumerate(sealed_in(content, where))
    ]
    return [block for block in found if block is not None]


def sealed_in(content: str, where: str) -> list[Any]:
    """The `details` in what `is_sealed`; they are still to be looked at."""
    try:
        entries = json.loads(base64.b64decode(content.removeprefix(_SEAL), validate=True))
    except (ValueError, RecursionError):
        raise invalid(where, "is damaged") from None
    if not isinstance(entries, list):
        raise invalid(where, "is damaged")
    return entries
