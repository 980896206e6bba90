"""The faults that upstream shows now and then, and the dice that decide when.

Here: the kinds of faults, each a function from the correct answer to the one sent, and the seeded dice.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import replace

import orjson

from weatherflick_assets.sandbox.envelopes import Format
from weatherflick_assets.sandbox.generations import Answer, Delivery, block_page, written
from weatherflick_assets.sandbox.refusals import (
    AGENCY_ERROR,
    AGENCY_TIMEOUT,
    BAD_REQUEST,
    NO_SUCH_SERVICE,
    SERVER_ERROR,
    Refusal,
)

Fault = Callable[[Answer, Format, str], Answer]
"""Takes the correct answer, the requested format and the current generation; returns the answer to send."""

_WRONG_TYPES = orjson.dumps(
    {
        "response": {
            "header": {"resultCode": "0000", "resultMsg": "OK"},
            "body": {"items": {"item": 7}, "numOfRows": None, "pageNo": [1], "totalCount": "many"},
        }
    }
)


def _refused(refusal: Refusal) -> Fault:
    return lambda _answer, form, generation: written(refusal, generation, form)


def _with_body(change: Callable[[bytes], bytes]) -> Fault:
    return lambda answer, _form, _generation: replace(answer, body=change(answer.body))


def _delivered(delivery: Delivery) -> Fault:
    return lambda answer, _form, _generation: replace(answer, delivery=delivery)


FAULTS: dict[str, Fault] = {
    "server_error": _refused(SERVER_ERROR),
    "agency_error": _refused(AGENCY_ERROR),
    "agency_timeout": _refused(AGENCY_TIMEOUT),
    "spurious_10": _refused(BAD_REQUEST),
    "spurious_12": _refused(NO_SUCH_SERVICE),
    "html_page": lambda _answer, _form, _generation: block_page(400),
    "empty_body": _with_body(lambda _body: b""),
    "truncated_body": _with_body(lambda body: body[: len(body) // 2]),  # Content-Length states the truncated length
    "wrong_types": _with_body(lambda _body: _WRONG_TYPES),  # JSON, whatever format was requested
    "hang_up": _delivered("half"),
    "reset": _delivered("reset"),
    "stall": _delivered("never"),
}

SPREAD = tuple(kind for kind in FAULTS if kind != "stall")
"""The kinds that share an overall rate evenly: all except the one that costs its caller a timeout."""


def rates(overall: float, single: Mapping[str, float]) -> dict[str, float]:
    """The probability of each kind: its own rate plus its share of the overall rate."""
    return {kind: single.get(kind, 0.0) + (overall / len(SPREAD) if kind in SPREAD else 0.0) for kind in FAULTS}


class Dice:
    """Seeded draws. The n-th draw depends only on seed, purpose and n, so no purpose disturbs another."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = random.Random(f"{seed} {purpose}")  # noqa: S311 - repeatable, not secret

    def kind(self, probabilities: Mapping[str, float]) -> str | None:
        """One kind with its given probability, or None. It uses one draw unless all probabilities are 0."""
        if not any(probabilities.values()):
            return None
        drawn = self._random.random()
        for kind, probability in probabilities.items():
            drawn -= probability
            if drawn < 0:
                return kind
        return None

    def happens(self, probability: float) -> bool:
        """Whether an event of this probability happens. It uses one draw unless the probability is 0."""
        return probability > 0 and self._random.random() < probability

    def up_to(self, greatest: float) -> float:
        """A number from 0 to `greatest`. It uses one draw unless `greatest` is 0."""
        return self._random.random() * greatest if greatest else 0.0

    def below(self, size: int) -> int:
        """An integer from 0 to `size` - 1."""
        return self._random.randrange(size)
