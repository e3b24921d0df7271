"""A GPU where there is none: python pretended_gpu.py ARGUMENTS runs genie-edu on it.

Every tensor stays on the CPU and carries the device that it would be on. An operation that mixes
devices raises, as CUDA would have; nothing is faster, and no kernel is tested. What it finds is the
tensor that was forgotten on the other side.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

CPU, GPU = torch.device("cpu"), torch.device("cuda", 0)
COMPARES_DEVICES = {"_has_compatible_shallow_copy_type", "copy_"}
_functorch = torch._C._functorch
_Generator, _jvp = torch.Generator, torch.func.jvp


class MixedDevices(RuntimeError):
    """Tensors of two devices met."""


def device_of(x: Tensor) -> torch.device:
    """Where x would be; a tensor inside a JVP is where the one that it stands for is."""
    if "pretended" in x.__dict__:
        return x.pretended
    if _functorch.is_functorch_wrapped_tensor(x):
        return device_of(_functorch.get_unwrapped(x))
    return CPU


def put(results: Any, device: torch.device) -> Any:  # noqa: ANN401
    """The results, every tensor of them on `device` from now on."""
    for x in tree_leaves(results):
        if isinstance(x, Tensor):
            x.pretended = device
    return results


def common(name: str, values: Iterable[Any]) -> torch.device:
    """The device of all tensors; a number on the CPU goes with any."""
    tensors = [x for x in tree_leaves(values) if isinstance(x, Tensor)]
    found = {device_of(x) for x in tensors if x.ndim or device_of(x) == GPU}
    if len(found) > 1:
        shapes = [(tuple(x.shape), str(device_of(x))) for x in tensors]
        raise MixedDevices(f"{name}: expected all tensors to be on the same device: {shapes}")
    return found.pop() if found else CPU


def named(device: Any) -> torch.device:  # noqa: ANN401
    """The device that a user's name for one means."""
    return GPU if torch.device(device).type == "cuda" else CPU


class PretendedGPU(TorchFunctionMode):
    """While it is entered, "cuda" is a device."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        """Do on the CPU what was asked for, and note where the result would be."""
        kwargs, name = dict(kwargs or {}), getattr(func, "__name__", "")
        if func == torch.Tensor.device.__get__:
            return device_of(args[0])
        if func == torch.Tensor.is_cuda.__get__:
            return device_of(args[0]) == GPU
        if name == "__get__":  # such as a parameter's gradient
            return put(func(*args), device_of(args[0]))
        if name == "__set__":
            func(*args)
            return put(args[0], device_of(args[1])) if isinstance(args[1], Tensor) else None
        if name in ("to", "cpu", "cuda"):
            return self._moved(name, args, kwargs)
        if name in ("numpy", "__array__") and device_of(args[0]) == GPU:
            raise MixedDevices("can't convert cuda:0 device type tensor to numpy")
        if name in COMPARES_DEVICES:
            return func(*args, **kwargs)
        if name in ("__getitem__", "__setitem__"):
            return self._indexed(func, name, args)
        return self._computed(func, name, args, kwargs)

    def _moved(self, name: str, args: Any, kwargs: dict[str, Any]) -> Tensor:  # noqa: ANN401
        x, *rest = args
        target = GPU if name == "cuda" else CPU if name == "cpu" else device_of(x)
        for i, given in enumerate(rest):
            if isinstance(given, Tensor):
                target = device_of(given)
            elif isinstance(given, torch.device) or given in ("cpu", "cuda", "cuda:0"):
                target, rest[i] = named(given), "cpu"
        if kwargs.get("device") is not None:
            target, kwargs["device"] = named(kwargs["device"]), "cpu"
        out = x.to(*rest, **kwargs) if rest or kwargs else x
        if out is x and target != device_of(x):
            out = x.clone()
        return put(out, target) if out is not x else x

    def _indexed(self, func: Any, name: str, args: Any) -> Any:  # noqa: ANN401
        x, index, *value = args
        here = device_of(x)
        if here == CPU and common(name, index) == GPU:  # the other way round is allowed
            raise MixedDevices("a tensor on the CPU, indexed by one on cuda:0")
        common(name, [x, *value])
        out = func(*args)
        return put(out, here) if isinstance(out, Tensor) else out

    def _computed(self, func: Any, name: str, args: Any, kwargs: dict[str, Any]) -> Any:  # noqa: ANN401
        given = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
        if kwargs.get("device") is None:
            device = common(name, given)
        else:
            device, kwargs["device"] = named(kwargs["device"]), "cpu"
        generator = kwargs.get("generator")
        if generator is not None and generator.device != device:
            raise MixedDevices(f"{name}: a generator on {generator.device} for {device}")
        out = func(*args, **kwargs)
        put([x for x in tree_leaves(out) if all(x is not y for y in given)], device)
        return out


class Generator(_Generator):
    """A generator on the CPU that says that it is where it was asked to be."""

    def __new__(cls, device: Any = "cpu") -> Generator:  # noqa: ANN401, D102
        new = super().__new__(cls, "cpu")
        new.pretended = named(device)
        return new

    def __init__(self, device: Any = "cpu") -> None:  # noqa: ANN401
        pass

    @property
    def device(self) -> torch.device:
        """Where it was asked to be."""
        return self.pretended


def jvp(function: Any, primals: Any, tangents: Any) -> Any:  # noqa: ANN401
    """torch.func.jvp, its results where its arguments are."""
    return put(_jvp(function, primals, tangents), common("jvp", (primals, tangents)))


def install() -> None:
    """Tell torch and accelerate that there is a GPU; for a process that does nothing else."""
    import accelerate

    class Accelerator(accelerate.Accelerator):
        def __init__(self, cpu: bool = False) -> None:
            self._place = CPU if cpu else GPU
            super().__init__(cpu=True, device_placement=False)

        @property
        def device(self) -> torch.device:
            return self._place

    accelerate.Accelerator = Accelerator
    torch.Generator, torch.func.jvp = Generator, jvp
    torch.compile = lambda function: function
    torch.cuda.is_available = lambda: True
    torch.cuda.get_device_capability = lambda: (8, 0)
    torch.cuda.get_device_name = lambda: "a pretended GPU"
    torch.cuda.synchronize = lambda device=None: None


if __name__ == "__main__":
    from genie_edu import cli

    install()
    with PretendedGPU():
        sys.exit(cli.main(sys.argv[1:]))
