"""For every test of interception: no socket connects, and nothing is left behind."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aiobotocore.retries.bucket import AsyncTokenBucket
from botocore.hooks import EventAliaser
from botocore.retries.bucket import TokenBucket

import detective_fake.fake  # noqa: F401 - the plugin then puts the environment right after each test
from detective_fake.interception import botocore_hooks, environment
from tests.interception.stand_in import REGION, Left, a_client, patched_emitters

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every connection fail, also those to this machine."""

    def refuse(*_args: object) -> None:
        raise Left

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture(autouse=True)
def _untouched() -> Iterator[None]:
    """Fail a test that leaves a trace in botocore's classes, in the environment, or in the package's own state."""
    before = _traces()
    yield
    assert _traces() == before
    assert (botocore_hooks._stack, environment._active, patched_emitters()) == ((), [], [])  # noqa: SLF001 of the package's own tests


def _traces() -> tuple[object, ...]:
    """Return everything that a fake replaces while it is active."""
    variables = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    return (
        variables,
        boto3.DEFAULT_SESSION,
        *(dict(vars(kind)) for kind in (EventAliaser, TokenBucket, AsyncTokenBucket)),
    )


@pytest.fixture(scope="session")
def early_client() -> Any:
    """Return a client that was created before any fake, without credentials."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
        patch.setenv("AWS_CONFIG_FILE", "/nowhere")
        return boto3.Session().client("detective", region_name=REGION)


@pytest.fixture(scope="session")
def client() -> Any:
    """Return a client that was created before any fake, with credentials that encode no account."""
    return a_client()
