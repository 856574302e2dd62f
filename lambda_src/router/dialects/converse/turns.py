"""Messages in any order of roles as Converse's turns.

Converse wants turns of user and assistant by turns, and the results of an assistant's tool calls, all
of them, at the head of the next user turn. So instructions move to `system`, neighbours with one role
become one turn, and tool results become blocks of a user turn. The first and the last turn are the
user's: OpenAI's models write a new message behind the assistant's last one, while Converse would have
it gone on with, which newer models refuse.
"""

from typing import NamedTuple

from router.dialects.checks import Json, invalid, is_blank, text
from router.dialects.converse.caching import DROPPED
from router.dialects.converse.draft import Draft
from router.dialects.converse.tools import ToolCallIds

FILLER = "."
"""Stands where Bedrock wants text and the client has none; it refuses blank text."""


def text_block(draft: Draft, value: object, where: str) -> Json | None:
    """The block of a text; None for a blank one, which Bedrock refuses."""
    string = text(value, where)
    if not is_blank(string):
        return {"text": string}
    if string:
        draft.changes.add("blank text dropped")
    return None


class _Turn(NamedTuple):
    role: str
    results: list[Json]
    content: list[Json]


class Turns:
    """Takes a conversation in piece by piece, in the client's order, and adds it to the draft."""

    def __init__(self, draft: Draft) -> None:
        self.called: dict[str, None] = {}
        """The Bedrock names of the tools called so far, each once, in order."""
        self._draft = draft
        self._ids = ToolCallIds()
        self._system: list[Json] = []
        self._turns: list[_Turn] = []
        self._open_calls: dict[str, tuple[str, str]] = {}
        """The last assistant turn's calls without a result: client's id → (where, Bedrock's id)."""

    def system(self, blocks: list[Json]) -> None:
        """Adds instructions, wherever in the conversation they stand."""
        if blocks and self._turns:
            self._draft.changes.add("system messages moved to the front")
        if self._system or self._has_content(blocks):
            self._system += blocks

    @property
    def speaker(self) -> str:
        """The role of the last turn so far; "" when there is none."""
        return self._turns[-1].role if self._turns else ""

    def user(self, blocks: list[Json]) -> None:
        """Adds what the user says."""
        self._say("user", blocks)

    def assistant(self, blocks: list[Json]) -> None:
        """Adds what the assistant said or thought; its tool calls have a method of their own."""
        self._say("assistant", blocks)

    def tool_call(self, call_id: str, tool: str, arguments: Json, where: str) -> None:
        """Adds a call of the tool that Bedrock knows as `tool`; `where` is where its id stands."""
        if not self._draft.family.tools:
            raise invalid(where, "is the id of a tool call, of which this model takes none")
        turn = self._turn("assistant")
        if call_id in self._open_calls:
            raise invalid(where, "is the id of another tool call in the same turn")
        bedrock_id = self._ids.bedrock_id(call_id)
        self._open_calls[call_id] = (where, bedrock_id)
        self.called[tool] = None
        turn.content.append(
            {"toolUse": {"toolUseId": bedrock_id, "name": tool, "input": arguments}}
        )

    def tool_result(
        self, call_id: str, blocks: list[Json], where: str, *, failed: bool = False
    ) -> None:
        """Adds the result of the call with the client's id `call_id`, which stands at `where`.

        Cache points among `blocks` go behind all results of the turn, as Converse takes none inside.
        """
        call = self._open_calls.pop(call_id, None)
        if call is None:
            raise invalid(where, "answers no open tool call of the assistant message before it")
        points = [block for block in blocks if "cachePoint" in block]
        content = [block for block in blocks if "cachePoint" not in block] if points else blocks
        if not content:
            self._draft.changes.add("empty tool result filled")
            content = [{"text": FILLER}]
        result: Json = {"toolUseId": call[1], "content": content}
        if failed:
            result["status"] = "error"
        turn = self._turn("user")
        turn.results.append({"toolResult": result})
        turn.content.extend(points)

    def finish(self, where: str) -> None:
        """Writes `messages` and `system`; `where` is the field the conversation came in."""
        self._check_all_answered()
        if not self._turns and not self._system:
            raise invalid(where, "holds no text")
        if self._system and not self._draft.family.system:
            self._draft.changes.add("system messages moved into the first user turn")
            self._begin_with(self._system)
        elif self._system:
            self._draft.body["system"] = self._system
        if not self._turns or self._turns[0].role != "user":
            # OpenAI lets the assistant or nobody speak first.
            self._draft.changes.add("first user turn added")
            self._begin_with([{"text": FILLER}])
        if self._turns[-1].role != "user":
            self._draft.changes.add("last user turn added")
            self.user([{"text": FILLER}])
        if self._draft.document_names:
            self._put_text_beside_documents()
        self._draft.body["messages"] = [
            {"role": turn.role, "content": turn.results + turn.content} for turn in self._turns
        ]

    def _put_text_beside_documents(self) -> None:
        for turn in self._turns:
            if any("document" in block for block in turn.content) and not any(
                "text" in block for block in turn.content
            ):
                self._draft.changes.add("text added beside documents")
                turn.content.append({"text": FILLER})

    def _say(self, role: str, blocks: list[Json]) -> None:
        if self.speaker == role or self._has_content(blocks):
            self._turn(role).content.extend(blocks)

    def _has_content(self, blocks: list[Json]) -> bool:
        """Whether something can begin with these blocks, and not with a cache point alone."""
        if not all("cachePoint" in block for block in blocks):
            return True
        if blocks:
            self._draft.changes.add(DROPPED)
        return False

    def _begin_with(self, blocks: list[Json]) -> None:
        if not self._turns or self._turns[0].role != "user":
            self._turns.insert(0, _Turn("user", [], []))
        self._turns[0].content[:0] = blocks

    def _turn(self, role: str) -> _Turn:
        if not self._turns or self._turns[-1].role != role:
            if self._open_calls and role == "assistant":
                self._check_all_answered()
            self._turns.append(_Turn(role, [], []))
        return self._turns[-1]

    def _check_all_answered(self) -> None:
        for where, _ in self._open_calls.values():
            raise invalid(where, "is the id of a tool call that nothing answers")
