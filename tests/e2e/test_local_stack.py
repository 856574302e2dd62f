"""The local stack itself: how it starts, says where it is, survives its workers and goes away."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import boto3
import httpx
import pytest

from local.account import LOCAL_CREDENTIALS
from local.announcement import snippets
from local.stack import RunningStack
from tests.support.stack import ROOT, LocalStack, running_stack

PATIENCE_S = 60
LOCAL = [sys.executable, "-m", "local", "--port", "0", "--console-port", "0"]


def wait_until(condition: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < give_up_at, "waited in vain"
        time.sleep(0.02)


def converse(stack: LocalStack, directive: str = "", model: str = "claude-haiku-4-5") -> Any:
    """One call that is not streamed; `directive` steers the simulated Bedrock."""
    messages = [{"role": "user", "content": [{"text": f"Hi {directive}"}]}]
    return stack.proxy().post(f"/model/{model}/converse", json={"messages": messages})


class HeldCalls:
    """Calls that Bedrock holds back until they are released."""

    def __init__(self, stack: LocalStack, number: int) -> None:
        self._stack = stack
        self._gate = uuid.uuid4().hex
        self._threads = ThreadPoolExecutor(number)
        held = f'<<sim {{"hold_last": "{self._gate}"}}>>'
        self.calls: list[Future[httpx.Response]] = [
            self._threads.submit(converse, stack, held) for _ in range(number)
        ]
        wait_until(lambda: stack.bedrock_state()["in_flight"] == number)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._threads.shutdown()

    def release(self) -> None:
        self._stack.open_gate(self._gate)


def descendants(pid: int) -> set[int]:
    """Of the process and of all that it started, however deep."""
    parents = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            fields = (process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(process.name)] = int(fields[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def running(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


@pytest.fixture(scope="module")
def small_stack() -> Iterator[LocalStack]:
    """One that runs two calls at once, elsewhere, and serves a name of its owner's choice."""
    options = ["--max-concurrency", "2", "--region", "eu-west-1"]
    alias = "gpt-5=eu.anthropic.claude-haiku-4-5-20251001-v1:0"
    with running_stack(*options, "--alias", alias) as stack:
        yield stack


def test_ready_file_opens_every_door(stack: LocalStack) -> None:
    assert stack.proxy().get("/healthz").status_code == 200
    assert stack.console().get("/api/keys").status_code == 200
    assert stack.bedrock_state()["in_flight"] == 0
    assert any(item["pk"]["S"] == "keys" for item in stack.table_items())
    assert stack.ca_bundle is None
    os.kill(stack.pid, 0)
    secrets = boto3.client(
        "secretsmanager",
        region_name="us-east-1",
        endpoint_url=stack.secretsmanager_url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    names = [secret["Name"] for secret in secrets.list_secrets()["SecretList"]]
    values = [secrets.get_secret_value(SecretId=name)["SecretString"] for name in names]
    secrets.close()
    assert stack.admin_key in values


def test_console_is_told_the_url_that_is_served_here(stack: LocalStack) -> None:
    made = stack.console().post("/api/keys", json={"name": "a key"}).json()
    assert made["proxy_url"].rstrip("/") == stack.proxy_url


def test_tls_is_trusted_through_the_bundle_and_not_without(tls_stack: LocalStack) -> None:
    assert tls_stack.proxy_url.startswith("https://")
    assert tls_stack.proxy().get("/healthz").status_code == 200
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"{tls_stack.proxy_url}/healthz")


def test_each_worker_runs_one_call(stack: LocalStack) -> None:
    with HeldCalls(stack, 5) as held:
        assert len(stack.router_pids()) >= 5
        held.release()
        assert [call.result().status_code for call in held.calls] == [200] * 5


def test_crashed_workers_are_a_502_and_replaced(stack: LocalStack) -> None:
    with HeldCalls(stack, 2) as held:
        before = set(stack.router_pids())
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert [call.result().status_code for call in held.calls] == [502, 502]
    assert converse(stack).status_code == 200
    assert before.isdisjoint(stack.router_pids())


def test_calls_over_the_limit_are_throttled_as_lambda_does(small_stack: LocalStack) -> None:
    with HeldCalls(small_stack, 2) as held:
        assert converse(small_stack).status_code == 429
        held.release()
        assert [call.result().status_code for call in held.calls] == [200, 200]
    assert converse(small_stack).status_code == 200
    assert len(small_stack.router_pids()) <= 2


def test_alias_and_region_reach_the_router(small_stack: LocalStack) -> None:
    assert converse(small_stack, model="gpt-5").status_code == 200
    seen = small_stack.bedrock_state()["seen"][-1]
    assert seen["model"] == "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


def router_environment(stack: LocalStack) -> dict[str, str]:
    stack.proxy().get("/healthz").raise_for_status()
    variables = Path(f"/proc/{stack.router_pids()[0]}/environ").read_text().split("\0")
    return dict(variable.split("=", 1) for variable in variables if variable)


