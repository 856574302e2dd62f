"""A connection for an official SDK's client to which every request has the same answer."""

import httpx2


def answering(body: bytes, *, content_type: str, status: int) -> httpx2.Client:
    """What a client sends its requests by; each gets `body`."""

    def answer(_request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(status, headers={"content-type": content_type}, content=body)

    return httpx2.Client(transport=httpx2.MockTransport(answer))
