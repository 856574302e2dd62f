"""OpenAI Chat Completions (``/v1/chat/completions``) over Bedrock's Converse API.

Pure translators, dict in and dict out:

    request.py     to_converse, over parameters.py, messages.py, content.py and tools.py
    answer.py      from_converse: a whole answer
    stream.py      ChunkStream: an answer event by event
    dialect.py     ChatDialect, which fits them to serving

https://platform.openai.com/docs/api-reference/chat
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
