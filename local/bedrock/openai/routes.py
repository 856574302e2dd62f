"""The operations on bedrock-runtime's own OpenAI routes."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from local.bedrock import guardrails
from local.bedrock.answers import Answer
from local.bedrock.directives import OF_CLAUDES, OF_MESSAGES, Directive, check_followed
from local.bedrock.directory import Directory
from local.bedrock.engine import Billing, Engine
from local.bedrock.errors import ServiceError
from local.bedrock.eventstream import to_json
from local.bedrock.messages import JSON, Reply, Request, json_reply
from local.bedrock.openai import (
    chat_answers,
    chat_rules,
    errors,
    responses_answers,
    responses_rules,
)
from local.bedrock.openai.errors import OpenAIError
from local.bedrock.openai.prompts import from_responses, from_served_chat
from local.bedrock.openai.rules import Served, check_project, served, used_tier
from local.bedrock.openai.sse import CHUNKS, CONTENT_TYPE, RESPONSE_EVENTS
from local.bedrock.openai.store import ResponseStore
from local.bedrock.parsing import parse
from local.bedrock.prompts import Prompt

PREFIX = "/openai/"
_UNKNOWN_OPERATION = {
    "Output": {"__type": "com.amazon.coral.service#UnknownOperationException"},
    "Version": "1.0",
}
UNKNOWN_OPERATION = json_reply(_UNKNOWN_OPERATION)
"""What the service answers on a path it does not have, with status 200."""


class Handled(NamedTuple):
    """An answer, and what it is counted as."""

    operation: str
    model_id: str
    reply: Reply


class OpenAIRoutes:
    """The OpenAI routes of one account in one Region."""

    def __init__(self, engine: Engine, directory: Directory) -> None:
        self._engine = engine
        self._directory = directory
        self._store = ResponseStore()

    def handle(self, request: Request, call_id: str, verify: Callable[[Request], None]) -> Handled:
        """Answers a request under `PREFIX`; `verify` raises the refusal of its signature."""
        operation, response_id = _operation(request)
        if not operation:
            return Handled("", "", UNKNOWN_OPERATION)
        body: dict[str, Any] = {}
        try:
            try:
                verify(request)
                check_project(request.headers, self._directory.region)
                if response_id:
                    reply = self._manage(operation, response_id)
                else:
                    body = _read(request.body)
                    create = self._respond if operation == "CreateResponse" else self._complete
                    reply = create(request, call_id, body)
            except ServiceError as error:
                raise errors.from_service(error) from None
            except RecursionError:
                raise OpenAIError("The request is nested too deeply.") from None
        except OpenAIError as error:
            reply = errors.reply(error)
        return Handled(operation, _named(body), reply)

    def _complete(self, request: Request, call_id: str, body: dict[str, Any]) -> Reply:
        """Chat Completions."""
        asked = served(self._directory, _model_id(body), "chat")
        chat_rules.check_body(asked, body)
        said = [
            text for m in body["messages"] if m["role"] == "user" for text in chat_rules.texts_of(m)
        ]
        guard = guardrails.from_headers(request.headers, said)
        prompt = from_served_chat(asked, body)._replace(guard=guard)
        directive, answer = self._answer(asked, prompt, request.body, "messages")
        tier = used_tier(body.get("service_tier"))
        billing = Billing(call_id, asked.target.priced_as, "CreateChatCompletion", tier)
        envelope = {"created": int(self._engine.clock()), "service_tier": tier}
        if body.get("stream"):
            with_usage = bool(body.get("stream_options", {}).get("include_usage"))
            pieces = chat_answers.chunks(asked, answer, envelope, with_usage=with_usage)
            headers = {"content-type": CONTENT_TYPE}
            return self._engine.send_stream(
                billing, directive, answer.usage, pieces, headers, CHUNKS
            )
        content = to_json(chat_answers.whole(asked, answer, envelope))
        headers = {"content-type": JSON}
        return self._engine.send_whole(billing, directive, answer.usage, content, headers)

    def _respond(self, _request: Request, call_id: str, body: dict[str, Any]) -> Reply:
        """Responses."""
        asked = served(self._directory, _model_id(body), "responses")
        responses_rules.check_body(asked, body)
        items = self._conversation(body)
        responses_rules.check_input(asked, body, items)
        prompt = from_responses(asked, body, items)
        # Ids that are stored must differ even when the same thing is asked twice.
        directive, answer = self._answer(asked, prompt, call_id.encode(), "input")
        tier = used_tier(body.get("service_tier"))
        billing = Billing(call_id, asked.target.priced_as, "CreateResponse", tier)
        now = int(self._engine.clock())
        response_id = f"resp_{answer.made_id(-1, 52).lower()}"
        started = responses_answers.started(asked, body, response_id, now, tier)
        final = responses_answers.finished(asked, started, answer, now, body.get("include", []))
        keeps = body.get("store", True)
        if not body.get("stream"):
            headers = {"content-type": JSON}
            reply = self._engine.send_whole(
                billing, directive, answer.usage, to_json(final), headers
            )
            if keeps:
                self._store.keep(final, items)
            return reply
        reply = self._engine.send_stream(
            billing,
            directive,
            answer.usage,
            responses_answers.events(asked, started, answer, final),
            {"content-type": CONTENT_TYPE},
            RESPONSE_EVENTS,
        )
        if not keeps or isinstance(reply.body, bytes):
            return reply
        self._store.keep(started, items)
        if directive.exception is not None:
            final = responses_answers.failed(started, "server_error", directive.exception)
        return reply._replace(body=self._store.follow(reply.body, final, items))

    def _conversation(self, body: dict[str, Any]) -> list[dict[str, Any]]:
        """The items a request goes on from and its own."""
        previous_id = body.get("previous_response_id")
        before = self._store.conversation(previous_id) if previous_id else []
        if before is None:
            raise OpenAIError(
                f"Previous response with id '{previous_id}' not found.",
                code="previous_response_not_found",
                param="previous_response_id",
            )
        given = body.get("input", [])
        if isinstance(given, str):
            given = [{"type": "message", "role": "user", "content": given}]
        return [*before, *map(self._resolve, given)]

    def _resolve(self, item: dict[str, Any]) -> dict[str, Any]:
        """The item itself; what it refers to, when it is a reference."""
        kind, item_id = item.get("type"), item.get("id", "")
        if kind == "reasoning":
            stored = self._store.item(item_id)
            responses_rules.check_reasoning(item, [item_id] if stored else [])
        if kind != "item_reference":
            return item
        referred = self._store.item(item_id)
        if referred is None:
            raise responses_rules.item_not_found(item_id)
        return referred

    def _manage(self, operation: str, response_id: str) -> Reply:
        """What can be done with a stored response."""
        response = self._store.get(response_id)
        if response is None:
            raise OpenAIError(f"Response with id '{response_id}' not found.", code=None, status=404)
        match operation:
            case "DeleteResponse":
                self._store.delete(response_id)
                return json_reply({"id": response_id, "object": "response", "deleted": True})
            case "CancelResponse":
                response = self._store.cancel(response_id)
                if response is None:
                    raise OpenAIError("Cannot cancel a synchronous response.", code=None)
        return json_reply(response)

    def _answer(
        self, asked: Served, prompt: Prompt, seed: bytes, param: str
    ) -> tuple[Directive, Answer]:
        directive, prompt = self._engine.follow(prompt)
        check_followed(directive, (*OF_CLAUDES, *OF_MESSAGES), "a model that is no Claude")
        if directive.replay is not None:
            raise OpenAIError("There are no recordings of this API to replay.")
        if prompt.input_tokens > asked.model.context:
            raise OpenAIError(
                f"This model's maximum context length is {asked.model.context} tokens. However, your "
                f"messages resulted in {prompt.input_tokens} tokens. Please reduce the length of the "
                "messages.",
                code="context_length_exceeded",
                param=param,
            )
        return directive, self._engine.answer(asked.model, prompt, directive, seed)


def _operation(request: Request) -> tuple[str, str]:
    """(operation, id of the response it is on) of a request; "" for what there is not."""
    if not request.path.startswith(f"{PREFIX}v1/"):
        return "", ""
    parts = request.path.removeprefix(f"{PREFIX}v1/").split("/")
    match request.method, parts:
        case "POST", ["chat", "completions"]:
            return "CreateChatCompletion", ""
        case "POST", ["responses"]:
            return "CreateResponse", ""
        case "GET", ["responses", response_id] if response_id:
            return "GetResponse", unquote(response_id)
        case "DELETE", ["responses", response_id] if response_id:
            return "DeleteResponse", unquote(response_id)
        case "POST", ["responses", response_id, "cancel"] if response_id:
            return "CancelResponse", unquote(response_id)
    return "", ""


def _read(content: bytes) -> dict[str, Any]:
    try:
        body = parse(content)
    except ServiceError:
        raise OpenAIError(
            "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
            "using your HTTP library correctly. The API expects a JSON payload, but what was sent was "
            "not valid JSON.)",
            code=None,
        ) from None
    if not isinstance(body, dict):
        raise OpenAIError("The JSON body of your request is not an object.", code=None)
    return body


def _model_id(body: dict[str, Any]) -> str:
    model_id = body.get("model")
    if model_id is None:
        raise OpenAIError(
            "Missing required parameter: 'model'.",
            code="missing_required_parameter",
            param="model",
        )
    if not isinstance(model_id, str):
        raise OpenAIError(
            "Invalid type for 'model': expected a string.", code="invalid_type", param="model"
        )
    return model_id


def _named(body: dict[str, Any]) -> str:
    """The model a body names, "" when it names none."""
    model_id = body.get("model")
    return model_id if isinstance(model_id, str) else ""
