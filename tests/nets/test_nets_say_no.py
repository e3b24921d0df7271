"""What networks, their flows and their files do with what they were not made for."""

from __future__ import annotations

import copy
import math
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from worlds import SCHEDULE

import genie_edu as ge
from genie_edu import derivative
from genie_edu.nets.classifier import Classifier

NAN, INF = math.nan, math.inf
SMALL = {"channels": 1, "size": 8, "widths": (8, 16), "blocks": 1, "attention": ()}


def lively(net: nn.Module) -> nn.Module:
    """`net` with nothing left at zero, so that every input matters."""
    torch.manual_seed(0)
    for weight in net.parameters():
        if not weight.abs().sum():
            nn.init.normal_(weight, std=0.1)
    return net.eval()


MLP, PLAIN = lively(ge.EpsMLP(width=8, depth=1)), lively(ge.UNet(**SMALL))
CLASSES, UPSAMPLER = lively(ge.UNet(**SMALL, classes=3)), lively(ge.UNet(**SMALL, condition=1))
HEAD = ge.GenieHead(2, MLP.feature_sizes, width=8)
POINTS = torch.randn(8, 2, generator=torch.Generator().manual_seed(1))
IMAGES = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(2))

no_level = st.one_of(
    st.sampled_from([None, "a", NAN, INF, -1.0, 0, 0.0, 1j, True, [1.0, 2.0, 3.0]]),
    st.sampled_from([0.0, -1.0, NAN]).map(torch.tensor),
    st.just(torch.ones(5)),
)
other_shapes = st.sampled_from(
    [(2, 3, 8, 8), (2, 1, 7, 7), (2, 1, 16, 16), (1, 8, 8), (8, 3), (2,)]
)
no_states = st.one_of(
    st.sampled_from([None, "x", 3.0, [[0.0, 1.0]]]),
    other_shapes.map(torch.zeros),
    st.just(IMAGES.long()),
    st.just(1j * IMAGES),
    st.just(IMAGES.double()),
    st.just(POINTS.double()),
)
no_labels = st.sampled_from(
    ["ab", 3, [0, "a"], [0, 9], [-1, 0], [0], [[0], [1]], [0.5, 1], torch.tensor([0.0, 1.0])]
)
no_size = st.sampled_from([None, 0, -1, 2.5, "8", NAN, True, [3], 1j])


