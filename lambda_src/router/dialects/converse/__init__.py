"""Building a Converse request and reading its answer: what every dialect over Converse shares.

    draft.py       Draft: the request being built, and what is to be told of it
    turns.py       Turns: messages of any order as Converse's alternating turns
    tools.py       tool names, ids, specs and choice
    media.py       images, documents and audio as content blocks
    sampling.py    limits and sampling parameters, by the model family's row
    reasoning.py   effort and budgets, and reasoning that can be replayed
    structured.py  answers that are JSON

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
