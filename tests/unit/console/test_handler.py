"""Every route of the console, from event to answer, with the ledger's other side beside it."""

import base64
import json
import logging
from datetime import UTC, datetime

import pytest
from console.api import MAX_BODY
from console.secret_values import FRESH_S
from console.table import BotoTable
from ledger.admission import Ledger, Refused
from ledger.keys import identify
from ledger.table import TableUnavailable

from tests.support.key_table import NOON, TABLE_NAME, stored_item, used

DOLLAR = 10**12
DAY = 86_400


@pytest.fixture
def ledger(table, clock):
    return Ledger(table, TABLE_NAME, clock)


@pytest.fixture
def admit(ledger, clock, hmac_secret):
    """Admits a call of so many picodollars with a key as its holder has it."""

    def make(key, amount, model="m"):
        return ledger.admit(
            identify(key, [hmac_secret]),
            models=(model,),
            counted_as=model,
            amount=amount,
            least=amount,
            input_tokens=0,
            expires=int(clock()) + 1000,
        )

    return make


def iso(seconds):
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class TestAdminKey:
    @pytest.mark.parametrize(
        "authorization",
        [
            None,
            "",
            "Bearer",
            "Bearer ",
            "Bearer wrong",
            "Basic YTpi",
            "adminadminadminadminadminadminadminadminadmin",
            "Bearer adminadminadminadminadminadminadminadminadmi",
            "Bearer adminadminadminadminadminadminadminadminadminx",
            "Bearer \ud800",
            "Bearer é",
        ],
    )
    def test_anything_else_is_answered_alike(self, call, authorization):
        answers = [
            call("GET", "/api/keys", authorization=authorization),
            call("POST", "/api/keys", "{", authorization=authorization),
            call("PUT", "/api/nowhere", authorization=authorization),
            call("DELETE", "/api/keys/000000000000", authorization=authorization),
        ]
        assert {answer.error for answer in answers} == {(401, "unauthorized", None)}
        assert len({answer.body["error"]["message"] for answer in answers}) == 1
        assert answers[0].headers["www-authenticate"] == "Bearer"

    def test_the_schemes_case_does_not_matter(self, call, admin_key):
        assert call("GET", "/api/keys", authorization=f"bearer {admin_key}").status == 200

    def test_a_users_key_opens_nothing_here(self, call, create):
        made = create()
        assert call("GET", "/api/keys", authorization=f"Bearer {made['key']}").status == 401

    def test_a_rotated_key_is_felt_within_a_minute(self, call, secrets, monotonic, admin_key):
        assert call("GET", "/api/keys").status == 200
        secrets.put_secret_value(SecretId="admin", SecretString="new" * 15)
        monotonic.seconds += FRESH_S
        assert call("GET", "/api/keys", authorization=f"Bearer {'new' * 15}").status == 200
        assert call("GET", "/api/keys", authorization=f"Bearer {admin_key}").status == 401

    def test_the_secret_is_not_read_for_every_request(self, call, secrets):
        assert call("GET", "/api/keys").status == 200
        secrets.put_secret_value(SecretId="admin", SecretString="new" * 15)
        assert call("GET", "/api/keys").status == 200

    def test_an_unreadable_secret_opens_nothing(self, call, secrets):
        secrets.delete_secret(SecretId="admin", ForceDeleteWithoutRecovery=True)
        answer = call("GET", "/api/keys")
        assert answer.error == (503, "unavailable", None)
        secrets.create_secret(Name="admin", SecretString="anything")


