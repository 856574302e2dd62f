"""What the Converse API accepts, told by botocore's service model and by its documented rules of turns.

An oracle for translators: it shares no code with them.
"""

import copy
import json
from itertools import pairwise
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from local.bedrock.errors import ModelRefusal, ServiceError
from local.bedrock.inventory import MODELS
from local.bedrock.rules import converse
from local.bedrock.shapes import check_request

_SHAPE = (
    botocore.session.get_session()
    .get_service_model("bedrock-runtime")
    .operation_model("Converse")
    .input_shape
)


CHAT_MODELS = sorted(model.id for model in MODELS.values() if model.chats)
"""The models of the simulated Bedrock that Converse serves."""


def refusal_by(model_id: str, body: dict[str, Any], *, streamed: bool = False) -> str | None:
    """Why one of `CHAT_MODELS` would refuse `body`, by the rules of the simulated Bedrock."""
    try:
        converse.check_request(MODELS[model_id], copy.deepcopy(body), streamed=streamed)
    except (ModelRefusal, ServiceError) as refusal:
        return refusal.message
    return None


def assert_accepted(body: dict[str, Any]) -> None:
    """Fails unless Converse would take `body`, for a model that can do all it asks for."""
    as_sent = json.loads(json.dumps(body, ensure_ascii=False, allow_nan=False).encode())
    report = ParamValidator().validate({"modelId": "model", **as_sent}, _SHAPE)
    assert not report.has_errors(), report.generate_report()
    check_request("Converse", "model", {}, as_sent)
    _assert_turns(as_sent["messages"])
    _assert_no_blank_text(as_sent)
    _assert_tools_paired(as_sent["messages"])
    _assert_tools_described(as_sent)


def _assert_turns(messages: list[dict[str, Any]]) -> None:
    assert messages[0]["role"] == "user"
    assert all(one["role"] != other["role"] for one, other in pairwise(messages))
    assert all(message["content"] for message in messages)


def _assert_no_blank_text(body: dict[str, Any]) -> None:
    blocks = [*body.get("system", ()), *_blocks(body["messages"])]
    blocks += [part for block in blocks for part in block.get("toolResult", {}).get("content", ())]
    assert all(block["text"].strip() for block in blocks if "text" in block)


def _assert_tools_paired(messages: list[dict[str, Any]]) -> None:
    all_calls: list[str] = []
    asked: list[str] = []
    for message in messages:
        results = [b["toolResult"]["toolUseId"] for b in message["content"] if "toolResult" in b]
        assert sorted(results) == sorted(asked), "every call is answered once, in the next turn"
        assert all("toolResult" in block for block in message["content"][: len(results)])
        asked = [b["toolUse"]["toolUseId"] for b in message["content"] if "toolUse" in b]
        all_calls += asked
    assert not asked, "the last turn's calls are answered"
    assert len(set(all_calls)) == len(all_calls), "ids are unique in the conversation"


def _assert_tools_described(body: dict[str, Any]) -> None:
    if any("toolUse" in block or "toolResult" in block for block in _blocks(body["messages"])):
        assert "toolConfig" in body
    config = body.get("toolConfig", {"tools": []})
    specs = [tool["toolSpec"] for tool in config["tools"] if "toolSpec" in tool]
    names = [spec["name"] for spec in specs]
    assert len(set(names)) == len(names)
    assert all(spec["inputSchema"]["json"]["type"] == "object" for spec in specs)
    if "tool" in config.get("toolChoice", {}):
        assert config["toolChoice"]["tool"]["name"] in names


def _blocks(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [block for message in messages for block in message["content"]]
