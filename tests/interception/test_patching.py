"""Replacing a method for a while, with others who do the same."""

from __future__ import annotations

from typing import Any

import pytest

from detective_fake.interception.patching import Patch


class Speaker:
    """What is patched."""

    def speak(self) -> str:
        """Say what it is."""
        return "original"


def replacement(_self: object = None) -> str:
    """Take the place of `speak`."""
    return "replacement"


@pytest.fixture
def speaker_class() -> Any:
    """Return a class of this test alone."""
    return type("OwnSpeaker", (), {"speak": Speaker.speak})


class TestOnAClass:
    def test_the_replacement_is_what_one_gets(self, speaker_class: Any) -> None:
        """From `start` on."""
        Patch(speaker_class, "speak", replacement).start()
        assert speaker_class().speak() == "replacement"

    def test_the_very_original_comes_back(self, speaker_class: Any) -> None:
        """Not a copy of it, nor a bound one."""
        before = dict(vars(speaker_class))
        patch = Patch(speaker_class, "speak", replacement)
        patch.start()
        patch.stop()
        assert dict(vars(speaker_class)) == before

    def test_it_can_start_again(self, speaker_class: Any) -> None:
        """As often as fakes come and go."""
        patch = Patch(speaker_class, "speak", replacement)
        for _ in range(2):
            patch.start()
            patch.stop()
        patch.start()
        assert (patch.active, speaker_class().speak()) == (True, "replacement")

    def test_below_is_the_original(self, speaker_class: Any) -> None:
        """For the replacement to pass on to."""
        assert Patch(speaker_class, "speak", replacement).below is Speaker.speak


class TestOnAnObject:
    def test_only_it_is_touched(self, speaker_class: Any) -> None:
        """Others of its class are as before."""
        speaker = speaker_class()
        Patch(speaker, "speak", replacement).start()
        assert (speaker.speak(), speaker_class().speak()) == ("replacement", "original")

    def test_nothing_stays_on_it(self, speaker_class: Any) -> None:
        """Its class's method is what one gets again."""
        speaker = speaker_class()
        patch = Patch(speaker, "speak", replacement)
        patch.start()
        patch.stop()
        assert vars(speaker) == {}

    def test_what_another_had_put_on_it_comes_back(self, speaker_class: Any) -> None:
        """A method of the object itself."""
        speaker = speaker_class()
        speaker.speak = another = lambda: "another"
        patch = Patch(speaker, "speak", replacement)
        patch.start()
        assert patch.below is another
        patch.stop()
        assert speaker.speak is another

    def test_below_is_what_the_class_has_by_then(self, speaker_class: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever patches the class meanwhile is heard."""
        patch = Patch(speaker_class(), "speak", replacement)
        monkeypatch.setattr(speaker_class, "speak", lambda _self: "later")
        assert patch.below() == "later"


class TestBesideAnother:
    def test_another_on_top_stays(self, speaker_class: Any) -> None:
        """`stop` does not take away what somebody else has put in place."""
        patch, another = Patch(speaker_class, "speak", replacement), lambda _self: "another"
        patch.start()
        speaker_class.speak = another
        patch.stop()
        assert (patch.active, vars(speaker_class)["speak"]) == (False, another)

    def test_a_replacement_left_below_is_put_to_use_again(self, speaker_class: Any) -> None:
        """Where the other has put it back after `stop`, the next `stop` takes it away."""
        patch = Patch(speaker_class, "speak", replacement)
        patch.start()
        speaker_class.speak = lambda _self: "another"
        patch.stop()
        speaker_class.speak = replacement
        patch.start()
        patch.stop()
        assert vars(speaker_class)["speak"] is Speaker.speak

    def test_it_comes_back_where_another_has_taken_it_away(self, speaker_class: Any) -> None:
        """Somebody who had patched earlier has put the original back too early."""
        patch = Patch(speaker_class, "speak", replacement)
        patch.start()
        speaker_class.speak = Speaker.speak
        patch.start()
        assert speaker_class().speak() == "replacement"

    def test_it_does_not_go_on_top_of_another(self, speaker_class: Any) -> None:
        """Who replaced the replacement keeps the first word."""
        patch = Patch(speaker_class, "speak", replacement)
        another = speaker_class.speak = lambda _self: "another"
        assert not patch.start()
        assert (patch.active, vars(speaker_class)["speak"]) == (False, another)
