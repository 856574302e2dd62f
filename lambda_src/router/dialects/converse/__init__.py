"""Building a Converse request and reading its answer: what every dialect over Converse shares.

    draft.py       Draft: the request being built, and what is to be told of it
    turns.py       Turns: messages of any order as Converse's alternating turns
    tools.py       tool names, ids, specs and choice
    media.py       images, documents and audio as content blocks
    sampling.py    limits and sampling parameters, by the model family's row
    reasoning.py   effort and budgets
    replay.py      reasoning that goes back to the model in the next turn
    structured.py  asking for answers that are JSON
    unwrapping.py  reading them
    schemas.py     the JSON Schemas that Bedrock can hold a model to

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
