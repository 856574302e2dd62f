"""Anthropic's Messages API for Claude, relayed to and from InvokeModel.

The request is the client's own, but for what Bedrock does not take; the answer's bytes pass as they
come.

    dialect.py     NativeMessagesDialect, which fits the rest to serving
    request.py     to_invoke: a request as InvokeModel takes it, over
        draft.py        the body that a request is becoming
        content.py      messages and their blocks
        turns.py        system turns among them, for models that take none there
        tools.py        tools and the choice among them
        fitting.py      limits, sampling, thinking and effort, by the model family's row
        gates.py        what only a beta opens
    relay.py       a streamed answer as server-sent events

https://platform.claude.com/docs/en/api/messages
https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html
"""
