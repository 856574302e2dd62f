"""A text that fits a regular expression, always the same one."""

import re
import warnings
from importlib import import_module
from typing import Any

_PARSER: Any = import_module("re._parser")
_MOST_REPEATS = 1_000


def fitting(pattern: str, shortest: int = 0) -> str | None:
    """A text the pattern is found in, of at least so many characters; None when none was found."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = _PARSER.parse(pattern)
            expression = re.compile(pattern)
        text = ""
        for extra in range(min(shortest, _MOST_REPEATS) + 1):
            text = _write(tree, extra)
            if len(text) >= shortest:
                break
        return text if expression.search(text) else None
    except (re.error, RecursionError, OverflowError, ValueError):
        return None


def _write(tree: Any, extra: int) -> str:
    return "".join(_piece(str(operation), value, extra) for operation, value in tree)


def _piece(operation: str, value: Any, extra: int) -> str:
    match operation:
        case "LITERAL":
            return chr(value)
        case "NOT_LITERAL":
            return "b" if value == ord("a") else "a"
        case "ANY":
            return "a"
        case "IN":
            return _one_of(value)
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            least, most, inner = value
            repeats = min(int(least) + extra, int(most), _MOST_REPEATS)
            return _write(inner, 0) * repeats
        case "SUBPATTERN":
            return _write(value[-1], extra)
        case "ATOMIC_GROUP":
            return _write(value, extra)
        case "BRANCH":
            return _write(value[1][0], extra)
    return ""


_SAMPLES = "aA0 _-.\t\n!\u00e9"


def _one_of(options: Any) -> str:
    """A character of a set; the set is asked as the expression it was written as."""
    excluded = str(options[0][0]) == "NEGATE"
    if not excluded and str(options[0][0]) == "LITERAL":
        return chr(options[0][1])
    if not excluded and str(options[0][0]) == "RANGE":
        return chr(options[0][1][0])
    return next((one for one in _SAMPLES if _is_in(one, options[excluded:]) != excluded), "a")


def _is_in(character: str, options: Any) -> bool:
    code = ord(character)
    for operation, value in options:
        match str(operation):
            case "LITERAL" if code == value:
                return True
            case "RANGE" if value[0] <= code <= value[1]:
                return True
            case "CATEGORY" if _is_of(character, str(value)):
                return True
    return False


_CATEGORIES = {"DIGIT": r"\d", "SPACE": r"\s", "WORD": r"\w"}


def _is_of(character: str, category: str) -> bool:
    name = category.removeprefix("CATEGORY_")
    found = re.match(_CATEGORIES[name.removeprefix("NOT_")], character) is not None
    return found != name.startswith("NOT_")
