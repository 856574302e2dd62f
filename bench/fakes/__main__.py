"""``python -m bench.fakes READY_FILE CA_BUNDLE``: serves until it is ended.

The bundle gets the machine's own authorities beside the fakes', because loading those is part of a
real cold start.
"""

import ssl
import sys
import threading
from pathlib import Path

from bench.fakes.services import serve
from local.ready_file import write_ready_file
from local.tls import make_server_context

if __name__ == "__main__":
    ready_file, ca_bundle = map(Path, sys.argv[1:])
    tls = make_server_context(ca_bundle)
    if found := ssl.get_default_verify_paths().cafile:
        with ca_bundle.open("ab") as bundle:
            bundle.write(Path(found).read_bytes())
    write_ready_file(ready_file, serve(tls))
    threading.Event().wait()
