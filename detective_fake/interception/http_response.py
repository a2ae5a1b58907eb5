"""The response that botocore and aiobotocore are handed instead of one from the network.

Knows how both read responses; must not know how an answer came about. Headers and body are rendered when first read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.awsrequest import AWSResponse, HeadersDict

from detective_fake.protocol import rest_json

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from typing_extensions import Self

    from detective_fake.exchange import Result

__all__ = ["FakeResponse"]


class _AwaitableBytes(bytes):
    """A body that botocore reads as it is, and that aiobotocore awaits first."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self


class _AwaitableStr(str):
    """The same for text."""

    __slots__ = ()

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self


class FakeResponse(AWSResponse):
    """An answer in the form of botocore's own `AWSResponse`, sync and async at once.

    Args:
        result: What the service answers.
        status_code: Its HTTP status.
        url: What was asked.
    """

    _headers: HeadersDict | None = None
    _content: _AwaitableBytes | None = None

    def __init__(self, result: Result, status_code: int, url: str) -> None:
        self.url = url
        self.status_code = status_code
        self._result = result

    @property
    def headers(self) -> HeadersDict:  # type: ignore[override]  # botocore's is an attribute
        """The answer's headers, whatever the case of the name they are asked by."""
        if self._headers is None:
            self._headers = HeadersDict(rest_json.headers(self._result))
        return self._headers

    @property
    def content(self) -> _AwaitableBytes:
        """The body."""
        if self._content is None:
            self._content = _AwaitableBytes(rest_json.encode(self._result))
        return self._content

    @property
    def text(self) -> _AwaitableStr:
        """The body as text: it is JSON in ASCII, or empty."""
        return _AwaitableStr(self.content, "ascii")

    @property
    def raw(self) -> _RawResponse:
        """What botocore has from urllib3, and aiobotocore from its HTTP library."""
        return _RawResponse(self)


class _RawResponse:
    def __init__(self, response: FakeResponse) -> None:
        self._response = response

    @property
    def raw_headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """Source: `aiobotocore.endpoint.convert_to_response_dict` up to 2.13 reads headers here alone."""
        return tuple((name.encode(), value.encode()) for name, value in self._response.headers.items())

    def stream(self) -> Iterator[bytes]:
        yield self._response.content

    def read(self) -> _AwaitableBytes:
        return self._response.content
