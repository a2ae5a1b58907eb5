"""Replacing a method while other code may do the same."""

from __future__ import annotations

from typing import Any

import pytest

from detective_fake.interception.wire_path import Patch


class Speaker:
    """The class that is patched."""

    def speak(self) -> str:
        """Return which method this is."""
        return "original"


def replacement(_self: object = None) -> str:
    """Take the place of `speak`."""
    return "replacement"


@pytest.fixture
def speaker_class() -> Any:
    """Return a new class for this test."""
    return type("OwnSpeaker", (), {"speak": Speaker.speak})


class TestOnAClass:
    def test_the_replacement_is_called(self, speaker_class: Any) -> None:
        """From `start` on."""
        Patch(speaker_class, "speak", replacement).start()
        assert speaker_class().speak() == "replacement"

    def test_the_original_is_restored(self, speaker_class: Any) -> None:
        """The same object."""
        before = dict(vars(speaker_class))
        patch = Patch(speaker_class, "speak", replacement)
        patch.start()
        patch.stop()
        assert dict(vars(speaker_class)) == before

    def test_it_can_start_several_times(self, speaker_class: Any) -> None:
        """As fakes start and stop."""
        patch = Patch(speaker_class, "speak", replacement)
        for _ in range(2):
            patch.start()
            patch.stop()
        patch.start()
        assert (patch.active, speaker_class().speak()) == (True, "replacement")

    def test_original_is_the_original(self, speaker_class: Any) -> None:
        """The replacement calls it."""
        assert Patch(speaker_class, "speak", replacement).original is Speaker.speak


class TestOnAnObject:
    def test_only_that_object_is_patched(self, speaker_class: Any) -> None:
        """Other objects of its class are not."""
        speaker = speaker_class()
        Patch(speaker, "speak", replacement).start()
        assert (speaker.speak(), speaker_class().speak()) == ("replacement", "original")

    def test_nothing_is_left_on_the_object(self, speaker_class: Any) -> None:
        """The method of its class is called again."""
        speaker = speaker_class()
        patch = Patch(speaker, "speak", replacement)
        patch.start()
        patch.stop()
        assert vars(speaker) == {}

    def test_a_method_of_the_object_is_restored(self, speaker_class: Any) -> None:
        """One that other code had set."""
        speaker = speaker_class()
        speaker.speak = another = lambda: "another"
        patch = Patch(speaker, "speak", replacement)
        patch.start()
        assert patch.original is another
        patch.stop()
        assert speaker.speak is another

    def test_original_is_the_current_method_of_the_class(
        self, speaker_class: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Also if other code has patched the class since."""
        patch = Patch(speaker_class(), "speak", replacement)
        monkeypatch.setattr(speaker_class, "speak", lambda _self: "later")
        assert patch.original() == "later"


class TestBesideAnother:
    def test_stop_leaves_a_later_replacement_in_place(self, speaker_class: Any) -> None:
        """It belongs to other code."""
        patch, another = Patch(speaker_class, "speak", replacement), lambda _self: "another"
        patch.start()
        speaker_class.speak = another
        patch.stop()
        assert (patch.active, vars(speaker_class)["speak"]) == (False, another)

    def test_a_replacement_that_was_restored_is_reused(self, speaker_class: Any) -> None:
        """The next `stop` removes it."""
        patch = Patch(speaker_class, "speak", replacement)
        patch.start()
        speaker_class.speak = lambda _self: "another"
        patch.stop()
        speaker_class.speak = replacement
        patch.start()
        patch.stop()
        assert vars(speaker_class)["speak"] is Speaker.speak

    def test_start_replaces_a_restored_original(self, speaker_class: Any) -> None:
        """Other code that had patched earlier has restored it too early."""
        patch = Patch(speaker_class, "speak", replacement)
        patch.start()
        speaker_class.speak = Speaker.speak
        patch.start()
        assert speaker_class().speak() == "replacement"

    def test_start_does_not_cover_another_replacement(self, speaker_class: Any) -> None:
        """That one is called first."""
        patch = Patch(speaker_class, "speak", replacement)
        another = speaker_class.speak = lambda _self: "another"
        assert not patch.start()
        assert (patch.active, vars(speaker_class)["speak"]) == (False, another)
