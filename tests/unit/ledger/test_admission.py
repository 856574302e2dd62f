"""What is admitted, what is refused and why, in how many round trips, and what it does to the credit."""

import itertools

import pytest
from ledger import admission
from ledger.admission import ATTEMPTS, RESERVED_RETRY_S, Ledger, Refused, shortage
from ledger.items import SWEEP_AT_ONCE
from ledger.keys import Credential
from ledger.records import Balance, RateLimit, RateLimits, balance
from ledger.table import TableUnavailable

from tests.support.key_table import (
    NOON,
    TABLE_NAME,
    lost_answer,
    nothing,
    outage,
    overtaken_by,
    repeated,
    stored_item,
    used,
)

DAY = 86_400
FLIGHT = 1000
"""Seconds a reservation of these tests lives."""


@pytest.fixture
def admit(ledger, clock):
    """Admits a call on a credential, by default one of 10 picodollars, of which none can be spared."""

    def make(
        credential,
        *,
        models=("m",),
        counted_as="m",
        amount=10,
        least=None,
        input_tokens=7,
        by=ledger,
    ):
        return by.admit(
            credential,
            models=models,
            counted_as=counted_as,
            amount=amount,
            least=amount if least is None else least,
            input_tokens=input_tokens,
            expires=int(clock()) + FLIGHT,
        )

    return make


@pytest.fixture
def refusal(admit):
    """The refusal of a call that must not be admitted."""

    def attempt(credential, **call):
        with pytest.raises(Refused) as refused:
            admit(credential, **call)
        return refused.value.reason, refused.value.retry_after

    return attempt


@pytest.fixture
def funds(administration, clock):
    """A key's (spent, held, remaining) now; the table's own `remaining` must agree with it."""

    def read(credential):
        record = administration.get(credential.id)
        reserved = sum(held.amount for held in record.held.values())
        assert record.remaining == record.credit_limit - record.spent - reserved
        credit = balance(record, int(clock()))
        return credit.spent, credit.held, credit.remaining

    return read


