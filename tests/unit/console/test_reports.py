"""Usage and reconciliation through the console's handler, over a ledger that calls were settled in."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from console import handler as console_handler
from console import reports, usage_json
from ledger.admission import Ledger
from ledger.keys import identify
from ledger.usage import Counts

from tests.support.bill_answers import FIRST, LAST, services_answer, usage_answers
from tests.support.key_table import TABLE_NAME, Clock, RecordingTable

DOLLAR = 10**12
OPUS, NOVA = "us.anthropic.claude-opus-5-5", "us.amazon.nova-pro-v1:0"
HAIKU = "us.anthropic.claude-haiku-4-5-20251001-v1:0"
SONNET = "global.anthropic.claude-sonnet-4-6"

Use = Callable[..., None]


def noon(day: str) -> float:
    return datetime.fromisoformat(f"{day}T12:00:00").replace(tzinfo=UTC).timestamp()


@pytest.fixture
def clock() -> Clock:
    """Noon of the last day that the recorded bill is of."""
    return Clock(noon(LAST))


@pytest.fixture
def use(table: RecordingTable, clock: Clock, hmac_secret: bytes) -> Use:
    """Settles calls of a key on some day at dollars, as the proxy does."""
    ledger = Ledger(table, TABLE_NAME, clock)

    def settle(key: dict[str, Any], day: str, model: str, usd: float, **counts: int) -> None:
        today, clock.seconds = clock.seconds, noon(day)
        credential = identify(key["key"], [hmac_secret])
        assert credential is not None
        cost = int(usd * DOLLAR)
        reservation = ledger.admit(
            credential,
            models=(model,),
            counted_as=model,
            amount=cost,
            least=cost,
            input_tokens=0,
            expires=int(clock()) + 1000,
        )
        assert ledger.settle(reservation, Counts(requests=1, cost=cost)._replace(**counts))
        clock.seconds = today

    return settle


class TestUsageOfAKey:
    def test_days_and_models_are_apart_and_summed(self, call: Any, create: Any, use: Use) -> None:
        made = create()
        use(made, "2026-11-20", OPUS, 0.5, input=10, output=2, cache_read=3)
        use(made, "2026-11-20", OPUS, 0.25, cache_write_5m=4, cache_write_1h=5)
        use(made, "2026-11-21", OPUS, 1, bounded=1)
        use(made, "2026-11-20", NOVA, 2)
        body = call("GET", f"/api/keys/{made['id']}/usage").body
        assert (body["id"], body["from"], body["to"]) == (made["id"], "2026-10-25", LAST)
        assert [(row["day"], row["model"], row["cost_usd"]) for row in body["rows"]] == [
            ("2026-11-20", NOVA, "2"),
            ("2026-11-20", OPUS, "0.75"),
            ("2026-11-21", OPUS, "1"),
        ]
        assert body["rows"][1] == {
            "day": "2026-11-20",
            "model": OPUS,
            "requests": 2,
            "bounded_requests": 0,
            "cost_usd": "0.75",
            "input_tokens": 10,
            "output_tokens": 2,
            "cache_read_tokens": 3,
            "cache_write_5m_tokens": 4,
            "cache_write_1h_tokens": 5,
        }
        assert body["rows"][2]["bounded_requests"] == 1
        assert body["totals"]["cost_usd"] == "3.75"
        spent = call("GET", f"/api/keys/{made['id']}").body["total_spent_usd"]
        assert body["totals"]["cost_usd"] == spent

    def test_only_the_days_asked_for_are_told(self, call: Any, create: Any, use: Use) -> None:
        made = create()
        for day, usd in (("2026-11-19", 1), ("2026-11-20", 2), ("2026-11-21", 4), (LAST, 8)):
            use(made, day, OPUS, usd)
        query = {"from": "2026-11-20", "to": "2026-11-21"}
        body = call("GET", f"/api/keys/{made['id']}/usage", query=query).body
        assert body["totals"]["cost_usd"] == "6"

    @pytest.mark.parametrize(
        ("by", "expected"),
        [
            ("day", [{"day": "2026-11-20"}, {"day": "2026-11-21"}]),
            ("model", [{"model": NOVA}, {"model": OPUS}]),
            (
                "model,day",
                [
                    {"model": NOVA, "day": "2026-11-20"},
                    {"model": OPUS, "day": "2026-11-20"},
                    {"model": OPUS, "day": "2026-11-21"},
                ],
            ),
        ],
    )
    def test_rows_are_by_what_is_asked(
        self, call: Any, create: Any, use: Use, by: str, expected: list[dict[str, str]]
    ) -> None:
        made = create()
        use(made, "2026-11-20", OPUS, 1)
        use(made, "2026-11-21", OPUS, 1)
        use(made, "2026-11-20", NOVA, 1)
        rows = call("GET", f"/api/keys/{made['id']}/usage", query={"by": by}).body["rows"]
        assert [
            {name: row[name] for name in ("model", "day") if name in row} for row in rows
        ] == expected

    def test_a_revoked_keys_usage_stays(self, call: Any, create: Any, use: Use) -> None:
        made = create()
        use(made, "2026-11-20", OPUS, 1)
        call("DELETE", f"/api/keys/{made['id']}")
        body = call("GET", f"/api/keys/{made['id']}/usage").body
        assert body["totals"]["cost_usd"] == "1"

    def test_a_key_without_calls_has_no_rows(self, call: Any, create: Any) -> None:
        body = call("GET", f"/api/keys/{create()['id']}/usage").body
        assert (body["rows"], body["totals"]["requests"]) == ([], 0)

    def test_an_unknown_key_is_not_found(self, call: Any) -> None:
        answer = call("GET", "/api/keys/000000000000/usage")
        assert answer.error == (404, "not_found", None)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"from": "x"}, "from"),
            ({"to": "2027-01-01"}, "to"),
            ({"by": "key"}, "by"),
            ({"limit": "1"}, "query"),
        ],
    )
    def test_a_wrong_question_is_refused_by_name(
        self, call: Any, create: Any, query: dict[str, str], field: str
    ) -> None:
        answer = call("GET", f"/api/keys/{create()['id']}/usage", query=query)
        assert answer.error == (400, "invalid_field", field)


class TestUsageOfAllKeys:
    def test_keys_are_summed_revoked_ones_among_them(
        self, call: Any, create: Any, use: Use
    ) -> None:
        first, second = create(name="first"), create(name="second")
        use(first, "2026-11-20", OPUS, 1)
        use(second, "2026-11-20", OPUS, 2)
        use(second, "2026-11-21", NOVA, 4)
        call("DELETE", f"/api/keys/{first['id']}")
        body = call("GET", "/api/usage").body
        assert [(row["day"], row["model"], row["cost_usd"]) for row in body["rows"]] == [
            ("2026-11-20", OPUS, "3"),
            ("2026-11-21", NOVA, "4"),
        ]
        assert (body["keys"], body["cursor"], body["totals"]["cost_usd"]) == (2, None, "7")

    def test_keys_can_be_told_apart(self, call: Any, create: Any, use: Use) -> None:
        first, second = create(), create()
        use(first, "2026-11-20", OPUS, 1)
        use(second, "2026-11-21", OPUS, 2)
        rows = call("GET", "/api/usage", query={"by": "key"}).body["rows"]
        assert {row["key"]: row["cost_usd"] for row in rows} == {
            first["id"]: "1",
            second["id"]: "2",
        }

    def test_page_by_page_each_key_is_counted_once(self, call: Any, create: Any, use: Use) -> None:
        for _ in range(5):
            use(create(), "2026-11-20", OPUS, 1)
        query, totals = {"limit": "2"}, []
        while True:
            body = call("GET", "/api/usage", query=query).body
            totals.append((body["keys"], body["totals"]["cost_usd"]))
            if body["cursor"] is None:
                break
            query = {"limit": "2", "cursor": body["cursor"]}
        assert totals == [(2, "2"), (2, "2"), (1, "1")]

    def test_an_answer_that_grew_too_large_says_how_to_ask_for_less(
        self, call: Any, create: Any, use: Use, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(usage_json, "MOST_ROWS", 1)
        made = create()
        use(made, "2026-11-20", OPUS, 1)
        assert call("GET", "/api/usage").status == 200
        use(made, "2026-11-20", NOVA, 1)
        assert call("GET", "/api/usage").error == (400, "invalid_field", "by")
        assert call("GET", "/api/usage", query={"by": "day"}).status == 200

    @pytest.mark.parametrize(
        ("query", "field"),
        [({"limit": "101"}, "limit"), ({"cursor": "!"}, "cursor"), ({"by": ""}, "by")],
    )
    def test_a_wrong_question_is_refused_by_name(
        self, call: Any, query: dict[str, str], field: str
    ) -> None:
        assert call("GET", "/api/usage", query=query).error == (400, "invalid_field", field)


@pytest.fixture
def bill(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    """Cost Explorer's answers, of an account in us-east-1, where the stack is then."""
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    real = boto3.client("ce", region_name="us-east-1")
    made = boto3.client

    def client(service: str, **options: Any) -> Any:
        # The key table and the secrets of these tests are elsewhere.
        return real if service == "ce" else made(service, **options | {"region_name": "eu-west-1"})

    monkeypatch.setattr(console_handler.boto3, "client", client)
    console_handler.api.cache_clear()
    with Stubber(real) as stubber:
        yield stubber
    real.close()


