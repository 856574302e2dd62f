"""Keys are created, listed, amended and revoked exactly, also while calls are in flight."""

import itertools
import json
import os

import pytest
from ledger.administration import ATTEMPTS, DIRECTORY, RevokedKey, UnknownKey
from ledger.items import SWEEP_AT_ONCE
from ledger.keys import identify
from ledger.money import UNLIMITED
from ledger.periods import NEVER, period
from ledger.records import balance
from ledger.table import TableUnavailable
from ledger.usage import KEPT_S

from tests.support.key_table import (
    NOON,
    SECRET,
    TABLE_NAME,
    nothing,
    outage,
    overtaken_by,
    repeated,
    stored_item,
    terms,
    used,
)

DAY = 86_400


@pytest.fixture
def admit(ledger, clock):
    def make(key, amount):
        return ledger.admit(
            key,
            models=("m",),
            counted_as="m",
            amount=amount,
            least=amount,
            input_tokens=0,
            expires=int(clock()) + 1000,
        )

    return make


def directory(table):
    answer = table("Scan", {"TableName": TABLE_NAME})
    return [item for item in answer["Items"] if item["pk"]["S"] == DIRECTORY]


class TestCreate:
    def test_a_new_key_proves_itself_and_has_its_terms(self, administration):
        asked = terms(
            name="Ada",
            credit_limit=500,
            limit_period="week",
            expires_at=NOON + DAY,
            allowed_models=frozenset({"a*"}),
            requests_per_minute=5,
            tokens_per_minute=9,
        )
        minted, record = administration.create(asked, SECRET, os.urandom)
        credential = identify(minted.key, [SECRET])
        assert credential == (record.id, record.hash)
        assert administration.get(record.id) == record
        assert {name: getattr(record, name) for name in asked._fields} == asked._asdict()
        assert record.period_ends == period("week", NOON).ends
        assert (record.remaining, record.spent, record.held) == (500, 0, {})

    def test_the_key_itself_is_nowhere_in_the_table(self, administration, table):
        minted, _ = administration.create(terms(), SECRET, os.urandom)
        secret_part = minted.key[19:]
        stored = json.dumps(table("Scan", {"TableName": TABLE_NAME})["Items"])
        assert minted.id in stored
        assert secret_part not in stored
        assert secret_part[:-17] not in stored

    def test_a_taken_id_is_not_overwritten(self, administration):
        draws = iter([b"\x01", b"\x02", b"\x01", b"\x03", b"\x04", b"\x05"])
        first, _ = administration.create(terms(name="first"), SECRET, lambda n: next(draws) * n)
        second, _ = administration.create(terms(name="second"), SECRET, lambda n: next(draws) * n)
        assert first.id != second.id
        assert administration.get(first.id).name == "first"
        assert administration.get(second.id).name == "second"

    def test_randomness_that_never_gives_a_free_id_is_given_up(self, administration):
        administration.create(terms(), SECRET, bytes)
        with pytest.raises(TableUnavailable, match="id"):
            administration.create(terms(), SECRET, bytes)

    def test_an_outage_leaves_neither_key_nor_row(self, administration, table):
        table.mishaps = [outage]
        with pytest.raises(TableUnavailable):
            administration.create(terms(), SECRET, os.urandom)
        assert table("Scan", {"TableName": TABLE_NAME})["Items"] == []


class TestGetAndPage:
    def test_an_unknown_key_is_told(self, administration):
        with pytest.raises(UnknownKey):
            administration.get("0" * 12)

    def test_pages_hold_every_key_once_newest_first(self, administration, new_key, clock):
        made = []
        for _ in range(7):
            clock.seconds += 1
            made.append(new_key().id)
        listed, after, sizes = [], None, []
        while True:
            page = administration.page(3, after)
            listed += [record.id for record in page.records]
            sizes.append(len(page.records))
            if page.after is None:
                break
            after = page.after
        assert listed == made[::-1]
        assert sizes == [3, 3, 1]

    def test_a_full_last_page_has_no_next_one(self, administration, new_key):
        for _ in range(3):
            new_key()
        assert administration.page(3, None).after is None

    def test_no_keys_is_an_empty_page(self, administration):
        assert administration.page(10, None) == ([], None)

    def test_the_largest_page_reads_all_its_keys(self, administration, new_key):
        made = {new_key().id for _ in range(101)}
        page = administration.page(100, None)
        assert len(page.records) == 100
        rest = administration.page(100, page.after)
        assert {record.id for record in page.records + rest.records} == made

    def test_keys_left_unread_by_a_throttle_are_read_again(self, administration, new_key, table):
        made = {new_key().id for _ in range(4)}

        def half(perform):
            answer = perform()
            items = answer["Responses"][TABLE_NAME]
            left = [{"pk": item["pk"], "sk": item["sk"]} for item in items[2:]]
            unread = {TABLE_NAME: {"Keys": left, "ConsistentRead": True}}
            return {"Responses": {TABLE_NAME: items[:2]}, "UnprocessedKeys": unread}

        table.mishaps = [nothing, half]
        mark = len(table.operations)
        assert {record.id for record in administration.page(10, None).records} == made
        assert table.calls_since(mark) == ["Query", "BatchGetItem", "BatchGetItem"]

    def test_keys_that_stay_unread_are_an_error_not_a_gap(self, administration, new_key, table):
        new_key()

        def none(perform):
            return {"Responses": {}, "UnprocessedKeys": perform()["UnprocessedKeys"] or unread}

        unread = {TABLE_NAME: {"Keys": [{"pk": {"S": "key#0"}, "sk": {"S": "key"}}]}}
        table.mishaps = [nothing, *[none] * 20]
        with pytest.raises(TableUnavailable, match="unread"):
            administration.page(10, None)

    def test_a_row_whose_key_is_gone_is_passed_over(self, administration, new_key, table):
        gone, stays = new_key().id, new_key().id
        key = {"pk": {"S": f"key#{gone}"}, "sk": {"S": "key"}}
        table("DeleteItem", {"TableName": TABLE_NAME, "Key": key})
        assert [record.id for record in administration.page(10, None).records] == [stays]