def refuses(function: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises((TypeError, ValueError)) as caught:
        function(*arguments, **options)
    where = caught.traceback[-1].path
    assert "genie_edu" in str(where), (where, caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@given(no_states, no_level)
def test_networks_refuse_states_and_levels_that_they_were_not_made_for(x: Any, level: Any) -> None:
    for net, good in ((MLP, POINTS), (PLAIN, IMAGES)):
        if not (
            isinstance(x, torch.Tensor) and x.dtype == good.dtype and x.shape[1:] == good.shape[1:]
        ):
            refuses(net, x, 1.0)
        refuses(net, good, level)
        refuses(ge.NetworkFlow(net).eps, good, level)
        refuses(ge.NetworkFlow(net).eps_and_derivative, good, level)
    flow = ge.NetworkFlow(MLP, HEAD)
    refuses(flow.eps_and_derivative, POINTS, level)
    refuses(Classifier(1, (8, 16), 8, 3), x if getattr(x, "shape", ())[1:2] != (1,) else "x")


@given(no_states)
def test_a_head_refuses_features_of_another_network(x: Any) -> None:
    eps, hidden, level = MLP(POINTS, 1.0, features=True)
    refuses(HEAD, x, 1.0, eps, hidden, level)
    refuses(HEAD, POINTS, 1.0, x, hidden, level)
    refuses(HEAD, POINTS, 1.0, eps, hidden[:, 1:], level)
    refuses(HEAD, POINTS, 1.0, eps, hidden[:3], level)
    refuses(HEAD, POINTS, 1.0, eps, hidden, level[:, 1:])
    assert HEAD(POINTS, 1.0, eps, hidden, level).shape == POINTS.shape


@pytest.mark.parametrize(
    ("build", "good", "names"),
    [
        (ge.EpsMLP, {}, ("dim", "width", "depth", "sigma_data")),
        (ge.UNet, SMALL, ("channels", "size", "blocks", "sigma_data", "patch", "widths")),
        (ge.GenieHead, {"channels": 2, "feature_sizes": (8, 13)}, ("channels", "width", "patch")),
        (ge.GenieHead, {"channels": 2, "feature_sizes": (8, 13)}, ("feature_sizes", "sigma_data")),
        (Classifier, {}, ("channels", "features", "classes", "widths")),
    ],
)
@given(st.data())
def test_sizes_that_are_none_are_refused(
    build: Any, good: dict[str, Any], names: tuple[str, ...], data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(names))
    value = data.draw(no_size.filter(lambda v: not (name == "sigma_data" and v == 2.5)))
    if name in ("widths", "feature_sizes"):
        value = data.draw(st.sampled_from([None, 8, "8", (), (0,), (8.5,), ("8",), (-8, 13)]))
    assert name in refuses(build, **good | {name: value})


@given(
    st.integers(1, 3),
    st.sampled_from([(8,), (8, 16), (16, 8, 24)]),
    st.integers(1, 2),
    st.integers(0, 3),
    st.sampled_from([1, 2]),
    st.sampled_from(["edm", "eps"]),
    st.sampled_from(["log_gamma", "time"]),
    st.floats(0.01, 150),
    st.integers(1, 3),
)
@settings(max_examples=15)
def test_every_legal_unet_and_its_head_give_finite_derivatives(
    channels: int,
    widths: tuple[int, ...],
    blocks: int,
    classes: int,
    patch: int,
    form: str,
    levels: str,
    gamma: float,
    n: int,
) -> None:
    net = lively(ge.UNet(channels, 8, widths, blocks, (4,), classes, 0, 0.5, form, levels, patch))
    labels = torch.arange(n) % (classes + 1) if classes else None
    head = ge.GenieHead(channels, net.feature_sizes, 8, image=True, patch=patch)
    x_bar = gamma * torch.randn(n, channels, 8, 8)
    for way in ("autodiff", "finite_difference", lively(head)):
        eps, slope = ge.NetworkFlow(net, way, labels=labels).eps_and_derivative(x_bar, gamma)
        assert eps.shape == slope.shape == x_bar.shape
        assert torch.isfinite(eps).all() and torch.isfinite(slope).all()


# --- labels and conditions --------------------------------------------------------------------


@given(no_labels)
def test_labels_that_are_none_are_refused(labels: Any) -> None:
    refuses(lambda: ge.NetworkFlow(CLASSES, labels=labels).eps(IMAGES, 1.0))


def test_labels_of_a_network_that_knows_none_are_refused() -> None:
    for net in (PLAIN, MLP):
        assert "knows no classes" in refuses(ge.NetworkFlow, net, labels=torch.tensor([0, 1]))
    assert "knows no classes" in refuses(PLAIN, IMAGES, 1.0, torch.tensor([0, 1]))
    flow = ge.NetworkFlow(PLAIN)
    with pytest.raises(ValueError, match="knows no classes"):
        flow.labels = torch.tensor([0, 1])


def test_labels_may_be_a_list_or_an_array_and_matter() -> None:
    found = [
        ge.NetworkFlow(CLASSES, labels=labels).eps(IMAGES, 1.0)
        for labels in ([0, 2], np.array([0, 2]), torch.tensor([0, 2]), [2, 0], [3, 3], None)
    ]
    assert torch.equal(found[0], found[1]) and torch.equal(found[0], found[2])
    assert not torch.equal(found[0], found[3])
    assert torch.equal(found[4], found[5])  # the null label


def test_a_condition_reaches_the_network_and_matters() -> None:
    low = torch.randn(2, 1, 8, 8)
    flow = ge.NetworkFlow(UPSAMPLER, condition=low)
    eps, slope = flow.eps_and_derivative(IMAGES, 1.0)
    assert torch.equal(eps, UPSAMPLER(IMAGES, 1.0, condition=low))
    other, other_slope = ge.NetworkFlow(UPSAMPLER, condition=low + 1).eps_and_derivative(
        IMAGES, 1.0
    )
    assert float((eps - other).abs().max()) > 1e-4
    assert float((slope - other_slope).abs().max()) > 1e-4


@pytest.mark.parametrize(
    ("net", "condition", "words"),
    [
        (UPSAMPLER, None, "it is missing"),
        (UPSAMPLER, torch.zeros(2, 2, 8, 8), r"condition of shape \(B, 1, 8, 8\)"),
        (UPSAMPLER, torch.zeros(1, 1, 8, 8), "as many conditions"),
        (UPSAMPLER, torch.zeros(2, 1, 4, 4), r"condition of shape \(B, 1, 8, 8\)"),
        (UPSAMPLER, "low", "must be a tensor"),
        (PLAIN, torch.zeros(2, 1, 8, 8), "one was given"),
        (MLP, torch.zeros(2, 1), "takes none"),
    ],
)
def test_other_conditions_are_refused(net: nn.Module, condition: Any, words: str) -> None:
    x = POINTS if net is MLP else IMAGES
    with pytest.raises((TypeError, ValueError), match=words):
        ge.NetworkFlow(net, condition=condition).eps(x, 1.0)


# --- derivatives ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("autodif", "did you mean 'autodiff'"),
        (None, "derivative"),
        (3, "derivative"),
        (nn.Linear(2, 2), "Linear takes 1 arguments"),
        (ge.GenieHead(2, (9, 13)), "features of sizes"),
    ],
)
def test_what_gives_no_derivative_is_refused(way: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words):
        ge.NetworkFlow(MLP, way)
    with pytest.raises(ValueError, match="can't be the network itself"):
        ge.NetworkFlow(MLP, MLP)


