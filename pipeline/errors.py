"""Every error that Ethotrap raises on purpose.

    EthotrapError
    ├── ConfigError            a setting, an ethogram or a deployments table is wrong
    ├── ModelError             weights are missing, altered or not what was declared
    ├── StoreError             the database or the archive folder cannot be used
    │   └── BusyError          another run holds the archive
    ├── NotFoundError          an id that the archive does not hold
    ├── RegistryError          a decision about individuals that contradicts what is known
    └── VideoError             this one file cannot be analysed
        ├── UnreadableError    it cannot be opened or is no video
        │   └── OutOfReachError  it cannot be read now: not there, forbidden, or the card gives read errors
        ├── NoFramesError      it opens and holds no picture
        └── DecodingError      decoding died, hung or gave nothing usable

A `VideoError` costs its own file and nothing more: the file is written down as failed, with the message. Only what was
out of reach is tried again by itself.
"""


class EthotrapError(Exception):
    """Base of every error whose message is meant for the person at the keyboard."""


class ConfigError(EthotrapError):
    """A setting, an ethogram or a deployments table is wrong; the message names the key or the row."""


class ModelError(EthotrapError):
    """Weights are missing, altered or not what was declared."""


class StoreError(EthotrapError):
    """The database or the archive folder cannot be used."""


class BusyError(StoreError):
    """Another run is working on the archive, so this one has nothing to do now."""


class NotFoundError(EthotrapError):
    """The archive holds nothing under the given id."""


class RegistryError(EthotrapError):
    """A decision about individuals contradicts what is known; the message says what to do first."""


class VideoError(EthotrapError):
    """One file cannot be analysed. The message says what happened and what to do."""


class UnreadableError(VideoError):
    """The file cannot be opened, or is no video."""


class OutOfReachError(UnreadableError):
    """The file cannot be read now, which says nothing of what it holds: another try may go well."""


class NoFramesError(VideoError):
    """The file opens as a video and holds no picture."""


class DecodingError(VideoError):
    """Decoding died, hung or gave nothing usable."""
