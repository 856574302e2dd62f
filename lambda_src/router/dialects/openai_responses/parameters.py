"""What becomes of every Responses parameter.

One row per parameter of https://platform.openai.com/docs/api-reference/responses/create and per extra
one that clients are known to send.
"""

from router.dialects.parameters import REFUSED, TRANSLATED, Parameter, dropped, only

_WHOLE_INPUT = "responses are not stored here, so send the whole conversation as input"

PARAMETERS = {
    "access_programs": dropped(dict),
    "background": only(False, instead="wait for the answer, or stream it"),
    "background_options": dropped(dict),
    "context_management": only([], instead="shorten the conversation before sending it"),
    "conversation": Parameter(instead=_WHOLE_INPUT),
    "image": dropped(dict),
    "include": TRANSLATED,
    "input": TRANSLATED,
    "instructions": TRANSLATED,
    "max_output_tokens": TRANSLATED,
    # It limits OpenAI's own tools, of which there are none.
    "max_tool_calls": dropped(int),
    "metadata": TRANSLATED,
    "model": TRANSLATED,
    "moderation": REFUSED,
    "parallel_tool_calls": TRANSLATED,
    "previous_response_id": Parameter(instead=_WHOLE_INPUT),
    "prompt": Parameter(instead="send its text as instructions and input"),
    "prompt_cache_key": dropped(str),
    "prompt_cache_options": dropped(dict, {}),
    "prompt_cache_retention": dropped(str),
    "reasoning": TRANSLATED,
    "safety_identifier": dropped(str),
    "service_tier": TRANSLATED,
    "store": only(False, instead=_WHOLE_INPUT),
    "stream": TRANSLATED,
    "stream_options": TRANSLATED,
    "temperature": TRANSLATED,
    "text": TRANSLATED,
    "tool_choice": TRANSLATED,
    "tools": TRANSLATED,
    "top_logprobs": only(0),
    "top_p": TRANSLATED,
    "truncation": dropped(str, "disabled"),
    "user": dropped(str),
    # Codex's own, about itself.
    "client_metadata": dropped(dict),
    # Not of this API, but of others that clients know.
    "cache_control": TRANSLATED,
    "frequency_penalty": TRANSLATED,
    "logit_bias": TRANSLATED,
    "min_p": TRANSLATED,
    "models": REFUSED,
    "plugins": REFUSED,
    "presence_penalty": TRANSLATED,
    "provider": REFUSED,
    "repetition_penalty": TRANSLATED,
    "seed": TRANSLATED,
    "stop": TRANSLATED,
    "top_a": TRANSLATED,
    "top_k": TRANSLATED,
}

INCLUDABLE = {
    # About tools that only OpenAI has, so there is nothing to include.
    "code_interpreter_call.outputs": True,
    "computer_call_output.output.image_url": True,
    "file_search_call.results": True,
    "web_search_call.action.sources": True,
    "web_search_call.results": True,
    # About the input, which a response does not repeat.
    "message.input_image.image_url": True,
    # Included always, as nothing is stored that a client could refer to.
    "reasoning.encrypted_content": True,
    "message.output_text.logprobs": False,
}
"""What `include` may ask for, and whether it can be had."""
