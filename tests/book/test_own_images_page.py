"""The page on one's own images: its numbers are the presets', its commands are understood."""

from __future__ import annotations

import re
import shlex

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from conftest import BOOK
from genie_edu.cli.options import parser
from genie_edu.nets import unet
from genie_edu.recipes.kinds import KINDS
from genie_edu.recipes.own_images import Chosen, unet_of
from genie_edu.train.recompute import recomputed

PAGE = (BOOK / "own_images.md").read_text()
SEVERAL = (BOOK / "several_gpus.md").read_text()


def rows(first: str) -> list[list[str]]:
    """The rows of the table that begins so, without the row of names."""
    table = PAGE[PAGE.index(f"| {first}") :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in table]


def network(name: str) -> unet.UNet:
    """The network that a row names, without memory for its weights."""
    kind, given = KINDS.get(name, KINDS["images"]), {"patch": 1, "size": 0}
    for key, value in re.findall(r"--(size|patch) (\d+)", name):
        given[key] = int(value)
    given["size"] = kind.size or given["size"]
    classes = ("",) * (1000 if kind.classes else 0)
    given |= {"width": kind.width, "upsample_from": kind.upsample_from or 0}
    of = Chosen(name if kind.size else "images", "x", classes=classes, **given)
    with torch.device("meta"):
        return unet_of(kind, of)


def counted(net: unet.UNet, monkeypatch) -> tuple[float, float]:
    """(GFLOP a call, MiB kept for its way back) of one image."""
    monkeypatch.setattr(net, "_check", lambda *anything: None)  # it looks at values
    monkeypatch.setattr(unet, "level", lambda gamma, *anything, **more: gamma)
    kept, n = [0], 8

    def pack(tensor):
        kept[0] += 0 if tensor.is_leaf and tensor.requires_grad else tensor.nbytes
        return tensor

    x, gamma = (
        torch.empty(n, *shape, device="meta") for shape in ((3, *[net.config["size"]] * 2), ())
    )
    given, low = {}, net.config["condition_size"]
    if low:
        given["condition"] = torch.empty(n, 3, low, low, device="meta")
        given["condition_gamma"] = torch.empty(n, device="meta")
    net.train()
    with (
        FlopCounterMode(display=False) as flops,
        torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor),
    ):
        net(x, gamma, **given)
    return flops.get_total_flops() / n / 1e9, kept[0] / n / 2**20


@pytest.mark.parametrize("row", rows("network | million weights"), ids=lambda row: row[0])
def test_costs_are_what_is_counted(row, monkeypatch):
    name, *numbers = row
    net = network(name.strip("`"))
    million = sum(p.numel() for p in net.parameters()) / 1e6
    flops, kept = counted(net, monkeypatch)
    again = counted(recomputed(net), monkeypatch)[1]
    found = (million, flops, kept, again)
    assert [float(said) for said in numbers] == pytest.approx(found, rel=0.03, abs=1)


def test_settings_are_the_presets():
    for table in ("preset | steps", "preset | source"):
        assert {name.strip("`") for name, *_ in rows(table)} == KINDS.keys() - {"images"}
    for name, *cells in rows("preset | steps"):
        kind = KINDS[name.strip("`")]
        for key, cell in zip(("n_steps", "batch_size", "lr"), cells, strict=True):
            said = [float(part.replace(",", "")) for part in cell.split(";")]
            assert said == [getattr(kind.train, key), getattr(kind.distill, key)]
    for name, source, _, holds in rows("preset | source"):
        kind = KINDS[name.strip("`")]
        assert source.startswith("the same") or source.split(",")[0].split("/")[0] in kind.source
        assert holds.split()[0] in kind.holds


def test_every_command_is_understood():
    lines = [line for page in (PAGE, SEVERAL) for line in page.splitlines()]
    commands = [line for line in lines if re.match(r"(genie-edu|accelerate|torchrun) ", line)]
    assert len(commands) >= 7
    for line in commands:
        words = shlex.split(line)
        words = words[1:] if words[0] == "genie-edu" else words[words.index("genie_edu.cli") + 1 :]
        assert parser().parse_args(words)


def test_the_examples_follow_from_the_formulas():
    rate, between, several = 1e14, 1e11, 4
    flops, kept = (dict(zip(("lsun-bedroom-128", "imagenet-64"), n, strict=True)) for n in (
        (124e9, 61e9), (141 * 2**20, 45 * 2**20),
    ))  # fmt: skip
    lsun, imagenet = (KINDS[name].train for name in flops)
    seconds = 3 * flops["imagenet-64"] * imagenet.batch_size / rate
    gradients = 2 * (several - 1) / several * 4 * 92e6 / between
    said = f"need {seconds / several:.2f} seconds for their shares and {gradients:.3f} for"
    assert f"{seconds:.1f}$ seconds" in SEVERAL and said in " ".join(SEVERAL.split())
    days = [
        times * flops[name] * train.batch_size * train.n_steps / rate / 86_400
        for times, name, train in ((4, "lsun-bedroom-128", lsun), (3, "imagenet-64", imagenet))
    ]
    assert 4 < days[0] < 5 and 8 < days[1] < 9
    assert "four to five days" in PAGE and "eight to nine" in PAGE
    assert f"{24 * 75e6 / 1e9:.1f} GB + {32 * kept['lsun-bedroom-128'] / 1e9:.1f} GB" in PAGE
    assert "a million of side 64 takes 12 GB" in PAGE and round(3e6 * 64**2 / 1e9) == 12
