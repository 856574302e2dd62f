"""OpenAI's Embeddings over InvokeModel, whose bodies differ by model family.

request → `request.plan`: the InvokeModel calls that one request needs, as each takes few texts
answers → `answer.pack_vectors`, one call's vectors; `answer.body`, the client's answer of all of them
What a family takes and gives is its row in `families.FAMILIES`.
"""
