"""JSON of any kind, and places in it."""

from typing import Any

from hypothesis import strategies as st

CHARACTERS = st.characters(codec=None)
"""All of Unicode, halves of surrogate pairs too, as JSON's escapes can spell them."""

TEXT = st.sampled_from(["Hi", "", " \n", "né", "{}", "a.b", "\0"]) | st.text(max_size=6)

NUMBERS = (
    st.sampled_from([0, 1, -1, 0.5, 2**31, -(2**63), 10**400, 1e308, -0.0, 1e-320])
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
)

SCALARS = st.none() | st.booleans() | NUMBERS | st.text(CHARACTERS, max_size=5)

ANY_JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(CHARACTERS, max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)

Place = tuple[Any, ...]
"""Keys and indexes, from the outermost."""


def places(tree: Any, path: Place = ()) -> list[Place]:
    """Where the values inside a JSON value are."""
    inner = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    return [place for key, value in inner for place in ((*path, key), *places(value, (*path, key)))]


def at(tree: Any, place: Place) -> Any:
    """The value at a place."""
    for key in place:
        tree = tree[key]
    return tree
