"""What a call takes longer through the router than directly, by the same client.

added  client → emulated Function URL → router → fake Bedrock   less   client → fake Bedrock
hop    the same emulator over a worker that only answers        less   client → fake Bedrock
own    the rest: what the router itself takes, its call to Bedrock included

Table calls are left out by giving the router a table inside its own process; `bench.measures.table`
tells what they take. The routes take turns within every round.
"""

from collections.abc import Mapping
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from bench import calls
from bench.calls import Call
from bench.client import Clients, Timing
from bench.results import Result
from bench.session import INSIDE, NULL, Session, start_router
from bench.summary import summarize

CHUNKS = 20
WARM_UP = 2


class _Scenario(NamedTuple):
    name: str
    label: str
    concurrency: int
    direct: Call
    routed: Call
    streams: bool
    takes_s: float = 0.0
    """Model time of a call."""


def _one_at_a_time() -> list[_Scenario]:
    stream = calls.native_stream(CHUNKS, 0.002)
    alone = f"{CHUNKS}-chunk stream at 2 ms a chunk"
    return [
        _Scenario("chat", "chat", 1, calls.native(), calls.chat(), False),
        _Scenario("native", "native", 1, calls.native(), calls.native(), False),
        _Scenario(
            "chat_stream", f"chat, {alone}", 1, stream, calls.chat_stream(CHUNKS, 0.002), True
        ),
        _Scenario("native_stream", f"native, {alone}", 1, stream, stream, True),
    ]


def _at_once(concurrency: int) -> list[_Scenario]:
    model = "100 ms of model time"
    whole = calls.native(wait_s=0.1)
    stream = calls.native_stream(CHUNKS, 0.01, wait_s=0.1)
    chat_stream = calls.chat_stream(CHUNKS, 0.01, wait_s=0.1)
    paced = f"{CHUNKS}-chunk stream at 10 ms a chunk"
    return [
        _Scenario("chat", f"chat, {model}", concurrency, whole, calls.chat(wait_s=0.1), False, 0.1),
        _Scenario("native", f"native, {model}", concurrency, whole, whole, False, 0.1),
        _Scenario("chat_stream", f"chat, {paced}", concurrency, stream, chat_stream, True, 0.3),
    ]


def measure(session: Session, _found: Mapping[str, Result]) -> list[Result]:
    """Every scenario."""
    environment = session.router_environment(tls=False)
    urls = session.emulator(
        {
            "own": (INSIDE, environment),
            "hop": (NULL, environment),
            "table": (start_router(session.task_root), environment),
        }
    )
    urls["direct"] = session.urls["bedrock"]
    scenarios = _one_at_a_time()
    for concurrency in session.plan.concurrencies:
        scenarios += _at_once(concurrency)
    return [row for scenario in scenarios for row in _measure(session, urls, scenario)]


def _measure(session: Session, urls: Mapping[str, str], scenario: _Scenario) -> list[Result]:
    plan = session.plan
    routes = ["direct", "hop", "own"]
    each, count = 1, plan.concurrent_rounds
    if scenario.concurrency == 1:
        each = plan.latency_streams if scenario.streams else plan.latency_requests
        count = plan.rounds
        routes.append("table")
    rounds: list[dict[str, list[Timing]]] = []
    with ExitStack() as owned:
        clients = {
            route: owned.enter_context(
                Clients(
                    urls[route],
                    scenario.direct if route in {"direct", "hop"} else scenario.routed,
                    scenario.concurrency,
                    scenario.takes_s / scenario.concurrency,
                )
            )
            for route in routes
        }
        for client in clients.values():
            client.batch(WARM_UP)
        title = f"latency: {scenario.label}, {scenario.concurrency} at once"
        for number in session.rounds(title, count):
            turned = routes[number % len(routes) :] + routes[: number % len(routes)]
            rounds.append({route: list(clients[route].batch(each)) for route in turned})
    moments = ("first", "end") if scenario.streams else ("end",)
    return [
        row
        for moment in moments
        for row in _rows(scenario, moment, [_medians(timings, moment) for timings in rounds])
    ]


def _medians(timings: Mapping[str, list[Timing]], moment: str) -> dict[str, float]:
    """Each route's median, in ms."""
    return {
        route: 1000 * median([t.first_s if moment == "first" else t.end_s for t in found])
        for route, found in timings.items()
    }


def _rows(scenario: _Scenario, moment: str, medians: list[dict[str, float]]) -> list[Result]:
    name = f"latency.{scenario.name}.{scenario.concurrency}"
    label = f"{scenario.label}, {scenario.concurrency} at once"
    if scenario.streams:
        name += f".{moment}"
        label += ", to the first event" if moment == "first" else ", to the end"
    differences = [
        ("added", f"added latency: {label}", "own", "direct"),
        ("hop", "  of it the emulator's hop (Lambda's own on AWS)", "hop", "direct"),
        ("own", "  of it the router's own", "own", "hop"),
    ]
    if "table" in medians[0]:
        differences.append(("table", "  table calls, apart (instant table)", "table", "own"))
    return [
        Result(
            f"{name}.{part}",
            text,
            "ms",
            summarize([found[longer] - found[shorter] for found in medians]),
            f"direct {median([found['direct'] for found in medians]):.2f} ms"
            if part == "added"
            else "",
        )
        for part, text, longer, shorter in differences
    ]
