"""What the table of the morning calls good."""

from typing import Any

import pytest

from bench.morning import play as morning


def met(**differs: Any) -> dict[str, Any]:
    everybody = [f"{number}@provider.example" for number in range(morning.PEOPLE)]
    good: dict[str, Any] = {
        "people": everybody, "officers": [], "finished": len(everybody), "errors": [], "without": {}, "requests": 2,
        "took": 1.0, "steps": [("Password", 499.0), (morning.FILE, 9_000.0)],
    }  # fmt: skip
    return good | differs


def test_a_morning_without_errors_and_in_time_is_good() -> None:
    assert morning.report(met(), {})


@pytest.mark.parametrize(
    "differs",
    [
        {"errors": ["Password: POST /sign-in answered 500 (0@provider.example)"], "finished": morning.PEOPLE - 1},
        {"steps": [("Password", 501.0)]},
        {"finished": morning.PEOPLE - 1},
        {"people": ["0@provider.example"], "finished": 1},
    ],
    ids=["an error", "slow", "somebody not done", "too few people"],
)
def test_a_morning_is_not_good_with(differs: dict[str, Any]) -> None:
    assert not morning.report(met(**differs), {})
