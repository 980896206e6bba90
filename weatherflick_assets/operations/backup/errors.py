"""What can go wrong with backups, as sentences."""

from weatherflick_assets.errors import PlatformError


class BackupError(PlatformError):
    """A backup could not be made, or one that was made can't be read."""


class RestoreError(PlatformError):
    """Nothing could be restored, and nothing was changed."""
