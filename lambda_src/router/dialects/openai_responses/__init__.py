"""OpenAI Responses (``/v1/responses``) over Bedrock's Converse API, without any memory of its own.

Pure translators, dict in and dict or bytes out:

    request.py     to_converse, over parameters.py, items.py, content.py and tools.py
    answer.py      the response object, and what its output items look like
    stream.py      ResponseStream: an answer event by event; a whole one is read the same way
    dialect.py     ResponsesDialect, which fits them to serving

https://platform.openai.com/docs/api-reference/responses
https://platform.openai.com/docs/api-reference/responses-streaming
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
