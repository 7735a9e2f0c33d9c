"""What can go wrong, named by whose turn it is to act.

Every message says the place, the value, the bound and the remedy. The command line turns `exit_code` into the
process's exit code; the service turns the errors into problem documents.
"""


class GoeswithError(Exception):
    """Root of every error that is meant for a person."""

    exit_code = 1


class StoreError(GoeswithError):
    """A store cannot be written: the disk refuses, or another process is writing. The old model serves on."""


class UsageError(GoeswithError):
    """An option, a setting or an argument is out of its bounds."""

    exit_code = 2


class DataError(GoeswithError):
    """Orders, a catalogue or carts cannot be read as such."""

    exit_code = 3


class GateError(GoeswithError):
    """The new version is worse than the quality gate allows; the old one keeps serving."""

    exit_code = 4


class ModelError(GoeswithError):
    """A model folder is missing, damaged, or of a format that this program does not read."""

    exit_code = 5
