"""The command `ethotrap`."""

import os
import select
import sys
from collections.abc import Sequence
from io import TextIOWrapper

from cyclopts import App, CycloptsError

import pipeline
from flows.commands import (
    counting,
    health,
    individuals,
    measuring,
    networks,
    press,
    research,
    running,
    simulating,
    training,
)
from flows.commands.display import err_console
from pipeline.errors import EthotrapError

WRONG_USAGE = 2
INTERRUPTED = 130
UNHEARD = 141  # as shells count it when whoever reads the output has gone, as `head` and `less` do

app = App(
    name="ethotrap",
    version=f"ethotrap {pipeline.__version__} (AGPL-3.0-or-later)",
    help_format="markdown",
    help="Follow each animal in camera-trap video, name what it does and when, and keep the clips.",
    suppress_keyboard_interrupt=False,  # `status_of` says what to do then
)
for group in (running, research, individuals, counting, health, press, networks, measuring, simulating, training):
    group.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status: 0 well, 1 files failed, 2 could not be done as asked."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # file names may hold any bytes
    sys.exit(status_of(sys.argv[1:] if arguments is None else arguments))


def status_of(arguments: Sequence[str]) -> int:
    """Run one command and give its exit status."""
    try:
        result = app(list(arguments), exit_on_error=False, result_action="return_value")
        sys.stdout.flush()
    except CycloptsError:
        return WRONG_USAGE
    except EthotrapError as error:
        err_console.print(f"ethotrap: {error}", style="bold red", highlight=False, soft_wrap=True)
        return WRONG_USAGE
    except KeyboardInterrupt:
        err_console.print("ethotrap: stopped; start the same command again to go on where it was")
        return INTERRUPTED
    except BrokenPipeError:
        if not _is_unheard():
            raise
        return UNHEARD
    return result if isinstance(result, int) else 0


def _is_unheard() -> bool:
    """Whether nobody reads standard output any more; what is still to be written there is then let go."""
    output, asked = sys.stdout.fileno(), select.poll()
    asked.register(output, 0)
    if not asked.poll(0):  # else whoever reads it is gone: of errors alone is told unasked
        return False
    os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return True


if __name__ == "__main__":
    main()
