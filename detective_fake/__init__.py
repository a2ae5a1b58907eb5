"""The public names of `detective_fake`. Each is loaded on first use (PEP 562)."""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["DetectiveFake", "FakeUsageError", "NotFaked", "ServiceError"]

_MODULES = {
    "DetectiveFake": "detective_fake.fake",
    "FakeUsageError": "detective_fake.errors",
    "NotFaked": "detective_fake.errors",
    "ServiceError": "detective_fake.errors",
}

if TYPE_CHECKING:
    from detective_fake.errors import FakeUsageError, NotFaked, ServiceError
    from detective_fake.fake import DetectiveFake

    __version__: str
else:  # Type checkers would accept any name.

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("detective-fake")
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})
