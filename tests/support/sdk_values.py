"""What OpenAI's own SDK declares a parameter may be, as a Hypothesis strategy.

The SDK's annotations are the oracle: whatever they allow, a client may send.
"""

import typing
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import typing_extensions
from hypothesis import strategies as st

from tests.support.json_values import ANY_JSON, TEXT

Strategy = st.SearchStrategy[Any]

_MOST_OPTIONAL = 4
"""Optional members an object has at once: with more of them hardly any request would be accepted."""

_LONGEST_LIST = 3

_NUMBERS: dict[type, Strategy] = {
    bool: st.booleans(),
    int: st.sampled_from([0, 1, 2, 5, 64, 4096, -1, 10**6, 2**31, 2**63]),
    float: st.sampled_from([0, 1, 0.5, 2, -2, 1e-9, 3.0]),
    NoneType: st.none(),
}

_REQUIRED = (typing.Required, typing_extensions.Required)

_QUALIFIERS = (*_REQUIRED, typing.NotRequired, typing_extensions.NotRequired, typing.Annotated)


class SdkValues:
    """Strategies for the SDK's annotations."""

    def __init__(self, texts: Mapping[str, Strategy], objects: Mapping[str, Strategy]) -> None:
        """By a member's name, what its strings and its objects of any content are."""
        self._texts = texts
        self._free = objects
        self._objects: dict[Any, Strategy] = {}

    def of(self, annotation: Any, member: str = "") -> Strategy:
        """The values of an annotation, which is that of the member of that name."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if typing_extensions.is_typeddict(annotation):
            return self._object(annotation)
        if origin in _QUALIFIERS:
            return self.of(arguments[0], member)
        if origin is Literal:
            return st.sampled_from(arguments)
        if origin in (Union, UnionType):
            return st.one_of([self.of(choice, member) for choice in arguments])
        if origin in (dict, Mapping):
            anything = st.dictionaries(TEXT, self.of(arguments[1]), max_size=_LONGEST_LIST)
            return self._free.get(member, anything) | anything
        if origin in (list, Iterable, Sequence):
            return st.lists(self.of(arguments[0], member), max_size=_LONGEST_LIST)
        if annotation is str:
            return self._texts.get(member, TEXT)
        return _NUMBERS.get(annotation, ANY_JSON)

    def _object(self, typed_dict: Any) -> Strategy:
        if typed_dict not in self._objects:
            # Types may hold themselves.
            self._objects[typed_dict] = st.deferred(lambda: self._members(typed_dict))
        return self._objects[typed_dict]

    def _members(self, typed_dict: Any) -> Strategy:
        # Not `__required_keys__`, which does not see through annotations that are strings.
        required, optional = {}, {}
        for name, annotation in _hints(typed_dict).items():
            members = required if get_origin(annotation) in _REQUIRED else optional
            members[name] = self.of(annotation, name)
        if not optional:
            return st.fixed_dictionaries(required)
        some = st.lists(st.sampled_from(list(optional)), max_size=_MOST_OPTIONAL, unique=True)
        return some.flatmap(
            lambda names: st.fixed_dictionaries(
                {**required, **{name: optional[name] for name in names}}
            )
        )


@cache
def _hints(typed_dict: Any) -> dict[str, Any]:
    return typing.get_type_hints(typed_dict, include_extras=True)
