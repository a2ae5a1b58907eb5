"""Which operations are answered."""

from __future__ import annotations

from detective_fake.operations.registry import HANDLERS
from detective_fake.protocol.model import operations


class TestHandlers:
    def test_every_one_is_in_the_service_model(self) -> None:
        """Under its name there."""
        assert HANDLERS.keys() <= operations().keys()

    def test_each_is_the_function_of_that_name(self) -> None:
        """So that a line of the table cannot be wrong."""
        for name, handler in HANDLERS.items():
            assert "".join(part.capitalize() for part in handler.__name__.split("_")) == name

    def test_they_are_in_the_order_of_the_alphabet(self) -> None:
        """As they are listed to users."""
        assert list(HANDLERS) == sorted(HANDLERS)
