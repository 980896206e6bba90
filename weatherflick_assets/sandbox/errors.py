"""The one error the sandbox raises at whoever starts or sets it.

Here: failures to start (a port, a catalogue file, an option) and settings that mean nothing, as a sentence for a person.
Not here: the errors the sandbox *answers* with, which are upstream's (`refusals.py`, `parameters.py`).
"""


class SandboxError(Exception):
    """The sandbox cannot start or be set so. `str()` is one sentence: what is wrong and what to do about it."""
