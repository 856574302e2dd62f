"""Building a Converse request and reading its answer: what every dialect over Converse shares.

    draft.py        Draft: the request being built, and what is to be told of it
    turns.py        Turns: messages of any order as Converse's alternating turns
    tools.py        tool names, ids, specs and choice
    custom_input.py a custom tool's input, out of the arguments of its stand-in
    media.py        images, documents and audio as content blocks
    caching.py      marks of prompt caching as cache points
    guardrails.py   guardrails, by the headers that ask for them
    sampling.py     limits and sampling parameters, by the model family's row
    reasoning.py    effort and budgets
    replay.py       reasoning that goes back to the model in the next turn
    structured.py   asking for answers that are JSON
    unwrapping.py   reading them
    fences.py       JSON in a fence of Markdown
    schemas.py      the JSON Schemas that Bedrock can hold a model to
    events.py       a whole answer as the events of a stream

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
"""
