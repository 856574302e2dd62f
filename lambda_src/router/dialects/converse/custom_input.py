"""The input of a custom tool, read out of the arguments of the function that stands for it."""

import json

from router.dialects.converse.tools import CUSTOM_INPUT, custom_input

_HIGH_SURROGATES = frozenset({"d8", "d9", "da", "db"})


class CustomInput:
    """Takes in the arguments' JSON in pieces and gives out the text of the input in it.

    The arguments are ``{"input": "…"}``, of which the string is decoded as it comes. What begins in
    any other way is held back until all of it is there.
    """

    def __init__(self) -> None:
        self._held = ""
        """What has come and is not decoded yet."""
        self._begun = False
        self._ended = False

    def feed(self, piece: str) -> str:
        """What the piece adds to the input."""
        if self._ended:
            return ""
        self._held += piece
        if not self._begun:
            start = _start_of_text(self._held)
            if start < 0:
                return ""
            self._begun = True
            self._held = self._held[start:]
        end, self._ended = _decodable(self._held)
        found = _decoded(self._held[:end])
        self._held = self._held[end:]
        return found

    def finish(self) -> str:
        """What is still to be told when the arguments have ended."""
        if self._begun or not self._held:
            # What is held now is an escape that was cut off, or what follows the text.
            return ""
        try:
            return custom_input(json.loads(self._held, strict=False))
        except (ValueError, RecursionError):
            # Cut off, or no JSON: better told as it is than not at all.
            return self._held


def _start_of_text(arguments: str) -> int:
    """Where the text of the input begins; -1 where it has not begun."""
    place = 0
    for token in ("{", f'"{CUSTOM_INPUT}"', ":", '"'):
        rest = arguments[place : place + 100].lstrip()
        if not rest.startswith(token):
            return -1
        place = arguments.index(token, place) + len(token)
    return place


def _decodable(text: str) -> tuple[int, bool]:
    """How much of a JSON string's text can be decoded, and whether the string ends there."""
    place = 0
    while True:
        quote, escape = text.find('"', place), text.find("\\", place)
        if escape < 0 or 0 <= quote < escape:
            return (quote, True) if quote >= 0 else (len(text), False)
        place = _end_of_escape(text, escape)
        if place > len(text):
            return escape, False


def _end_of_escape(text: str, start: int) -> int:
    """Where the escape at `start` ends, which may be behind the end of the text as it stands."""
    if text[start + 1 : start + 2] != "u":
        return start + 2
    if text[start + 2 : start + 4].lower() not in _HIGH_SURROGATES:
        return start + 6
    # Half of a character. The other half is an escape too.
    following = text[start + 6 : start + 8]
    return start + 12 if "\\u".startswith(following) else start + 6


def _decoded(text: str) -> str:
    try:
        found: str = json.loads(f'"{text}"', strict=False)
    except ValueError:
        # The model's own mistake, such as an escape that JSON has not.
        return text
    return found