class TestCreate:
    def test_a_name_alone_makes_a_key_without_limits(self, call):
        answer = call("POST", "/api/keys", {"name": "Ada's laptop"})
        assert answer.status == 201
        key = answer.body.pop("key")
        key_id = answer.body["id"]
        assert answer.headers["location"] == f"/api/keys/{key_id}"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "application/json"
        assert answer.body == {
            "key_with_host": f"{key}~abc123.lambda-url.eu-west-1.on.aws",
            "proxy_url": "https://abc123.lambda-url.eu-west-1.on.aws/",
            "id": key_id,
            "name": "Ada's laptop",
            "status": "active",
            "created_at": iso(NOON),
            "expires_at": None,
            "credit_limit_usd": None,
            "limit_period": None,
            "period_ends": None,
            "spent_usd": "0",
            "reserved_usd": "0",
            "remaining_usd": None,
            "total_spent_usd": "0",
            "allowed_models": None,
            "requests_per_minute": None,
            "tokens_per_minute": None,
        }

    def test_every_limit_can_be_set(self, create):
        limits = {
            "credit_limit_usd": "12.5",
            "limit_period": "week",
            "expires_at": "2026-01-01T02:00:00+02:00",
            "allowed_models": ["b", "anthropic.*", "b"],
            "requests_per_minute": 60,
            "tokens_per_minute": 100_000,
        }
        made = create(**limits)
        assert {field: made[field] for field in limits} == limits | {
            "expires_at": "2026-01-01T00:00:00Z",
            "allowed_models": ["anthropic.*", "b"],
        }
        assert made["remaining_usd"] == "12.5"
        assert made["period_ends"] == "2025-06-16T00:00:00Z"

    def test_both_forms_of_the_key_are_admitted(self, create, admit):
        made = create(credit_limit_usd=1)
        assert admit(made["key"], 1).key_id == made["id"]
        assert admit(made["key_with_host"], 1).key_id == made["id"]

    def test_the_key_is_shown_this_once(self, call, create):
        made = create()
        shown_again = json.dumps(
            [call("GET", f"/api/keys/{made['id']}").body, call("GET", "/api/keys").body]
        )
        assert made["key"][19:52] not in shown_again
        assert "hash" not in shown_again

    def test_a_base64_body_is_the_same_body(self, call):
        body = base64.b64encode('{"name": "é"}'.encode()).decode()
        assert call("POST", "/api/keys", body, encoded=True).body["name"] == "é"

    @pytest.mark.parametrize(
        ("amount", "shown"),
        [
            ("0.05", "0.05"),
            ("10.000000000001", "10.000000000001"),
            (10, "10"),
            (0, "0"),
            (0.1, "0.1"),
            (1e-07, "0.0000001"),
            (1e22 / 1e20, "100"),
            ("999999999999.999999999999", "999999999999.999999999999"),
        ],
    )
    def test_an_amount_is_the_decimal_it_is_written_as(self, create, amount, shown):
        assert create(credit_limit_usd=amount)["credit_limit_usd"] == shown

    def test_an_expiry_may_be_epoch_seconds(self, create):
        assert create(expires_at=NOON + 5)["expires_at"] == iso(NOON + 5)

    def test_null_is_no_limit(self, create):
        unlimited = dict.fromkeys(
            (
                "credit_limit_usd",
                "limit_period",
                "expires_at",
                "allowed_models",
                "requests_per_minute",
                "tokens_per_minute",
            )
        )
        made = create(**unlimited)
        assert {field: made[field] for field in unlimited} == unlimited

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "   "),
            ("name", "x" * 201),
            ("name", "two\nlines"),
            ("name", "\ud800"),
            ("name", None),
            ("name", 7),
            ("name", 7.5),
            ("name", ["x"]),
            ("credit_limit_usd", -1),
            ("credit_limit_usd", "-0.5"),
            ("credit_limit_usd", -0.5),
            ("credit_limit_usd", "ten"),
            ("credit_limit_usd", ""),
            ("credit_limit_usd", True),
            ("credit_limit_usd", [1]),
            ("credit_limit_usd", "0.0000000000001"),
            ("credit_limit_usd", 1e-13),
            ("credit_limit_usd", 10**12),
            ("credit_limit_usd", 1e300),
            ("limit_period", "year"),
            ("limit_period", "none"),
            ("limit_period", 1),
            ("limit_period", ["day"]),
            ("expires_at", NOON),
            ("expires_at", NOON - 1),
            ("expires_at", "2020-01-01T00:00:00Z"),
            ("expires_at", "2030-01-01T00:00:00"),
            ("expires_at", "2030-01-01"),
            ("expires_at", "tomorrow"),
            ("expires_at", NOON * 1000),
            ("expires_at", 2e9 + 0.5),
            ("expires_at", True),
            ("expires_at", "2030-02-30T00:00:00Z"),
            ("allowed_models", []),
            ("allowed_models", "anthropic.*"),
            ("allowed_models", [""]),
            ("allowed_models", ["x" * 201]),
            ("allowed_models", [1]),
            ("allowed_models", [None]),
            ("allowed_models", ["m"] * 101),
            ("allowed_models", {}),
            ("requests_per_minute", 0),
            ("requests_per_minute", -1),
            ("requests_per_minute", 1.5),
            ("requests_per_minute", "60"),
            ("requests_per_minute", True),
            ("requests_per_minute", 10**9 + 1),
            ("tokens_per_minute", 0),
            ("tokens_per_minute", 10**30),
            ("max_budget", 1),
            ("id", "0" * 12),
            ("spent_usd", "0"),
            ("Name", "x"),
        ],
    )
    def test_a_wrong_field_is_refused_by_name_and_makes_no_key(self, call, field, value):
        answer = call("POST", "/api/keys", {"name": "a key"} | {field: value})
        assert answer.error == (400, "invalid_field", field)
        assert field in answer.body["error"]["message"]
        assert call("GET", "/api/keys").body["keys"] == []

    def test_a_name_is_required(self, call):
        assert call("POST", "/api/keys", {}).error == (400, "invalid_field", "name")

    @pytest.mark.parametrize(
        "body",
        [
            None, "", "{", "[]", "null", '"x"', "1", '{"name": "x",}', '{"name": NaN}',
            '{"name": Infinity}', "[" * 50_000, "\ud800",
            '{"name": "x", "requests_per_minute": ' + "1" * 5000 + "}",
        ],
    )  # fmt: skip
    def test_what_is_not_a_json_object_is_refused(self, call, body):
        assert call("POST", "/api/keys", body).status == 400

    def test_bytes_that_are_not_utf_8_are_refused(self, call):
        body = base64.b64encode(b'{"name": "\xff"}').decode()
        answer = call("POST", "/api/keys", body, encoded=True)
        assert answer.error == (400, "invalid_json", None)

    def test_broken_base64_is_refused(self, call):
        answer = call("POST", "/api/keys", "%%%", encoded=True)
        assert answer.error == (400, "invalid_body", None)

    def test_a_body_past_the_limit_is_refused(self, call):
        largest = json.dumps({"name": "x"}).ljust(MAX_BODY)
        assert call("POST", "/api/keys", largest).status == 201
        assert call("POST", "/api/keys", largest + " ").error == (413, "too_large", None)


