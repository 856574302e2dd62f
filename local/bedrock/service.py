"""The simulated service: a request in, an answer out; HTTP itself is `local.bedrock.server`'s."""

import base64
import time
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from local.bedrock import guardrails, playback, shapes
from local.bedrock.answers import Answer, Usage
from local.bedrock.bill import PriceList
from local.bedrock.calls import Call, check_converse, check_countable, check_native
from local.bedrock.control_plane import ControlPlane, asked
from local.bedrock.directives import (
    OF_CLAUDES,
    OF_MESSAGES,
    OF_STREAMS,
    Directive,
    check_followed,
)
from local.bedrock.directory import Directory
from local.bedrock.encoders import converse, embeddings, native
from local.bedrock.encoders.frames import EVENT_STREAM, Frame
from local.bedrock.engine import Engine
from local.bedrock.errors import ServiceError, invalid
from local.bedrock.eventstream import split, to_json
from local.bedrock.messages import JSON, Reply, Request, error_reply, json_reply
from local.bedrock.openai.routes import PREFIX as OPENAI_PREFIX
from local.bedrock.openai.routes import UNKNOWN_OPERATION, OpenAIRoutes
from local.bedrock.parsing import parse, parse_native
from local.bedrock.reading import from_anthropic, from_converse
from local.bedrock.recordings import Recordings
from local.bedrock.signature import Verifier
from local.bedrock.traffic import Traffic

_OPERATIONS = {
    "converse": "Converse",
    "converse-stream": "ConverseStream",
    "invoke": "InvokeModel",
    "invoke-with-response-stream": "InvokeModelWithResponseStream",
    "count-tokens": "CountTokens",
}
"""By the last part of ``/model/{modelId}/…``."""

_TEST_PREFIX = "/_sim/"
_EVENT_STREAM_TYPE = "application/vnd.amazon.eventstream"


class Settings(NamedTuple):
    """What a simulator is started with."""

    region: str
    prices: Path
    access_key: str = ""
    secret_key: str = ""
    """Signatures are checked when there is a key."""
    recordings: Path | None = None
    gate_seconds: float = playback.GATE_SECONDS


