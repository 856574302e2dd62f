"""OpenAI Responses (``/v1/responses``) over Bedrock's Converse API, without any memory of its own.

Pure translators, dict in and dict or bytes out:

    request.py     to_converse, over parameters.py, items.py, content.py, tools.py and toolbook.py
    answer.py      the response object, from its beginning to its end
    output.py      the items of its output while they are written
    stream.py      ResponseStream: an answer event by event; a whole one is read the same way
    dialect.py     ResponsesDialect, which fits them to serving

https://platform.openai.com/docs/api-reference/responses
https://platform.openai.com/docs/api-reference/responses-streaming
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
