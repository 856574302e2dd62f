"""Starts the whole product on this machine, in the order its parts need each other."""

import asyncio
import json
import os
import socket
import tempfile
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, closing
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError

from local.account import LOCAL_CREDENTIALS, Account, callers_credentials
from local.child_processes import PROJECT_ROOT, Child, last_lines
from local.console_client import create_key
from local.deployment import DeploymentError, deploy
from local.functions.configuration import (
    Credentials,
    FunctionConfiguration,
    worker_command,
    worker_environment,
)
from local.functions.function_url import FunctionUrl
from local.functions.http_server import HttpConnection
from local.functions.url_event import UrlIdentity
from local.functions.worker import WorkerSpec
from local.functions.worker_pool import WorkerPool
from local.options import REAL_AWS, SIMULATED, OptionError, Options, bound_socket, require_node
from local.reaper import Reaper
from local.synthesis import Assembly, read_assembly
from local.tls import make_server_context

TASK_ROOT = PROJECT_ROOT / "lambda_src"

# A function's plane is the package its handler is in.
ROUTER, CONSOLE = "router", "console"

FIRST_KEY_NAME = "local"


class StartError(Exception):
    """The stack was deployed but does not work; the text says what its functions logged."""


class RunningStack(NamedTuple):
    """What the ready file holds. `ca_bundle` is None without TLS."""

    proxy_url: str
    console_url: str
    api_key: str
    admin_key: str
    bedrock_url: str
    dynamodb_url: str
    secretsmanager_url: str
    table_name: str
    ca_bundle: str | None
    pid: int
    logs_dir: str


async def run(options: Options, announce: Callable[[RunningStack], None]) -> NoReturn:
    """Start everything, announce it and keep it running until cancelled; nothing then remains.

    Raises OptionError, ChildFailedError, DeploymentError, WrapperMissingError or StartError.
    """
    require_node(os.environ)
    credentials = _credentials(options.bedrock)
    async with AsyncExitStack() as owned:
        sockets = {
            ROUTER: owned.enter_context(closing(bound_socket("--port", options.port))),
            CONSOLE: owned.enter_context(
                closing(bound_socket("--console-port", options.console_port))
            ),
        }
        run_dir = Path(owned.enter_context(tempfile.TemporaryDirectory(prefix="bedrockrouter-")))
        reaper = owned.enter_context(Reaper())
        starter = _Starter(options, credentials, run_dir, reaper, owned)
        stack = await starter.start(sockets)
        announce(stack)
        await asyncio.gather(*(service.watch() for service in starter.services))
    raise AssertionError("a service's watch ends with an exception only")


def _credentials(bedrock: str) -> Credentials:
    """What the functions sign with. Raises OptionError."""
    if bedrock == SIMULATED:
        return LOCAL_CREDENTIALS
    try:
        found = callers_credentials()
    except BotoCoreError as error:
        raise OptionError(f"--bedrock {bedrock}: {error}") from error
    if not found and bedrock == REAL_AWS:
        raise OptionError("--bedrock aws needs AWS credentials, and none were found")
    return found or LOCAL_CREDENTIALS