def test_functions_use_the_bedrock_the_vendors_and_the_credentials_they_are_pointed_at(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    access_key, secret_key, _ = LOCAL_CREDENTIALS
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", secret_key)
    elsewhere = ["--bedrock", stack.bedrock_url]
    vendors = ["--openai-url", "http://127.0.0.1:1/v1", "--anthropic-url", "http://127.0.0.1:2/"]
    with running_stack(*elsewhere, *vendors) as other:
        assert other.bedrock_url == stack.bedrock_url
        assert converse(other).status_code == 200
        seen = router_environment(other)
    assert seen["OPENAI_BASE_URL"] == "http://127.0.0.1:1/v1"
    assert seen["ANTHROPIC_BASE_URL"] == "http://127.0.0.1:2"


def test_bedrock_itself_is_called_with_the_callers_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOFTHECALLER")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    with running_stack("--bedrock", "aws", "--region", "eu-central-1") as real:
        assert real.bedrock_url == "https://bedrock-runtime.eu-central-1.amazonaws.com"
        seen = router_environment(real)
    assert (seen["AWS_ACCESS_KEY_ID"], seen["AWS_SESSION_TOKEN"]) == ("AKIDOFTHECALLER", "token")
    assert seen["AWS_REGION"] == "eu-central-1"
    assert seen["AWS_ENDPOINT_URL_DYNAMODB"] == real.dynamodb_url
    assert not {name for name in seen if name.startswith("AWS_ENDPOINT_URL_BEDROCK")}


@pytest.mark.parametrize("position", [0, 1], ids=["curl", "python"])
@pytest.mark.parametrize("kind", ["stack", "tls_stack"])
def test_printed_snippet_works(request: pytest.FixtureRequest, kind: str, position: int) -> None:
    stack = request.getfixturevalue(kind)
    fields = {name: getattr(stack, name) for name in RunningStack._fields}
    snippet = snippets(RunningStack(**fields))[position].text
    done = subprocess.run(snippet, shell=True, capture_output=True, text=True, check=True)  # noqa: S602
    assert done.stdout.strip(), done.stderr
    assert "rror" not in done.stdout


@pytest.fixture
def own_stack(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """A stack that the test may kill, started where an AWS profile and a proxy lead astray."""
    ready_file = tmp_path / "ready.json"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    astray = {"AWS_PROFILE": "gone", "HTTP_PROXY": "http://127.0.0.1:1"}
    with subprocess.Popen(
        [*LOCAL, "--ready-file", str(ready_file)],
        cwd=ROOT,
        env=os.environ | astray | {"http_proxy": astray["HTTP_PROXY"], "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        wait_until(lambda: ready_file.exists() or process.poll() is not None)
        yield process, ready_file
        process.kill()


def test_sigterm_stops_everything_that_was_started(
    own_stack: tuple[subprocess.Popen[str], Path],
) -> None:
    process, ready_file = own_stack
    assert stat.S_IMODE(ready_file.stat().st_mode) == 0o600
    ready = json.loads(ready_file.read_text())
    httpx.get(f"{ready['proxy_url']}/healthz").raise_for_status()
    family = descendants(process.pid)
    assert len(family) >= 6  # itself, its reaper, AWS, Bedrock, a console and a router worker

    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0, output
    assert running(family) == set()
    assert not ready_file.exists()
    assert not list((ready_file.parent / "temporary").iterdir())
    for value in (ready["proxy_url"], ready["console_url"], ready["api_key"], ready["admin_key"]):
        assert value in output


def test_nothing_outlives_a_stack_that_is_killed(
    own_stack: tuple[subprocess.Popen[str], Path],
) -> None:
    process, ready_file = own_stack
    httpx.get(f"{json.loads(ready_file.read_text())['proxy_url']}/healthz").raise_for_status()
    family = descendants(process.pid)

    process.kill()
    process.wait()
    wait_until(lambda: running(family) == set())


def test_sigint_while_starting_stops_everything_too(tmp_path: Path) -> None:
    ready_file = tmp_path / "ready.json"
    with subprocess.Popen(
        [*LOCAL, "--ready-file", str(ready_file)], cwd=ROOT, stdout=subprocess.DEVNULL
    ) as process:
        wait_until(lambda: len(descendants(process.pid)) >= 4)
        family = descendants(process.pid)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_S) == 0
    assert running(family) == set()
    assert not ready_file.exists()


def refusal(arguments: list[str], **environment: str) -> str:
    """What a start that fails says on standard error."""
    done = subprocess.run(
        arguments,
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert not done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


def test_port_in_use_is_said_at_once(stack: LocalStack) -> None:
    port = stack.proxy_url.rpartition(":")[2]
    assert f"--port {port}: Address already in use" in refusal([*LOCAL, "--port", port])


def test_missing_node_is_said_at_once() -> None:
    assert "needs Node 20" in refusal(LOCAL, PATH="/nonexistent")


def test_bedrock_itself_wants_credentials(tmp_path: Path) -> None:
    nowhere = {
        "AWS_ACCESS_KEY_ID": "",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for_aws = [*LOCAL, "--bedrock", "aws"]
    assert "needs AWS credentials" in refusal(for_aws, **nowhere)
    assert "profile (gone) could not be found" in refusal(for_aws, **nowhere, AWS_PROFILE="gone")


WITH_A_RESOURCE_NOBODY_CREATES = """
import local.__main__, local.stack

def read_assembly(outdir, read=local.stack.read_assembly):
    assembly = read(outdir)
    signing = {"Type": "AWS::Lambda::CodeSigningConfig", "Properties": {}}
    assembly.template["Resources"]["Signing"] = signing
    return assembly

local.stack.read_assembly = read_assembly
local.__main__.app()
"""


def test_resource_that_was_not_really_created_stops_the_start() -> None:
    said = refusal([sys.executable, "-c", WITH_A_RESOURCE_NOBODY_CREATES, *LOCAL[3:]])
    assert "DeploymentError" in said
    assert "Signing (AWS::Lambda::CodeSigningConfig)" in said
