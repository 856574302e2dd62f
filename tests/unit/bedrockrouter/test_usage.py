"""``bedrockrouter usage``: what it asks, how it puts pages together, and what it prints."""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion


def counts(cost: str, number: int = 1, *, bounded: int = 0) -> dict[str, Any]:
    return {
        "requests": number,
        "bounded_requests": bounded,
        "cost_usd": cost,
        "input_tokens": 1000 * number,
        "output_tokens": 100 * number,
        "cache_read_tokens": 10 * number,
        "cache_write_5m_tokens": 2 * number,
        "cache_write_1h_tokens": number,
    }


def page(
    *rows: dict[str, Any], totals: dict[str, Any], cursor: str | None = None, keys: int = 1
) -> dict[str, Any]:
    days = {"from": "2026-10-25", "to": "2026-11-23"}
    return days | {"keys": keys, "cursor": cursor, "rows": list(rows), "totals": totals}


OPUS = "us.anthropic.claude-opus-5-5"
PAGES = [
    page(
        {"model": OPUS, **counts("1.000000000001", 2)},
        {"model": "us.amazon.nova-pro-v1:0", **counts("0.5")},
        totals=counts("1.500000000001", 3),
        cursor="next",
        keys=100,
    ),
    page({"model": OPUS, **counts("2")}, totals=counts("2"), keys=7),
]


def test_pages_are_asked_for_and_summed_to_the_picodollar(run: Any) -> None:
    result, console = run("usage", "--json", answers={"/api/usage": list(PAGES)})
    assert result.exit_code == 0
    assert console.asked() == [
        ("/api/usage", {"by": "model"}),
        ("/api/usage", {"by": "model", "cursor": "next"}),
    ]
    assert json.loads(result.stdout) == {
        "from": "2026-10-25",
        "to": "2026-11-23",
        "keys": 107,
        "rows": [
            {"model": "us.amazon.nova-pro-v1:0", **counts("0.5")},
            {"model": OPUS, **counts("3.000000000001", 3)},
        ],
        "totals": counts("3.500000000001", 4),
    }


def test_sums_are_written_as_decimals(run: Any) -> None:
    pages = [
        page(totals=counts("99.5"), cursor="next"),
        page(totals=counts("0.5")),
    ]
    result, _ = run("usage", "--json", answers={"/api/usage": pages})
    assert json.loads(result.stdout)["totals"]["cost_usd"] == "100"


def test_keys_are_told_by_their_names_too(run: Any) -> None:
    usage = page(
        {"key": "aaaaaaaaaaaa", **counts("1")},
        {"key": "bbbbbbbbbbbb", **counts("2")},
        totals=counts("3", 2),
    )
    keys = [
        {"keys": [{"id": "bbbbbbbbbbbb", "name": "ci [bold]"}], "cursor": "more"},
        {"keys": [{"id": "aaaaaaaaaaaa", "name": "a laptop"}], "cursor": None},
    ]
    answers = {"/api/usage": usage, "/api/keys": keys}
    result, console = run("usage", "--by", "key", answers=answers)
    assert [path for path, _ in console.asked()] == ["/api/usage", "/api/keys", "/api/keys"]
    # The dearest first, and names as they are.
    assert 0 < result.stdout.index("ci [bold]") < result.stdout.index("a laptop")


def test_one_key_is_asked_for_alone(run: Any) -> None:
    path = "/api/keys/aaaaaaaaaaaa/usage"
    answer = {
        "id": "aaaaaaaaaaaa",
        **page({"day": "2026-11-20", **counts("1")}, totals=counts("1")),
    }
    arguments = "--key", "aaaaaaaaaaaa", "--by", "day", "--from", "2026-11-20", "--json"
    result, console = run("usage", *arguments, answers={path: answer})
    assert console.asked() == [(path, {"by": "day", "from": "2026-11-20"})]
    assert json.loads(result.stdout) == answer


def test_what_is_no_keys_id_asks_for_nothing_else(run: Any) -> None:
    _, console = run("usage", "--key", "../usage?by=key", answers={})
    assert [request.url.raw_path for request in console.requests] == [
        b"/api/keys/..%2Fusage%3Fby%3Dkey/usage?by=model"
    ]


@pytest.mark.parametrize("width", [80, 120])
def test_the_printout_is_the_reviewed_one(
    run: Any, width: int, snapshot: SnapshotAssertion
) -> None:
    rows = [
        {"day": "2026-11-20", "model": OPUS, **counts("1234.56789", 123_456, bounded=2)},
        {
            "day": "2026-11-20",
            "model": "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            **counts("0.00000001", 3),
        },
        {"day": "2026-11-21", "model": "other", **counts("0", 99_999)},
    ]
    answer = page(*rows, totals=counts("1234.56789001", 223_458, bounded=2))
    result, _ = run("usage", "--by", "day,model", answers={"/api/usage": answer}, width=width)
    printed = "\n".join(line.rstrip() for line in result.stdout.splitlines()) + "\n"
    assert printed == snapshot


def test_nothing_used_is_said(run: Any) -> None:
    result, _ = run("usage", answers={"/api/usage": page(totals=counts("0", 0))})
    assert result.stdout == "Nothing was used from 2026-10-25 to 2026-11-23.\n"
