"""The one thing the local stack asks of its console: a first key."""

import json
import ssl
import urllib.request
from pathlib import Path

_TIMEOUT_S = 60


def create_key(console_url: str, admin_key: str, name: str, ca_bundle: Path | None) -> str:
    """A new key without limits. Raises OSError when the console does not answer with one."""
    request = urllib.request.Request(  # noqa: S310 -- the stack's own URL
        f"{console_url}/api/keys",
        data=json.dumps({"name": name}).encode(),
        headers={"authorization": f"Bearer {admin_key}", "content-type": "application/json"},
    )
    handlers: list[urllib.request.BaseHandler] = [urllib.request.ProxyHandler({})]
    if ca_bundle:
        context = ssl.create_default_context(cafile=str(ca_bundle))
        handlers.append(urllib.request.HTTPSHandler(context=context))
    with urllib.request.build_opener(*handlers).open(request, timeout=_TIMEOUT_S) as response:
        return str(json.load(response)["key"])
