"""Items and records hold the same key, and a balance is right at any later instant."""

from hypothesis import given
from hypothesis import strategies as st
from ledger.money import UNLIMITED
from ledger.periods import NEVER, PERIODS, period
from ledger.records import Balance, Held, KeyRecord, balance, item_of, record_of
from ledger.usage import Counts

from tests.support.key_table import NOON, record

amounts = st.integers(0, UNLIMITED)
names = st.text("0123456789abcdef", min_size=1, max_size=16)
optional_limits = st.none() | st.integers(1, 10**9)
records = st.builds(
    KeyRecord,
    id=st.text("0123456789abcdefghijklmnopqrstuvwxyz", min_size=12, max_size=12),
    hash=st.text("0123456789abcdef", min_size=64, max_size=64),
    status=st.sampled_from(["active", "revoked"]),
    name=st.text(min_size=1),
    created_at=st.integers(0, NEVER),
    expires_at=st.integers(0, NEVER),
    credit_limit=amounts,
    remaining=st.integers(-UNLIMITED, UNLIMITED),
    spent=amounts,
    past_spent=amounts,
    held=st.dictionaries(names, st.builds(Held, amounts, st.integers(0, NEVER)), max_size=3),
    limit_period=st.sampled_from(PERIODS),
    period_ends=st.integers(0, NEVER),
    allowed_models=st.none() | st.frozensets(st.text(min_size=1), min_size=1, max_size=3),
    requests_per_minute=optional_limits,
    tokens_per_minute=optional_limits,
    minute=st.integers(0, NEVER),
    minute_requests=st.integers(0, 10**9),
    minute_tokens=st.integers(-(10**9), 10**9),
    usage=st.dictionaries(st.text(min_size=1), st.builds(Counts, *[amounts] * 8), max_size=3),
    usage_moves=st.integers(0, 10**9),
)


@given(records)
def test_an_item_holds_the_whole_record(record):
    assert record_of(item_of(record)) == record


def key(*, held: dict[str, Held], spent: int = 30, kind: str = "day") -> KeyRecord:
    reserved = sum(each.amount for each in held.values())
    return record(
        credit_limit=1000,
        remaining=1000 - spent - reserved,
        spent=spent,
        past_spent=5,
        held=held,
        limit_period=kind,
        period_ends=period(kind, NOON).ends,
    )


MIDNIGHT = period("day", NOON).ends


def test_a_reservation_in_flight_is_held_and_not_spent():
    made = key(held={"r": Held(100, NOON + 1)})
    assert balance(made, NOON) == Balance(
        spent=30, held=100, remaining=870, total_spent=35, period_ends=MIDNIGHT
    )


def test_a_reservation_becomes_a_charge_at_the_second_it_expires():
    made = key(held={"r": Held(100, NOON)})
    assert balance(made, NOON) == Balance(
        spent=130, held=0, remaining=870, total_spent=135, period_ends=MIDNIGHT
    )


def test_what_remains_is_what_the_table_says_while_the_period_lasts():
    made = key(held={"r": Held(100, NOON), "s": Held(7, NOON + 50)})
    assert balance(made, NOON).remaining == made.remaining


def test_a_period_that_is_over_counts_as_past_before_any_call_says_so():
    made = key(held={"r": Held(100, MIDNIGHT + 60)})
    assert balance(made, MIDNIGHT) == Balance(
        spent=0, held=100, remaining=900, total_spent=35, period_ends=MIDNIGHT + 86_400
    )


def test_a_lost_reservation_is_charged_to_the_period_in_which_it_expired():
    held = {"before": Held(100, MIDNIGHT - 1), "after": Held(20, MIDNIGHT)}
    assert balance(key(held=held), MIDNIGHT + 60) == Balance(
        spent=20, held=0, remaining=980, total_spent=155, period_ends=MIDNIGHT + 86_400
    )


def test_a_key_without_a_period_never_starts_anew():
    made = key(held={}, kind="none")
    assert balance(made, NOON + 10**9) == Balance(
        spent=30, held=0, remaining=970, total_spent=35, period_ends=NEVER
    )
