"""The error that the sandbox raises to whoever starts or configures it."""


class SandboxError(Exception):
    """The sandbox cannot start or apply a setting. `str()` is one sentence: what is wrong and what to do about it."""
