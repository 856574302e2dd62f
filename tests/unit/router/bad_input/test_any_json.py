"""Whatever JSON a body is, it is answered, or refused by the name of the field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.bad_input import examples, whole_router
from tests.support.json_values import ANY_JSON, CHARACTERS, SCALARS, at, places
from tests.support.openai_requests import OTHER_NAMES
from tests.support.protocols import REQUESTS, assert_proper, models_for


def check(path: str, body: Any) -> None:
    outcome = whole_router().send("POST", path, json.dumps(body).encode())
    assert_proper(path, body, outcome)


def alike(path: str) -> st.SearchStrategy[dict[str, Any]]:
    """Objects put together from the names and words of requests, in no order."""
    found = [(place[-1], at(body, place)) for body in REQUESTS[path] for place in places(body)]
    names = sorted({name for name, _ in found if isinstance(name, str)})
    words = sorted({word for _, word in found if isinstance(word, str) and len(word) < 30})
    values = st.recursive(
        SCALARS | st.sampled_from(words),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(names), inner, max_size=4)
        ),
        max_leaves=10,
    )
    top = sorted({name for body in REQUESTS[path] for name in body})
    return st.builds(
        lambda body, model: {**body, "model": model},
        st.dictionaries(st.sampled_from(top) | st.text(CHARACTERS, max_size=5), values, max_size=5),
        st.sampled_from(models_for(path)),
    )


@pytest.mark.parametrize("path", REQUESTS)
@given(data=st.data())
@examples(100)
def test_any_json(path: str, data: st.DataObject) -> None:
    check(path, data.draw(ANY_JSON))


@pytest.mark.parametrize("path", REQUESTS)
@given(data=st.data())
@examples(100)
def test_any_object_of_the_words_of_the_protocol(path: str, data: st.DataObject) -> None:
    check(path, data.draw(alike(path)))


@pytest.mark.parametrize("path", REQUESTS)
@given(model=ANY_JSON | st.text(CHARACTERS, max_size=20) | st.sampled_from(OTHER_NAMES))
@examples(100)
def test_any_model(path: str, model: Any) -> None:
    check(path, {**REQUESTS[path][0], "model": model})
