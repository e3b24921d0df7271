"""Networks with a condition and the level of its noise: what they read, and what they refuse."""

from __future__ import annotations

import pytest
import torch

import genie_edu as ge
from genie_edu.derivative import along_flow
from genie_edu.evaluation import Cell, by_level, error_table, own_ode, run_cell, starts

SMALL = {"channels": 1, "size": 8, "widths": (8, 16), "blocks": 1, "attention": (4,)}
GENERATOR = torch.Generator().manual_seed(0)
X, LOW = (torch.randn(4, 1, side, side, generator=GENERATOR) for side in (8, 4))


def lively(module: torch.nn.Module) -> torch.nn.Module:
    """Weights of a trained network's size, so that no branch is zero."""
    generator = torch.Generator().manual_seed(0)
    for weight in module.parameters():
        if weight.ndim > 1:
            noise = torch.randn(weight.shape, generator=generator)
            weight.data.copy_(noise / weight[0].numel() ** 0.5)
    return module.eval().requires_grad_(False)


UPSAMPLER = lively(ge.UNet(**SMALL, condition=1, condition_size=4, condition_level=True))
HEAD = lively(ge.GenieHead(1, UPSAMPLER.feature_sizes, 8, image=True, preconditioned=True))


def flow(condition=LOW, gamma=0.3, derivative="autodiff"):
    return ge.NetworkFlow(UPSAMPLER, derivative, condition=condition, condition_gamma=gamma)


@pytest.mark.parametrize("derivative", ["autodiff", HEAD], ids=["autodiff", "head"])
def test_the_condition_and_its_level_reach_network_derivative_and_head(derivative):
    eps, slope = flow(derivative=derivative).eps_and_derivative(X, 0.8)
    for other in (flow(LOW + 0.5, derivative=derivative), flow(gamma=1.0, derivative=derivative)):
        now, its = other.eps_and_derivative(X, 0.8)
        assert (now - eps).abs().max() > 1e-3 * eps.abs().max()
        assert (its - slope).abs().max() > 1e-3 * slope.abs().max()
    assert torch.equal(eps, UPSAMPLER(X, 0.8, condition=LOW, condition_gamma=0.3))


def test_each_state_reads_its_own_condition_and_its_own_level():
    gamma = torch.tensor([0.1, 0.3, 0.1, 2.0])
    eps = flow(gamma=gamma).eps(X, 0.8)
    for i in range(4):
        alone = flow(LOW[i : i + 1], float(gamma[i])).eps(X[i : i + 1], 0.8)
        assert (alone - eps[i : i + 1]).abs().max() < 1e-5
    assert (flow(LOW.flip(0), gamma).eps(X, 0.8) - eps).abs().max() > 1e-3


def test_a_condition_without_noise_has_a_level_too():
    clean, little = (flow(gamma=g).eps(X, 0.8) for g in (0.0, 0.01))
    assert torch.isfinite(clean).all() and (clean - little).abs().max() < 1e-2


@pytest.mark.parametrize(
    ("made", "side"),
    [
        ({}, 8),
        ({"condition_size": 4}, 4),
        ({"condition_size": 2}, 2),
        ({"patch": 2, "widths": (8,)}, 8),
        ({"patch": 2, "widths": (8,), "condition_size": 4}, 4),
        ({"patch": 4, "widths": (8,), "condition_size": 4}, 4),
    ],
)
def test_a_condition_joins_at_its_resolution_and_every_pixel_of_it_counts(made, side):
    net = lively(ge.UNet(**(SMALL | made), condition=2))
    condition = torch.randn(1, 2, side, side, generator=torch.Generator().manual_seed(1))
    eps = net(X[:1], 1.0, condition=condition)
    for k in range(2 * side * side):
        moved = condition.flatten().index_add(0, torch.tensor([k]), torch.ones(1))
        assert (net(X[:1], 1.0, condition=moved.reshape(condition.shape)) - eps).abs().max() > 1e-4


def test_a_condition_of_half_the_side_lies_where_its_blocks_are():
    torch.manual_seed(0)
    net = ge.UNet(**(SMALL | {"patch": 2, "widths": (8,), "attention": ()}), condition=1,
                  condition_size=4)  # fmt: skip
    seen = []
    net.first.register_forward_hook(lambda layer, given, out: seen.append(given[0]))
    net(X, 1.0, condition=LOW)
    assert seen[0].shape == (4, 5, 4, 4) and torch.equal(seen[0][:, 4:], LOW)


@pytest.mark.parametrize("net", [UPSAMPLER, lively(ge.UNet(**(SMALL | {"patch": 2, "widths": (8,)}),
    condition=1, condition_size=4, condition_level=True))], ids=["whole", "folded"])  # fmt: skip
def test_forward_mode_is_exact_through_a_condition(net):
    net = _double(net)
    x, low = X.double(), LOW.double()
    gamma = torch.full((4,), 0.7, dtype=torch.float64)
    call = lambda x, g: net(x, g, condition=low, condition_gamma=0.3)  # noqa: E731
    eps = call(x, gamma)
    slope, d = along_flow(call, x, gamma, eps), 1e-5
    quotient = (call(x + d * eps, gamma + d) - call(x - d * eps, gamma - d)) / (2 * d)
    assert (slope - quotient).abs().max() < 1e-8 * slope.abs().max()


def _double(net: ge.UNet) -> ge.UNet:
    twin = ge.UNet(**net.config)
    twin.load_state_dict(net.state_dict())
    return twin.double().requires_grad_(False)


