"""Nothing a user or a model says is kept: not in a log line, not in the table."""

import httpx

from tests.support.stack import LocalStack

PROMPT = "canaryprompt7b1f0c"
ANSWER = "canaryanswere93a55"


def test_prompts_answers_and_keys_leave_no_trace(stack: LocalStack) -> None:
    key = stack.new_key(credit_limit_usd="100")
    content = f'{PROMPT} <<sim {{"say": "{ANSWER}"}}>>'
    native = {"messages": [{"role": "user", "content": [{"text": content}]}]}
    openai = {"model": "claude-sonnet-5-5", "messages": [{"role": "user", "content": content}]}
    broken = openai | {"n": PROMPT, "messages": [{"role": PROMPT}]}
    answers = []
    with httpx.Client(
        base_url=stack.proxy_url, headers={"authorization": f"Bearer {key['key']}"}
    ) as client:
        answers.append(client.post("/v1/chat/completions", json=openai))
        answers.append(client.post("/v1/chat/completions", json=openai | {"stream": True}))
        for model in ("claude-sonnet-5-5", "nova-pro"):
            asked = openai | {"model": model, "max_tokens": 99, "metadata": {"user_id": PROMPT}}
            answers.append(client.post("/v1/messages", json=asked))
            answers.append(client.post("/v1/messages", json=asked | {"stream": True}))
            client.post("/v1/messages", json=asked | {"messages": [{"role": PROMPT}]})
            client.post("/v1/messages/count_tokens", json=asked)
        answers.append(client.post("/model/us.amazon.nova-lite-v1:0/converse", json=native))
        answers.append(client.post("/model/us.amazon.nova-lite-v1:0/converse-stream", json=native))
        # A streamed answer comes in pieces, so its beginning has to do.
        assert [answer.text for answer in answers if ANSWER[:4] not in answer.text] == []
        client.post("/v1/chat/completions", json=broken)
        client.post("/v1/chat/completions", content=PROMPT.encode())
        client.post(f"/model/{PROMPT}/converse", content=PROMPT.encode())
    logs = stack.logs()
    kept = logs + repr(stack.table_items())
    assert key["id"] in logs, "the calls left no log line at all"
    for secret in (PROMPT, ANSWER, key["key"], stack.admin_key):
        assert secret not in kept
