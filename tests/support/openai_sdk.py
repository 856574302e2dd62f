"""The official OpenAI client, fed bytes instead of a connection: an oracle for what the router says."""

import httpx2
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk


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


def streamed_completion(body: bytes) -> ChatCompletion:
    """What the client's own helper has put together at the end of a stream of chunks."""
    client = client_hearing(body, content_type="text/event-stream")
    with client.chat.completions.stream(model="some-model", messages=[]) as stream:
        heard = [event for event in stream if event.type == "chunk"]
    for event in heard:
        ChatCompletionChunk.model_validate(event.chunk.model_dump(), strict=True)
    return heard[-1].snapshot
