"""Random histories of keys, callers, crashes, clocks and owners, held against a model.

The model knows nothing of the table: per key it keeps the terms, the calls in flight and the charges
with the instant each was made, and computes from these what every next call must be told. Two
ledgers, each with its own stale guesses, stand for two processes.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)
from ledger import usage
from ledger.administration import Administration, RevokedKey
from ledger.admission import Ledger, Refused
from ledger.keys import Credential
from ledger.money import UNLIMITED
from ledger.periods import NEVER, PERIODS, period
from ledger.records import KeyRecord, Reservation, balance, record_of, usage_of
from ledger.table import TableUnavailable
from ledger.usage import UNSETTLED, Counts, UsageRow, added, row_in, row_name, rows_of

from tests.support.key_table import (
    SECRET,
    TABLE_NAME,
    Clock,
    key_table,
    lost_answer,
    nothing,
    outage,
    overtaken_by,
    repeated,
    terms,
    used,
)

FLIGHT = 1200
MOST_KEYS = 4
# Most keys are put so that most calls are admitted: a refusal leads no further.
LISTS = [None, frozenset({"a"}), frozenset({"a*", "c"}), frozenset({"b"})]
NAMES = [("a",), ("ab",), ("b",), ("x", "c")]
ALLOWED = {
    (None, ("a",)), (None, ("ab",)), (None, ("b",)), (None, ("x", "c")),
    (LISTS[1], ("a",)),
    (LISTS[2], ("a",)), (LISTS[2], ("ab",)), (LISTS[2], ("x", "c")),
    (LISTS[3], ("b",)),
}  # fmt: skip

credit_limits = st.sampled_from([1000, 300, UNLIMITED, 100, 0])
lists = st.sampled_from([None, None, None, *LISTS])
rates = st.sampled_from([None, None, 6, 3, 1])
token_rates = st.sampled_from([None, None, 90, 30, 1])
changes = st.fixed_dictionaries(
    {},
    optional={
        "credit_limit": credit_limits,
        "limit_period": st.sampled_from(PERIODS),
        "expires_at": st.just(NEVER),
        "allowed_models": lists,
        "requests_per_minute": rates,
        "tokens_per_minute": token_rates,
    },
)


@st.composite
def calls_of(draw: st.DrawFn) -> dict[str, Any]:
    """A call that can do with less than the most it can cost, or cannot; some are far too dear."""
    least = draw(st.integers(0, 60))
    return {
        "models": draw(st.sampled_from(NAMES)),
        "counted_as": draw(st.sampled_from(["m", "n"])),
        "amount": least + draw(st.sampled_from([0, 0, 1, 40, 500])),
        "least": least,
        "input_tokens": draw(st.integers(0, 30)),
    }


calls = calls_of()
mishaps = st.lists(st.sampled_from([nothing, outage, lost_answer, repeated]), max_size=3)


class Model:
    """One key as its owner understands it."""

    def __init__(self, credential: Credential, made: dict[str, Any], now: int) -> None:
        self.credential = credential
        self.terms = terms(**made)._asdict()
        self.revoked = False
        self.flights: dict[str, tuple[int, int]] = {}
        self.charges: list[tuple[int, int]] = []
        self.usage: dict[str, Counts] = {}
        self.since, self.ends = period(self.terms["limit_period"], now)
        self.minutes: dict[int, list[int]] = {}
        self.overdrawn = False

    def advance(self, now: int) -> None:
        """Lost calls become charges as they expire, and a period that is over gives way to the present."""
        for name, (amount, expires) in list(self.flights.items()):
            if expires <= now:
                del self.flights[name]
                self.charges.append((expires, amount))
                self.use(expires, UNSETTLED, Counts(1, 1, amount))
        if self.ends <= now:
            self.since, self.ends = period(self.terms["limit_period"], now)
            self.overdrawn &= self.spent() + self.held() > self.terms["credit_limit"]

    def spent(self) -> int:
        return sum(amount for when, amount in self.charges if when >= self.since)

    def held(self) -> int:
        return sum(amount for amount, _ in self.flights.values())

    def left(self) -> int:
        limit: int = self.terms["credit_limit"]
        return limit - self.spent() - self.held()

    def limited(self) -> bool:
        return (self.terms["requests_per_minute"], self.terms["tokens_per_minute"]) != (None, None)

    def verdict(self, call: dict[str, Any], now: int) -> tuple[str, int | None]:
        """What the next call must be told: ``"admitted"`` or a refusal's reason and when to return."""
        if self.revoked or self.terms["expires_at"] <= now:
            return "unknown_key", None
        if (self.terms["allowed_models"], call["models"]) not in ALLOWED:
            return "model_not_allowed", None
        left = self.terms["credit_limit"] - self.spent()
        if call["least"] > left:
            return "out_of_credit", None
        requests, tokens = self.minutes.get(now // 60, [0, 0])
        most_requests = self.terms["requests_per_minute"]
        most_tokens = self.terms["tokens_per_minute"]
        if (most_requests is not None and requests >= most_requests) or (
            most_tokens is not None and tokens >= most_tokens
        ):
            return "rate_limited", 60 - now % 60
        if call["least"] > left - self.held():
            return "credit_reserved", 2
        return "admitted", None

    def granted(self, call: dict[str, Any]) -> int:
        """What an admitted call gets: all it can cost, unless it can do with a share of the credit."""
        left = self.left()
        most: int = call["amount"]
        if call["least"] == most or left >= 2 * most:
            return most
        return max(call["least"], left // 2 // (len(self.flights) + 1))

    def admitted(self, name: str, amount: int, call: dict[str, Any], now: int) -> None:
        self.flights[name] = (amount, now + FLIGHT)
        if self.limited():
            self._count(now // 60, 1, call["input_tokens"])

    def settled(self, reservation: Reservation, cost: int, tokens: int, now: int) -> None:
        del self.flights[reservation.id]
        self.charges.append((now, cost))
        self.use(now, reservation.model, used(cost, tokens))
        self.overdrawn |= cost > reservation.amount
        if reservation.minute is not None:
            above = tokens - reservation.input_tokens
            same = reservation.minute == now // 60
            self._count(now // 60, 0, above if same else max(above, 0))

    def use(self, when: int, model: str, counts: Counts) -> None:
        name = row_name(when, model)
        self.usage[name] = self.usage.get(name, Counts()).plus(counts)

    def amended(self, change: dict[str, Any], now: int) -> None:
        if change.get("credit_limit", UNLIMITED) < self.terms["credit_limit"]:
            self.overdrawn = True
        if change.get("limit_period", self.terms["limit_period"]) != self.terms["limit_period"]:
            self.ends = period(change["limit_period"], now).ends
        self.terms |= change

    def _count(self, minute: int, requests: int, tokens: int) -> None:
        counted = self.minutes.setdefault(minute, [0, 0])
        counted[0] += requests
        counted[1] += tokens


def all_rows(rows: dict[str, Counts]) -> list[UsageRow]:
    return rows_of(rows, "0000", "9999")


@pytest.fixture(scope="module", autouse=True)
def simulation(dynamodb: Any) -> Iterator[None]:
    """One moto for all histories; each has a table of its own. Few usage rows are many already."""
    Histories.dynamodb = dynamodb
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(usage, "ROWS_IN_KEY", 1)
        yield


class Histories(RuleBasedStateMachine):
    keys = Bundle("keys")
    flights = Bundle("flights")
    dynamodb: Any

    @initialize(target=keys, made=st.tuples(changes, changes))
    def open(self, made: tuple[dict[str, Any], ...]) -> Any:
        self.clock = Clock()
        self.fresh_table = key_table(self.dynamodb)
        self.table = self.fresh_table.__enter__()
        self.names = 0
        self.processes = [
            Ledger(self.table, TABLE_NAME, self.clock, self.next_name) for _ in range(2)
        ]
        self.owner = Administration(self.table, TABLE_NAME, self.clock)
        self.models: dict[str, Model] = {}
        self.last_spent: dict[str, tuple[int, int]] = {}
        return multiple(*(self.create_key(each, NEVER) for each in made))

    def teardown(self) -> None:
        self.fresh_table.__exit__(None, None, None)

    def next_name(self) -> str:
        self.names += 1
        return f"r{self.names}"

    @property
    def now(self) -> int:
        return int(self.clock())

    @precondition(lambda self: len(self.models) < MOST_KEYS)
    @rule(target=keys, made=changes, lives=st.sampled_from([NEVER, NEVER, 90_000]))
    def create(self, made: dict[str, Any], lives: int) -> str:
        return self.create_key(made, lives)

    def create_key(self, made: dict[str, Any], lives: int) -> str:
        made |= {"expires_at": min(self.now + lives, NEVER)}
        minted, _ = self.owner.create(terms(**made), SECRET, os.urandom)
        self.models[minted.id] = Model(Credential(minted.id, minted.hash), made, self.now)
        return minted.id

    @rule(target=flights, key=keys, call=calls, process=st.integers(0, 1))
    def admit(self, key: str, call: dict[str, Any], process: int) -> Any:
        model = self.up_to_date(key)
        expected, granted = model.verdict(call, self.now), model.granted(call)
        told, reservation = self.attempt(key, call, process)
        assert told == expected
        assert reservation is None or reservation.amount == granted
        return multiple(*self.noted(reservation, call))

    @rule(target=flights, key=keys, call=calls, process=st.integers(0, 1), mishaps=mishaps)
    def admit_in_trouble(
        self, key: str, call: dict[str, Any], process: int, mishaps: list[Any]
    ) -> Any:
        """The process or the table fails between any two operations, or requests are sent twice."""
        model = self.up_to_date(key)
        expected, granted = model.verdict(call, self.now), model.granted(call)
        self.table.mishaps = list(mishaps)
        try:
            told, reservation = self.attempt(key, call, process)
        except TableUnavailable:
            name = f"r{self.names}"
            if name in self.owner.get(key).held:
                # nobody heard of it, so nobody will settle it
                assert expected == ("admitted", None)
                model.admitted(name, granted, call, self.now)
            return multiple()
        assert told == expected
        assert reservation is None or reservation.amount == granted
        return multiple(*self.noted(reservation, call))

    @rule(
        target=flights,
        key=keys,
        call=calls,
        other=calls,
        change=changes,
        by=st.sampled_from(["caller", "caller", "owner", "owner", "end"]),
        after=st.integers(0, 2),
    )
    def admit_overtaken(
        self,
        key: str,
        call: dict[str, Any],
        other: dict[str, Any],
        change: Any,
        by: str,
        after: int,
    ) -> Any:
        """Somebody changes the key between two operations of an admission."""
        model = self.up_to_date(key)
        others: list[Reservation] = []

        def overtake() -> None:
            self.table.mishaps = []
            if by == "caller":
                others.extend(self.noted(self.attempt(key, other, 1)[1], other))
            elif by == "owner" and not model.revoked:
                self.owner.amend(key, change)
                model.amended(change, self.now)
            elif by == "end":
                self.owner.revoke(key)
                model.revoked = True

        before, left = model.verdict(call, self.now), model.left()
        self.table.mishaps = [nothing] * after + [overtaken_by(overtake)]
        told, reservation = self.attempt(key, call, 0)
        assert told in (before, model.verdict(call, self.now))
        if reservation is not None:
            assert call["least"] <= reservation.amount <= call["amount"]
            half = max(left, model.left()) // 2
            assert reservation.amount <= max(call["least"], half)
        return multiple(*others, *self.noted(reservation, call))

    @rule(
        flight=consumes(flights),
        cost=st.integers(0, 130),
        tokens=st.integers(0, 60),
        again=st.integers(0, 130),
        mishaps=st.lists(st.sampled_from([nothing, repeated]), max_size=3),
    )
    def settle_twice(
        self, flight: Reservation, cost: int, tokens: int, again: int, mishaps: list[Any]
    ) -> None:
        model = self.up_to_date(flight.key_id)
        in_time = flight.id in model.flights
        self.table.mishaps = list(mishaps)
        settled = self.processes[0].settle(flight, used(cost, tokens))
        self.table.mishaps = []
        if repeated not in mishaps:
            assert settled == in_time
        if in_time:
            model.settled(flight, cost, tokens, self.now)
        assert not self.processes[1].settle(flight, used(again, tokens))

    @rule(
        flight=flights,
        cost=st.integers(0, 130),
        tokens=st.integers(0, 60),
        mishaps=st.lists(st.sampled_from([nothing, outage, lost_answer]), min_size=1, max_size=3),
    )
    def settle_in_trouble(
        self, flight: Reservation, cost: int, tokens: int, mishaps: list[Any]
    ) -> None:
        """The settlement may be lost or may count; the flight stays, to be settled again or not."""
        model = self.up_to_date(flight.key_id)
        in_time = flight.id in model.flights
        self.table.mishaps = list(mishaps)
        try:
            settled = self.processes[0].settle(flight, used(cost, tokens))
        except TableUnavailable:
            self.table.mishaps = []
            settled = in_time and flight.id not in self.owner.get(flight.key_id).held
        self.table.mishaps = []
        if settled:
            assert in_time
            model.settled(flight, cost, tokens, self.now)

    @rule(
        flight=consumes(flights),
        others=st.lists(flights, min_size=1, max_size=2),
        cost=st.integers(0, 130),
        after=st.integers(0, 2),
    )
    def settle_overtaken(
        self, flight: Reservation, others: list[Reservation], cost: int, after: int
    ) -> None:
        """Other calls are settled between two operations of a settlement."""
        model = self.up_to_date(flight.key_id)
        self.table.mishaps = [nothing] * after + [overtaken_by(lambda: self.settle_all(others))]
        settled = self.processes[0].settle(flight, used(cost, 3))
        self.table.mishaps = []
        if settled:
            model.settled(flight, cost, 3, self.now)
        assert flight.id not in model.flights

    def settle_all(self, others: list[Reservation]) -> None:
        """Another process settles those of the calls that still can be."""
        self.table.mishaps = []
        for flight in others:
            model = self.up_to_date(flight.key_id)
            if self.processes[1].settle(flight, used(7, 2)):
                model.settled(flight, 7, 2, self.now)

    @rule(flight=consumes(flights))
    def crash(self, flight: Reservation) -> None:
        """The process dies with the call: it is never settled."""

    @rule(
        key=keys, others=st.lists(flights, max_size=2), mishap=st.sampled_from([repeated, nothing])
    )
    def read_usage(self, key: str, others: list[Reservation], mishap: Any) -> None:
        """The owner reads what a key has used, while calls of others end."""

        model = self.up_to_date(key)
        before = all_rows(model.usage)
        self.table.mishaps = [mishap, overtaken_by(lambda: self.settle_all(others))]
        told = self.owner.usage(key, "0000", "9999")
        self.table.mishaps = []
        assert told in (before, all_rows(model.usage))

    @rule(key=keys, change=changes)
    def amend(self, key: str, change: Any) -> None:
        model = self.up_to_date(key)
        try:
            self.owner.amend(key, change)
        except RevokedKey:
            assert model.revoked
        else:
            assert not model.revoked
            model.amended(change, self.now)

    @precondition(lambda self: len(self.models) == MOST_KEYS)
    @rule(key=keys)
    def revoke(self, key: str) -> None:
        self.up_to_date(key).revoked = True
        self.owner.revoke(key)

    @rule(
        seconds=st.sampled_from([0.5, 1, 20, 60, FLIGHT - 1, FLIGHT, 43_200, 86_400, 40 * 86_400])
    )
    def pass_time(self, seconds: float) -> None:
        self.clock.seconds += seconds

    @rule(before=st.sampled_from([0, 1, 600]))
    def pass_to_midnight(self, before: int) -> None:
        """Up to the end of a day, and perhaps of a week or month, or shortly before it."""
        self.clock.seconds = max(self.clock.seconds, period("day", self.now).ends - before)

    @invariant()
    def every_picodollar_is_accounted_for(self) -> None:
        items = self.table("Scan", {"TableName": TABLE_NAME, "ConsistentRead": True})["Items"]
        records = {item["pk"]["S"]: record_of(item) for item in items if "hash" in item}
        assert set(records) == {f"key#{key}" for key in self.models}
        moved: dict[str, dict[str, Counts]] = {pk: {} for pk in records}
        for item in items:
            if item["sk"]["S"].startswith("usage#"):
                name, counts = row_in(item)
                moved[item["pk"]["S"]][name] = counts
        for key, model in self.models.items():
            self.up_to_date(key)
            record = records[f"key#{key}"]
            self.check_record(record)
            credit = balance(record, self.now)
            assert credit.total_spent == sum(amount for _, amount in model.charges)
            assert added(moved[f"key#{key}"], usage_of(record, self.now)) == model.usage
            assert credit.total_spent == sum(counts.cost for counts in model.usage.values())
            assert credit.spent == model.spent()
            assert credit.held == model.held()
            assert credit.remaining == model.terms["credit_limit"] - model.spent() - model.held()
            assert credit.period_ends == model.ends
            if not model.overdrawn:
                assert credit.remaining >= 0
            since, spent = self.last_spent.get(key, (model.since, 0))
            assert since != model.since or credit.spent >= spent
            self.last_spent[key] = (model.since, credit.spent)

    def check_record(self, record: KeyRecord) -> None:
        reserved = sum(held.amount for held in record.held.values())
        assert record.remaining == record.credit_limit - record.spent - reserved

    def up_to_date(self, key: str) -> Model:
        model = self.models[key]
        model.advance(self.now)
        return model

    def attempt(
        self, key: str, call: dict[str, Any], process: int
    ) -> tuple[tuple[str, int | None], Reservation | None]:
        """What the call is told, and its reservation if it is admitted."""
        credential = self.models[key].credential
        ledger = self.processes[process]
        try:
            reservation = ledger.admit(credential, expires=self.now + FLIGHT, **call)
        except Refused as refused:
            return (refused.reason, refused.retry_after), None
        finally:
            self.table.mishaps = []
        return ("admitted", None), reservation

    def noted(self, reservation: Reservation | None, call: dict[str, Any]) -> list[Reservation]:
        """Tells the model of an admitted call."""
        if reservation is None:
            return []
        model = self.models[reservation.key_id]
        model.admitted(reservation.id, reservation.amount, call, self.now)
        return [reservation]


TestHistories: Any = Histories.TestCase
TestHistories.settings = settings(
    max_examples=25,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
