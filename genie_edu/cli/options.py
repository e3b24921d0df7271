"""What the commands can be given."""

from __future__ import annotations

import argparse

import genie_edu
from genie_edu.cli import commands, drawing
from genie_edu.recipes.kinds import KINDS
from genie_edu.recipes.presets import PRESETS
from genie_edu.schedule import SPACINGS
from genie_edu.solvers import SOLVERS
from genie_edu.train.loop import PRECISIONS

DESCRIPTION = "train, distil, sample and measure the networks of the book"


def _own_images(command: argparse.ArgumentParser) -> None:
    """What can be said of images of one's own; a folder that has a run knows it."""
    some = command.add_argument_group("images of one's own", f"for {', '.join(KINDS)}")
    some.add_argument("--data", help="a folder, .zip, .tar or .parquet, or a name on the hub")
    some.add_argument("--size", type=int, help="the side they are resized to: 32 to 512")
    yes_or_no = {"action": argparse.BooleanOptionalAction, "default": None}
    some.add_argument("--classes", **yes_or_no, help="their subfolders are classes to learn")
    some.add_argument("--patch", type=int, help="fold patch x patch pixels into channels first")
    some.add_argument(
        "--upsample-from", type=int, metavar="SIDE", help="learn to draw them from smaller ones"
    )
    some.add_argument("--width", type=int, help="channels at the finest resolution (default 128)")
    some.add_argument("--flip", **yes_or_no, help="mirror half of them in training")
    some.add_argument("--strict", action="store_true", help="stop at the first odd image")


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `command` to its function of the options."""
    whole = argparse.ArgumentParser(prog="genie-edu", description=DESCRIPTION)
    whole.add_argument("--version", action="version", version=genie_edu.__version__)
    parts = whole.add_subparsers(required=True, metavar="command")

    def add(name: str, command: object, help: str) -> argparse.ArgumentParser:
        new = parts.add_parser(name, help=help, description=help)
        new.set_defaults(command=command)
        if name not in ("data", "doctor"):
            new.add_argument("preset", help=f"one of {', '.join((*PRESETS, *KINDS))}")
            new.add_argument(
                "--folder", help="the run's folder (default runs/PRESET, or what ships)"
            )
        return new

    minutes = {"type": float, "metavar": "M"}
    for name, part, help in (
        (
            "classify",
            commands.classify,
            "train the classifier that judges images; resumes as train does",
        ),
        ("train", commands.train, "train the network; the same command resumes a stopped run"),
        ("distill", commands.distill, "distil its derivative into a head; resumes as train does"),
        (
            "run",
            commands.run,
            "all that the folder lacks: classifier, network, head, tables, costs",
        ),
    ):
        new = add(name, part, help)
        new.add_argument("--seed", type=int, help="of everything random in the run")
        new.add_argument("--slice-minutes", **minutes, help="stop after M, to be gone on with")
        new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
        new.add_argument(
            "--fresh", action="store_true", help="remove what the folder has of it first"
        )
        new.add_argument(
            "--channels-last", action="store_true", help="that order in memory, for the network"
        )
        new.add_argument(
            "--precision",
            choices=PRECISIONS,
            help="of products in training (default: for CIFAR what the device is fast in)",
        )
        new.add_argument(
            "--compiled",
            action=argparse.BooleanOptionalAction,
            help="train through torch.compile (default: for CIFAR on a recent GPU)",
        )
        new.add_argument("--batch-size", type=int, help="examples a step, over all processes")
        new.add_argument(
            "--at-once", type=int, help="how many of them go through the network at a time"
        )
        new.add_argument(
            "--recompute",
            action=argparse.BooleanOptionalAction,
            help="keep less of the network in memory, and compute it again",
        )
        _own_images(new)
        if part is commands.run:
            new.add_argument("--train-minutes", **minutes, help="size the network's training to M")
            new.add_argument("--distill-minutes", **minutes, help="size the head's training to M")
        else:
            new.add_argument("--steps", type=int, help="optimizer steps (default: the preset's)")
        if part in (commands.train, commands.distill):
            new.add_argument("--minutes", **minutes, help="size the training to M on this device")

    for name, part, steps, out, help in (
        (
            "sample",
            drawing.draw_samples,
            10,
            "samples.npy",
            "draw samples into a file or a picture",
        ),
        ("encode", drawing.encode_data, 50, "codes.npy", "run data up to noise and back"),
    ):
        new = add(name, part, help)
        new.add_argument("--n", type=int, default=16, help="how many (default 16)")
        new.add_argument("--steps", type=int, default=steps, help=f"solver steps (default {steps})")
        new.add_argument("--solver", default="genie", help=f"one of {', '.join(SOLVERS)}")
        new.add_argument("--spacing", default="quadratic", help=f"one of {', '.join(SPACINGS)}")
        new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
        new.add_argument("--label", type=int, help="a class, for networks that know some")
        new.add_argument(
            "--guidance", type=float, default=0.0, metavar="W", help="weight w; 0 is none (default)"
        )
        new.add_argument(
            "--condition",
            help="for upsamplers: small images (n, 3, side, side), from -1 to 1, in a .npy file",
        )
        new.add_argument(
            "--condition-t",
            type=float,
            metavar="T",
            help="at which t the noise is that they get (default 0.1)",
        )
        new.add_argument("--out", default=out, help="a .npy file, or .png for images")
        if name == "sample":
            new.add_argument("--seed", type=int, default=0)
            new.add_argument("--start", help="codes (n, *shape) in a .npy file, in place of noise")
        else:
            new.add_argument(
                "--source",
                help="data (n, *shape), images from -1 to 1, in a .npy file (default: its own)",
            )

    new = add(
        "evaluate", commands.evaluate, "end-point errors of all solvers to the network's own ODE"
    )
    new.add_argument("--n", type=int, default=256, help="starts (default 256)")
    new.add_argument(
        "--nfe", type=int, nargs="+", default=commands.NFES, help="network calls a sample"
    )
    new.add_argument("--seed", type=int, default=0)
    new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    new.add_argument("--out", help="also write the table to this JSON file")

    new = add(
        "costs", commands.time_sampling, "seconds for 1,000 images by every solver, into costs.json"
    )
    new.add_argument("--cpu", action="store_true", help="leave a GPU alone")
    new.add_argument("--fresh", action="store_true", help="time anew what is there")

    new = add("export", commands.export, "the network with its head as a folder for diffusers")
    new.set_defaults(cpu=True)
    new.add_argument("--out", required=True, help="a new folder")
    new.add_argument("--solver", default="genie", help="of one call a step (default genie)")
    new.add_argument("--spacing", default="quadratic", help=f"one of {', '.join(SPACINGS)}")

    new = add("data", commands.fetch_data, "fetch a data set once and verify its pixels")
    new.add_argument("data_set", help="cifar10, or images: one's own, decoded")
    new.add_argument("--source", help="a folder that has it: shards, or cifar-10-batches-py")
    new.add_argument("--size", type=int, help="of images: the side they are resized to")
    new.add_argument("--strict", action="store_true", help="of images: stop at the first odd one")
    new.add_argument("--pack", help="also write it as lossless shards into this folder")

    add("doctor", commands.doctor, "what device, which versions, what is missing")
    return whole
