"""The official OpenAI client on the simulated Bedrock: it signs as for AWS, and parses by OpenAI's types."""

from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager

import httpx2
from openai import OpenAI
from openai.providers import bedrock

from local.bedrock.messages import Request
from local.bedrock.service import Simulator
from tests.support.simulated_bedrock import REGION


class SimulatedTransport(httpx2.BaseTransport):
    """Hands requests to a simulator without a socket between them."""

    def __init__(self, sim: Simulator) -> None:
        self._sim = sim

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        path, _, query = request.url.raw_path.decode().partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(request.method, path, query, headers, request.read())
        reply = self._sim.handle(asked)
        if isinstance(reply.body, bytes):
            return httpx2.Response(reply.status, headers=dict(reply.headers), content=reply.body)
        return httpx2.Response(
            reply.status, headers=dict(reply.headers), stream=_Stream(reply.body)
        )


class _Stream(httpx2.SyncByteStream):
    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        """Leaves as a client does that hangs up: what sends the pieces is closed."""
        if isinstance(self._pieces, Generator):
            self._pieces.close()


@contextmanager
def openai_client(sim: Simulator) -> Iterator[OpenAI]:
    """The client as it is set up for bedrock-runtime, with `sim` in its place."""
    provider = bedrock(
        region=REGION, endpoint="runtime", access_key_id="key", secret_access_key="secret"
    )
    http_client = httpx2.Client(transport=SimulatedTransport(sim))
    with closing(OpenAI(provider=provider, max_retries=0, http_client=http_client)) as client:
        yield client
