"""The command line: its options, and what each command does with the rooms below.

genie-edu classify, train, distill, run, sample, encode, evaluate, costs, export, data, doctor.

A run lives in one folder (default runs/PRESET): `base.safetensors` and `head.safetensors` with
their cards, and `*.run.safetensors`, from which a stopped or killed training goes on when the same
command is given again.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from collections.abc import Iterator

import torch

from genie_edu.cli.options import parser
from genie_edu.recipes.options import TimeUp


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0, 2 for bad input (one sentence on stderr), 130 if stopped."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(given, argparse.Namespace(given=given))
    try:
        with _stoppable():
            options.command(options)
    except TimeUp as message:
        print(message)
    except (ValueError, TypeError, FileNotFoundError, ImportError, RuntimeError) as error:
        full = isinstance(error, torch.cuda.OutOfMemoryError) or "allocate memory" in str(error)
        said = "out of memory: give a smaller --batch-size, --n or --steps" if full else error
        print(f"genie-edu: {said}", file=sys.stderr)
        return 2
    except OSError as error:
        said = f"{error.strerror} ({error.filename})" if error.filename else error.strerror
        print(f"genie-edu: {said}: what was saved is whole, call again", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


@contextlib.contextmanager
def _stoppable() -> Iterator[None]:
    """Let a polite kill stop a run as Ctrl-C does, and Ctrl-C do so in the background too.

    A command that a shell has put into the background ignores Ctrl-C's signal from its start.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        signal.SIGINT: signal.signal(signal.SIGINT, signal.default_int_handler),
        signal.SIGTERM: signal.signal(
            signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT)
        ),
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
