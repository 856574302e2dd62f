"""A certificate authority of the stack's own, good for this machine's loopback names."""

import ssl
from pathlib import Path

import trustme

LOOPBACK_NAMES = ("127.0.0.1", "localhost", "::1")


def make_server_context(ca_bundle: Path) -> ssl.SSLContext:
    """A server's TLS context; the authority that clients must trust for it is put at `ca_bundle`."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_bundle))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(*LOOPBACK_NAMES).configure_cert(context)
    return context
