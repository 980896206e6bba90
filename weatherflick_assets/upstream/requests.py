"""From a declared operation and its parameters to the request that is sent. Pure: nothing here sends anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from weatherflick_assets.upstream.api_keys import ApiKey
from weatherflick_assets.upstream.declarations import Method, Operation
from weatherflick_assets.upstream.errors import PermanentError


@dataclass(frozen=True)
class Request:
    """What one call sends to its operation's path. It holds the key, so its parts are never shown."""

    query: Mapping[str, str] = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


def request_of(operation: Operation, parameters: Mapping[str, str], key: ApiKey) -> Request:
    """The request of a call with this key; the parameters must have been checked."""
    provider, wire = operation.provider, operation.wire
    headers = {**wire.headers, **dict(zip(provider.key.headers, key.parts(provider.key.parts), strict=False))}
    query = {provider.key.parameter: key.secret.get_secret_value()} if provider.key.parameter else {}
    given = {**provider.common_parameters, **parameters}
    if wire.method is Method.GET:
        return Request({**query, **given}, headers, None)
    document = {name: orjson.loads(text) if name in operation.json_parameters else text for name, text in given.items()}
    return Request(query, {"Content-Type": "application/json", **headers}, orjson.dumps(document))


def check_parameters(operation: Operation, parameters: Mapping[str, str]) -> None:
    """Reject a call that the upstream is sure to refuse, before it costs anything.

    Raises:
        PermanentError: a parameter is unknown, missing, not the required JSON, or lacks one it depends on.
    """
    known = operation.parameters
    problems = [
        *(f"{name} is not one of its parameters" for name in sorted(parameters.keys() - known)),
        *(f"{name} is required" for name in sorted(operation.required) if name not in parameters),
        *sorted(
            f"{name} needs {' and '.join(needed)}"
            for name, needed in operation.depends.items()
            if name in parameters and not set(needed) <= parameters.keys()
        ),
        *(
            f"{name} is not JSON"
            for name in sorted(operation.json_parameters & parameters.keys())
            if not _is_json(parameters[name])
        ),
    ]
    if problems:
        message = f"{operation.name} of {operation.provider.name}: {'; '.join(problems)}. It knows {', '.join(sorted(known))}."
        raise PermanentError(message, code="parameters")


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True
