"""`weatherflick call`: send one call of any declared operation, keep its response in raw, and print its items."""

import asyncio
import os
from collections.abc import Sequence

from weatherflick_assets.build import OPERATIONS
from weatherflick_assets.errors import PlatformError
from weatherflick_assets.settings import Settings
from weatherflick_assets.upstream.access import access_to
from weatherflick_assets.upstream.client import Answer, UpstreamClient
from weatherflick_assets.upstream.declarations import Operation
from weatherflick_assets.warehouse.response_store import ResponseStore


class UnknownOperationError(PlatformError):
    """There is no such API or operation."""


class NoParameterError(PlatformError):
    """An argument is not of the form name=value."""


def operation_named(provider: str, name: str) -> Operation:
    """The declared operation; UnknownOperationError if there is none of this name."""
    operations = OPERATIONS.get(provider)
    if operations is None:
        raise UnknownOperationError(f"Unknown provider {provider}. The providers are {', '.join(OPERATIONS)}.")
    if name not in operations:
        raise UnknownOperationError(f"{provider} has no operation {name}. It has {', '.join(operations)}.")
    return operations[name]


def parameters_of(given: Sequence[str]) -> dict[str, str]:
    """`name=value` arguments as parameters; NoParameterError if one has another form."""
    try:
        # A terminal without a locale hands over bytes; what people type is UTF-8 all the same.
        given = [os.fsencode(argument).decode() for argument in given]
    except UnicodeDecodeError:
        raise NoParameterError(
            "The parameters are not text in UTF-8. Set LANG to a UTF-8 locale, such as C.UTF-8."
        ) from None
    split = [argument.partition("=") for argument in given]
    if wrong := [argument for argument, (name, sign, _) in zip(given, split, strict=True) if not (name and sign)]:
        raise NoParameterError(f"Parameters are written name=value; {', '.join(wrong)} is not.")
    return {name: value for name, _, value in split}


def call(operation: Operation, parameters: dict[str, str], settings: Settings, dsn: str) -> Answer:
    """Send the call and keep its response; fails like `UpstreamClient.call` and `access_to`."""
    access = access_to(operation.provider, settings)

    async def send() -> Answer:
        async with (
            ResponseStore(dsn, run_id=None, partition_key=None) as responses,
            UpstreamClient(access, responses.keep, dsn) as client,
        ):
            return await client.call(operation, parameters)

    return asyncio.run(send())
