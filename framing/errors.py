"""What the library raises when the caller can put it right."""

from __future__ import annotations


class FramingError(Exception):
    """The base of every error that names what was wrong and the way out of it."""


class InputError(FramingError, ValueError):
    """A text, a file or an option that cannot be used as given."""


class ModelError(FramingError, OSError):
    """A model that cannot be found, read or run."""


class OutputError(FramingError, OSError):
    """A place that cannot be written to: full, closed to us, or in use by another process."""


class WorkerError(FramingError, RuntimeError):
    """A process that works for a scorer and did not start, or was killed."""
