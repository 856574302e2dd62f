"""The operations on bedrock-runtime's own OpenAI routes."""

from collections.abc import Callable
from typing import Any, NamedTuple

from local.bedrock.answers import Answer
from local.bedrock.directives import Directive
from local.bedrock.directory import Directory
from local.bedrock.engine import Billing, Engine
from local.bedrock.errors import ServiceError
from local.bedrock.eventstream import to_json
from local.bedrock.messages import JSON, Reply, Request, json_reply
from local.bedrock.openai import chat_answers, chat_rules, errors
from local.bedrock.openai.errors import OpenAIError
from local.bedrock.openai.prompts import from_served_chat
from local.bedrock.openai.rules import Served, check_project, served, used_tier
from local.bedrock.openai.sse import CHUNKS, CONTENT_TYPE
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

    def handle(self, request: Request, call_id: str, verify: Callable[[Request], None]) -> Handled:
        """Answers a request under `PREFIX`; `verify` raises the refusal of its signature."""
        operation = _operation(request)
        if not operation:
            return Handled("", "", UNKNOWN_OPERATION)
        body: dict[str, Any] = {}
        try:
            try:
                verify(request)
                check_project(request.headers, self._directory.region)
                body = _read(request.body)
                reply = self._complete(request, call_id, body)
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
        prompt = from_served_chat(asked, body)
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

    def _answer(
        self, asked: Served, prompt: Prompt, seed: bytes, param: str
    ) -> tuple[Directive, Answer]:
        directive, texts = self._engine.obey(prompt.texts)
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
        prompt = prompt._replace(texts=texts)
        return directive, self._engine.answer(asked.model, prompt, directive, seed)


def _operation(request: Request) -> str:
    if request.method == "POST" and request.path == f"{PREFIX}v1/chat/completions":
        return "CreateChatCompletion"
    return ""


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