class _Starter:
    """The steps of a start; what they start is put into `owned`, which stops it."""

    def __init__(
        self,
        options: Options,
        credentials: Credentials,
        run_dir: Path,
        reaper: Reaper,
        owned: AsyncExitStack,
    ) -> None:
        self._options = options
        self._credentials = credentials
        self._run_dir = run_dir
        self._reaper = reaper
        self._owned = owned
        self._logs_dir = run_dir / "logs"
        self._logs_dir.mkdir()
        self._ca_bundle = run_dir / "ca.pem" if options.tls else None
        self._tls = make_server_context(self._ca_bundle) if self._ca_bundle else None
        self.services: list[Child] = []

    async def start(self, sockets: dict[str, socket.socket]) -> RunningStack:
        assembly, account, bedrock_url = await asyncio.gather(
            self._synthesize(), self._start_account(), self._start_bedrock()
        )
        functions = await asyncio.to_thread(deploy, assembly, account)
        if functions.keys() != sockets.keys():
            raise DeploymentError(f"the stack has functions of {sorted(functions)}")
        urls = {plane: self._url(sock) for plane, sock in sockets.items()}
        urls_on_aws = {functions[plane].url: f"{url}/" for plane, url in urls.items()}
        settings = self._worker_settings(account, bedrock_url)
        for plane, function in functions.items():
            await self._serve(plane, function, urls_on_aws, settings, sockets[plane])
        return await self._with_first_key(functions[CONSOLE], urls, account, bedrock_url)

    async def _synthesize(self) -> Assembly:
        outdir = self._run_dir / "cdk.out"
        aliases = json.dumps(self._options.aliases)
        synthesis = await self._child("synthesis", [str(outdir), aliases])
        await synthesis.finish()
        return read_assembly(outdir)

    async def _start_account(self) -> Account:
        url = await self._start_service("cloud")
        return await asyncio.to_thread(Account, url, self._options.region)

    async def _start_bedrock(self) -> str:
        if self._options.bedrock == SIMULATED:
            access_key, secret_key, _ = LOCAL_CREDENTIALS
            return await self._start_service(
                "bedrock",
                *("--region", self._options.region),
                *("--access-key", access_key),
                *("--secret-key", secret_key),
                *(("--recordings", self._options.recordings) if self._options.recordings else ()),
            )
        if self._options.bedrock == REAL_AWS:
            return f"https://bedrock-runtime.{self._options.region}.amazonaws.com"
        return self._options.bedrock

    async def _start_service(self, name: str, *arguments: str) -> str:
        ready_file = self._run_dir / f"{name}.json"
        service = await self._child(name, ["--ready-file", str(ready_file), *arguments])
        self.services.append(service)
        return str((await service.ready(ready_file))["url"])

    async def _child(self, name: str, arguments: list[str]) -> Child:
        child = await Child.start(
            name,
            f"local.{name}",
            arguments,
            logs_dir=self._logs_dir,
            reaper=self._reaper,
        )
        self._owned.push_async_callback(child.stop)
        return child

    def _worker_settings(self, account: Account, bedrock_url: str) -> dict[str, str]:
        """Where the functions find everything, in the AWS SDKs' and vendors' own variables."""
        settings = {
            "AWS_ENDPOINT_URL_COST_EXPLORER": account.url,
            "AWS_ENDPOINT_URL_DYNAMODB": account.url,
            "AWS_ENDPOINT_URL_SECRETS_MANAGER": account.url,
        }
        if self._options.bedrock != REAL_AWS:
            settings["AWS_ENDPOINT_URL_BEDROCK"] = bedrock_url
            settings["AWS_ENDPOINT_URL_BEDROCK_RUNTIME"] = bedrock_url
        if self._options.bedrock != SIMULATED and self._options.ca_bundle:
            settings["AWS_CA_BUNDLE"] = self._options.ca_bundle
        optional = {
            "OPENAI_BASE_URL": self._options.openai_url,
            "ANTHROPIC_BASE_URL": self._options.anthropic_url,
        }
        return settings | {name: value for name, value in optional.items() if value}

    async def _serve(
        self,
        plane: str,
        function: FunctionConfiguration,
        urls_on_aws: Mapping[str, str],
        settings: dict[str, str],
        sock: socket.socket,
    ) -> None:
        environment = {
            name: urls_on_aws.get(value, value) for name, value in function.environment.items()
        }
        spec = WorkerSpec(
            function_arn=function.arn,
            command=worker_command(function, TASK_ROOT),
            environment=worker_environment(
                function._replace(environment=environment),
                task_root=TASK_ROOT,
                region=self._options.region,
                credentials=self._credentials,
                overrides=settings,
            ),
            task_root=TASK_ROOT,
            timeout_s=function.timeout_s,
        )
        pool = WorkerPool(
            spec,
            name=plane,
            logs_dir=self._logs_dir,
            max_concurrency=self._options.max_concurrency,
            reaper=self._reaper,
        )
        self._owned.push_async_callback(pool.close)
        scheme = "https" if self._tls else "http"
        identity = UrlIdentity(urlsplit(function.url).netloc, scheme, sock.getsockname()[1])
        url = FunctionUrl(pool, identity, function.invoke_mode)
        server = await asyncio.get_running_loop().create_server(
            lambda: HttpConnection(url.accept), sock=sock, ssl=self._tls
        )
        self._owned.callback(server.close)

    async def _with_first_key(
        self,
        console: FunctionConfiguration,
        urls: Mapping[str, str],
        account: Account,
        bedrock_url: str,
    ) -> RunningStack:
        admin_key = account.secret(console.environment["ADMIN_KEY_SECRET_ID"])
        try:
            api_key = await asyncio.to_thread(
                create_key, urls[CONSOLE], admin_key, FIRST_KEY_NAME, self._ca_bundle
            )
        except OSError as error:
            logged = "\n".join(last_lines(log) for log in self._logs_dir.glob(f"{CONSOLE}-*.log"))
            raise StartError(f"the console issued no key: {error}\n{logged}") from error
        return RunningStack(
            proxy_url=urls[ROUTER],
            console_url=urls[CONSOLE],
            api_key=api_key,
            admin_key=admin_key,
            bedrock_url=bedrock_url,
            dynamodb_url=account.url,
            secretsmanager_url=account.url,
            table_name=console.environment["TABLE_NAME"],
            ca_bundle=str(self._ca_bundle) if self._ca_bundle else None,
            pid=os.getpid(),
            logs_dir=str(self._logs_dir),
        )

    def _url(self, sock: socket.socket) -> str:
        host, port = sock.getsockname()
        return f"{'https' if self._tls else 'http'}://{host}:{port}"