class TestAmend:
    def test_each_term_can_be_changed_alone(self, administration, new_key):
        key = new_key()
        for change in (
            {"name": "new"},
            {"credit_limit": 70},
            {"limit_period": "month"},
            {"expires_at": NOON + DAY},
            {"allowed_models": frozenset({"a", "b"})},
            {"requests_per_minute": 3},
            {"tokens_per_minute": 4},
        ):
            before = administration.get(key.id)
            after = administration.amend(key.id, change)
            assert after == administration.get(key.id)
            derived = {"remaining", "period_ends"}
            changed = {
                name for name in before._fields if getattr(before, name) != getattr(after, name)
            }
            assert changed - derived == set(change)

    def test_limits_can_be_taken_away(self, administration, new_key):
        key = new_key(allowed_models=frozenset({"a"}), requests_per_minute=1, tokens_per_minute=1)
        after = administration.amend(
            key.id,
            {"allowed_models": None, "requests_per_minute": None, "tokens_per_minute": None},
        )
        assert (after.allowed_models, after.requests_per_minute, after.tokens_per_minute) == (
            None,
            None,
            None,
        )

    @pytest.mark.parametrize(
        ("old", "new", "remaining"), [(100, 150, 65), (100, 50, -35), (100, 0, -85)]
    )
    def test_a_new_limit_keeps_what_is_spent_and_held(
        self, administration, new_key, admit, ledger, old, new, remaining
    ):
        key = new_key(credit_limit=old)
        ledger.settle(admit(key, 60), used(25, 0))
        admit(key, 60)
        after = administration.amend(key.id, {"credit_limit": new})
        assert (after.spent, after.remaining) == (25, remaining)

    def test_a_limit_can_be_lifted_and_set_again(self, administration, new_key, admit, ledger):
        key = new_key(credit_limit=100)
        ledger.settle(admit(key, 60), used(25, 0))
        administration.amend(key.id, {"credit_limit": UNLIMITED})
        admit(key, 10**20)
        after = administration.amend(key.id, {"credit_limit": 100})
        assert after.remaining == 75 - 10**20

    def test_a_limit_amended_by_two_at_once_ends_as_one_of_them_said(
        self, administration, new_key, table
    ):
        key = new_key(credit_limit=100)
        other = overtaken_by(lambda: administration.amend(key.id, {"credit_limit": 300}))
        table.mishaps = [nothing, other]
        after = administration.amend(key.id, {"credit_limit": 150})
        assert (after.credit_limit, after.remaining) == (150, 150)

    def test_an_amendment_sent_again_counts_once(self, administration, new_key, table):
        key = new_key(credit_limit=100)
        table.mishaps = [nothing, repeated]
        after = administration.amend(key.id, {"credit_limit": 150, "limit_period": "day"})
        assert (after.credit_limit, after.remaining) == (150, 150)

    def test_calls_admitted_meanwhile_are_not_forgotten(
        self, administration, new_key, admit, table
    ):
        key = new_key(credit_limit=100)
        table.mishaps = [nothing, overtaken_by(lambda: admit(key, 60))]
        after = administration.amend(key.id, {"credit_limit": 150})
        assert after.remaining == 90

    def test_a_new_period_keeps_the_spending_of_the_present_one(
        self, administration, new_key, admit, ledger
    ):
        key = new_key(credit_limit=100)
        ledger.settle(admit(key, 60), used(25, 0))
        after = administration.amend(key.id, {"limit_period": "day"})
        assert (after.spent, after.remaining) == (25, 75)
        assert after.period_ends == period("day", NOON).ends
        assert balance(after, NOON + DAY).remaining == 100

    def test_a_period_that_is_over_ends_before_another_kind_begins(
        self, administration, new_key, admit, ledger, clock
    ):
        key = new_key(credit_limit=100, limit_period="day")
        ledger.settle(admit(key, 60), used(25, 0))
        clock.seconds += DAY
        after = administration.amend(key.id, {"limit_period": "none"})
        assert (after.spent, after.past_spent, after.remaining) == (0, 25, 100)
        assert after.period_ends == NEVER

    def test_a_period_amended_by_two_at_once_ends_as_its_kind_says(
        self, administration, new_key, table
    ):
        key = new_key(limit_period="day")
        other = overtaken_by(lambda: administration.amend(key.id, {"limit_period": "month"}))
        table.mishaps = [nothing, other]
        after = administration.amend(key.id, {"limit_period": "day"})
        assert (after.limit_period, after.period_ends) == ("day", period("day", NOON).ends)

    def test_many_lost_calls_of_a_past_period_are_charged_to_it(
        self, administration, new_key, admit, clock
    ):
        key = new_key(credit_limit=10**6, limit_period="day")
        for _ in range(SWEEP_AT_ONCE + 1):
            admit(key, 10)
        clock.seconds += DAY
        after = administration.amend(key.id, {"limit_period": "week"})
        assert (after.spent, after.past_spent) == (0, 10 * (SWEEP_AT_ONCE + 1))

    def test_no_change_reads_only(self, administration, new_key, table):
        key = new_key()
        mark = len(table.operations)
        assert administration.amend(key.id, {}).id == key.id
        assert table.calls_since(mark) == ["GetItem"]

    def test_an_unknown_key_is_told(self, administration):
        with pytest.raises(UnknownKey):
            administration.amend("0" * 12, {"name": "x"})

    def test_a_revoked_key_is_told(self, administration, new_key):
        key = new_key()
        administration.revoke(key.id)
        with pytest.raises(RevokedKey):
            administration.amend(key.id, {"name": "x"})

    def test_a_key_revoked_meanwhile_stays_as_it_was(self, administration, new_key, table):
        key = new_key(name="old")
        table.mishaps = [nothing, overtaken_by(lambda: administration.revoke(key.id))]
        with pytest.raises(RevokedKey):
            administration.amend(key.id, {"name": "new"})
        assert administration.get(key.id).name == "old"

    def test_a_key_gone_meanwhile_is_told(self, administration, new_key, table):
        key = new_key()
        request = {
            "TableName": TABLE_NAME,
            "Key": {"pk": {"S": f"key#{key.id}"}, "sk": {"S": "key"}},
        }
        table.mishaps = [nothing, overtaken_by(lambda: table("DeleteItem", request))]
        with pytest.raises(UnknownKey):
            administration.amend(key.id, {"name": "new"})

    def test_a_limit_that_never_stands_still_is_given_up_as_unavailable(
        self, administration, new_key, table
    ):
        key = new_key(credit_limit=0)

        def raise_limit(limit):
            return overtaken_by(lambda: administration.amend(key.id, {"credit_limit": limit}))

        # each raise reads and writes once itself
        raises = [[raise_limit(limit), nothing, nothing] for limit in range(1, ATTEMPTS + 1)]
        table.mishaps = [nothing, *itertools.chain.from_iterable(raises)]
        with pytest.raises(TableUnavailable, match="faster"):
            administration.amend(key.id, {"credit_limit": 100})
        assert administration.get(key.id).remaining == ATTEMPTS


