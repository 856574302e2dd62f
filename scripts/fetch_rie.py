"""Puts AWS's own Runtime Interface Emulator at .cache/aws-lambda-rie, for the tests.

It ships inside the package aws-sam-cli, which is not installed because it pins an older boto3.
"""

import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "aws-sam-cli==1.170.0"
TARGET = Path(__file__).resolve().parents[1] / ".cache" / "aws-lambda-rie"
ARCHITECTURES = {"aarch64": "arm64", "arm64": "arm64", "amd64": "x86_64", "x86_64": "x86_64"}


def main() -> None:
    """Fetch the emulator for this machine's architecture; running it again changes nothing."""
    member = f"samcli/local/rapid/aws-lambda-rie-{ARCHITECTURES[platform.machine().lower()]}"
    with tempfile.TemporaryDirectory() as directory:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--dest", directory, PACKAGE], check=True)
        [wheel] = Path(directory).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            binary = archive.read(member)
    TARGET.parent.mkdir(exist_ok=True)
    draft = TARGET.with_suffix(".draft")
    draft.write_bytes(binary)
    draft.chmod(0o755)
    draft.replace(TARGET)


if __name__ == "__main__":
    main()
