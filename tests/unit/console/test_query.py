"""Query strings: what is left out, what is read, and what is refused by name."""

from datetime import date

import pytest
from console import query
from console.errors import ApiError
from console.query import Days
from hypothesis import given
from hypothesis import strategies as st

NOW = 1_795_478_399.0
"""A second before the midnight that ends 23 November 2026, UTC."""


def test_without_days_they_are_the_last_thirty_with_today() -> None:
    assert query.days({}, NOW) == Days(date(2026, 10, 25), date(2026, 11, 23))
    assert query.days({}, NOW + 1) == Days(date(2026, 10, 26), date(2026, 11, 24))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"from": "2026-11-23"}, ("2026-11-23", "2026-11-23")),
        ({"to": "2026-10-31"}, ("2026-10-02", "2026-10-31")),
        ({"to": "0001-01-03"}, ("0001-01-01", "0001-01-03")),
        ({"from": "2025-10-20"}, ("2025-10-20", "2026-11-23")),
    ],
)
def test_either_day_may_be_left_out(asked: dict[str, str], expected: tuple[str, str]) -> None:
    assert tuple(map(str, query.days(asked, NOW))) == expected


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"from": "yesterday"}, "from"),
        ({"from": "20261101"}, "from"),
        ({"from": "2026-W48-1"}, "from"),
        ({"from": ""}, "from"),
        ({"from": "2026-02-30"}, "from"),
        ({"to": "2026-11-24"}, "to"),
        ({"to": "2026-11-3"}, "to"),
        ({"from": "2026-11-20", "to": "2026-11-19"}, "from"),
        ({"from": "2025-10-19"}, "from"),
    ],
)
def test_what_are_no_days_that_can_be_had_is_refused_by_name(
    asked: dict[str, str], field: str
) -> None:
    with pytest.raises(ApiError) as refused:
        query.days(asked, NOW)
    assert (refused.value.status, refused.value.field) == (400, field)


@given(
    st.fixed_dictionaries({}, optional={"from": st.text(max_size=12), "to": st.text(max_size=12)})
)
def test_any_text_is_days_or_refused(asked: dict[str, str]) -> None:
    try:
        first, last = query.days(asked, NOW)
    except ApiError as refused:
        named = refused.field
    else:
        named = None
        assert first <= last <= date(2026, 11, 23)
    assert named in {None, *asked}


@pytest.mark.parametrize(
    ("text", "hundredths"), [("0", 0), ("1", 100), ("0.5", 50), ("2.25", 225), ("100", 10_000)]
)
def test_a_percentage_is_read_exactly(text: str, hundredths: int) -> None:
    assert query.percentage({"tolerance": text}, "tolerance", "1") == hundredths
    assert query.percentage({}, "tolerance", text) == hundredths


@pytest.mark.parametrize("text", ["", "-1", "1.005", ".5", "1e1", "100.01", "0001", "½", "one"])
def test_another_text_is_no_percentage(text: str) -> None:
    with pytest.raises(ApiError) as refused:
        query.percentage({"tolerance": text}, "tolerance", "1")
    assert refused.value.field == "tolerance"


def test_words_keep_their_order_and_are_not_repeated() -> None:
    among = ("day", "model", "key")
    assert query.choice({"by": "key,day"}, "by", among, "day") == ("key", "day")
    assert query.choice({}, "by", among, "day,model") == ("day", "model")
    for wrong in ("", "day,", "day,day", "hour", "day model"):
        with pytest.raises(ApiError, match="by must be one or more of day, model, key"):
            query.choice({"by": wrong}, "by", among, "day")


def test_a_parameter_that_means_nothing_here_is_refused() -> None:
    query.only({"from": "x"}, "from", "to")
    with pytest.raises(ApiError, match="query takes `from` and `to` only"):
        query.only({"since": "x"}, "from", "to")


def test_a_cursor_comes_back_as_the_row_it_stands_for() -> None:
    row = "001750000000#abc"
    cursor = query.cursor(row)
    assert cursor is not None
    assert query.page({"cursor": cursor}, 50) == (50, row)
    assert query.cursor(None) is None
