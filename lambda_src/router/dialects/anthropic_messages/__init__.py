"""Anthropic's Messages API (``/v1/messages``) over Bedrock's Converse API.

Pure translators, dict in and dict out:

    request.py     to_converse, over
        parameters.py        what becomes of each top-level field
        messages.py          the system prompt and the turns
        content.py           blocks of every type, over sources.py: where images and documents come from
        hosted.py            what tools of Anthropic's own left in a conversation
        toolbook.py          which tools a conversation shows to the model
        tools.py             tools and the choice among them
        sampling.py, reasoning.py

https://platform.claude.com/docs/en/api/messages
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
