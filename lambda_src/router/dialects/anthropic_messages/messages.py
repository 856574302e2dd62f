"""The system prompt and the messages of a Messages request."""

from router.dialects.anthropic_messages.content import text_blocks
from router.dialects.checks import Json, fields, invalid, items, members
from router.dialects.converse.draft import Draft
from router.dialects.converse.turns import Turns

MESSAGE = fields("role", "content")


def read_messages(draft: Draft, body: Json) -> None:
    """Adds the request's `system` and `messages`."""
    messages = items(body.get("messages"), "messages")
    if not messages:
        raise invalid("messages", "must not be empty")
    turns = Turns(draft)
    if body.get("system") is not None:
        turns.system(text_blocks(draft, body["system"], "system"))
    for index, value in enumerate(messages):
        where = f"messages[{index}]"
        message = members(value, where, MESSAGE, draft.changes)
        role = message.get("role")
        add = {"user": turns.user, "assistant": turns.assistant}.get(str(role))
        if add is None:
            raise invalid(f"{where}.role", "must be user or assistant")
        add(text_blocks(draft, message.get("content"), f"{where}.content"))
    turns.finish("messages")
