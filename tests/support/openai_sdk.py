"""The official OpenAI client, fed bytes instead of a connection: an oracle for what the router says."""

import httpx2
from openai import OpenAI


def client_hearing(body: bytes, *, content_type: str, status: int = 200) -> OpenAI:
    """A client to whose every request the answer is `body`."""

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers={"content-type": content_type}, content=body)

    transport = httpx2.MockTransport(answer)
    return OpenAI(
        api_key="key",
        base_url="http://router.test/v1",
        max_retries=0,
        http_client=httpx2.Client(transport=transport),
    )
