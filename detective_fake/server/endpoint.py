"""What `with fake.serve() as endpoint` gives: where the fake is, and how another process gets to it.

Puts the parts of the server together; has no rules of its own.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from detective_fake.domain.account import checked_account_id
from detective_fake.interception.wsgi import DetectiveApplication
from detective_fake.server.application import PREFIX, Application, Hosts
from detective_fake.server.connections import Limits
from detective_fake.server.control import Control
from detective_fake.server.serving import HttpServer, listen
from detective_fake.service import RequestIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from detective_fake.fake import DetectiveFake
    from detective_fake.interception.backend import Backend

__all__ = ["Endpoint", "serving"]


class Endpoint:
    """A fake that is served.

    Attributes:
        url: What `endpoint_url` of a client has to be: `http://127.0.0.1:49152`.
        page_url: Where a person can watch and steer the fake.
    """

    def __init__(self, fake: DetectiveFake, host: str, port: int) -> None:
        self._fake = fake
        # Nobody can ask for "any address".
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
        self.url = f"http://{f'[{name}]' if ':' in name else name}:{port}"
        self.page_url = f"{self.url}{PREFIX}/"

    def environment(self, account_id: str | None = None) -> dict[str, str]:
        """Return environment variables for a process whose Detective calls an account makes, the default one if none.

        Raises:
            FakeUsageError: The id is not twelve digits.
        """
        return {
            "AWS_ENDPOINT_URL_DETECTIVE": self.url,
            "AWS_REGION": self._fake.region,
            "AWS_DEFAULT_REGION": self._fake.region,
            "AWS_ACCESS_KEY_ID": checked_account_id(account_id or self._fake.account_id),
            "AWS_SECRET_ACCESS_KEY": "detective-fake",
            "AWS_SESSION_TOKEN": "",
        }


@contextmanager
def serving(
    fake: DetectiveFake,
    backend: Backend,
    *,
    port: int = 0,
    host: str = "127.0.0.1",
    allowed_hosts: Iterable[str] = (),
    keep_calls: int | None = None,
    limits: Limits | None = None,
    on_error: Callable[[BaseException], None] | None = None,
) -> Iterator[Endpoint]:
    """Serve a fake over HTTP for the duration of a `with` block.

    Args:
        backend: The fake's own.
        port: 0 for any that is free.
        host: The address to bind.
        allowed_hosts: Further names under which the server may be asked.
        keep_calls: About how many calls the journal keeps; None for all.
        limits: What clients may ask of the server.
        on_error: Gets what goes wrong inside the server at once, and nothing is raised at the end.
    Raises:
        FakeUsageError: Nothing can be served there.
        Exception: What went wrong inside the server meanwhile, unless the block itself has raised.
    """
    errors: list[BaseException] = []
    on_error = on_error or errors.append
    listening = listen(host, port)
    stopping = threading.Event()
    control = Control(fake, stopping, on_error)
    detective = DetectiveApplication(
        backend, region=fake.region, now=fake.clock.now, request_id=RequestIds("requests that are for no operation")
    )
    answering = detective if keep_calls is None else _forgetting(detective, fake, keep_calls)
    application = Application(answering, control, hosts=Hosts.of(host, allowed_hosts), on_error=on_error)
    server = HttpServer(application, listening, limits or Limits(), stopping=stopping, on_error=on_error)
    server.start()
    try:
        yield Endpoint(fake, host, server.port)
    except BaseException as error:
        server.stop()
        _note(error, errors)
        raise
    server.stop()
    if errors:
        _note(errors[0], errors[1:])
        raise errors[0]


def _forgetting(detective: WSGIApplication, fake: DetectiveFake, keep: int) -> WSGIApplication:
    """Return an application that forgets the oldest calls now and then, and not one at a time."""
    most = keep + max(keep // 10, 1)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        chunks = detective(environ, start_response)
        if len(fake.calls) >= most:
            fake.forget_calls(keep)
        return chunks

    return answer


def _note(error: BaseException, others: list[BaseException]) -> None:
    """Tell of further errors; Python 3.10 has no place for them."""
    for each in others:
        if hasattr(error, "add_note"):
            error.add_note(f"In the server: {type(each).__name__}: {each}")  # pyright: ignore[reportAttributeAccessIssue]
