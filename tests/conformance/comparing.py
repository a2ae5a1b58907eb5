"""Compares a response with the expected one, and records both for the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Refusal(NamedTuple):
    """An error response of Detective.

    Attributes:
        error_code: The member `ErrorCode` of the response, or empty.
        text: A regular expression for its message; empty if the fake's own text is invented.
    """

    code: str
    status: int
    error_code: str = ""
    text: str = ""


class Finding(TypedDict):
    """One comparison, in types that a worker of pytest-xdist can send.

    Attributes:
        text: The message of an error if the fake's own text is invented; otherwise empty.
    """

    expected: str
    answered: str
    agrees: bool
    text: str


class Comparison:
    """Makes and records the comparisons of a check.

    Args:
        note: Records a finding.
        blot: Removes IDs and addresses from a text.
    """

    def __init__(self, note: Callable[[Finding], None], blot: Callable[[str], str]) -> None:
        self._note = note
        self._blot = blot

    def __call__(self, answered: object, expected: object, *, text: str = "") -> None:
        """Fail the check unless the two are equal."""
        __tracebackhide__ = True
        finding: Finding = {
            "expected": self._blot(repr(expected)),
            "answered": self._blot(repr(answered)),
            "agrees": answered == expected,
            "text": self._blot(text),
        }
        self._note(finding)
        if not finding["agrees"]:
            pytest.fail(f"expected: {finding['expected']}\nanswered: {finding['answered']}", pytrace=False)

    def refusal(self, expected: Refusal, call: Callable[..., Any], **parameters: Any) -> None:
        """Make a call, and fail the check unless it is refused as expected."""
        __tracebackhide__ = True
        try:
            answered = call(**parameters)
        except ClientError as error:
            refusal, text = _refusal(error.response, expected.text)
            self(refusal, expected, text=text)
        else:
            self(f"accepted, with {members(answered)}", expected)


def _refusal(response: Any, pattern: str) -> tuple[Refusal, str]:
    """Return the error, and its text if that is not compared."""
    error, text = response["Error"], response["Error"].get("Message", "")
    told = Refusal(error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response.get("ErrorCode", ""))
    if not pattern:
        return told, text
    return told._replace(text=pattern if re.fullmatch(pattern, text) else text), ""


def members(answer: dict[str, Any]) -> Sequence[str]:
    """Return the names of a response's members."""
    return sorted(set(answer) - {"ResponseMetadata"})
