"""Tests of the table of implemented operations."""

from __future__ import annotations

from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import operations


class TestHandlers:
    def test_every_handler_is_in_the_service_model(self) -> None:
        """Each handler is registered under an operation name from the service model."""
        assert HANDLERS.keys() <= operations().keys()

    def test_handler_names_match_operation_names(self) -> None:
        """Each handler is the function named after its operation."""
        for name, handler in HANDLERS.items():
            assert "".join(part.capitalize() for part in handler.__name__.split("_")) == name

    def test_handlers_are_in_alphabetical_order(self) -> None:
        """Users see the operations in this order."""
        assert list(HANDLERS) == sorted(HANDLERS)
