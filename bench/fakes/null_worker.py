"""A Lambda worker that does nothing but answer: what remains of a request is the emulator's hop.

A script, so that it starts as barely as the router does.
"""

import json
import sys
import time
from pathlib import Path

sys.path[0] = str(Path(__file__).parents[2])

from bench.fakes import answers  # noqa: E402 (importable from here on)
from bench.fakes.runtime_api import RuntimeApi  # noqa: E402


def main() -> None:
    """Answers as the fake Bedrock itself would."""
    api = RuntimeApi()
    for event in api.invocations():
        streams = json.loads(event)["rawPath"].endswith("-stream")
        api.begin()
        asked = answers.steering(event)
        if streams:
            for frames in answers.streamed(asked, answers.stream(asked.chunks)):
                api.send(b"".join(frames))
        else:
            time.sleep(asked.wait_s)
            api.send(answers.whole(asked.chunks))
        api.end()


if __name__ == "__main__":
    main()