class TestRevoke:
    def test_a_revoked_key_stays_readable_for_400_days(self, administration, new_key, table):
        key = new_key(credit_limit=100)
        assert administration.revoke(key.id).status == "revoked"
        assert administration.get(key.id).status == "revoked"
        until = {"N": str(NOON + 400 * DAY)}
        assert stored_item(table, key.id)["ttl"] == until
        assert [row["ttl"] for row in directory(table)] == [until]

    def test_live_keys_have_no_end_in_the_table(self, new_key, table):
        key = new_key(expires_at=NOON + 5)
        assert "ttl" not in stored_item(table, key.id)
        assert "ttl" not in directory(table)[0]

    def test_revoking_twice_is_as_good_as_once(self, administration, new_key, table, clock):
        key = new_key()
        administration.revoke(key.id)
        clock.seconds += DAY
        assert administration.revoke(key.id).status == "revoked"
        assert stored_item(table, key.id)["ttl"] == {"N": str(NOON + KEPT_S)}
        assert len(directory(table)) == 1

    def test_a_revocation_cut_short_is_completed_by_the_next(self, administration, new_key, table):
        key = new_key()
        table.mishaps = [nothing, outage]
        with pytest.raises(TableUnavailable):
            administration.revoke(key.id)
        assert administration.get(key.id).status == "revoked"
        administration.revoke(key.id)
        assert "ttl" in directory(table)[0]

    def test_an_unknown_key_is_told_and_not_made(self, administration, table):
        with pytest.raises(UnknownKey):
            administration.revoke("0" * 12)
        assert table("Scan", {"TableName": TABLE_NAME})["Items"] == []
