"""Networks, heads and learned flows against closed forms and differences."""

from __future__ import annotations

import functools
import math

import pytest
import torch
import worlds
from torch import nn
from torch.func import functional_call, jvp, vmap
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode
from worlds import SCHEDULE

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.nets.forward_mode import Conv2d, Linear, silu
from genie_edu.nets.head import mix
from genie_edu.nets.mlp import LevelFeatures

MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])
EXACT = ge.AnalyticFlow(MIXTURE)
LEVELS = (0.0105, 0.1, 1.0, 7.0, 152.0)


class Exact(nn.Module):
    """A network that is the mixture's own eps."""

    def forward(self, x_bar, gamma):
        return MIXTURE.derivatives(x_bar, gamma, 0)[0]


def states(gamma: float, n: int = 64) -> torch.Tensor:
    return worlds.states(MIXTURE, gamma, n, seed=3)


def scrambled(net: nn.Module, seed: int = 0) -> nn.Module:
    """Weights of a trained network's size, so that nothing is zero."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in net.parameters():
            size = weight.shape[-1] if weight.ndim > 1 else 10
            weight.copy_(torch.randn(weight.shape, generator=generator) / size**0.5)
    return net.double()


@pytest.mark.parametrize("gamma", LEVELS)
def test_autodiff_is_the_closed_form_for_an_exactly_expressible_network(gamma):
    x_bar = states(gamma)
    ours = ge.NetworkFlow(Exact()).derivatives(x_bar, gamma, order=2)
    for a, b in zip(ours, EXACT.derivatives(x_bar, gamma, order=2), strict=True):
        assert (a - b).abs().max() <= 1e-8 * max(1.0, float(b.abs().max()))


@pytest.mark.parametrize("gamma", LEVELS)
@pytest.mark.parametrize("levels", ["log_gamma", "time"])
def test_autodiff_agrees_with_differences_for_an_mlp(gamma, levels):
    net = scrambled(ge.EpsMLP(width=32, depth=2, levels=levels))
    x_bar = states(gamma)
    _, derivative = ge.NetworkFlow(net).eps_and_derivative(x_bar, gamma)
    # sin(1000 t) turns a thousand times faster than the other features: its step must be smaller
    step = 1e-5 if levels == "log_gamma" else 1e-7
    flow = ge.NetworkFlow(net, "finite_difference", step=step)
    _, difference = flow.eps_and_derivative(x_bar, gamma)
    tolerance = 1e-6 if levels == "log_gamma" else 1e-4
    assert (derivative - difference).norm() <= tolerance * derivative.norm()


LAYERS = {
    "linear": (Linear, nn.Linear, (4, 3), (2, 4), {}),
    "no bias": (Linear, nn.Linear, (4, 3), (2, 4), {"bias": False}),
    "3x3": (Conv2d, nn.Conv2d, (4, 3, 3), (2, 4, 6, 6), {"padding": 1}),
    "1x1": (Conv2d, nn.Conv2d, (4, 3, 1), (2, 4, 5, 5), {}),
    "stride": (Conv2d, nn.Conv2d, (4, 3, 3), (2, 4, 6, 6), {"stride": 2, "padding": 1}),
    "circular": (Conv2d, nn.Conv2d, (4, 3, 3), (2, 4, 6, 6), {"padding_mode": "circular"}),
}


def along_weights(layer, x, v):
    """All weights and x move; one weight moves with x, and inside of x's own product."""
    weights = {key: value.detach() for key, value in layer.named_parameters()}
    slopes = {key: value.cos() for key, value in weights.items()}

    def call(moved, x):
        return functional_call(layer, weights | moved, (x**2,))

    def inner(x):
        return jvp(lambda w: call(w, x), (weights,), (slopes,))

    one, one_slope = ({"weight": kind["weight"]} for kind in (weights, slopes))
    together = (jvp(call, (w, x), (s, v)) for w, s in ((weights, slopes), (one, one_slope)))
    return *together, jvp(inner, (x,), (v,))


def with_a_graph(layer, x, v):
    slope = jvp(layer, (x,), (v,))[1]
    return torch.autograd.grad((slope**3).sum(), layer.weight)


