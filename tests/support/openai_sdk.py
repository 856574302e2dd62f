"""The official OpenAI client, fed bytes instead of a connection: an oracle for what the router says."""

from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.support.one_answer import answering


def client_hearing(body: bytes, *, content_type: str, status: int = 200) -> OpenAI:
    """A client to whose every request the answer is `body`."""
    return OpenAI(
        api_key="key",
        base_url="http://router.test/v1",
        max_retries=0,
        http_client=answering(body, content_type=content_type, status=status),
    )


def streamed_completion(body: bytes) -> ChatCompletion:
    """What the client's own helper has put together at the end of a stream of chunks."""
    client = client_hearing(body, content_type="text/event-stream")
    with client.chat.completions.stream(model="some-model", messages=[]) as stream:
        heard = [event for event in stream if event.type == "chunk"]
    for event in heard:
        ChatCompletionChunk.model_validate(event.chunk.model_dump(), strict=True)
    return heard[-1].snapshot
