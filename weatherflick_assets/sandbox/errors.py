"""The error that the sandbox raises to whoever starts or configures it.

Here: failures to start (a port, a catalogue file, an option) and invalid settings, as a sentence for a person. Not
here: the upstream errors that the sandbox serves (`refusals.py`, `parameters.py`).
"""


class SandboxError(Exception):
    """The sandbox cannot start or apply a setting. `str()` is one sentence: what is wrong and what to do about it."""
