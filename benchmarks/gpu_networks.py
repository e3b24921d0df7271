"""The first minutes on a GPU: which network fits the time, what a derivative costs there, and why.

Prints three tables and writes runs/gpu_networks.json. 1: training images a second of U-Nets of a
few widths and depths, with bfloat16, channels-last and torch.compile, and the share of the time
that plain products of the layers' shapes would take. 2: a distillation step by part. 3: whether
forward mode works under autocast, and how far it is off. Ten compilations of up to a
minute and a half each make most of its ten minutes; --tiny takes the same way on a CPU in one.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.nets import checkpoints
from genie_edu.recipes.presets import CIFAR10_NET
from genie_edu.train.loop import faster
from genie_edu.train.training import derivative_loss, eps_loss

NETWORKS = {
    "folded, (128, 128, 128), 1 block": CIFAR10_NET,
    "(64, 128, 128), 2 blocks": {"widths": (64, 128, 128), "blocks": 2},
    "(64, 128, 192), 1 block": {"widths": (64, 128, 192), "blocks": 1},
    "(96, 112, 112), 2 blocks": {"widths": (96, 112, 112), "blocks": 2},
    "(128, 128, 128), 1 block": {"widths": (128, 128, 128), "blocks": 1},
    "(64, 112, 112), 3 blocks": {"widths": (64, 112, 112), "blocks": 3},
}
"""The first is the preset's; all stay below 7.5 million parameters, 15 MB in float16."""
TINY = {"(8, 16), 1 block": {"widths": (8, 16), "blocks": 1, "attention": (), "size": 8}}
HEADS = (32, 64, 128)
OUT = Path(__file__).resolve().parent.parent / "runs" / "gpu_networks.json"
Row = dict[str, Any]


class Clock:
    """Times calls on a device: warmed up, synchronized, the median of several."""

    def __init__(self, device: torch.device, repeats: int) -> None:
        self.device, self.repeats = device, repeats

    def __call__(self, call: Callable[[], object], warm_up: int = 3) -> float:
        """Seconds of one call."""
        for _ in range(warm_up):
            call()
        seconds = []
        for _ in range(self.repeats):
            began = self._now()
            call()
            seconds.append(self._now() - began)
        return statistics.median(seconds)

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return time.perf_counter()


def batch_of(net: nn.Module, n: int, device: torch.device) -> tuple[Tensor, ...]:
    """Noise, as a batch of training: x_bar, gamma, noise, labels."""
    side = net.config["size"]
    noise = torch.randn(n, 3, side, side, device=device)
    gamma = torch.logspace(-2, 2, n, device=device)
    return gamma[:, None, None, None] * noise, gamma, noise, torch.arange(n, device=device) % 10


def products(net: nn.Module, batch: tuple[Tensor, ...], dtype: torch.dtype, clock: Clock) -> float:
    """Seconds that a training step's layers take as plain products of two matrices of `dtype`.

    A convolution is one product of (images x pixels, 9 C_in) and (9 C_in, C_out); forward and
    backward take three of each. Attention's own products are not counted.
    """
    shapes: list[tuple[int, int, int]] = []

    def note(layer: nn.Module, given: tuple[Tensor, ...], result: Tensor) -> None:
        rows = result.numel() // result.shape[1]
        shapes.append((rows, layer.weight[0].numel(), len(layer.weight)))

    layers = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    hooks = [layer.register_forward_hook(note) for layer in layers]
    with torch.no_grad():
        net(batch[0], batch[1], batch[3])
    for hook in hooks:
        hook.remove()
    total = 0.0
    for shape in sorted(set(shapes)):
        a = torch.randn(shape[0], shape[1], device=clock.device, dtype=dtype)
        b = torch.randn(shape[1], shape[2], device=clock.device, dtype=dtype)
        total += 3 * shapes.count(shape) * clock(lambda a=a, b=b: a @ b)
    return total


def train_step(
    net: nn.Module, batch: tuple[Tensor, ...], bf16: bool, compiled: bool
) -> Callable[[], None]:
    """One step of training, optimizer and all."""
    loss_of = faster(eps_loss, "bfloat16" if bf16 else "float32", compiled)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-4)

    def step() -> None:
        optimizer.zero_grad()
        loss_of(net, *batch).backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()

    return step


def trainings(networks: dict[str, Row], n: int, compiles: bool, clock: Clock) -> Iterator[Row]:
    """Images a second of every network, in every way of being faster."""
    for name, config in networks.items():
        ways = itertools.product((False, True), (False, True), (False, True)[: 1 + compiles])
        for bf16, channels_last, compiled in ways:
            if compiled and not bf16:
                continue
            net = ge.UNet(**{"classes": 10} | config).to(clock.device)
            dtype = torch.bfloat16 if bf16 else torch.float32
            batch = batch_of(net, n, clock.device)
            least = products(net, batch, dtype, clock)
            if channels_last:
                net = net.to(memory_format=torch.channels_last)
            torch._dynamo.reset()
            seconds = clock(train_step(net, batch, bf16, compiled))
            yield {
                "network": name,
                "million_parameters": round(sum(p.numel() for p in net.parameters()) / 1e6, 2),
                "bf16": bf16,
                "channels_last": channels_last,
                "compile": compiled,
                "images_per_second": round(n / seconds),
                "share_of_products": round(least / seconds, 3),
            }


