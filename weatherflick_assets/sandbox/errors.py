"""The one error the sandbox raises at whoever starts it.

Here: failures to start (a port, a catalogue file, an option), as a sentence for a person. Not here: the errors the
sandbox *answers* with, which are upstream's (`gateway.py`, `parameters.py`).
"""


class SandboxError(Exception):
    """The sandbox cannot start. `str()` is one sentence that says what is wrong and what to do about it."""