class TestRead:
    def test_spending_is_exact_to_the_last_digit(self, call, create, admit, ledger):
        made = create(credit_limit_usd="1")
        ledger.settle(admit(made["key"], DOLLAR // 2), used(1_234_567, 1))
        admit(made["key"], 3)
        shown = call("GET", f"/api/keys/{made['id']}").body
        assert shown["spent_usd"] == "0.000001234567"
        assert shown["reserved_usd"] == "0.000000000003"
        assert shown["remaining_usd"] == "0.99999876543"
        assert shown["total_spent_usd"] == "0.000001234567"

    def test_a_lost_call_is_shown_as_spent(self, call, create, admit, clock):
        made = create(credit_limit_usd="1")
        admit(made["key"], DOLLAR // 4)
        clock.seconds += 1000
        shown = call("GET", f"/api/keys/{made['id']}").body
        assert (shown["spent_usd"], shown["reserved_usd"]) == ("0.25", "0")

    def test_a_new_period_is_shown_before_any_call(self, call, create, admit, ledger, clock):
        made = create(credit_limit_usd="1", limit_period="day")
        ledger.settle(admit(made["key"], DOLLAR // 2), used(DOLLAR // 2, 1))
        clock.seconds += DAY
        shown = call("GET", f"/api/keys/{made['id']}").body
        assert shown["spent_usd"] == "0"
        assert shown["remaining_usd"] == "1"
        assert shown["total_spent_usd"] == "0.5"
        assert shown["period_ends"] == "2025-06-17T00:00:00Z"

    def test_overspending_is_shown_below_zero(self, call, create, admit, ledger):
        made = create(credit_limit_usd="1")
        ledger.settle(admit(made["key"], DOLLAR), used(3 * DOLLAR // 2, 1))
        assert call("GET", f"/api/keys/{made['id']}").body["remaining_usd"] == "-0.5"

    def test_an_expired_key_is_shown_as_such(self, call, create, clock):
        made = create(expires_at=NOON + 5)
        clock.seconds += 5
        assert call("GET", f"/api/keys/{made['id']}").body["status"] == "expired"

    @pytest.mark.parametrize("key_id", ["0" * 12, "0" * 11, "../../../..", "é" * 12, "sk_m11_"])
    def test_an_unknown_id_is_not_found(self, call, key_id):
        assert call("GET", f"/api/keys/{key_id}").error == (404, "not_found", None)

    def test_garbage_ids_cost_no_table_read(self, call, table):
        mark = len(table.operations)
        call("GET", "/api/keys/garbage")
        assert table.calls_since(mark) == []


class TestList:
    def test_pages_hold_every_key_once_newest_first(self, call, create, clock):
        made = []
        for number in range(5):
            clock.seconds += 1
            made.append(create(name=str(number))["id"])
        listed, query = [], {"limit": "2"}
        while True:
            page = call("GET", "/api/keys", query=query).body
            assert set(page) == {"keys", "cursor"}
            listed += [key["id"] for key in page["keys"]]
            if page["cursor"] is None:
                break
            query["cursor"] = page["cursor"]
        assert listed == made[::-1]

    def test_a_listed_key_is_what_its_own_page_shows(self, call, create):
        made = create(credit_limit_usd="1")
        assert call("GET", "/api/keys").body["keys"] == [
            call("GET", f"/api/keys/{made['id']}").body
        ]

    def test_revoked_keys_stay_listed(self, call, create):
        made = create()
        call("DELETE", f"/api/keys/{made['id']}")
        assert [key["status"] for key in call("GET", "/api/keys").body["keys"]] == ["revoked"]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ({"limit": "0"}, "limit"),
            ({"limit": "101"}, "limit"),
            ({"limit": "-1"}, "limit"),
            ({"limit": "1.5"}, "limit"),
            ({"limit": "\u0661"}, "limit"),
            ({"limit": ""}, "limit"),
            ({"limit": "9" * 5000}, "limit"),
            ({"cursor": ""}, "cursor"),
            ({"cursor": "%"}, "cursor"),
            ({"cursor": "é"}, "cursor"),
            ({"cursor": "/w=="}, "cursor"),
            ({"page": "2"}, "query"),
        ],
    )
    def test_a_wrong_parameter_is_refused_by_name(self, call, query, field):
        assert call("GET", "/api/keys", query=query).error == (400, "invalid_field", field)


class TestAmend:
    def test_only_what_is_named_changes(self, call, create):
        made = create(credit_limit_usd="1", requests_per_minute=5)
        answer = call("PATCH", f"/api/keys/{made['id']}", {"credit_limit_usd": "2.5"})
        assert answer.status == 200
        for shown_once in ("key", "key_with_host", "proxy_url"):
            del made[shown_once]
        assert answer.body == made | {"credit_limit_usd": "2.5", "remaining_usd": "2.5"}
        assert answer.body == call("GET", f"/api/keys/{made['id']}").body

    def test_null_takes_a_limit_away(self, call, create):
        limits = {
            "credit_limit_usd": "1",
            "limit_period": "day",
            "expires_at": NOON + 5,
            "allowed_models": ["m"],
            "requests_per_minute": 5,
            "tokens_per_minute": 5,
        }
        made = create(**limits)
        body = call("PATCH", f"/api/keys/{made['id']}", dict.fromkeys(limits)).body
        assert {field: body[field] for field in limits} == dict.fromkeys(limits)

    def test_a_change_holds_for_the_next_call(self, call, create, admit):
        made = create()
        admit(made["key"], 1)
        call("PATCH", f"/api/keys/{made['id']}", {"allowed_models": ["other"]})
        with pytest.raises(Refused, match="model_not_allowed"):
            admit(made["key"], 1)

    def test_nothing_named_changes_nothing(self, call, create):
        made = create(credit_limit_usd="1")
        answer = call("PATCH", f"/api/keys/{made['id']}", {})
        assert (answer.status, answer.body["credit_limit_usd"]) == (200, "1")

    @pytest.mark.parametrize(
        ("field", "value"), [("name", None), ("status", "active"), ("expires_at", NOON)]
    )
    def test_a_wrong_field_is_refused_by_name_and_changes_nothing(self, call, create, field, value):
        made = create(name="old")
        change = {"name": "new"} | {field: value}
        answer = call("PATCH", f"/api/keys/{made['id']}", change)
        assert answer.error == (400, "invalid_field", field)
        assert call("GET", f"/api/keys/{made['id']}").body["name"] == "old"

    def test_an_unknown_key_is_not_found(self, call):
        assert call("PATCH", "/api/keys/" + "0" * 12, {"name": "x"}).error == (
            404,
            "not_found",
            None,
        )

    def test_a_revoked_key_cannot_be_changed(self, call, create):
        made = create()
        call("DELETE", f"/api/keys/{made['id']}")
        answer = call("PATCH", f"/api/keys/{made['id']}", {"name": "x"})
        assert answer.error == (409, "revoked", None)


class TestRevoke:
    def test_a_revoked_key_is_refused_from_the_next_call_on(self, call, create, admit):
        made = create()
        admit(made["key"], 1)
        answer = call("DELETE", f"/api/keys/{made['id']}")
        assert (answer.status, answer.body) == (204, None)
        with pytest.raises(Refused, match="unknown_key"):
            admit(made["key"], 1)
        assert call("GET", f"/api/keys/{made['id']}").body["status"] == "revoked"

    def test_revoking_again_is_as_good_as_once(self, call, create):
        made = create()
        for _ in range(2):
            assert call("DELETE", f"/api/keys/{made['id']}").status == 204

    def test_an_unknown_key_is_not_found(self, call):
        assert call("DELETE", "/api/keys/" + "0" * 12).error == (404, "not_found", None)


class TestPaths:
    def test_health_needs_no_key(self, call):
        answer = call("GET", "/healthz", authorization=None)
        assert (answer.status, answer.body) == (200, {"status": "ok"})

    @pytest.mark.parametrize(
        "path", ["/", "", "/api", "/api/", "/api/keys/", "/api/key", "/API/keys", "/favicon.ico"]
    )
    def test_an_unknown_path_is_not_found(self, call, path):
        assert call("GET", path).error == (404, "not_found", None)

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("PUT", "/api/keys", "GET, POST"),
            ("DELETE", "/api/keys", "GET, POST"),
            ("POST", "/api/keys/000000000000", "GET, PATCH, DELETE"),
            ("POST", "/healthz", "GET"),
        ],
    )
    def test_a_wrong_method_is_told_the_right_ones(self, call, method, path, allowed):
        answer = call(method, path)
        assert answer.error == (405, "method_not_allowed", None)
        assert answer.headers["allow"] == allowed


class TestFaults:
    def test_a_table_that_is_down_is_unavailable(self, call, monkeypatch):
        def down(self, operation, request):
            raise TableUnavailable("EndpointConnectionError")

        monkeypatch.setattr(BotoTable, "__call__", down)
        for answer in (
            call("GET", "/api/keys"),
            call("POST", "/api/keys", {"name": "x"}),
            call("GET", "/api/keys/000000000000"),
            call("PATCH", "/api/keys/000000000000", {"name": "x"}),
            call("DELETE", "/api/keys/000000000000"),
        ):
            assert answer.error == (503, "unavailable", None)
            assert answer.headers["retry-after"] == "1"

    def test_the_endpoints_of_the_environment_are_the_ones_used(self, call, monkeypatch, caplog):
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:9")
        assert call("GET", "/api/keys").error == (503, "unavailable", None)
        assert "EndpointConnectionError" in caplog.text

    def test_the_unforeseen_is_told_and_logged_without_what_was_sent(
        self, call, monkeypatch, caplog
    ):
        def broken(*arguments, **named):
            raise RuntimeError("quotes CANARY")

        monkeypatch.setattr(BotoTable, "__call__", broken)
        answer = call("POST", "/api/keys", {"name": "CANARY"})
        assert answer.error == (500, "internal", None)
        assert "CANARY" not in json.dumps(answer.body)
        assert "RuntimeError" in caplog.text
        assert "CANARY" not in caplog.text

    def test_no_key_no_name_and_no_body_is_ever_logged(
        self, call, create, caplog, table, admin_key
    ):
        caplog.set_level(logging.DEBUG, logger="console")
        made = create(name="CANARY", allowed_models=["PATTERN-CANARY"])
        call("GET", f"/api/keys/{made['id']}")
        call("PATCH", f"/api/keys/{made['id']}", {"name": "CANARY2"})
        call("PATCH", f"/api/keys/{made['id']}", {"CANARY3": "x"})
        call("DELETE", f"/api/keys/{made['id']}")
        logged = "\n".join(
            record.getMessage() for record in caplog.records if record.name == "console"
        )
        assert logged.splitlines() == [
            f"{what} key {made['id']}" for what in ("created", "amended", "revoked")
        ]
        stored = json.dumps(stored_item(table, made["id"]))
        for secret in (made["key"], made["key"][19:52], admin_key):
            assert secret not in stored
