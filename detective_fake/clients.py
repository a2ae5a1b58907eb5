"""boto3 sessions and Detective clients for the accounts of a fake.

Making the first client of a process loads models and endpoints; later ones share them. Nothing here is registered on a
client or session, so one fake's clients know nothing of another's.
"""

from __future__ import annotations

import functools
import os
import threading
from typing import TYPE_CHECKING, Any, Final

import botocore.session

from detective_fake.protocol import model

if TYPE_CHECKING:
    import boto3
    from mypy_boto3_detective import DetectiveClient

    from detective_fake.interception.access_keys import Credentials

__all__ = ["make_client", "make_session"]

_lock: Final = threading.Lock()


def make_client(credentials: Credentials, region: str, **options: Any) -> DetectiveClient:
    """Return a Detective client with these credentials, from what the process has loaded already.

    Args:
        options: As for `boto3.client`; they go before the arguments above.
    """
    arguments: dict[str, Any] = {"region_name": region, **credentials, **options}
    # A session makes one client at a time: botocore's sessions are not for several threads at once.
    with _lock:
        return _warm_session().create_client("detective", **arguments)  # type: ignore[return-value]


def make_session(credentials: Credentials, region: str) -> boto3.Session:
    """Return a boto3 session of its own with these credentials."""
    import boto3  # noqa: PLC0415 - whoever needs no session need not wait for it

    with _lock:
        session = boto3.Session(botocore_session=_session(), region_name=region, **credentials)
        # Every boto3 session adds the directory of its own data to the loader that all share.
        paths = model.loader().search_paths
        paths[:] = dict.fromkeys(paths)
    return session


def _session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.register_component("data_loader", model.loader())
    # A profile or setting in the developer's own files must not change what a test sees.
    session.set_config_variable("config_file", os.devnull)
    session.set_config_variable("credentials_file", os.devnull)
    return session


@functools.cache
def _warm_session() -> botocore.session.Session:
    return _session()
