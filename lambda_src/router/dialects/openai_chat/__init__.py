"""OpenAI Chat Completions (``/v1/chat/completions``) over Bedrock's Converse API.

Pure translators, dict in and dict out:

    request.py     to_converse, over
        parameters.py        what becomes of each parameter
        messages.py          messages of every role, over content.py: strings and parts
        tools.py             tools, functions and the choice among them
        sampling.py, reasoning.py, response_format.py
    reply.py       what whole and streamed answers have in common
    answer.py      from_converse: a whole answer
    stream.py      ChunkStream: an answer event by event
    dialect.py     ChatDialect, which fits them to serving

https://platform.openai.com/docs/api-reference/chat
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
