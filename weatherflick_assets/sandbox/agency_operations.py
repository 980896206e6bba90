"""An operation of an agency other than KTO, declared as data, with the checks of its parameters.

Unlike KorService2, these agencies ignore parameters that they do not know. A blank value counts as missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from weatherflick_assets.sandbox.parameters import COUNT, ParameterError, Parameters

DATE = re.compile(r"20\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])", re.ASCII)
TIME = re.compile(r"([01]\d|2[0-3])[0-5]\d", re.ASCII)
MOMENT = re.compile(DATE.pattern + TIME.pattern, re.ASCII)

_PAGING = {"numOfRows": COUNT, "pageNo": COUNT}


@dataclass(frozen=True)
class AgencyOperation:
    """One operation.

    Attributes:
        name: Its name in settings and statistics: the last segment of its path, and more if that is not unique.
        path: The path behind the host.
        required: Mandatory parameters; a missing one is error 11.
        forms: The form of parameters; another value is error 10.
    """

    name: str
    path: str
    required: tuple[str, ...] = ()
    forms: Mapping[str, re.Pattern[str]] = field(default_factory=dict)

    def check(self, parameters: Parameters) -> None:
        """Validate a call. Raises ParameterError: a mandatory parameter is missing, or a value is malformed."""
        for name in self.required:
            if not parameters.get(name):
                raise ParameterError("missing_parameter", "11", "NO_MANDATORY_REQUEST_PARAMETERS_ERROR")
        for name, form in (*_PAGING.items(), *self.forms.items()):
            value = parameters.get(name)
            if value and not form.fullmatch(value):
                raise ParameterError("invalid_parameter", "10", "INVALID_REQUEST_PARAMETER_ERROR")


def declared(service_path: str, *operations: AgencyOperation) -> dict[str, AgencyOperation]:
    """Operations of one service by name; their paths are completed with that of the service."""
    return {
        operation.name: AgencyOperation(
            operation.name, f"{service_path}/{operation.path or operation.name}", operation.required, operation.forms
        )
        for operation in operations
    }
