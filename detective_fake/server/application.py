"""The whole application: who may ask, Detective's own API at the root, everything else under `/_fake/`.

Knows addresses and headers; must not know what either part answers. Nothing but answers comes out: what goes wrong
inside is handed on to the test.
"""

from __future__ import annotations

import ipaddress
import json
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import attrs

from detective_fake.errors import FakeUsageError
from detective_fake.interception.wsgi import Answer, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = ["PREFIX", "Application", "Hosts", "message_answer"]

PREFIX: Final = "/_fake"
"""Where the path of everything begins that is not Detective's own; no operation of AWS's does."""


@attrs.frozen
class Hosts:
    """The names under which the server may be asked.

    A page anywhere can let its own name mean this machine (DNS rebinding), and then ask as if it came from here; but
    the     name stays in the header `Host`. Whoever asks by an address has no name to rebind.

    Attributes:
        names: In lower case; addresses without brackets.
        any_address: Whether every IP address will do, as it must for a server that is bound to all of them.
    """

    names: frozenset[str]
    any_address: bool

    @classmethod
    def of(cls, bound: str, others: Iterable[str] = ()) -> Hosts:
        """Return the names of a server: where it is bound, localhost, and others that somebody wants."""
        names = frozenset(name.lower() for name in (bound, "localhost", *others))
        address = _address(bound)
        return cls(names, any_address=address is not None and address.is_unspecified)

    def admits(self, host: str) -> bool:
        """Tell whether a request with this header, or the part of a URL that is like it, is for us."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return name in self.names or (self.any_address and _address(name) is not None)


class Application:
    """Detective and its controls, as one WSGI application.

    Args:
        detective: Answers what SDKs send.
        control: Answers everything under `PREFIX`.
        hosts: The names under which it may be asked.
        on_error: Gets what went wrong inside, while the client gets to know no more than that.
    """

    def __init__(
        self,
        detective: WSGIApplication,
        control: WSGIApplication,
        *,
        hosts: Hosts,
        on_error: Callable[[BaseException], None],
    ) -> None:
        self._detective = detective
        self._control = control
        self._hosts = hosts
        self._on_error = on_error

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            NoAnswer: A fault has the connection closed.
        """
        refusal = self._refusal(environ)
        if refusal is not None:
            return message_answer(403, "Forbidden", refusal)(environ, start_response)
        path = environ["PATH_INFO"]
        answering = self._control if path == PREFIX or path.startswith(f"{PREFIX}/") else self._detective
        try:
            return answering(environ, start_response)
        except NoAnswer:
            raise
        except FakeUsageError as error:
            self._on_error(error)
            # No code that an SDK would try again: it would only go wrong once more.
            return message_answer(501, "FakeUsageError", str(error))(environ, start_response)
        except BaseException as error:  # noqa: BLE001 - pytest.fail in an override of the test's, for one
            self._on_error(error)
            return message_answer(500, "InternalFailure", _INTERNAL_FAILURE)(environ, start_response)

    def _refusal(self, environ: WSGIEnvironment) -> str | None:
        """Return why this request is not answered, None if it is."""
        host = environ.get("HTTP_HOST", "")
        if not self._hosts.admits(host):
            return (
                f"This server is not called {host!r}; it answers to {', '.join(sorted(self._hosts.names))}. "
                "Start it with --allow-host to let it have another name."
            )
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin != f"http://{host}":
            return f"This server answers its own page and programs, but no pages of {origin!r}."
        return None


_INTERNAL_FAILURE: Final = "detective_fake itself failed; where it was started the reason is told."


def message_answer(status: int, code: str, message: str) -> WSGIApplication:
    """Return what answers with an error in the form of AWS's: the code in a header, the message in JSON."""
    body = json.dumps({"message": message}).encode("ascii")
    answer = Answer.of(status, {"content-type": "application/json", "x-amzn-errortype": code}, body)

    def respond(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return answer.send(start_response)

    return respond


def _address(text: str) -> Any:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
