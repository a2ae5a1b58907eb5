"""For every test: no network, and reproducible examples from Hypothesis."""

from __future__ import annotations

import functools
import inspect
import ipaddress
import os
import socket
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A test that runs pytest inside pytest forgets modules that it imported first. A second import of this one would have
# other exception classes than its C code raises.
with suppress(ImportError):  # in the extra `server`
    import httptools  # noqa: F401

# Slow machines must not fail tests: no deadlines, no health checks by time.
_UNTIMED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", max_examples=5, derandomize=True, database=None, **_UNTIMED)
settings.register_profile("full", settings.get_profile("default"), max_examples=25)
settings.register_profile("thorough", settings.get_profile("default"), max_examples=100)
settings.register_profile("long", max_examples=2_000, derandomize=False, print_blob=True, **_UNTIMED)
settings.register_profile("proof", settings.get_profile("long"), max_examples=25_000)
settings.register_profile("fuzz", settings.get_profile("long"), max_examples=10_000, deadline=timedelta(seconds=5))
settings.load_profile("default")  # `--hypothesis-profile=…` is read later and wins


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Fail a test that connects to anything but its own server at a loopback address, or looks up another machine.

    Its own are the servers of this process and of its child processes. The failure derives from BaseException, so that
    neither a retry nor `except Exception` hides it.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket.socket, "listen", _noting_port(socket.socket.listen))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


@pytest.fixture(scope="session", autouse=True)
def fast_sessions() -> Iterator[None]:
    """Make botocore's sessions faster.

    Each would list botocore's folders and parse its files again, and inspect the signatures of 140 handlers.
    """
    import botocore.hooks
    from botocore.loaders import JSONFileLoader, Loader

    load_file, list_services = JSONFileLoader.load_file, Loader.list_available_services
    load_once = functools.cache(functools.partial(load_file, JSONFileLoader()))
    services: dict[tuple[str, ...], Any] = {}
    accepts_kwargs = botocore.hooks.accepts_kwargs

    def load(loader: JSONFileLoader, path: str) -> Any:
        # botocore writes a client's number of attempts into what it has read from `_retry.json`.
        return load_file(loader, path) if path.endswith("_retry") else load_once(path)

    def list_once(loader: Loader, type_name: str) -> Any:
        folders = (type_name, *loader.search_paths)
        if folders not in services:
            services[folders] = list_services(loader, type_name)
        return services[folders]

    def has_kwargs(function: Callable[..., Any]) -> object:
        code = getattr(function, "__code__", None)
        return accepts_kwargs(function) if code is None else code.co_flags & inspect.CO_VARKEYWORDS

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.hooks, "accepts_kwargs", has_kwargs)
        patch.setattr(JSONFileLoader, "load_file", load)
        patch.setattr(Loader, "list_available_services", list_once)
        yield


OWN_PORTS: Final[set[int]] = set()
"""The ports of servers that tests have started in this process."""


def _noting_port(listen: Callable[..., None]) -> Callable[..., None]:
    def note_and_listen(self: socket.socket, *args: int) -> None:
        listen(self, *args)
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            OWN_PORTS.add(self.getsockname()[1])

    return note_and_listen


_PROCESSES: Final = Path("/proc")


def _listening(port: int) -> set[str]:
    """Return the sockets that listen on a port, as the processes that have them name them."""
    tables = [table for table in (_PROCESSES / "net" / "tcp", _PROCESSES / "net" / "tcp6") if table.exists()]
    rows = [line.split() for table in tables for line in table.read_text("ascii").splitlines()[1:]]
    listening = "0A"
    return {f"socket:[{row[9]}]" for row in rows if row[3] == listening and int(row[1].rpartition(":")[2], 16) == port}


def _is_of_a_child(port: int) -> bool:
    """Return whether a child process, or one of its own, listens on a port, or none at all. Only Linux can tell."""
    if not _PROCESSES.joinpath("net", "tcp").exists():  # pragma: no cover - not on Linux
        return True
    sockets = _listening(port)
    if not sockets:  # a test that waits for its server
        return True
    family = {os.getpid()}
    for pid in sorted(int(each.name) for each in _PROCESSES.iterdir() if each.name.isdecimal()):
        with suppress(OSError):
            parent = int(_PROCESSES.joinpath(str(pid), "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            if parent in family:  # pragma: no branch - it depends on the other processes
                family.add(pid)
                files = _PROCESSES.joinpath(str(pid), "fd").iterdir()
                if sockets & {str(each.readlink()) for each in files}:  # pragma: no branch - as above
                    return True
    return not sockets & _listening(port)  # a server that ends just now


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_unless_loopback(address[0])
            if address[1] not in OWN_PORTS and not _is_of_a_child(address[1]):
                pytest.fail(f"A test tried to reach port {address[1]} of this machine, which is not its own server.")
        return connect(self, address)

    return guarded


def _guarded_lookup(getaddrinfo: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_unless_loopback(host)
        return getaddrinfo(host, *args, **kwargs)

    return guarded


def _refuse_unless_loopback(host: Any) -> None:
    if not _is_loopback(host):
        pytest.fail(f"A test tried to reach {host!r}; tests must not use the network.")


def _is_loopback(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