@pytest.mark.parametrize("step", ["a", -1.0, NAN, 0, 2.0, True, 1j])
def test_a_step_that_is_none_is_refused(step: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="step must be a number from 0 to 1"):
        ge.NetworkFlow(MLP, "finite_difference", step=step)


class Attention(nn.Module):
    """A reader's network in (x, t), with torch's own attention in it."""

    def __init__(self, layer: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(3, 8), nn.Linear(8, 2)
        self.layer = nn.MultiheadAttention(8, 2, batch_first=True) if layer else None

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        h = self.first(torch.cat([x, t[:, None]], 1))[:, None] * torch.ones(3, 1).to(x)
        if self.layer is None:
            h = nn.functional.scaled_dot_product_attention(*[h[:, None]] * 3)[:, 0]
        else:
            h = self.layer(h, h, h)[0]
        return self.last(h[:, 0])


@pytest.mark.parametrize("layer", [False, True])
def test_torchs_own_attention_is_differentiated(layer: bool) -> None:
    net = Attention(layer).double()
    flow = ge.NetworkFlow(ge.adapters.FromTime(net))
    eps, d1, d2 = flow.derivatives(POINTS.double(), 2.0, 2)
    quotient = ge.NetworkFlow(flow.net, "finite_difference", step=1e-4)
    assert float((d1 - quotient.eps_and_derivative(POINTS.double(), 2.0)[1]).abs().max()) < 1e-7
    assert torch.isfinite(d2).all() and float(d1.abs().max()) > 1e-3
    assert torch.backends.cuda.flash_sdp_enabled()  # and all is as it was
    assert torch.backends.mha.get_fastpath_enabled()


def test_a_part_without_forward_mode_is_told_with_the_way_out() -> None:
    class Net(nn.Module):
        def forward(self, x_bar: torch.Tensor, gamma: Any) -> torch.Tensor:
            raise NotImplementedError("no forward AD for this operator")

    with pytest.raises(ValueError, match='derivative="finite_difference"'):
        derivative.along_flow(Net(), POINTS, torch.ones(()), POINTS)


def test_derivatives_in_inference_mode_are_right_or_refused() -> None:
    """Older versions of torch give zeros there."""
    flow = ge.NetworkFlow(MLP)
    right = flow.eps_and_derivative(POINTS, 2.0)[1]
    with torch.inference_mode():
        try:
            assert torch.equal(flow.eps_and_derivative(POINTS, 2.0)[1], right)
        except ValueError as error:
            assert "torch.no_grad()" in str(error)


def test_zeros_of_an_old_torch_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def old(function: Any, at: Any, along: Any) -> Any:
        return function(*at), torch.zeros_like(at[0])

    monkeypatch.setattr(torch.func, "jvp", old)
    with torch.inference_mode(), pytest.raises(ValueError, match=r"use torch.no_grad\(\)"):
        ge.NetworkFlow(MLP).eps_and_derivative(POINTS, 2.0)


class Table(nn.Module):
    """A reader's network that looks its time up, rounded or not."""

    def __init__(self, rounded: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.rounded, self.last = rounded, nn.Linear(4, 2).double()

    def forward(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        n = 1000 * t
        n = n.round() if self.rounded else n
        return self.last(torch.cat([x, torch.sin(n / 50)[:, None], torch.cos(n / 50)[:, None]], 1))


@pytest.mark.parametrize("way", ["autodiff", "finite_difference"])
def test_a_network_that_rounds_its_time_is_warned_of_once(way: str) -> None:
    x_bar = POINTS.double()
    flow = ge.NetworkFlow(ge.adapters.FromTime(Table(rounded=True)), way)
    with pytest.warns(UserWarning, match="as if its level were rounded"):
        flow.eps_and_derivative(x_bar, 2.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flow.eps_and_derivative(x_bar, 2.0)
        smooth = ge.NetworkFlow(ge.adapters.FromTime(Table(rounded=False)), way)
        for gamma in (0.02, 1.0, 150.0):
            copy.copy(smooth).eps_and_derivative(x_bar, gamma)


# --- a reader's function ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("eps_fn", "words"),
    [
        (lambda x, t: 3, "eps_fn must return eps as a tensor"),
        (lambda x, t: (x, t), "eps_fn must return eps as a tensor"),
        (lambda x, t: x[:1], "eps of its input's shape"),
        (lambda x, t, net=nn.Linear(2, 2): net(x), "eps_fn can't take states .* torch.float64"),  # noqa: B008
        ("eps", "function of"),
        (nn.Linear, "function of"),
    ],
)
def test_what_a_function_gives_is_looked_at(eps_fn: Any, words: str) -> None:
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        ge.NetworkFlow(ge.adapters.FromTime(eps_fn)).eps(POINTS.double(), 1.0)
    assert "\n" not in str(caught.value)


def test_the_exact_solution_of_single_precision_is_refused_below_its_rounding() -> None:
    flow = ge.NetworkFlow(MLP)
    with pytest.raises(ValueError, match=r"net.double\(\), or rtol of 1e-05"):
        ge.exact_solution(flow, POINTS, [2.0, 1.0])
    rough = ge.exact_solution(flow, POINTS, [2.0, 1.0], rtol=1e-4)
    exact = ge.exact_solution(ge.NetworkFlow(copy.deepcopy(MLP).double()), POINTS, [2.0, 1.0])
    assert float((rough - exact).abs().max()) < 1e-3


# --- schedules --------------------------------------------------------------------------------


def test_a_flow_samples_on_the_schedule_of_its_network() -> None:
    own = ge.VPSchedule(beta_min=0.2, beta_d=5.0)
    net = ge.adapters.FromTime(lambda x, t: x, own)
    assert ge.NetworkFlow(net).schedule == own
    with pytest.warns(UserWarning, match="trained up to"):
        assert ge.NetworkFlow(net, schedule=ge.VPSchedule()).schedule == ge.VPSchedule()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ge.NetworkFlow(net, schedule=ge.VPSchedule(0.2, 5.001))


@pytest.mark.parametrize(
    "betas",
    [
        torch.linspace(1e-4, 0.02, 1000),
        torch.linspace(0.00085**0.5, 0.012**0.5, 1000) ** 2,
        torch.linspace(1e-4, 0.02, 100),
        torch.full((10,), 0.3),
        torch.linspace(0.5, 0.01, 20),
    ],
)
def test_grids_begin_at_the_last_level_that_was_trained(betas: torch.Tensor) -> None:
    number = ge.adapters.StepNumber(betas)
    last = float(number(number.schedule.gamma(1.0)))
    assert last == pytest.approx(len(betas) - 1, rel=5e-3)
    if len(betas) == 1000 and betas[0] == 1e-4:
        assert number.schedule == SCHEDULE