@pytest.fixture
def recorded_bill(bill: Stubber) -> Stubber:
    for response in (services_answer(), *usage_answers()):
        bill.add_response("get_cost_and_usage", response)
    return bill


class TestReconciliation:
    @pytest.fixture
    def used(self, create: Any, use: Use) -> None:
        """Calls of two keys, of which the recorded bill has most, each in its own way."""
        first, second = create(), create()
        use(first, "2026-11-19", OPUS, 10)
        use(second, "2026-11-19", "global.anthropic.claude-opus-5-5", 1.36)
        use(second, "2026-11-19", NOVA, 1.12)
        use(first, "2026-11-20", NOVA, 2, bounded=1)
        use(first, "2026-11-20", SONNET, 1.533)
        use(first, "2026-11-20", OPUS, 2.2)
        use(first, "2026-11-21", HAIKU, 6)
        use(first, "2026-11-21", OPUS, 4.4)
        use(first, "2026-11-22", OPUS, 9)
        use(second, "2026-11-21", "other", 0.07)
        use(second, "2026-11-22", "unsettled", 0.5)

    def ask(self, call: Any, **query: str) -> dict[str, Any]:
        answer = call("GET", "/api/reconciliation", query={"from": FIRST, "to": LAST} | query)
        assert answer.status == 200, answer.body
        body: dict[str, Any] = answer.body
        return body

    @pytest.mark.usefixtures("used")
    def test_each_model_and_day_has_its_drift_and_what_it_means(
        self, call: Any, recorded_bill: Stubber
    ) -> None:
        body = self.ask(call)
        recorded_bill.assert_no_pending_responses()
        assert [
            (row["day"], row["model"], row["ledger_usd"], row["billed_usd"], row["drift_percent"])
            for row in body["rows"]
        ] == [
            ("2026-11-19", "claude-opus-5-5", "11.36", "11.36", "0.00"),
            ("2026-11-19", "nova-pro", "1.12", "1.12", "0.00"),
            ("2026-11-20", "claude-opus-5-5", "2.2", "2.2", "0.00"),
            ("2026-11-20", "claude-sonnet-4-6", "1.533", "1.533", "0.00"),
            ("2026-11-20", "nova-pro", "2", "1.6", "25.00"),
            ("2026-11-21", "claude-haiku-4-5", "6", "6.1000295", "-1.64"),
            ("2026-11-21", "claude-opus-5-5", "4.4", "4.4", "0.00"),
            ("2026-11-22", "claude-opus-5-5", "9", "1.1", "718.18"),
        ]
        assert body["rows"][4] == {
            "day": "2026-11-20",
            "model": "nova-pro",
            "requests": 1,
            "bounded_requests": 1,
            "ledger_usd": "2",
            "billed_usd": "1.6",
            "drift_usd": "0.4",
            "drift_percent": "25.00",
            "verdict": "bounds",
            "explanation": "charged more than billed: 1 of 1 requests were charged a bound, as Bedrock "
            "did not report their usage",
        }
        assert [model["verdict"] for model in body["models"]] == [
            "billed_more",
            "agrees",
            "agrees",
            "bounds",
        ]
        assert body["totals"] == {
            "complete": {
                "ledger_usd": "28.613",
                "billed_usd": "28.3130295",
                "drift_usd": "0.2999705",
                "drift_percent": "1.06",
            },
            "incomplete": {
                "ledger_usd": "9",
                "billed_usd": "1.1",
                "drift_usd": "7.9",
                "drift_percent": "718.18",
            },
        }
        assert body["complete_until"] == "2026-11-21"
        assert body["within_tolerance"] is False
        assert body["cost_explorer_requests"] == 3

    @pytest.mark.usefixtures("used", "recorded_bill")
    def test_what_is_on_one_side_only_is_told_apart(self, call: Any) -> None:
        body = self.ask(call)
        assert [(each["model"], each["ledger_usd"]) for each in body["only_in_ledger"]] == [
            ("other", "0.07"),
            ("unsettled", "0.5"),
        ]
        assert [
            (each["reason"], each["what"], each["billed_usd"]) for each in body["only_in_bill"]
        ] == [
            ("batch", "llama-4-maverick", "1.2"),
            ("beside_the_router", "gpt-oss-120b", "2.1"),
            ("beside_the_router", "nova-2-lite", "0.165"),
            ("capacity", "claude-opus-5-5", "9"),
            ("other_feature", "USE1-Guardrail-AutomatedReasoningPolicyUnitsConsumed", "0.17"),
            ("other_region", "eu-west-1", "0.345"),
            ("other_region", "us-west-2", "0.071"),
            ("unknown_model", "TwelveLabs Marengo Embed 3.0", "0.07"),
        ]

    @pytest.mark.usefixtures("used", "recorded_bill")
    def test_a_wider_tolerance_is_met(self, call: Any) -> None:
        body = self.ask(call, tolerance="17.3")
        assert [model["drift_percent"] for model in body["models"]] == [
            "-1.64",
            "0.00",
            "0.00",
            "14.71",
        ]
        assert body["within_tolerance"] is True

    @pytest.mark.usefixtures("used", "recorded_bill")
    def test_the_ledger_is_read_to_its_last_key(
        self, call: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(reports, "PAGE_LIMIT", 1)
        assert self.ask(call)["totals"]["complete"]["ledger_usd"] == "28.613"

    def test_no_bill_and_no_calls_agree(self, call: Any, bill: Stubber) -> None:
        bill.add_response("get_cost_and_usage", {"ResultsByTime": []})
        body = self.ask(call)
        assert (body["rows"], body["models"], body["within_tolerance"]) == ([], [], True)
        assert body["totals"]["complete"]["drift_percent"] is None

    def test_cost_explorer_that_is_not_enabled_says_what_to_do(
        self, call: Any, bill: Stubber
    ) -> None:
        bill.add_client_error(
            "get_cost_and_usage",
            "AccessDeniedException",
            "User not enabled for cost explorer access",
        )
        answer = call("GET", "/api/reconciliation")
        assert answer.error == (409, "cost_explorer_disabled", None)
        assert "AWS console" in answer.body["error"]["message"]

    @pytest.mark.usefixtures("bill")
    def test_govcloud_whose_bill_is_elsewhere_is_told_so(
        self, call: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_REGION", "us-gov-west-1")
        answer = call("GET", "/api/reconciliation")
        assert answer.error == (409, "cost_explorer_elsewhere", None)

    @pytest.mark.usefixtures("bill")
    def test_a_ledger_that_takes_too_long_to_read_is_told(
        self, call: Any, create: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for _ in range(2):
            create()
        monkeypatch.setattr(reports, "PAGE_LIMIT", 1)
        monkeypatch.setattr(reports, "READING_S", -1)
        answer = call("GET", "/api/reconciliation")
        assert answer.error == (503, "too_many_keys", None)

    @pytest.mark.usefixtures("bill")
    @pytest.mark.parametrize(
        ("query", "field"),
        [({"tolerance": "x"}, "tolerance"), ({"by": "day"}, "query"), ({"from": "x"}, "from")],
    )
    def test_a_wrong_question_is_refused_before_anything_is_paid(
        self, call: Any, query: dict[str, str], field: str
    ) -> None:
        answer = call("GET", "/api/reconciliation", query=query)
        assert answer.error == (400, "invalid_field", field)


@pytest.mark.parametrize(
    "path", ["/api/usage", "/api/reconciliation", "/api/keys/000000000000/usage"]
)
def test_reports_are_for_the_admin_key_and_read_only(call: Any, path: str) -> None:
    assert call("GET", path, authorization="Bearer x").error[0] == 401
    answer = call("POST", path, {})
    assert (answer.status, answer.headers["allow"]) == (405, "GET")
