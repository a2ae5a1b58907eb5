"""What holds for every test: no socket reaches beyond this machine, and Hypothesis repeats itself."""

from __future__ import annotations

import ipaddress
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A slow machine is no finding: neither deadlines nor health checks may look at a clock.
_UNTIMED: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("default", derandomize=True, database=None, **_UNTIMED)
settings.register_profile("long", max_examples=2_000, print_blob=True, **_UNTIMED)
settings.register_profile("fuzz", settings.get_profile("long"), max_examples=10_000, deadline=timedelta(seconds=5))
settings.load_profile("default")  # `--hypothesis-profile=…` is read later and wins


@pytest.fixture(scope="session", autouse=True)
def no_network() -> Iterator[None]:
    """Fail whoever connects to, or looks up, anything but this machine.

    The failure derives from BaseException, so that no retry and no `except Exception` takes it for an ordinary outage.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo))
        yield


def _guarded(connect: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            _refuse_unless_loopback(address[0])
        return connect(self, address)

    return guarded


def _guarded_lookup(getaddrinfo: Callable[..., Any]) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **kwargs: Any) -> Any:
        _refuse_unless_loopback(host)
        return getaddrinfo(host, *args, **kwargs)

    return guarded


def _refuse_unless_loopback(host: Any) -> None:
    if not _is_loopback(host):
        pytest.fail(f"A test tried to reach {host!r}; tests reach nothing beyond this machine.")


def _is_loopback(host: Any) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in {None, "localhost"}:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified
