"""The command line: its options, and what each command does with the rooms below.

genie-edu classify, train, distill, run, sample, evaluate, costs, data, doctor.

A run lives in one folder (default runs/PRESET): `base.safetensors` and `head.safetensors` with
their cards, and `*.run.safetensors`, from which a stopped or killed training goes on when the same
command is given again.
"""

from __future__ import annotations

import argparse
import sys

import torch

from genie_edu.cli.options import parser
from genie_edu.train.options import TimeUp


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns 0, 2 for bad input (one sentence on stderr), 130 if stopped."""
    given = sys.argv[1:] if arguments is None else arguments
    options = parser().parse_args(given, argparse.Namespace(given=given))
    try:
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
