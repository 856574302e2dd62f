"""OpenAI's APIs relayed to bedrock-runtime's own ``/openai/v1``, for models that it serves better.

    dialect.py       NativeDialect, which fits the rest to serving
    chat.py          what becomes of a Chat Completions body; its shape is in chat_shape.py
    responses.py     what becomes of a Responses body; its shape is in responses_shape.py
    fitting.py       the parameters that both have
    schema.py        the words in which the shapes are told
    answers.py       Bedrock's answers, whole and streamed, with the client's model name and the cost
    refusals.py      Bedrock's errors

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.html
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
What the routes take was measured, model by model, in
https://github.com/aws-samples/sample-per-model-bedrock (01-openai-gpt, 11-xai-grok; October 2026).
"""
