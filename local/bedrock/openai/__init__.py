"""bedrock-runtime's own OpenAI routes: ``/openai/v1/chat/completions`` and ``/openai/v1/responses``.

Sources for the whole package: the pages "Responses API" and "API compatibility" of the Bedrock user guide
(https://docs.aws.amazon.com/bedrock/latest/userguide/inference-responses-api.html); AWS's notebooks with
live answers of August to October 2026 (https://github.com/aws-samples/sample-per-model-bedrock); what
litellm 1.109.1 says about each model; and the types of the openai Python SDK 3.54.0. A wording found in
none of them is OpenAI's own for the same mistake.
"""
