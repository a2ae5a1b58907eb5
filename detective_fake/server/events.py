"""The stream of server-sent events that tells a page when there is something new to see.

Compares looks: whoever changed the fake, a request or the test itself, need not tell.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from detective_fake.server.looking import Look

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator

    from detective_fake.fake import DetectiveFake

__all__ = ["changes"]

_LOOK_SECONDS: Final = 0.2
_HEARTBEAT_SECONDS: Final = 15.0


def changes(
    fake: DetectiveFake,
    stopping: threading.Event,
    on_error: Callable[[BaseException], None],
    *,
    look_seconds: float = _LOOK_SECONDS,
    heartbeat_seconds: float = _HEARTBEAT_SECONDS,
) -> Iterator[bytes]:
    """Yield an event `change` at once, and whenever a look at the fake shows something new; a comment now and then.

    Without those comments nobody would notice that the reader has gone.

    Args:
        stopping: Ends the stream once it is set.
        on_error: Gets what goes wrong; the stream ends then.
    """
    seen: Look | None = None
    last = time.monotonic()
    try:
        while not stopping.is_set():
            look = Look.at(fake)
            if look != seen:
                seen = look
                last = time.monotonic()
                yield b"event: change\ndata: \n\n"
            elif time.monotonic() - last >= heartbeat_seconds:
                last = time.monotonic()
                yield b": still here\n\n"
            stopping.wait(look_seconds)
    except Exception as error:  # noqa: BLE001 - the answer has begun: nobody else would ever know
        on_error(error)
