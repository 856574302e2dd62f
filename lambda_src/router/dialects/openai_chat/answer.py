"""A whole Converse answer as a chat completion."""

from router.dialects.checks import Json
from router.dialects.converse.events import content_of
from router.dialects.converse.reasoning import details, told_reasoning_tokens
from router.dialects.converse.tools import compact_json, custom_input
from router.dialects.openai_chat.reply import Reply, Thought, annotation_of, closing, finish_reason


def from_converse(answer: Json, reply: Reply) -> Json:
    """A ``chat.completion`` object. Raises `ApiError` for what is no whole answer.

    Left out is what Chat Completions has no place for: citations of documents, generated images.
    """
    content, stop_reason = content_of(answer)
    message = _Message(reply)
    for block in content:
        message.add(block)
    message.thought.told = told_reasoning_tokens(answer.get("additionalModelResponseFields"))
    return {
        "id": reply.completion_id,
        "object": "chat.completion",
        "created": reply.created,
        "model": reply.model,
        "choices": [
            {
                "index": 0,
                "message": message.finished(),
                "logprobs": None,
                "finish_reason": finish_reason(stop_reason, legacy=reply.legacy),
            }
        ],
        **closing(reply, answer, message.thought),
    }


class _Message:
    """The assistant's message, as its blocks come in."""

    def __init__(self, reply: Reply) -> None:
        self.thought = Thought()
        self._reply = reply
        self._texts: list[str] = []
        self._length = 0
        self._annotations: list[Json] = []
        self._reasoning: list[str] = []
        self._details: list[Json] = []
        self._calls: list[Json] = []

    def add(self, block: Json) -> None:
        if "text" in block:
            self._add_text(block["text"])
        elif "toolUse" in block:
            self._add_call(block["toolUse"])
        elif "reasoningContent" in block:
            self._add_reasoning(block)
        elif "citationsContent" in block:
            self._add_cited(block["citationsContent"])

    def finished(self) -> Json:
        message: Json = {"role": "assistant", "content": None, "refusal": None}
        if self._texts or not self._calls:
            message["content"] = "".join(self._texts)
        if self._annotations:
            message["annotations"] = self._annotations
        if not self._reply.hides_reasoning:
            if any(self._reasoning):
                message["reasoning_content"] = "".join(self._reasoning)
            if self._details:
                message["reasoning_details"] = self._details
        if self._calls and self._reply.legacy:
            message["function_call"] = self._calls[0]["function"]
            if len(self._calls) > 1 and self._reply.changes is not None:
                self._reply.changes.add("all function calls but the first dropped")
        elif self._calls:
            message["tool_calls"] = self._calls
        return message

    def _add_text(self, text: str) -> None:
        self._texts.append(text)
        self._length += len(text)
        self.thought.add(text)

    def _add_reasoning(self, block: Json) -> None:
        text = block["reasoningContent"].get("reasoningText", {}).get("text", "")
        self.thought.add_thinking(text)
        self._reasoning.append(text)
        self._details.append(details(block, self._reply.family, len(self._details)))

    def _add_cited(self, cited: Json) -> None:
        start = self._length
        for generated in cited.get("content", ()):
            self._add_text(generated["text"])
        for citation in cited.get("citations", ()):
            annotation = annotation_of(citation, start, self._length)
            self._annotations += [] if annotation is None else [annotation]

    def _add_call(self, tool_use: Json) -> None:
        bedrock_name = tool_use["name"]
        tool_name = self._reply.tool_names.get(bedrock_name, bedrock_name)
        given = tool_use.get("input") or {}
        arguments = compact_json(given)
        self.thought.add(arguments)
        call: Json = {"id": tool_use["toolUseId"]}
        if bedrock_name in self._reply.custom_tools:
            call |= {"type": "custom", "custom": {"name": tool_name, "input": custom_input(given)}}
        else:
            call |= {"type": "function", "function": {"name": tool_name, "arguments": arguments}}
        self._calls.append(call)
