"""What every inference operation shares: orders, the prompt cache, the bill, and how an answer is sent."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from local.bedrock import answers, directives, playback
from local.bedrock.answers import Answer, Usage
from local.bedrock.bill import Bill, PriceList
from local.bedrock.caching import CacheUse, PromptCache
from local.bedrock.directives import STATUS_EXCEPTIONS, Directive
from local.bedrock.encoders.frames import Piece, Wire
from local.bedrock.errors import made_to_order
from local.bedrock.gates import Gates
from local.bedrock.messages import Reply
from local.bedrock.models import Model
from local.bedrock.playback import Pace
from local.bedrock.prompts import Prompt


class Billing(NamedTuple):
    """What a call is charged as."""

    id: str
    priced_as: str
    """The id in the price list."""
    operation: str
    tier: str = "default"


class Engine:
    """What a simulated account's models share: their cache, their pace and their bill."""

    def __init__(
        self,
        prices: PriceList,
        *,
        gate_seconds: float = playback.GATE_SECONDS,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.bill = Bill(prices)
        self.gates = Gates()
        self.clock = clock
        self._cache = PromptCache(clock)
        self._pace = Pace(self.gates, sleep, gate_seconds)
        self._throttled: Counter[str] = Counter()
        self._lock = threading.Lock()

    def obey(self, texts: Sequence[str]) -> tuple[Directive, tuple[str, ...]]:
        """The order in a turn and its texts without it; raises the failure it asks for."""
        directive, rest = directives.find(list(texts))
        if directive.throttle:
            with self._lock:
                self._throttled[directive.id] += 1
                if self._throttled[directive.id] <= directive.throttle:
                    raise made_to_order("ThrottlingException")
        if directive.status is not None:
            raise made_to_order(STATUS_EXCEPTIONS[directive.status])
        return directive, tuple(rest)

    def follow(self, prompt: Prompt) -> tuple[Directive, Prompt]:
        """The order in a prompt's last turn, the user's word before a tool's, and the prompt without."""
        results = len(prompt.results)
        directive, said = self.obey((*prompt.results, *prompt.texts))
        return directive, prompt._replace(results=said[:results], texts=said[results:])

    def answer(self, model: Model, prompt: Prompt, directive: Directive, seed: bytes) -> Answer:
        """The answer to a prompt; its ids are made from `seed`."""
        blocked = prompt.guard is not None and prompt.guard.blocks_input
        cached = CacheUse() if blocked else self._cache.use(model, prompt)
        return answers.plan(seed, prompt, directive, cached)

    def send_whole(
        self,
        billing: Billing,
        directive: Directive,
        usage: Usage,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Reply:
        """An answer in one piece."""
        playback.refuse_call(directive)
        playback.pause_whole(directive, self._pace, usage.output)
        self.charge(billing, directive, usage)
        told = {**headers, "content-length": str(len(body))}
        cut = directive.cut_after is not None
        return Reply(200, told, playback.cut_whole(body) if cut else body)

    def send_stream(
        self,
        billing: Billing,
        directive: Directive,
        usage: Usage,
        pieces: Sequence[Piece],
        headers: Mapping[str, str],
        wire: Wire,
    ) -> Reply:
        """An answer piece by piece."""
        playback.check_reachable(pieces, directive)
        # A client that goes away is charged all the same, so the charge does not wait for the end.
        self.charge(billing, directive, playback.streamed_usage(pieces, directive, usage))

        def failed(sent: int) -> None:
            self.charge(billing, directive, playback.partial_usage(pieces, sent, usage))

        return Reply(200, headers, playback.play(pieces, directive, self._pace, failed, wire))

    def charge(self, billing: Billing, directive: Directive, usage: Usage) -> None:
        """Puts a call on the bill, or its new usage in place of the old."""
        self.bill.charge(
            billing.id, billing.priced_as, billing.operation, usage, billing.tier, directive.id
        )