class Simulator:
    """One account's Bedrock in one Region."""

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._engine = Engine(
            PriceList.read(settings.prices, settings.region),
            gate_seconds=settings.gate_seconds,
            clock=clock,
            sleep=sleep,
        )
        self.bill = self._engine.bill
        self.gates = self._engine.gates
        self.traffic = Traffic()
        self._directory = Directory(settings.region)
        self._control_plane = ControlPlane(self._directory, clock)
        self._recordings = Recordings(settings.recordings)
        self._openai = OpenAIRoutes(self._engine, self._directory)
        self._verifier = (
            Verifier(
                settings.access_key,
                settings.secret_key,
                settings.region,
                lambda: datetime.fromtimestamp(clock(), UTC),
            )
            if settings.access_key
            else None
        )

    def handle(self, request: Request) -> Reply:
        """Answers any request of the service's own."""
        call_id = str(uuid.uuid4())
        if request.path.startswith(OPENAI_PREFIX):
            operation, model_id, reply = self._openai.handle(request, call_id, self._verify)
        else:
            operation, model_id = _route(request)
            reply = self._handle_native(request, call_id, operation, model_id)
        self.traffic.saw(operation, model_id, reply.status)
        return reply._replace(headers={**reply.headers, "x-amzn-requestid": call_id})

    def _handle_native(
        self, request: Request, call_id: str, operation: str, model_id: str
    ) -> Reply:
        try:
            return self._serve(request, call_id, operation, model_id)
        except ServiceError as error:
            return error_reply(error)
        except RecursionError:
            return error_reply(ServiceError("SerializationException", "Nested too deeply."))

    def _verify(self, request: Request) -> None:
        if self._verifier is not None:
            self._verifier.check(request)

    def _serve(self, request: Request, call_id: str, operation: str, model_id: str) -> Reply:
        if not operation:
            return UNKNOWN_OPERATION
        self._verify(request)
        if (found := asked(request)) is not None:
            return self._control_plane.serve(found)
        if operation == "CountTokens":
            return self._count_tokens(request, model_id)
        return self._run(self._accept(request, call_id, operation, model_id))

    def _accept(self, request: Request, call_id: str, operation: str, model_id: str) -> Call:
        """The call a request makes, once nothing is wrong with it."""
        if operation in {"Converse", "ConverseStream"}:
            body = parse(request.body)
            shapes.check_request(operation, model_id, request.headers, body)
            target = self._directory.resolve(model_id)
            check_converse(target.model, body, streamed=operation == "ConverseStream")
        else:
            shapes.check_request(operation, model_id, request.headers, request.body)
            target = self._directory.resolve(model_id)
            if guardrails.named_in(request.headers):
                raise invalid(f"The simulated guardrail does not work with {operation}.")
            body = parse_native(request.body)
            check_native(target.model, body)
            if operation == "InvokeModelWithResponseStream" and embeddings.embeds(target.model):
                raise invalid("The model is unsupported for streaming.")
        return Call(call_id, operation, target, request, body)

    def _count_tokens(self, request: Request, model_id: str) -> Reply:
        body = parse(request.body)
        shapes.check_request("CountTokens", model_id, request.headers, body)
        model = self._directory.countable(model_id)
        conversation = body["input"].get("converse")
        if conversation is not None:
            check_converse(model, conversation, streamed=False)
            prompt = from_converse(model, conversation)
        else:
            inner = parse_native(base64.b64decode(body["input"]["invokeModel"]["body"]))
            check_countable(model, inner)
            prompt = from_anthropic(model, inner)
        return json_reply({"inputTokens": prompt.input_tokens})

    def _run(self, call: Call) -> Reply:
        if embeddings.embeds(call.model):
            return self._embed(call)
        directive, prompt = self._engine.follow(call.prompt)
        _check_orders(call, directive)
        if directive.replay is not None:
            return self._replay(call, directive)
        if prompt.input_tokens > call.context:
            raise invalid("Input is too long for requested model.")
        answer = self._engine.answer(call.model, prompt, directive, call.request.body)
        if call.streamed:
            return self._stream(call, directive, answer)
        return self._answer(call, directive, answer)

    def _answer(self, call: Call, directive: Directive, answer: Answer) -> Reply:
        if call.converses:
            headers: dict[str, str] = {}
            body = to_json(converse.whole(call.model, answer, call.body))
        else:
            headers = native.headers(call.model, answer.usage, answer.latency_ms)
            body = to_json(native.whole(call.model, call.body, answer))
        return self._whole(call, directive, answer.usage, body, headers)

    def _embed(self, call: Call) -> Reply:
        directive, _ = self._engine.obey(embeddings.texts(call.body))
        embedded = embeddings.embed(call.model, call.body)
        usage = Usage(embedded.input_tokens, 0)
        return self._whole(
            call,
            directive,
            usage,
            to_json(embedded.body),
            native.headers(call.model, usage, 100),
        )

    def _whole(
        self,
        call: Call,
        directive: Directive,
        usage: Usage,
        body: bytes,
        headers: Mapping[str, str],
    ) -> Reply:
        told = {**headers, **call.echoed_headers, "content-type": JSON}
        return self._engine.send_whole(call.billing, directive, usage, body, told)

    def _stream(self, call: Call, directive: Directive, answer: Answer) -> Reply:
        frames: list[Frame]
        headers = {"content-type": _EVENT_STREAM_TYPE, **call.echoed_headers}
        if call.converses:
            frames = converse.frames(call.model, answer, call.body)
        else:
            headers["x-amzn-bedrock-content-type"] = JSON
            frames = native.frames(call.model, call.body, answer, directive)
        failure = directive.exception
        if failure is not None and failure not in shapes.stream_exceptions(call.operation):
            raise invalid(f"{call.operation} never sends {failure}.")
        return self._engine.send_stream(
            call.billing, directive, answer.usage, frames, headers, EVENT_STREAM
        )

    def _replay(self, call: Call, directive: Directive) -> Reply:
        recording = self._recordings.load(directive.replay or "")
        if _OPERATIONS.get(recording.operation) != call.operation:
            raise invalid(f"The recording is of {recording.operation}, not {call.operation}.")
        if recording.status == 200:
            self._engine.charge(call.billing, directive, recording.usage)
        if recording.streamed:
            return Reply(recording.status, recording.headers, split(recording.body))
        length = {"content-length": str(len(recording.body))}
        return Reply(recording.status, {**recording.headers, **length}, recording.body)

    @staticmethod
    def is_test_operation(request: Request) -> bool:
        """Whether a request is for the simulator itself, not for the service it plays."""
        return request.path.startswith(_TEST_PREFIX)

    def handle_test_operation(self, request: Request) -> Reply:
        """Answers a request for the bill, the gates or the state."""
        what = request.path.removeprefix(_TEST_PREFIX)
        match request.method, what.split("/"):
            case "GET", ["bill"]:
                return json_reply(self.bill.show())
            case "DELETE", ["bill"]:
                self.bill.clear()
                return json_reply({})
            case "GET", ["state"]:
                return json_reply(self.traffic.show())
            case "POST", ["gates", name] if name:
                self.gates.open(unquote(name))
                return json_reply({})
        return json_reply({"message": "no such test operation"}, status=404)


def _route(request: Request) -> tuple[str, str]:
    """(operation, id of the model or profile) of a request; "" for what there is not."""
    if (found := asked(request)) is not None:
        return found.operation, found.identifier
    parts = request.path.split("/")
    if request.method == "POST" and len(parts) == 4 and parts[1] == "model" and parts[2]:
        return _OPERATIONS.get(parts[3], ""), unquote(parts[2])
    return "", ""


def _check_orders(call: Call, directive: Directive) -> None:
    """Raises the refusal of an order that the model, or the operation, has no way to follow."""
    if call.model.claude is None:
        check_followed(directive, (*OF_CLAUDES, *OF_MESSAGES), "a model that is no Claude")
    if call.converses:
        check_followed(directive, OF_MESSAGES, call.operation)
    if not call.streamed:
        check_followed(directive, OF_STREAMS, call.operation)
