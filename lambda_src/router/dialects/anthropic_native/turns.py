"""Turns of the role ``system`` for the generations of Claude that take none among the others."""

from router.dialects.anthropic import content_blocks
from router.dialects.checks import Json, type_of


def fold_system_turns(messages: list[Json]) -> tuple[list[Json], list[Json]]:
    """Messages without those of the role ``system``: (blocks for the system prompt, messages).

    What stands before all other turns belongs to the system prompt. Later ones stay where they are, as
    the user's words, so that the cached prompt before them stays the same; behind tool results, which
    must come first in a turn.
    """
    opening: list[Json] = []
    folded: list[Json] = []
    waiting: list[Json] = []
    for message in messages:
        if message.get("role") == "system":
            said = waiting if folded else opening
            said += content_blocks(message.get("content"))
        elif waiting and message.get("role") == "user":
            folded.append(_behind_results(waiting, message))
            waiting = []
        else:
            _say(waiting, folded)
            folded.append(message)
            waiting = []
    _say(waiting, folded)
    return opening, folded


def _say(blocks: list[Json], folded: list[Json]) -> None:
    """Ends the messages with blocks of the user's."""
    if not blocks:
        return
    if folded[-1].get("role") == "user":
        before = content_blocks(folded[-1].get("content"))
        folded[-1] = {**folded[-1], "content": [*before, *blocks]}
    else:
        folded.append({"role": "user", "content": blocks})


def _behind_results(blocks: list[Json], turn: Json) -> Json:
    """The user's turn with blocks from before it."""
    content = content_blocks(turn.get("content"))
    results = 0
    while results < len(content) and type_of(content[results]) == "tool_result":
        results += 1
    return {**turn, "content": [*content[:results], *blocks, *content[results:]]}
