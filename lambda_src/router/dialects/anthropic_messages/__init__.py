"""Anthropic's Messages API (``/v1/messages``) over Bedrock's Converse API.

    dialect.py     MessagesDialect, which fits the rest to serving
    request.py     to_converse: a request as a Converse request, over
        parameters.py        what becomes of each top-level field
        messages.py          the system prompt and the turns
        content.py           blocks of every type, over sources.py: where images and documents come from
        hosted.py            what tools of Anthropic's own left in a conversation
        toolbook.py          which tools a conversation shows to the model
        tools.py             tools and the choice among them
        sampling.py, reasoning.py
    answer.py      from_converse: a whole answer
    stream.py      MessageStream: an answer event by event, over blocks.py
    reply.py       what both have in common: why the model stopped, and what it took
    citations.py   sources of an answer
    thinking.py    reasoning on its way to the client and back

https://platform.claude.com/docs/en/api/messages
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