def twice_backward(layer, x, v):
    x = x.requires_grad_()
    (once,) = torch.autograd.grad((layer(x) ** 3).sum(), x, create_graph=True)
    return torch.autograd.grad((once * v).sum(), (x, layer.weight))


def nested(layer, x, v):
    return jvp(lambda x: jvp(lambda x: layer(x**3), (x,), (v,)), (x,), (v,))


WAYS = {
    "plainly": lambda layer, x, v: jvp(layer, (x,), (v,)),
    "nested": nested,
    "without a graph": torch.no_grad()(nested),
    "in inference mode": torch.inference_mode()(nested),
    "along the weights as well": along_weights,
    "with a graph": with_a_graph,
    "backward twice": twice_backward,
    "around vmap": lambda layer, x, v: jvp(lambda x: vmap(lambda a: layer(a[None]))(x), (x,), (v,)),
    "inside vmap": lambda layer, x, v: vmap(lambda a: jvp(lambda a: layer(a[None]), (a,), (a,)))(x),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", LAYERS)
def test_a_layer_differentiates_as_torchs_own_in_every_way(kind, way):
    make, of_torch, sizes, shape, options = LAYERS[kind]
    ours, theirs = (layer(*sizes, **options).double() for layer in (make, of_torch))
    theirs.load_state_dict(ours.state_dict())
    x, v = torch.randn(2, *shape, dtype=torch.float64)
    leaves = (tree_leaves(WAYS[way](layer, x.clone(), v)) for layer in (ours, theirs))
    for a, b in zip(*leaves, strict=True):
        scale = float(b.detach().abs().max())
        assert scale > 0 and (a - b).abs().max() <= 1e-13 * max(1.0, scale)


def test_a_derivative_costs_two_products_a_layer():
    net = scrambled(ge.EpsMLP(width=16, depth=2))
    x_bar, gamma = states(1.0), torch.tensor(1.0, dtype=torch.float64)
    with torch.no_grad():
        with FlopCounterMode(display=False) as once:
            net(x_bar, gamma)
        with FlopCounterMode(display=False) as derivative:
            along_flow(net, x_bar, gamma, x_bar)
    assert derivative.get_total_flops() == 2 * once.get_total_flops() > 0


def test_silu_is_torchs_and_has_three_derivatives_without_a_graph():
    x = torch.linspace(-9, 9, 37, dtype=torch.float64)
    one, sigmoid = torch.ones_like(x), torch.sigmoid(x)
    rate = sigmoid * (1 - sigmoid)
    turn = rate * (1 - 2 * sigmoid)
    bend = turn * (1 - 2 * sigmoid) - 2 * rate**2
    exact = (x * sigmoid, sigmoid + x * rate, 2 * rate + x * turn, 3 * turn + x * bend)

    def slope_of(function):
        return lambda x: jvp(function, (x,), (one,))[1]

    function = silu
    with torch.no_grad():
        for derivative in exact:
            assert (function(x) - derivative).abs().max() < 1e-14
            function = slope_of(function)


def test_a_compiled_loss_and_a_compiled_derivative_are_the_plain_ones():
    net = scrambled(ge.EpsMLP(width=8, depth=2))
    x_bar, gamma = states(1.0, 8), torch.tensor(1.0, dtype=torch.float64)
    compiled = functools.partial(torch.compile, fullgraph=True, backend="aot_eager")

    def loss(x_bar, gamma):
        return net(x_bar, gamma).square().sum()

    def derivative(x_bar, gamma):
        return along_flow(net, x_bar, gamma, net(x_bar, gamma))

    weights = list(net.parameters())
    pairs = (torch.autograd.grad(f(x_bar, gamma), weights) for f in (compiled(loss), loss))
    for a, b in zip(*pairs, strict=True):
        assert (a - b).abs().max() < 1e-12
    with torch.no_grad():
        a, b = (f(x_bar, gamma) for f in (compiled(derivative), derivative))
    assert (a - b).abs().max() < 1e-12 < b.abs().max()


def test_a_central_difference_has_its_order_and_its_price():
    x_bar, gamma = states(1.0), 1.0
    exact = EXACT.eps_and_derivative(x_bar, gamma)[1]
    errors = []
    for step in (0.02, 0.01):
        flow = ge.NetworkFlow(Exact(), "finite_difference", step=step)
        flow.dtype = torch.float64
        errors.append((flow.eps_and_derivative(x_bar, gamma)[1] - exact).norm())
        assert (flow.nfe, flow.n_derivatives) == (3, 1)
    assert 1.9 < math.log2(errors[0] / errors[1]) < 2.1


def test_the_network_takes_levels_per_sample_and_hands_out_features():
    net = scrambled(ge.EpsMLP(width=16, depth=2))
    gamma = torch.tensor([0.1, 1.0, 20.0], dtype=torch.float64)
    x_bar = torch.randn(3, 2, dtype=torch.float64)
    together, hidden, level = net(x_bar, gamma, features=True)
    assert (hidden.shape[1], level.shape[1]) == net.feature_sizes
    for i in range(3):
        one = net(x_bar[i : i + 1], float(gamma[i]))
        assert (together[i] - one[0]).abs().max() < 1e-14
    assert torch.equal(together, net(x_bar, gamma))


def test_an_untrained_network_is_one_gaussians_and_an_untrained_head_is_ddim():
    net = ge.EpsMLP(sigma_data=0.7).double()
    x_bar, gamma = states(2.0), 2.0
    assert (net(x_bar, gamma) - gamma * x_bar / (gamma**2 + 0.7**2)).abs().max() < 1e-14
    flow = ge.NetworkFlow(net, ge.GenieHead(2, net.feature_sizes).double())
    grid = SCHEDULE.gamma(ge.time_grid(5))
    start = states(float(grid[0]))
    genie, ddim = (ge.solve(flow, start, grid, name) for name in ("genie", "ddim"))
    assert torch.equal(genie.x_bar, ddim.x_bar)
    assert (genie.nfe, genie.n_derivatives) == (5, 5)


@pytest.mark.parametrize("gamma", LEVELS)
def test_with_ideal_outputs_the_mixed_head_is_the_closed_form(gamma):
    """The three terms of the paper's formula, in (x, t), are what k1, k2, k3 stand for."""
    x_bar = states(gamma)
    t = SCHEDULE.t_of_gamma(gamma)
    alpha = float(SCHEDULE.alpha(t))

    def eps_of(x, t):
        return MIXTURE.eps(x, t, SCHEDULE)

    x = alpha * x_bar
    eps, deps = EXACT.eps_and_derivative(x_bar, gamma)
    zero = torch.zeros_like(t)
    j_eps = torch.func.jvp(lambda x: eps_of(x, t), (x,), (eps,))[1]
    j_x = torch.func.jvp(lambda x: eps_of(x, t), (x,), (x,))[1]
    in_t = (deps - alpha * j_eps + gamma * alpha**2 * j_x) + zero
    k1, k2, k3 = -gamma * alpha * j_eps, -j_x, gamma / alpha**2 * in_t
    level = torch.full((len(x), 1), gamma, dtype=torch.float64)
    assert (mix(k1, k2, k3, level) - deps).abs().max() <= 1e-9 * max(1, float(deps.abs().max()))
    sigma2 = float(SCHEDULE.sigma(t)) ** 2
    weighted = -k1 + sigma2 * k2 + alpha**2 * k3
    assert (gamma * mix(k1, k2, k3, level) - weighted).abs().max() < 1e-9 * float(k1.abs().max())
    in_t_exact = torch.func.jvp(lambda t: eps_of(x, t), (t,), (SCHEDULE.dt_dgamma(t),))[1]
    assert (in_t - in_t_exact).abs().max() < 1e-7 * max(1, float(in_t.abs().max()))


def test_level_features_are_what_their_docstring_says():
    gamma = torch.tensor([[0.3], [40.0]], dtype=torch.float64)
    u = gamma.log()
    slow = LevelFeatures("log_gamma", 3)(gamma)
    k = torch.arange(1, 4, dtype=torch.float64)
    waves = math.pi * k * u / 10
    assert torch.allclose(slow, torch.cat([u / 5, waves.sin(), waves.cos()], 1), atol=1e-15)
    fast = LevelFeatures("time", 4)(gamma)
    angles = 1000 * SCHEDULE.t_of_gamma(gamma) * 10_000.0 ** (-torch.arange(4) / 4)
    assert torch.allclose(fast, torch.cat([angles.sin(), angles.cos()], 1), atol=1e-9)


def test_a_head_for_images_reads_feature_maps():
    head = scrambled(ge.GenieHead(3, (8, 5), width=16, image=True)).float()
    x_bar, eps = torch.randn(2, 3, 6, 6), torch.randn(2, 3, 6, 6)
    out = head(x_bar, torch.tensor([0.5, 9.0]), eps, torch.randn(2, 8, 6, 6), torch.randn(2, 5))
    assert out.shape == x_bar.shape and out.abs().min() > 0


def test_a_flow_keeps_the_states_dtype_and_runs_the_network_in_its_own():
    flow = ge.NetworkFlow(ge.EpsMLP())
    assert flow.dtype == torch.float32
    eps, derivative = flow.eps_and_derivative(states(1.0), 1.0)
    assert eps.dtype == derivative.dtype == torch.float64
    assert not eps.requires_grad
    assert ge.sample(flow, (4, 2), n_steps=3).dtype == torch.float32


def test_what_a_flow_can_not_do_is_said_in_one_sentence():
    net = ge.EpsMLP()
    with pytest.raises(ValueError, match="order 2 was asked for"):
        ge.NetworkFlow(net, "finite_difference").derivatives(states(1.0), 1.0, order=2)
    with pytest.raises(ValueError, match="did you mean 'autodiff'"):
        ge.NetworkFlow(net, "autodif")
    with pytest.raises(TypeError, match="torch module"):
        ge.NetworkFlow(lambda x, g: x)
    with pytest.raises(ValueError, match="width"):
        ge.EpsMLP(width=0)


def test_a_time_network_comes_in_through_the_adapter():
    def eps_of(x, t):
        return torch.stack(
            [MIXTURE.eps(one[None], s, SCHEDULE)[0] for one, s in zip(x, t, strict=True)]
        )

    flow = ge.NetworkFlow(ge.adapters.FromTime(eps_of))
    for gamma in (0.05, 3.0):
        x_bar = states(gamma, 5)
        exact = EXACT.eps_and_derivative(x_bar, gamma)
        for a, b in zip(flow.eps_and_derivative(x_bar, gamma), exact, strict=True):
            assert (a - b).abs().max() < 1e-9
        t = SCHEDULE.t_of_gamma(gamma).expand(5).clone()
        _, total = ge.total_derivative(eps_of, x_bar / math.sqrt(1 + gamma**2), t)
        assert (total - exact[1]).abs().max() < 1e-9
    with pytest.raises(TypeError, match="eps_fn"):
        ge.adapters.FromTime(3)


@pytest.fixture(scope="module")
def shipped():
    """The shipped network with its exact derivative and with its head, starts and their ends."""
    net, head = (
        ge.checkpoints.load(ge.data.shipped(f"mixture_2d/{part}")).double()
        for part in ("base", "head")
    )
    flows = ge.NetworkFlow(net), ge.NetworkFlow(net, head)
    generator = torch.Generator().manual_seed(11)
    noise = torch.randn(256, 2, generator=generator, dtype=torch.float64)
    ends = SCHEDULE.gamma(ge.time_grid(1))
    start = noise * float((1 + ends[0] ** 2).sqrt())
    return *flows, start, ge.exact_solution(flows[0], start, ends)[-1]


@pytest.mark.parametrize("spacing", ["linear", "quadratic"])
def test_the_shipped_head_halves_ddims_error_and_keeps_up_with_the_exact_derivative(
    shipped, spacing
):
    learned, distilled, start, exact = shipped
    grid = SCHEDULE.gamma(ge.time_grid(10, spacing))

    def error(flow: ge.Flow, solver: str) -> float:
        return ge.end_point_error(ge.solve(flow, start, grid, solver).x_bar[-1], exact)

    assert error(distilled, "genie") <= 0.5 * error(learned, "ddim")
    assert error(distilled, "genie") <= 1.5 * error(learned, "genie")


def test_the_shipped_network_is_close_to_the_exact_flow(shipped):
    *_, start, end = shipped
    exact = ge.exact_solution(EXACT, start, SCHEDULE.gamma(ge.time_grid(1)))[-1]
    assert ge.end_point_error(end, exact) < 0.03