def test_networks_with_a_condition_are_saved_and_those_of_earlier_files_load(tmp_path):
    path = tmp_path / "net.safetensors"
    ge.checkpoints.save(path, UPSAMPLER)
    same = ge.checkpoints.load(path)
    given = {"condition": LOW, "condition_gamma": 0.3}
    assert torch.equal(same(X, 1.0, **given), UPSAMPLER(X, 1.0, **given))
    old = ge.UNet(**SMALL, condition=2)
    card = {k: v for k, v in old.config.items() if not k.startswith("condition_")}
    assert ge.UNet(**card).state_dict().keys() == old.state_dict().keys()


def test_the_head_of_a_network_reads_what_its_card_says():
    level = HEAD(X, 0.8, *UPSAMPLER(X, 0.8, condition=LOW, condition_gamma=0.3, features=True))
    other = UPSAMPLER(X, 0.8, condition=LOW, condition_gamma=1.0, features=True)
    kept = UPSAMPLER(X, 0.8, condition=LOW, condition_gamma=0.3, features=True)
    swapped = (*kept[:2], other[2], *kept[3:])  # the embedding alone tells the head of the noise
    assert (HEAD(X, 0.8, *swapped) - level).abs().max() > 1e-3 * level.abs().max()


WRONG = {
    "missing": (lambda: ge.NetworkFlow(UPSAMPLER).eps(X, 1.0), "it is missing"),
    "level missing": (lambda: flow(gamma=None).eps(X, 1.0), "condition_gamma must say"),
    "another shape": (lambda: flow(X).eps(X, 1.0), "condition of shape (B, 1, 4, 4)"),
    "too few": (lambda: flow(LOW[:3]).eps(X, 1.0), "4 states need as many conditions; got 3"),
    "negative level": (lambda: flow(gamma=-1.0), "condition_gamma"),
    "levels of others": (lambda: flow(gamma=torch.ones(3)).eps(X, 1.0), "(4,)"),
    "a level it does not know": (
        lambda: ge.NetworkFlow(lively(ge.UNet(**SMALL, condition=1)), condition=X,
                               condition_gamma=0.3).eps(X, 1.0),
        "conditions have no level",
    ),
    "takes none": (lambda: ge.NetworkFlow(ge.EpsMLP(), condition=LOW), "takes none"),
    "takes no level": (
        lambda: ge.NetworkFlow(ge.EpsMLP(), condition_gamma=0.3),
        "condition_gamma was given, and this network takes none",
    ),
    "side": (lambda: ge.UNet(**SMALL, condition=1, condition_size=3), "can't join"),
    "level of nothing": (lambda: ge.UNet(**SMALL, condition_level=True), "with a condition"),
    "cell": (
        lambda: run_cell(Cell("ddim", "none", "linear", 2), {"none": flow(None)}, X, None, LOW[:2]),
        "4 states need as many conditions; got 2",
    ),
    "exact": (
        lambda: run_cell(Cell("ddim", "none", "linear", 2), {"none": ge.AnalyticFlow(
            ge.GaussianMixture(**ge.TOYS["three_modes"]))}, torch.ones(4, 2), None, LOW),
        "take none",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(case):
    call, said = WRONG[case]
    with pytest.raises(ValueError) as error:
        call()
    assert said in str(error.value) and "\n" not in str(error.value)


def test_cells_own_odes_and_tables_take_conditions(monkeypatch):
    bare = {"none": flow(None, None)}
    start, cell = starts(bare["none"], 4, (1, 8, 8)), Cell("dpmpp_2m", "none", "quadratic", 4)
    whole = run_cell(cell, bare, start, condition=LOW, condition_gamma=0.3).x
    assert bare["none"].condition is None and bare["none"].condition_gamma is None
    own = run_cell(cell, {"none": flow()}, start).x
    other = run_cell(cell, bare, start, condition=LOW, condition_gamma=1.0).x
    assert torch.equal(whole, own) and not torch.equal(whole, other)
    monkeypatch.setattr(ge.evaluation, "AT_ONCE", 3)
    levels = torch.full((4,), 0.3)
    parts = run_cell(cell, bare, start, condition=LOW, condition_gamma=levels).x
    assert (parts - whole).abs().max() < 1e-5
    given = {"condition": LOW, "condition_gamma": 0.3}
    exact = own_ode(bare["none"], start, n_steps=4, **given)[0]
    flipped = own_ode(bare["none"], start, n_steps=4, condition=LOW.flip(0), condition_gamma=0.3)[0]
    assert (exact - flipped).abs().max() > 1e-3
    rows = dict(error_table(bare, (1, 8, 8), 4, (4,), **given))
    others = dict(error_table(bare, (1, 8, 8), 4, (4,), condition=LOW, condition_gamma=1.0))
    assert rows[cell] != others[cell]


def test_losses_by_level_depend_on_condition_and_level():
    clean = X.clamp(-1, 1)
    rows = [
        by_level(UPSAMPLER, HEAD, clean, [0.5], condition=c, condition_gamma=g)[0]
        for c, g in ((LOW, 0.3), (LOW.flip(0), 0.3), (LOW, 1.0))
    ]
    assert len({row["loss"] for row in rows}) == len({row["r2"] for row in rows}) == 3


def test_a_guided_flow_hands_the_condition_to_both_of_its_parts():
    net = lively(ge.UNet(**SMALL, classes=3, condition=1, condition_size=4, condition_level=True))
    labels = torch.tensor([0, 1, 2, 0])
    given = {"condition": LOW, "condition_gamma": 0.3}
    conditional = ge.NetworkFlow(net, labels=labels, **given)
    plain = ge.NetworkFlow(net, **given)
    eps = ge.GuidedFlow(conditional, plain, 2.0).eps(X, 0.8)
    assert (eps - (3 * conditional.eps(X, 0.8) - 2 * plain.eps(X, 0.8))).abs().max() < 1e-5
