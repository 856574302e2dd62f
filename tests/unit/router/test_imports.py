"""The data plane runs on a bare interpreter, brings in little, and does so on every Python it names.

What a cold start imports is time a user waits and memory Lambda bills, so the standard library modules
it may use are named here, and nothing else may come in with them.
"""

import ast
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "lambda_src"
PACKAGES = ("catalog", "ledger", "router")
FILES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
VERSIONS = ("3.11", "3.12", "3.13", "3.14")

FOUNDATION = (
    "base64",
    "binascii",
    "collections.abc",
    "contextlib",
    "fnmatch",
    "functools",
    "gc",
    "hashlib",
    "hmac",
    "http.client",
    "io",
    "json",
    "math",
    "os",
    "signal",
    "socket",
    "ssl",
    "string",
    "struct",
    "sys",
    "time",
    "types",
    "typing",
    "urllib.parse",
    "zlib",
)
"""The standard library the data plane is built on; what these import themselves is free.

Left out for their cost in time and memory: asyncio, concurrent.futures, dataclasses, decimal, inspect,
logging, threading, urllib.request, uuid and the like.
"""

LIST_LOADED = """
import sys
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]:
    __import__(name)
print(*sys.modules)
"""


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def interpreter(version: str) -> str | None:
    """A CPython of this version on PATH or in pyenv; a pyenv shim on PATH may lead nowhere."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    name = f"python{version}"
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/{name}")))
    question = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"
    for candidate in [shutil.which(name), *installed]:
        if candidate:
            told = subprocess.run([candidate, "-c", question], capture_output=True, check=False)
            if told.stdout.decode().split() == ["cpython", version]:
                return candidate
    return None


def loaded(python: str, modules: tuple[str, ...]) -> set[str]:
    """The modules in a bare interpreter (no site-packages, no environment) after these imports."""
    bare = [python, "-I", "-S", "-B", "-W", "error"]
    run = subprocess.run(
        [*bare, "-c", LIST_LOADED, str(ROOT), *modules], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return set(run.stdout.split())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_module_loads_on_a_bare_interpreter_and_brings_in_nothing_else(version: str) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no CPython {version} on this machine")
    own = {module_name(file) for file in FILES}
    assert loaded(python, tuple(sorted(own))) - loaded(python, FOUNDATION) == own


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_imports_are_of_the_standard_library_wherever_they_stand(file: Path) -> None:
    """Also those inside functions, which an import of the module would not show."""
    tree = ast.parse(file.read_text(), feature_version=(3, 11))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            names = [node.module or ""]
        for name in names:
            assert name.partition(".")[0] in sys.stdlib_module_names | set(PACKAGES)