def parts(config: Row, n: int, clock: Clock) -> Iterator[Row]:
    """Milliseconds of a distillation step's parts, with and without TF32."""
    device = clock.device
    net = ge.UNet(**{"classes": 10} | config).to(device).eval()
    net.requires_grad_(False)
    batch = batch_of(net, n, device)
    x_bar, gamma, _, labels = batch
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, labels, features=True)

    def jvp() -> Tensor:
        with torch.no_grad():
            return along_flow(lambda x, g: net(x, g, labels), x_bar, gamma, eps)

    def forward() -> Tensor:
        with torch.no_grad():
            return net(x_bar, gamma, labels)

    for tf32 in (False, True):
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = tf32
        row = {"tf32": tf32, "batch": n, "eps": clock(forward), "eps and slope": clock(jvp)}
        for width in HEADS:
            head = ge.GenieHead(3, net.feature_sizes, width, image=True).to(device)
            optimizer = torch.optim.Adam(head.parameters(), lr=1e-4)

            def step(head: nn.Module = head, optimizer: Any = optimizer) -> None:  # noqa: ANN401
                optimizer.zero_grad()
                derivative_loss(head, net, *batch).backward()
                optimizer.step()

            def read(head: nn.Module = head) -> None:
                with torch.no_grad():
                    head(x_bar, gamma, eps, *features)

            row |= {f"head {width}": clock(read), f"step, head {width}": clock(step)}
        numbers = {k: round(1000 * v, 3) for k, v in row.items() if isinstance(v, float)}
        yield row | numbers
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False


def autocast(config: Row, n: int, clock: Clock) -> Iterator[Row]:
    """Forward mode in bfloat16 and float16, by autocast and by converting: works, off by, takes."""
    device = clock.device
    net = ge.UNet(**{"classes": 10} | config).to(device).eval()
    nn.init.normal_(net.out.weight, std=0.02)
    x_bar, gamma, _, labels = batch_of(net, n, device)

    def slope(net: nn.Module, dtype: torch.dtype) -> Tensor:
        x, g = x_bar.to(dtype), gamma.to(dtype)
        with torch.no_grad():
            eps = net(x, g, labels).to(dtype)
            return along_flow(lambda x, g: net(x, g, labels).to(dtype), x, g, eps)

    exact = slope(net.double(), torch.float64)
    net.float()
    ways = {"float32": (None, torch.float32), "bfloat16": (None, torch.bfloat16)}
    ways |= {"autocast to bfloat16": (torch.bfloat16, torch.float32)}
    if device.type == "cuda":
        ways |= {"autocast to float16": (torch.float16, torch.float32)}
    for name, (cast, dtype) in ways.items():
        inside = torch.autocast(device.type, cast) if cast else contextlib.nullcontext()
        try:
            with inside:
                net.to(dtype)
                found = slope(net, dtype)
                seconds = clock(lambda dtype=dtype: slope(net, dtype))
            off = float((found - exact).norm() / exact.norm())
            row = {"works": True, "relative_error": float(f"{off:.2g}")}
            yield {"way": name, **row, "milliseconds": round(1000 * seconds, 2)}
        except (RuntimeError, NotImplementedError) as error:
            yield {"way": name, "works": False, "said": str(error).splitlines()[0][:120]}
        net.float()


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--tiny", action="store_true", help="one small network: does it work?")
    parser.add_argument("--no-compile", action="store_true", help="without torch.compile")
    parser.add_argument("--out", default=OUT, help="where the tables go")
    given = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() and not given.tiny else "cpu")
    clock = Clock(device, 3 if given.tiny else 15)
    networks, n, few = (TINY, 4, 2) if given.tiny else (NETWORKS, 512, 128)
    compiles = not (given.no_compile or given.tiny)
    config = next(iter(networks.values()))
    content: Row = {
        "date": datetime.date.today().isoformat(),
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "CPU",
        "torch": torch.__version__,
    }
    for title, rows in (
        ("trainings", trainings(networks, n, compiles, clock)),
        ("parts", parts(config, few, clock)),
        ("autocast", autocast(config, few, clock)),
    ):
        print(f"\n{title}")
        content[title] = []
        for row in rows:
            content[title].append(row)
            print(", ".join(f"{key} {value}" for key, value in row.items()), flush=True)
            checkpoints.write_json(given.out, content)
    print(f"\nwrote {given.out}")


if __name__ == "__main__":
    main()