class TestCredit:
    def test_admission_holds_the_most_a_call_can_cost(self, new_key, admit, funds):
        key = new_key(credit_limit=100)
        reservation = admit(key, amount=60)
        assert (reservation.key_id, reservation.amount) == (key.id, 60)
        assert funds(key) == (0, 60, 40)

    def test_settlement_puts_the_cost_in_place_of_what_was_held(
        self, new_key, admit, ledger, funds
    ):
        key = new_key(credit_limit=100)
        assert ledger.settle(admit(key, amount=60), used(25, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_second_settlement_changes_nothing(self, new_key, admit, ledger, funds):
        key = new_key(credit_limit=100)
        reservation = admit(key, amount=60)
        assert ledger.settle(reservation, used(25, 1))
        assert not ledger.settle(reservation, used(40, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_cost_above_the_reservation_is_charged_in_full(self, new_key, admit, ledger, funds):
        key = new_key(credit_limit=100)
        ledger.settle(admit(key, amount=60), used(130, 1))
        assert funds(key) == (130, 0, -30)

    def test_the_last_picodollar_can_be_spent_and_no_more(
        self, new_key, admit, ledger, funds, refusal
    ):
        key = new_key(credit_limit=100)
        ledger.settle(admit(key, amount=100), used(99, 1))
        ledger.settle(admit(key, amount=1), used(1, 1))
        assert refusal(key, amount=1) == ("out_of_credit", None)
        assert funds(key) == (100, 0, 0)

    def test_a_free_call_is_admitted_on_spent_credit(self, new_key, admit, ledger):
        key = new_key(credit_limit=100)
        ledger.settle(admit(key, amount=100), used(100, 1))
        assert ledger.settle(admit(key, amount=0), used(0, 1))

    def test_a_call_dearer_than_all_credit_is_out_of_credit(self, new_key, refusal):
        assert refusal(new_key(credit_limit=100), amount=101) == ("out_of_credit", None)

    def test_credit_held_by_calls_in_flight_is_worth_waiting_for(self, new_key, admit, refusal):
        key = new_key(credit_limit=100)
        admit(key, amount=60)
        assert refusal(key, amount=60) == ("credit_reserved", RESERVED_RETRY_S)

    def test_credit_is_not_worth_waiting_for_once_its_reservation_has_expired(
        self, new_key, admit, refusal, clock
    ):
        key = new_key(credit_limit=100)
        admit(key, amount=60)
        clock.seconds += FLIGHT
        assert refusal(key, amount=60) == ("out_of_credit", None)

    def test_a_key_without_a_limit_is_never_out_of_credit(self, new_key, admit, ledger):
        key = new_key()
        for _ in range(3):
            assert ledger.settle(admit(key, amount=10**22), used(10**22, 1))

    def test_a_refused_call_holds_nothing(self, new_key, refusal, funds):
        key = new_key(credit_limit=100)
        refusal(key, amount=101)
        assert funds(key) == (0, 0, 100)


class TestShares:
    """Calls that can do with less than the most they can cost, near a key's limit."""

    def test_a_call_gets_all_that_it_can_cost_while_as_much_is_left_for_others(
        self, new_key, admit, funds
    ):
        key = new_key(credit_limit=100)
        assert admit(key, amount=50, least=10).amount == 50
        assert funds(key) == (0, 50, 50)

    def test_else_it_gets_half_of_what_is_left(self, new_key, admit, funds):
        key = new_key(credit_limit=101)
        assert admit(key, amount=51, least=10).amount == 50
        assert funds(key) == (0, 50, 51)

    def test_beside_calls_in_flight_it_shares_the_half_with_them(self, new_key, admit):
        key = new_key(credit_limit=1200)
        granted = [admit(key, amount=10_000, least=1).amount for _ in range(4)]
        assert granted == [1200 // 2, 600 // 4, 450 // 6, 375 // 8]

    def test_reservations_that_expired_share_in_nothing(self, new_key, admit, clock):
        key = new_key(credit_limit=1000)
        admit(key, amount=600, least=1)
        clock.seconds += FLIGHT
        assert admit(key, amount=600, least=1).amount == 250

    def test_it_gets_no_less_than_it_can_do_with(self, new_key, admit, funds):
        key = new_key(credit_limit=100)
        assert admit(key, amount=1000, least=80).amount == 80
        assert funds(key) == (0, 80, 20)
        assert admit(key, amount=1000, least=20).amount == 20

    def test_many_calls_find_a_share(self, new_key, admit):
        key = new_key(credit_limit=10_000)
        granted = [admit(key, amount=10_000, least=10).amount for _ in range(64)]
        assert sum(granted) <= 10_000
        assert min(granted) >= 10

    def test_a_call_that_cannot_do_with_the_credit_there_is_is_refused(self, new_key, refusal):
        key = new_key(credit_limit=100)
        assert refusal(key, amount=1000, least=101) == ("out_of_credit", None)

    def test_what_it_can_do_with_is_worth_waiting_for_while_others_hold_it(
        self, new_key, admit, refusal
    ):
        key = new_key(credit_limit=100)
        admit(key, amount=60)
        assert refusal(key, amount=1000, least=41) == ("credit_reserved", RESERVED_RETRY_S)
        assert admit(key, amount=1000, least=40).amount == 40

    def test_settlement_gives_back_what_was_granted_and_not_used(
        self, new_key, admit, ledger, funds
    ):
        key = new_key(credit_limit=100)
        assert ledger.settle(admit(key, amount=1000, least=1), used(5, 1))
        assert funds(key) == (5, 0, 95)

    def test_a_key_without_a_limit_gives_all_that_is_asked(self, new_key, admit):
        key = new_key()
        assert [admit(key, amount=10**20, least=1).amount for _ in range(9)] == [10**20] * 9

    def test_a_share_is_of_the_credit_of_the_present_period(self, new_key, admit, ledger, clock):
        key = new_key(credit_limit=100, limit_period="day")
        ledger.settle(admit(key, amount=90), used(90, 1))
        clock.seconds += DAY
        assert admit(key, amount=1000, least=1).amount == 50

    def test_a_share_taken_by_another_in_between_is_not_given_twice(
        self, new_key, admit, table, funds
    ):
        key = new_key(credit_limit=1000)

        def race():
            table.mishaps = []
            assert admit(key, amount=1000, least=1).amount == 500

        table.mishaps = [nothing, overtaken_by(race)]
        assert admit(key, amount=1000, least=1).amount == 125
        assert funds(key) == (0, 625, 375)

    def test_all_who_see_the_same_credit_beside_others_get_their_share_at_once(
        self, new_key, admit, table
    ):
        key = new_key(credit_limit=1200)
        assert admit(key, amount=10_000, least=1).amount == 600
        mark = len(table.operations)

        def race():
            table.mishaps = []
            assert admit(key, amount=10_000, least=1).amount == 150

        table.mishaps = [nothing, overtaken_by(race)]
        assert admit(key, amount=10_000, least=1).amount == 150
        assert table.calls_since(mark) == ["UpdateItem"] * 4

    def test_an_admission_sent_again_is_granted_what_it_holds(self, new_key, admit, table, funds):
        key = new_key(credit_limit=100)
        table.mishaps = [nothing, repeated]
        assert admit(key, amount=1000, least=1).amount == 50
        assert funds(key) == (0, 50, 50)


class TestWho:
    def test_a_key_that_is_not_in_the_table_is_unknown(self, refusal):
        assert refusal(Credential("0" * 12, "hash")) == ("unknown_key", None)

    def test_a_key_whose_hash_differs_is_unknown(self, new_key, refusal, funds):
        key = new_key(credit_limit=100)
        assert refusal(key._replace(hash="0" * 64)) == ("unknown_key", None)
        assert funds(key) == (0, 0, 100)

    def test_a_revoked_key_is_refused_from_the_next_call_on(
        self, new_key, admit, refusal, administration
    ):
        key = new_key()
        admit(key)
        administration.revoke(key.id)
        assert refusal(key) == ("unknown_key", None)

    def test_a_call_in_flight_settles_on_a_revoked_key(
        self, new_key, admit, ledger, administration, funds
    ):
        key = new_key(credit_limit=100)
        reservation = admit(key, amount=60)
        administration.revoke(key.id)
        assert ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_key_is_good_up_to_its_expiry_and_not_at_it(self, new_key, admit, refusal, clock):
        key = new_key(expires_at=NOON + 60)
        clock.seconds = NOON + 59.9
        admit(key)
        clock.seconds = NOON + 60
        assert refusal(key) == ("unknown_key", None)

    def test_looking_a_key_up_reads_it_and_holds_nothing(self, new_key, ledger, table, funds):
        key = new_key(credit_limit=100, name="mine")
        mark = len(table.operations)
        assert ledger.look_up(key).name == "mine"
        assert table.calls_since(mark) == ["GetItem"]
        assert funds(key) == (0, 0, 100)

    def test_looking_up_a_revoked_key_is_refused(self, new_key, ledger, administration):
        key = new_key()
        administration.revoke(key.id)
        with pytest.raises(Refused, match="unknown_key"):
            ledger.look_up(key)


class TestAllowedModels:
    def test_a_listed_model_is_admitted_and_another_refused(self, new_key, admit, refusal):
        key = new_key(allowed_models=frozenset({"a.one", "b.two"}))
        admit(key, models=("b.two",))
        assert refusal(key, models=("c.three",)) == ("model_not_allowed", None)

    def test_a_glob_allows_what_it_matches(self, new_key, admit, refusal):
        key = new_key(allowed_models=frozenset({"anthropic.*", "gpt-?"}))
        admit(key, models=("anthropic.claude",))
        admit(key, models=("gpt-5",))
        assert refusal(key, models=("gpt-50",)) == ("model_not_allowed", None)
        assert refusal(key, models=("us.anthropic.claude",)) == ("model_not_allowed", None)
        assert refusal(key, models=("ANTHROPIC.claude",)) == ("model_not_allowed", None)

    def test_a_call_is_allowed_by_the_requested_or_the_resolved_name(self, new_key, admit, refusal):
        key = new_key(allowed_models=frozenset({"alias"}))
        admit(key, models=("alias", "a.one"))
        assert refusal(key, models=("other", "a.one")) == ("model_not_allowed", None)

    def test_a_list_changed_by_its_owner_holds_for_the_next_call(
        self, new_key, admit, refusal, administration
    ):
        key = new_key(allowed_models=frozenset({"a.one"}))
        admit(key, models=("a.one",))
        administration.amend(key.id, {"allowed_models": frozenset({"b.two"})})
        assert refusal(key, models=("a.one",)) == ("model_not_allowed", None)
        admit(key, models=("b.two",))
        administration.amend(key.id, {"allowed_models": None})
        admit(key, models=("c.three",))

    def test_a_list_that_comes_with_a_new_period_is_judged_too(
        self, new_key, admit, refusal, administration, clock, table
    ):
        key = new_key(limit_period="day")
        admit(key, models=("a.one",))
        clock.seconds += DAY
        change = {"allowed_models": frozenset({"b.two"})}
        table.mishaps = [nothing, overtaken_by(lambda: administration.amend(key.id, change))]
        assert refusal(key, models=("a.one",)) == ("model_not_allowed", None)


class TestRates:
    def test_requests_are_limited_within_a_minute(self, new_key, admit, refusal, clock):
        key = new_key(requests_per_minute=2)
        clock.seconds = NOON + 15.5
        admit(key)
        admit(key)
        assert refusal(key) == ("rate_limited", 45)

    def test_the_next_minute_starts_a_new_count(self, new_key, admit, refusal, clock):
        key = new_key(requests_per_minute=1)
        clock.seconds = NOON + 59
        admit(key)
        assert refusal(key) == ("rate_limited", 1)
        clock.seconds = NOON + 60
        admit(key)
        assert refusal(key) == ("rate_limited", 60)

    def test_tokens_are_limited_by_what_was_counted_before_the_call(self, new_key, admit, refusal):
        key = new_key(tokens_per_minute=100)
        admit(key, input_tokens=99)
        admit(key, input_tokens=500)
        assert refusal(key, input_tokens=1) == ("rate_limited", 60)

    def test_settlement_counts_the_output_too(self, new_key, admit, ledger, refusal):
        key = new_key(tokens_per_minute=100)
        reservation = admit(key, input_tokens=10)
        ledger.settle(reservation, used(0, 100))
        assert refusal(key) == ("rate_limited", 60)

    def test_settlement_gives_back_an_estimate_that_was_too_high(self, new_key, admit, ledger):
        key = new_key(tokens_per_minute=100)
        reservation = admit(key, input_tokens=200)
        ledger.settle(reservation, used(0, 99))
        admit(key)

    def test_a_later_minute_counts_the_output_and_gives_nothing_back(
        self, new_key, admit, ledger, clock, table
    ):
        key = new_key(tokens_per_minute=100)
        long_output = admit(key, input_tokens=10)
        high_estimate = admit(key, input_tokens=50)
        clock.seconds += 60
        ledger.settle(long_output, used(0, 70))
        ledger.settle(high_estimate, used(0, 20))
        item = stored_item(table, key.id)
        assert item["minute"] == {"N": str(NOON // 60 + 1)}
        assert item["minute_tokens"] == {"N": "60"}
        assert item["minute_requests"] == {"N": "0"}

    def test_a_limit_set_by_the_owner_holds_for_the_next_call(
        self, new_key, admit, refusal, administration
    ):
        key = new_key()
        admit(key)
        administration.amend(key.id, {"requests_per_minute": 1})
        admit(key)
        assert refusal(key) == ("rate_limited", 60)
        administration.amend(key.id, {"requests_per_minute": None})
        admit(key)

    def test_both_limits_hold_at_once(self, new_key, admit, refusal):
        key = new_key(requests_per_minute=3, tokens_per_minute=100)
        admit(key, input_tokens=1)
        admit(key, input_tokens=100)
        assert refusal(key) == ("rate_limited", 60)

    def test_a_clock_behind_the_tables_minute_counts_in_that_minute(
        self, new_key, admit, refusal, clock
    ):
        key = new_key(requests_per_minute=2)
        clock.seconds = NOON + 60
        admit(key)
        clock.seconds = NOON + 59
        admit(key)
        assert refusal(key) == ("rate_limited", 61)

    def test_admission_tells_what_is_left_of_the_minute(self, new_key, admit, clock):
        key = new_key(requests_per_minute=3, tokens_per_minute=100)
        clock.seconds = NOON + 15.5
        admit(key, input_tokens=60)
        told = admit(key, input_tokens=30).rate_limits
        assert told == RateLimits(RateLimit(3, 1), RateLimit(100, 10), NOON + 60)
        told = admit(key, input_tokens=30).rate_limits
        assert told == RateLimits(RateLimit(3, 0), RateLimit(100, 0), NOON + 60)

    def test_admission_tells_the_minute_that_it_was_counted_in(self, new_key, admit, clock):
        key = new_key(requests_per_minute=3)
        clock.seconds = NOON + 60
        admit(key)
        clock.seconds = NOON + 59
        assert admit(key).rate_limits == RateLimits(RateLimit(3, 1), None, NOON + 120)
        clock.seconds = NOON + 120
        assert admit(key).rate_limits == RateLimits(RateLimit(3, 2), None, NOON + 180)

    def test_a_key_without_limits_is_told_none(self, new_key, admit):
        assert admit(new_key()).rate_limits == RateLimits(None, None, NOON + 60)

    @pytest.mark.parametrize(
        ("terms", "call", "reason"),
        [
            ({"allowed_models": frozenset({"n"})}, {}, "model_not_allowed"),
            ({"credit_limit": 100}, {"amount": 101}, "out_of_credit"),
        ],
    )
    def test_a_refusal_tells_a_minute_in_which_it_does_not_count(
        self, new_key, admit, clock, terms, call, reason
    ):
        key = new_key(requests_per_minute=3, **terms)
        for second in (0, 60):
            clock.seconds = NOON + second
            with pytest.raises(Refused) as refused:
                admit(key, **call)
            assert refused.value.reason == reason
            told = refused.value.rate_limits
            assert told == RateLimits(RateLimit(3, 3), None, NOON + second + 60)

    def test_a_refusal_for_a_rate_tells_that_none_is_left(self, new_key, admit):
        key = new_key(requests_per_minute=1)
        admit(key)
        with pytest.raises(Refused) as refused:
            admit(key)
        assert refused.value.rate_limits == RateLimits(RateLimit(1, 0), None, NOON + 60)

    def test_nobody_without_the_key_is_told_its_limits(self, new_key, admit):
        key = new_key(requests_per_minute=1)
        with pytest.raises(Refused) as refused:
            admit(key._replace(hash="another"))
        assert refused.value.rate_limits is None

    def test_spent_credit_is_named_before_a_rate_and_held_credit_after(
        self, new_key, admit, refusal
    ):
        key = new_key(credit_limit=100, requests_per_minute=1)
        admit(key, amount=60)
        assert refusal(key, amount=101) == ("out_of_credit", None)
        assert refusal(key, amount=60) == ("rate_limited", 60)


class TestPeriods:
    def test_credit_comes_back_with_the_next_period(self, new_key, admit, ledger, funds, clock):
        key = new_key(credit_limit=100, limit_period="day")
        ledger.settle(admit(key, amount=100), used(100, 1))
        clock.seconds += DAY
        admit(key, amount=100)
        assert funds(key) == (0, 100, 0)

    def test_a_call_in_flight_stays_held_across_periods(
        self, new_key, admit, ledger, funds, clock, refusal
    ):
        key = new_key(credit_limit=100, limit_period="day")
        clock.seconds = NOON + DAY // 2 - 1
        reservation = admit(key, amount=60)
        clock.seconds += 1
        assert refusal(key, amount=60) == ("credit_reserved", RESERVED_RETRY_S)
        assert ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_settlement_that_comes_first_in_a_period_begins_it(
        self, new_key, admit, ledger, funds, clock
    ):
        key = new_key(credit_limit=100, limit_period="day")
        ledger.settle(admit(key, amount=40), used(40, 1))
        clock.seconds = NOON + DAY // 2 - 1
        reservation = admit(key, amount=60)
        clock.seconds += 1
        assert ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_lost_call_is_charged_to_the_period_in_which_it_expired(
        self, new_key, admit, funds, clock, administration
    ):
        key = new_key(credit_limit=100, limit_period="day")
        admit(key, amount=60)
        clock.seconds += DAY
        admit(key, amount=10)
        assert funds(key) == (0, 10, 90)
        assert administration.get(key.id).past_spent == 60

    def test_a_key_unused_for_many_periods_resumes_in_the_present_one(
        self, new_key, admit, ledger, administration, clock
    ):
        key = new_key(credit_limit=100, limit_period="week")
        ledger.settle(admit(key, amount=100), used(100, 1))
        clock.seconds += 100 * DAY
        admit(key, amount=100)
        ends = administration.get(key.id).period_ends
        assert clock.seconds < ends <= clock.seconds + 7 * DAY

    def test_a_new_period_begins_once_however_many_find_the_old_one_over(
        self, new_key, admit, ledger, funds, clock, table
    ):
        key = new_key(credit_limit=100, limit_period="day")
        ledger.settle(admit(key, amount=80), used(80, 1))
        clock.seconds += DAY
        table.mishaps = [nothing, overtaken_by(lambda: admit(key, amount=30))]
        admit(key, amount=30)
        assert funds(key) == (0, 60, 40)


class TestRoundTrips:
    """One for each admission and settlement, once the key is known; the design's promise."""

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"credit_limit": 10**6, "limit_period": "month", "expires_at": NOON + DAY},
            {"allowed_models": frozenset({"m*"})},
            {"requests_per_minute": 100},
            {"tokens_per_minute": 10_000},
            {
                "allowed_models": frozenset({"m", "n"}),
                "requests_per_minute": 100,
                "tokens_per_minute": 10_000,
            },
        ],
    )
    def test_a_known_key_takes_one_to_admit_and_one_to_settle(
        self, new_key, admit, ledger, table, clock, changes
    ):
        key = new_key(**changes)
        ledger.settle(admit(key), used(1, 1))
        for seconds in (1, 60):
            clock.seconds += seconds
            mark = len(table.operations)
            ledger.settle(admit(key), used(1, 1))
            assert table.calls_since(mark) == ["UpdateItem", "UpdateItem"]

    def test_a_bare_key_takes_one_the_first_time(self, new_key, admit, table):
        key = new_key(credit_limit=100)
        mark = len(table.operations)
        admit(key)
        assert table.calls_since(mark) == ["UpdateItem"]

    def test_an_unknown_shape_takes_one_more_the_first_time(self, new_key, admit, table):
        key = new_key(allowed_models=frozenset({"m"}), requests_per_minute=100)
        mark = len(table.operations)
        admit(key)
        assert table.calls_since(mark) == ["UpdateItem", "UpdateItem"]

    def test_a_process_remembers_the_shapes_it_saw_last(self, new_key, admit, table, monkeypatch):
        monkeypatch.setattr(admission, "GUESSES", 2)
        oldest, older, newest = (new_key(requests_per_minute=9) for _ in range(3))
        for key in (oldest, older, oldest, newest):
            admit(key)
        mark = len(table.operations)
        admit(oldest)
        assert table.calls_since(mark) == ["UpdateItem"]
        admit(older)
        assert table.calls_since(mark) == ["UpdateItem"] * 3

    def test_a_refusal_takes_one(self, new_key, admit, refusal, table):
        key = new_key(credit_limit=10, allowed_models=frozenset({"m"}))
        admit(key)
        mark = len(table.operations)
        refusal(key, models=("other",))
        refusal(key)
        refusal(Credential("0" * 12, ""))
        assert table.calls_since(mark) == ["UpdateItem"] * 3

    def test_a_share_of_the_credit_takes_a_second(self, new_key, admit, refusal, table):
        key = new_key(credit_limit=100)
        mark = len(table.operations)
        admit(key, amount=50, least=1)
        assert table.calls_since(mark) == ["UpdateItem"]
        admit(key, amount=50, least=1)
        assert table.calls_since(mark) == ["UpdateItem"] * 3
        refusal(key, amount=50, least=49)
        assert table.calls_since(mark) == ["UpdateItem"] * 4

    def test_a_second_settlement_takes_one(self, new_key, admit, ledger, table):
        reservation = admit(new_key())
        ledger.settle(reservation, used(1, 1))
        mark = len(table.operations)
        ledger.settle(reservation, used(1, 1))
        assert table.calls_since(mark) == ["UpdateItem"]


class TestMishaps:
    def test_an_outage_admits_nothing(self, new_key, admit, table, funds):
        key = new_key(credit_limit=100)
        table.mishaps = [outage]
        with pytest.raises(TableUnavailable):
            admit(key)
        assert funds(key) == (0, 0, 100)

    def test_an_admission_nobody_heard_of_expires_into_a_charge(
        self, new_key, admit, table, funds, clock
    ):
        key = new_key(credit_limit=100)
        table.mishaps = [lost_answer]
        with pytest.raises(TableUnavailable):
            admit(key, amount=60)
        assert funds(key) == (0, 60, 40)
        clock.seconds += FLIGHT
        assert funds(key) == (60, 0, 40)

    def test_an_admission_sent_again_holds_once(self, new_key, admit, ledger, table, funds):
        key = new_key(credit_limit=100, requests_per_minute=5, tokens_per_minute=50)
        admit(key, amount=1)
        table.mishaps = [repeated]
        reservation = admit(key, amount=30)
        assert funds(key) == (0, 31, 69)
        assert stored_item(table, key.id)["minute_requests"] == {"N": "2"}
        assert ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 1, 74)

    def test_a_settlement_sent_again_charges_once(self, new_key, admit, ledger, table, funds):
        key = new_key(credit_limit=100)
        reservation = admit(key, amount=60)
        table.mishaps = [repeated]
        ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_settlement_after_a_failed_one_still_counts(
        self, new_key, admit, ledger, table, funds
    ):
        key = new_key(credit_limit=100)
        reservation = admit(key, amount=60)
        table.mishaps = [outage]
        with pytest.raises(TableUnavailable):
            ledger.settle(reservation, used(25, 1))
        assert ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 0, 75)

    def test_a_late_settlement_changes_nothing(self, new_key, admit, ledger, funds, clock):
        key = new_key(credit_limit=100)
        reservation = admit(key, amount=60)
        clock.seconds += FLIGHT
        assert not ledger.settle(reservation, used(25, 1))
        assert funds(key) == (60, 0, 40)

    def test_credit_taken_between_two_attempts_is_not_given_twice(
        self, new_key, admit, table, funds, refusal
    ):
        key = new_key(credit_limit=100, allowed_models=frozenset({"m"}))
        table.mishaps = [nothing, overtaken_by(lambda: admit(key, amount=60))]
        assert refusal(key, amount=60) == ("credit_reserved", RESERVED_RETRY_S)
        assert funds(key) == (0, 60, 40)

    def test_a_settlement_on_a_key_that_is_gone_changes_nothing(
        self, new_key, admit, ledger, table
    ):
        key = new_key()
        reservation = admit(key)
        item = stored_item(table, key.id)
        table("DeleteItem", {"TableName": TABLE_NAME, "Key": {k: item[k] for k in ("pk", "sk")}})
        assert not ledger.settle(reservation, used(1, 1))

    def test_a_key_that_never_stands_still_is_given_up_as_unavailable(
        self, new_key, admit, table, administration
    ):
        key = new_key()
        lists = [frozenset({"m", str(number)}) for number in range(ATTEMPTS)]
        table.mishaps = [
            mishap
            for models in lists
            for mishap in (
                overtaken_by(lambda m=models: administration.amend(key.id, {"allowed_models": m})),
                nothing,  # the read and
                nothing,  # the write of the amendment itself
            )
        ]
        with pytest.raises(TableUnavailable, match="faster"):
            admit(key)

    def test_a_settlement_that_meets_a_new_minute_each_time_is_given_up_and_can_be_repeated(
        self, new_key, admit, ledger, table, clock, funds
    ):
        key = new_key(credit_limit=100, tokens_per_minute=1000)
        reservation = admit(key, amount=60)

        def admit_minutes_ahead(minutes):
            ahead = Ledger(table, TABLE_NAME, lambda: clock() + 60 * minutes)
            return overtaken_by(lambda: admit(key, amount=0, by=ahead))

        # another process learns the key by its first write and admits by its second
        moves = [
            [admit_minutes_ahead(minutes), nothing, nothing] for minutes in range(1, ATTEMPTS + 1)
        ]
        table.mishaps = list(itertools.chain.from_iterable(moves))
        with pytest.raises(TableUnavailable, match="faster"):
            ledger.settle(reservation, used(25, 1))
        assert funds(key) == (0, 60, 40)
        assert ledger.settle(reservation, used(25, 1))
        assert funds(key) == (25, 0, 75)


class TestSweep:
    def test_a_lost_reservation_leaves_the_item_with_the_next_admission(
        self, new_key, admit, funds, clock, administration
    ):
        key = new_key(credit_limit=100)
        admit(key, amount=60)
        clock.seconds += FLIGHT
        reservation = admit(key, amount=10)
        assert set(administration.get(key.id).held) == {reservation.id}
        assert funds(key) == (60, 10, 30)

    def test_a_failed_sweep_is_not_in_the_way_of_admission(
        self, new_key, admit, funds, clock, table
    ):
        key = new_key(credit_limit=100)
        admit(key, amount=60)
        clock.seconds += FLIGHT
        table.mishaps = [nothing, outage]
        admit(key, amount=10)
        assert funds(key) == (60, 10, 30)

    def test_two_sweeps_of_the_same_reservation_charge_it_once(
        self, new_key, admit, funds, clock, table
    ):
        key = new_key(credit_limit=100)
        admit(key, amount=60)
        clock.seconds += FLIGHT
        table.mishaps = [nothing, repeated]
        admit(key, amount=10)
        assert funds(key) == (60, 10, 30)

    def test_many_lost_reservations_leave_in_bounded_steps(
        self, new_key, admit, funds, clock, administration
    ):
        key = new_key(credit_limit=10**6)
        for _ in range(SWEEP_AT_ONCE + 5):
            admit(key, amount=10)
        clock.seconds += FLIGHT
        admit(key, amount=1)
        assert len(administration.get(key.id).held) == 6
        admit(key, amount=1)
        assert len(administration.get(key.id).held) == 2
        assert funds(key) == (10 * (SWEEP_AT_ONCE + 5), 2, 10**6 - 10 * (SWEEP_AT_ONCE + 5) - 2)


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        (0, None),
        (60, None),
        (61, "credit_reserved"),
        (90, "credit_reserved"),
        (91, "out_of_credit"),
    ],
)
def test_credit_that_calls_in_flight_hold_is_short_for_a_while_only(
    amount: int, reason: str | None
) -> None:
    credit = Balance(spent=10, held=30, remaining=60, total_spent=10, period_ends=0)
    assert shortage(credit, amount) == reason
