"""What keys use is counted with each settlement, leaves their items in time and is read as one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger import usage
from ledger.administration import UnknownKey
from ledger.records import balance, record_of
from ledger.table import TableUnavailable
from ledger.usage import KEPT_S, UNSETTLED, Counts, UsageRow, added

from tests.support.key_table import (
    NOON,
    TABLE_NAME,
    lost_answer,
    nothing,
    outage,
    overtaken_by,
    repeated,
    stored_item,
)

DAY = 86_400
FLIGHT = 1000
TODAY, TOMORROW = "2025-06-15", "2025-06-16"
ALWAYS = ("0000-00-00", "9999-99-99")

ONE = Counts(1, 0, 25, 3, 4, 5, 6, 7)


@pytest.fixture
def call(ledger, clock):
    """Admits and settles a call."""

    def make(key, counts=ONE, model="m", by=ledger):
        reservation = by.admit(
            key,
            models=("m",),
            counted_as=model,
            amount=100,
            least=100,
            input_tokens=0,
            expires=int(clock()) + FLIGHT,
        )
        assert by.settle(reservation, counts)

    return make


@pytest.fixture
def lose(ledger, clock):
    """Admits a call of 100 picodollars that nobody settles."""

    def make(key):
        ledger.admit(
            key,
            models=("m",),
            counted_as="m",
            amount=100,
            least=100,
            input_tokens=0,
            expires=int(clock()) + FLIGHT,
        )

    return make


def in_item(table, key):
    return record_of(stored_item(table, key.id)).usage


class TestSettlement:
    def test_every_count_adds_up_by_day_and_model(
        self, call, new_key, administration, clock
    ) -> None:
        key = new_key()
        call(key)
        call(key, Counts(1, 1, 9, output=2))
        call(key, model="n")
        clock.seconds += DAY
        call(key)
        assert administration.usage(key.id, *ALWAYS) == [
            UsageRow(TODAY, "m", Counts(2, 1, 34, 3, 6, 5, 6, 7)),
            UsageRow(TODAY, "n", ONE),
            UsageRow(TOMORROW, "m", ONE),
        ]

    def test_a_call_that_cost_nothing_and_used_nothing_is_not_counted(
        self, call, new_key, administration
    ) -> None:
        key = new_key()
        call(key, Counts())
        assert administration.usage(key.id, *ALWAYS) == []

    def test_it_takes_one_round_trip_from_the_second_call_on_and_for_the_first(
        self, call, new_key, table
    ) -> None:
        key = new_key()
        for _ in range(3):
            table.operations.clear()
            call(key)
            assert [operation for operation, _ in table.operations] == ["UpdateItem"] * 2

    def test_a_row_that_another_process_has_begun_is_added_to(
        self, call, new_key, administration, table
    ) -> None:
        key = new_key()
        table.mishaps = [nothing, overtaken_by(lambda: call(key))]
        call(key)
        assert administration.usage(key.id, *ALWAYS) == [UsageRow(TODAY, "m", ONE.plus(ONE))]

    def test_a_repeated_settlement_counts_once(self, call, new_key, administration, table) -> None:
        key = new_key()
        call(key)
        table.mishaps = [nothing, repeated]
        with pytest.raises(AssertionError):
            # What it is told is that the call was settled before, which it was, by itself.
            call(key)
        assert administration.usage(key.id, *ALWAYS) == [UsageRow(TODAY, "m", ONE.plus(ONE))]


class TestLostCalls:
    def test_they_count_on_the_day_they_expired_before_and_after_they_are_swept(
        self, call, lose, new_key, administration, clock
    ) -> None:
        key = new_key()
        lose(key)
        clock.seconds += FLIGHT - 1
        assert administration.usage(key.id, *ALWAYS) == []
        clock.seconds += 3 * DAY
        lost = UsageRow(TODAY, UNSETTLED, Counts(1, 1, 100))
        assert administration.usage(key.id, *ALWAYS) == [lost]
        call(key)
        assert administration.usage(key.id, TODAY, TODAY) == [lost]
        assert balance(administration.get(key.id), NOON).held == 0

    def test_those_of_one_day_are_one_row(self, lose, call, new_key, administration, clock) -> None:
        key = new_key()
        lose(key)
        lose(key)
        clock.seconds += DAY
        lose(key)
        clock.seconds += DAY
        call(key)
        call(key)
        assert administration.usage(key.id, *ALWAYS)[:2] == [
            UsageRow(TODAY, UNSETTLED, Counts(2, 2, 200)),
            UsageRow(TOMORROW, UNSETTLED, Counts(1, 1, 100)),
        ]


class TestMove:
    def test_yesterdays_rows_leave_the_item_with_the_first_settlement_of_a_day(
        self, call, new_key, administration, table, clock
    ) -> None:
        key = new_key()
        call(key)
        call(key, model="n")
        clock.seconds += DAY
        call(key)
        assert set(in_item(table, key)) == {f"{TOMORROW}#m"}
        assert [row.day for row in administration.usage(key.id, *ALWAYS)] == [
            TODAY,
            TODAY,
            TOMORROW,
        ]

    def test_their_items_are_kept_for_400_days(self, call, new_key, table, clock) -> None:
        key = new_key()
        call(key)
        clock.seconds += DAY
        call(key)
        item = table(
            "GetItem",
            {
                "TableName": TABLE_NAME,
                "Key": {"pk": {"S": f"key#{key.id}"}, "sk": {"S": f"usage#{TODAY}#m"}},
            },
        )["Item"]
        assert int(item["ttl"]["N"]) == NOON + DAY + KEPT_S
        assert item["cost"] == {"N": "25"}

    def test_too_many_models_leave_the_item_before_the_day_is_over(
        self, call, new_key, administration, table
    ) -> None:
        key = new_key()
        models = [f"m{number}" for number in range(3 * usage.ROWS_IN_KEY)]
        for model in models:
            call(key, model=model)
            assert len(in_item(table, key)) <= usage.ROWS_IN_KEY
        call(key, model="m0")
        told = administration.usage(key.id, *ALWAYS)
        assert {row.model: row.counts.requests for row in told} == dict.fromkeys(models, 1) | {
            "m0": 2
        }

    @pytest.mark.parametrize("mishap", [outage, lost_answer, repeated])
    def test_one_that_fails_or_is_repeated_loses_and_doubles_nothing(
        self, call, new_key, administration, table, clock, mishap
    ) -> None:
        key = new_key()
        call(key)
        clock.seconds += DAY
        table.mishaps = [nothing, nothing, mishap]
        call(key)
        call(key)
        assert administration.usage(key.id, *ALWAYS) == [
            UsageRow(TODAY, "m", ONE),
            UsageRow(TOMORROW, "m", ONE.plus(ONE)),
        ]

    def test_a_row_that_is_added_to_meanwhile_stays_with_all_it_counts(
        self, call, new_key, administration, table, monkeypatch
    ) -> None:
        monkeypatch.setattr(usage, "ROWS_IN_KEY", 1)
        key = new_key()
        call(key, model="n")
        table.mishaps = [nothing, nothing, overtaken_by(lambda: call(key, model="n"))]
        call(key)
        assert administration.usage(key.id, *ALWAYS) == [
            UsageRow(TODAY, "m", ONE),
            UsageRow(TODAY, "n", ONE.plus(ONE)),
        ]

    def test_a_settlement_by_a_clock_that_is_behind_is_not_lost(
        self, call, new_key, administration, clock
    ) -> None:
        key = new_key()
        call(key)
        clock.seconds += DAY
        call(key)
        clock.seconds -= DAY
        call(key)
        clock.seconds += DAY
        call(key)
        assert administration.usage(key.id, TODAY, TODAY) == [UsageRow(TODAY, "m", ONE.plus(ONE))]


class TestReading:
    def test_it_is_limited_to_the_days_asked_for(
        self, call, new_key, administration, clock
    ) -> None:
        key = new_key()
        for _ in range(4):
            call(key)
            clock.seconds += DAY
        told = administration.usage(key.id, TOMORROW, "2025-06-17")
        assert [row.day for row in told] == [TOMORROW, "2025-06-17"]

    def test_rows_that_leave_the_item_meanwhile_are_met_once(
        self, call, new_key, administration, table, clock
    ) -> None:
        key = new_key()
        call(key)
        clock.seconds += DAY
        table.mishaps = [nothing, overtaken_by(lambda: call(key))]
        assert administration.usage(key.id, *ALWAYS) == [
            UsageRow(TODAY, "m", ONE),
            UsageRow(TOMORROW, "m", ONE),
        ]

    def test_a_key_that_changes_all_the_while_is_an_error_and_not_a_wrong_sum(
        self, call, new_key, administration, table, clock
    ) -> None:
        key = new_key()

        def another_day() -> None:
            table.mishaps = []
            clock.seconds += DAY
            call(key)
            table.mishaps = [nothing, nothing, overtaken_by(another_day)]

        call(key)
        table.mishaps = [nothing, overtaken_by(another_day)]
        with pytest.raises(TableUnavailable):
            administration.usage(key.id, *ALWAYS)

    def test_an_unknown_key_has_none(self, administration) -> None:
        with pytest.raises(UnknownKey):
            administration.usage("a" * 12, *ALWAYS)

    def test_all_keys_are_read_page_by_page_newest_first(
        self, call, new_key, administration, clock
    ) -> None:
        keys = []
        for _ in range(3):
            clock.seconds += 1
            keys.append(new_key())
            call(keys[-1])
        first = administration.usage_page(2, None, *ALWAYS)
        rest = administration.usage_page(2, first.after, *ALWAYS)
        rows = [UsageRow(TODAY, "m", ONE)]
        assert list((first.keys | rest.keys).items()) == [(key.id, rows) for key in reversed(keys)]
        assert rest.after is None

    def test_a_page_meets_rows_once_that_leave_their_item_meanwhile(
        self, call, new_key, administration, table, clock
    ) -> None:
        key = new_key()
        call(key)
        clock.seconds += DAY
        table.mishaps = [nothing, nothing, overtaken_by(lambda: call(key))]
        page = administration.usage_page(10, None, *ALWAYS)
        assert page.keys == {key.id: administration.usage(key.id, *ALWAYS)}
        assert len(page.keys[key.id]) == 2

    def test_a_revoked_keys_usage_is_read_as_before(self, call, new_key, administration) -> None:
        key = new_key()
        call(key)
        administration.revoke(key.id)
        assert administration.usage(key.id, *ALWAYS) == [UsageRow(TODAY, "m", ONE)]
        assert administration.usage_page(1, None, *ALWAYS).keys[key.id]


counts = st.builds(Counts, *[st.integers(0, 10**24)] * 8)
tables = st.dictionaries(st.sampled_from(["2026-01-01#m", "2026-01-02#m"]), counts)


@given(tables, tables, tables)
def test_adding_rows_is_a_sum_in_any_order(one, two, three) -> None:
    assert added(one, two) == added(two, one)
    assert added(added(one, two), three) == added(one, added(two, three))
    assert added(one, {}) == one
