"""The emulated AWS account as a process of its own: `python -m local.cloud --ready-file PATH`.

Its own, so that moto's work does not hold up the streams that the local stack relays.
"""

import argparse
from pathlib import Path

from local.cloud.server import make_cloud_server
from local.ready_file import write_ready_file

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--ready-file", type=Path, required=True)
    arguments = parser.parse_args()
    with make_cloud_server(arguments.port) as server:
        write_ready_file(arguments.ready_file, {"url": f"http://127.0.0.1:{server.port}"})
        server.serve_forever()
