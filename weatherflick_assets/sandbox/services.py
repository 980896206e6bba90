"""What the host asks of a service behind the gateway."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from weatherflick_assets.sandbox.behaviour import Behaviour
from weatherflick_assets.sandbox.envelopes import Format
from weatherflick_assets.sandbox.parameters import ParameterError, Parameters


@dataclass(frozen=True)
class Circumstances:
    """The time in Korea at which a call is answered, and how the sandbox behaves then."""

    now: datetime
    behaviour: Behaviour


class Service(Protocol):
    """A service that answers some operations."""

    def answer(self, operation: str, parameters: Parameters, form: Format, circumstances: Circumstances, /) -> bytes:
        """The body of the answer to a call. Raises ParameterError: the service refuses it."""
        ...

    def refused(self, error: ParameterError, form: Format, circumstances: Circumstances, /) -> bytes:
        """The body of the answer to a call that the service refuses."""
        ...
