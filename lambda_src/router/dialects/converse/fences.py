"""JSON that a model writes into a fence of Markdown although it was asked not to."""

_FENCE = "```"
_LONGEST_PREAMBLE = 1_000
"""Characters before a fence; a text that goes on longer without one is passed on as it comes."""
_LONGEST_LABEL = 20
_JSON_BEGINS = frozenset('{["-0123456789')


class Unfencer:
    """Takes in a text in pieces and gives out the JSON in it, without Markdown's fence around it.

    Text without a fence comes out as it is.
    """

    def __init__(self) -> None:
        self._held = ""
        self._state = "unknown"
        """``unknown``, ``plain``, ``fenced``, or ``closed`` after the fence's end."""

    def feed(self, piece: str) -> str:
        """What of the text can be passed on by now."""
        self._held += piece
        if self._state == "unknown":
            self._look()
        if self._state == "plain":
            return self._take(len(self._held))
        if self._state == "fenced":
            return self._inside()
        return ""

    def finish(self) -> str:
        """What is left when the text is over."""
        return "" if self._state == "closed" else self._take(len(self._held))

    def _look(self) -> None:
        begun = self._held.lstrip()
        at = self._held.find(_FENCE, 0, _LONGEST_PREAMBLE)
        if begun and begun[0] in _JSON_BEGINS:
            self._state = "plain"
        elif at >= 0:
            self._open(at + len(_FENCE), behind_words=not begun.startswith(_FENCE))
        elif len(self._held) >= _LONGEST_PREAMBLE:
            self._state = "plain"

    def _open(self, at: int, *, behind_words: bool) -> None:
        """Looks at the label of a fence, which begins at `at`."""
        label, ended, rest = self._held[at:].partition("\n")
        if len(label) > _LONGEST_LABEL:
            self._state = "plain"
        elif ended:
            # Behind other words a fence without a label may hold anything.
            accepted = ("json",) if behind_words else ("json", "")
            self._state = "fenced" if label.strip().lower() in accepted else "plain"
            self._held = rest if self._state == "fenced" else self._held

    def _inside(self) -> str:
        # No string in JSON holds a bare line break, so this is not part of the answer.
        ending = "\n" + _FENCE
        at = self._held.find(ending)
        if at >= 0:
            self._state = "closed"
            return self._take(at)
        kept = next(n for n in (3, 2, 1, 0) if self._held.endswith(ending[:n]))
        return self._take(len(self._held) - kept)

    def _take(self, length: int) -> str:
        taken, self._held = self._held[:length], self._held[length:]
        return taken
