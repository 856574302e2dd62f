"""Clients that make calls of every kind while the router's workers are killed under them."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from random import Random
from typing import NamedTuple

import httpx

from tests.support.mixed_calls import CHEAP, KINDS, Call, make_call, order_id, random_call
from tests.support.stack import LocalStack

CLIENTS = 64
CALLS_EACH = 7
SEED = 20_261_123

ENOUGH = ("free", "roomy")
"""Keys that can pay for all that is asked of them."""
SHARES = ("free", "roomy", "free", "roomy", "roomy", "small", "free", "tiny")
"""The key of each client, of eight in a row."""

KILLED_SHARE = 0.12
"""How often a call that begins has some worker killed, a moment later."""

HELD = 8
"""Calls that are sure to be killed: they wait at a gate until all workers are."""
TRIES = 10
"""How often a client tries to make one of them."""
GATE = "crash"

PATIENCE_S = 60


class Outcome(NamedTuple):
    """What a client saw of a call."""

    call: Call
    request_id: str | None = None
    """None when it hung up before there was an answer."""
    told_usd: str | None = None
    """What it was told that the call cost."""


def ask(client: httpx.Client, call: Call, key: str) -> Outcome:
    """Sends a call, and reads its answer unless the client is to hang up first."""
    hangs_up = call.fault == "hang up"
    # There is nothing to read of a whole answer before all of it is there.
    patience_s = 0.05 if hangs_up and not call.streamed else PATIENCE_S
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json", **call.headers}
    is_throttled = True
    while is_throttled:
        outcome, is_throttled = Outcome(call), False
        with (
            contextlib.suppress(httpx.HTTPError),
            client.stream(
                "POST", call.path, content=call.body, headers=headers, timeout=patience_s
            ) as response,
        ):
            told = response.headers.get("x-bedrockrouter-cost-usd")
            outcome = Outcome(call, response.headers["x-amzn-requestid"], told)
            # Lambda's own 429, for want of a free process, has no such header.
            is_throttled = response.status_code == 429 and "retry-after" not in response.headers
            for _ in response.iter_raw():
                if hangs_up:
                    break
        if is_throttled:
            time.sleep(0.1)
    return outcome


def kill(pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_at_random(stack: LocalStack, begun: SimpleQueue[bool]) -> int:
    """Kills some worker after some of the calls that begin, until the queue says False; how many."""
    random, killed = Random(SEED), 0  # noqa: S311
    while begun.get():
        if random.random() < KILLED_SHARE:
            time.sleep(random.uniform(0, 0.2))
            if workers := stack.router_pids():
                kill([random.choice(workers)])
                killed += 1
    return killed


def run_while_workers_die(stack: LocalStack, keys: dict[str, str]) -> list[Outcome]:
    """All clients at once."""
    begun: SimpleQueue[bool] = SimpleQueue()

    def client(number: int) -> list[Outcome]:
        random, key = Random(SEED + number), SHARES[number % len(SHARES)]  # noqa: S311
        kinds = KINDS if key in ENOUGH else (CHEAP,)
        outcomes = []
        with httpx.Client(base_url=stack.proxy_url) as http:
            for own in range(CALLS_EACH):
                call = random_call(1 + number * CALLS_EACH + own, key, random, kinds)
                begun.put(True)
                outcomes.append(ask(http, call, keys[key]))
        return outcomes

    with ThreadPoolExecutor(1) as killer, ThreadPoolExecutor(CLIENTS) as clients:
        killed = killer.submit(kill_at_random, stack, begun)
        try:
            outcomes = [outcome for own in clients.map(client, range(CLIENTS)) for outcome in own]
        finally:
            begun.put(False)
    assert killed.result() > 0
    return outcomes


def run_until_all_are_dead(stack: LocalStack, keys: dict[str, str]) -> list[Outcome]:
    """Some more calls, which get stuck in mid-answer; then every worker is killed."""
    order = {"words": 10, "hold_last": GATE}
    first = CLIENTS * CALLS_EACH + 1
    numbers = range(first, first + HELD * TRIES)
    enough = threading.Event()

    def client(number: int) -> list[Outcome]:
        outcomes = []
        with httpx.Client(base_url=stack.proxy_url) as http:
            for own in numbers[number::HELD]:
                call = make_call(own, "roomy", KINDS[number], order, streamed=True)
                outcomes.append(ask(http, call, keys[call.key]))
                # Else it was given to a worker that was killed before, which nobody had noticed yet.
                if enough.wait(0.2):
                    break
        return outcomes

    def stuck() -> bool:
        bill = bill_of(stack)
        return sum(order_id(number) in bill for number in numbers) >= HELD

    with ThreadPoolExecutor(HELD) as clients:
        asked = [clients.submit(client, number) for number in range(HELD)]
        wait_until(stuck)
        enough.set()
        wait_until(lambda: kill(stack.router_pids()) or not stack.router_pids())
        stack.open_gate(GATE)
        outcomes = [outcome for own in asked for outcome in own.result()]
    # Bedrock answers those who are gone all the same, and bills them.
    wait_until(lambda: stack.bedrock_state()["in_flight"] == 0)
    return outcomes


def wait_until(condition: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.05)


def bill_of(stack: LocalStack) -> dict[str, int]:
    """What Bedrock bills, in picodollars by the order in a call's prompt."""
    return {call["order_id"]: call["picodollars"] for call in stack.bill()["calls"]}
