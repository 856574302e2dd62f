"""OpenAI's APIs relayed to bedrock-runtime's own ``/openai/v1``, for models that it serves better.

    refusals.py      Bedrock's errors

https://docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.html
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-chat-completions.html
What the routes take was measured, model by model, in
https://github.com/aws-samples/sample-per-model-bedrock (01-openai-gpt, 11-xai-grok; October 2026).
"""
