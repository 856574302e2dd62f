"""The requests of the bench, as a client sends them and as Lambda hands them to a worker."""

import json
import time
from collections.abc import Mapping
from typing import NamedTuple

from bench import agent, wire
from bench.fakes import answers
from bench.fakes.key import KEY
from local.functions.url_event import HttpRequest, UrlIdentity, function_url_event

MODEL = "us.anthropic.claude-sonnet-4-6"

OTHER = "qwen.qwen3-coder-480b-a35b-v1:0"

PROMPT = "Summarize what a benchmark can and cannot tell about a program. " * 16
"""About a thousand characters."""

ANSWER_WORDS = 60

_URL = UrlIdentity("bench.lambda-url.us-east-1.on.aws", "https", 443)


class Call(NamedTuple):
    """An HTTP request, and what is in every complete answer to it."""

    method: str
    target: str
    body: bytes
    completes: bytes
    extra: Mapping[str, str] = {}
    """Headers of its own."""

    def wire(self) -> bytes:
        """The request as it is sent."""
        return wire.message(f"{self.method} {self.target} HTTP/1.1", self._headers(), self.body)

    def event(self) -> bytes:
        """The Function URL's event for it."""
        length = {"content-length": str(len(self.body))}
        request = HttpRequest(
            self.method, self.target, self._headers() | length, self.body, "127.0.0.1"
        )
        return function_url_event(request, _URL, "0" * 36, time.time())

    def _headers(self) -> dict[str, str]:
        return {
            "host": "127.0.0.1",
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            "accept": "*/*",
            "user-agent": "bench",
            **self.extra,
        }


HEALTH = Call("GET", "/healthz", b"", b'"ok"')


def native(*, words: int = ANSWER_WORDS, wait_s: float = 0.0) -> Call:
    """A Converse call."""
    prompt = _prompt(words, 0.0, wait_s)
    return Call("POST", f"/model/{MODEL}/converse", _converse(prompt), answers.WHOLE_END)


def chat(*, words: int = ANSWER_WORDS, wait_s: float = 0.0) -> Call:
    """A chat completion."""
    body = _chat(_prompt(words, 0.0, wait_s))
    return Call("POST", "/v1/chat/completions", _json(body), b'"finish_reason":"stop"')


def native_stream(chunks: int, pace_s: float, *, wait_s: float = 0.0) -> Call:
    """A ConverseStream call whose answer has `chunks` text chunks."""
    prompt = _prompt(chunks, pace_s, wait_s)
    return Call("POST", f"/model/{MODEL}/converse-stream", _converse(prompt), answers.STREAM_END)


def chat_stream(chunks: int, pace_s: float, *, wait_s: float = 0.0) -> Call:
    """A streamed chat completion of `chunks` text chunks."""
    body = _chat(_prompt(chunks, pace_s, wait_s))
    body |= {"stream": True, "stream_options": {"include_usage": True}}
    return Call("POST", "/v1/chat/completions", _json(body), b"data: [DONE]")


def responses_stream(chunks: int, pace_s: float, *, wait_s: float = 0.0) -> Call:
    """A streamed response of `chunks` text chunks."""
    body = {
        "model": MODEL,
        "input": _prompt(chunks, pace_s, wait_s),
        "max_output_tokens": 1024,
        "stream": True,
    }
    return Call("POST", "/v1/responses", _json(body), b'"response.completed"')


def messages_stream(chunks: int, pace_s: float, *, wait_s: float = 0.0) -> Call:
    """A streamed message of a Claude's, of `chunks` text chunks."""
    return _messages(MODEL, chunks, pace_s, wait_s)


def agent_message() -> Call:
    """A coding agent's long request to a Claude, and a short answer to it."""
    body = agent.body(MODEL, _prompt(ANSWER_WORDS, 0.0, 0.0))
    return Call("POST", "/v1/messages", _json(body), b'"message_stop"', agent.HEADERS)


def messages_translated(chunks: int, pace_s: float, *, wait_s: float = 0.0) -> Call:
    """The same of a model that is reached over Converse."""
    return _messages(OTHER, chunks, pace_s, wait_s)


def _messages(model: str, chunks: int, pace_s: float, wait_s: float) -> Call:
    prompt = _prompt(chunks, pace_s, wait_s)
    body = {
        "model": model,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": 1024,
        "stream": True,
    }
    return Call("POST", "/v1/messages", _json(body), b'"message_stop"')


def _prompt(chunks: int, pace_s: float, wait_s: float) -> str:
    return f"{answers.steering_line(chunks, pace_s, wait_s)}\n{PROMPT}"


def _converse(prompt: str) -> bytes:
    return _json(
        {
            "messages": [{"role": "user", "content": [{"text": prompt}]}],
            "inferenceConfig": {"maxTokens": 1024},
        }
    )


def _chat(prompt: str) -> dict[str, object]:
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "max_completion_tokens": 1024,
    }


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
