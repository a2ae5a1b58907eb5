"""Compares what a check was answered with what the fake answers, and notes both for the report."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import pytest
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Comparison", "Finding", "Refusal"]


class Refusal(NamedTuple):
    """An error that Detective answers.

    Attributes:
        error_code: The member `ErrorCode` of the answer, empty where there is none.
        text: What its message has to be, a regular expression; empty where the fake's own text is made up.
    """

    code: str
    status: int
    error_code: str = ""
    text: str = ""


class Finding(TypedDict):
    """One comparison, in types that a worker of pytest-xdist can send.

    Attributes:
        text: What the message of a refusal says where the fake's own is made up; else empty.
    """

    expected: str
    answered: str
    agrees: bool
    text: str


class Comparison:
    """What a check compares with.

    Args:
        note: Takes every finding.
        blot: Takes ids and addresses out of a text.
    """

    def __init__(self, note: Callable[[Finding], None], blot: Callable[[str], str]) -> None:
        self._note = note
        self._blot = blot

    def __call__(self, answered: object, expected: object, *, text: str = "") -> None:
        """Fail the check unless these are equal."""
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
        """Make a call, and fail the check unless it is refused like this."""
        __tracebackhide__ = True
        try:
            answered = call(**parameters)
        except ClientError as error:
            refusal, text = _refusal(error.response, expected.text)
            self(refusal, expected, text=text)
        else:
            self(f"accepted, with {members(answered)}", expected)


def _refusal(response: Any, pattern: str) -> tuple[Refusal, str]:
    """Return what was answered, and its text where that is not compared."""
    error, text = response["Error"], response["Error"].get("Message", "")
    told = Refusal(error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response.get("ErrorCode", ""))
    if not pattern:
        return told, text
    return told._replace(text=pattern if re.fullmatch(pattern, text) else text), ""


def members(answer: dict[str, Any]) -> Sequence[str]:
    """Return the names of what an answer has."""
    return sorted(set(answer) - {"ResponseMetadata"})
