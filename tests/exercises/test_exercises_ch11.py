"""The checks of chapter 11: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import functools
import json

import chapter_lab
import pytest
import torch
from chapter_lab import number, open_chapter_lab, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch11 import check_any_form, check_distillation_loss, check_suspects
from genie_edu.exercises.suspects import LOSS_FAULTS, LOSSES
from genie_edu.lab import starts

STEM = "11_distilling_the_derivative"
CHECKS = {
    "check_any_form": check_any_form,
    "check_distillation_loss": check_distillation_loss,
    "check_suspects": check_suspects,
}


def form_slope(a, b, x_bar, gamma, F, G, *, velocity=1.0, clock=1.0, own=1.0, power=1):
    """The right answer, and with other keys the wrong ones."""
    rate = lambda f: torch.func.jvp(f, (gamma,), (torch.ones_like(gamma),))[1]  # noqa: E731
    eps = a(gamma) * x_bar + b(gamma) * F
    known = rate(a) * x_bar + velocity * a(gamma) * eps + clock * rate(b) * F
    return known + own * b(gamma) * G / gamma**power


def form_by_reverse_mode_in_log_gamma(a, b, x_bar, gamma, F, G):
    """Another way: everything moves with log gamma, and torch multiplies it out."""
    u, eps = torch.log(gamma), a(gamma) * x_bar + b(gamma) * F

    def at(s):
        g = torch.exp(u + s)
        return a(g) * (x_bar + s * gamma * eps) + b(g) * (F + s * G)

    zero = torch.zeros_like(gamma)
    return torch.autograd.functional.jvp(at, zero, torch.ones_like(zero))[1] / gamma


def distillation(
    head,
    net,
    x_bar,
    gamma,
    noise,
    *,
    target=None,
    eps_read="eps",
    power=1.0,
    grad=True,
):
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, features=True)
        wanted = (target or slope)(net, x_bar, gamma, eps, noise)
    with torch.set_grad_enabled(grad):
        given = head(x_bar, gamma, {"eps": eps, "noise": noise, "x": x_bar}[eps_read], *features)
        return (gamma[:, None] ** power * (given - wanted)).square().mean()


def slope(net, x_bar, gamma, eps, noise):
    return torch.func.jvp(net, (x_bar, gamma), (eps, torch.ones_like(gamma)))[1]


def along_noise(net, x_bar, gamma, eps, noise):
    return torch.func.jvp(net, (x_bar, gamma), (noise, torch.ones_like(gamma)))[1]


def at_rest(net, x_bar, gamma, eps, noise):
    return torch.func.jvp(net, (x_bar, gamma), (0 * eps, torch.ones_like(gamma)))[1]


def in_log_gamma(head, net, x_bar, gamma, noise):
    """Another way: the clock log gamma from the start, a sum over the pair, a mean over points."""
    with torch.no_grad():
        eps, hidden, level = net(x_bar, gamma, features=True)
        at = lambda x_bar, u: net(x_bar, torch.exp(u))  # noqa: E731
        u = torch.log(gamma)
        wanted = torch.func.jvp(at, (x_bar, u), (gamma[:, None] * eps, torch.ones_like(u)))[1]
    given = gamma[:, None] * head(x_bar, gamma, eps, hidden, level)
    return ((given - wanted) ** 2).sum(dim=1).mean()


RIGHT = {letter: suspect.diagnosis for letter, suspect in LOSSES.items()}


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (check_any_form, form_slope),
        (check_any_form, form_by_reverse_mode_in_log_gamma),
        (check_distillation_loss, distillation),
        (check_distillation_loss, in_log_gamma),
        (check_suspects, RIGHT),
        (check_suspects, dict(reversed(RIGHT.items()))),
    ],
)
def test_right_answers_pass(check, answer, capsys):
    chapter_lab.passes(check, answer, capsys)


@pytest.mark.parametrize("name", CHECKS)
def test_the_chapters_placeholder_fails_and_its_solution_passes(name, capsys):
    scope = {"torch": torch, "ge": ge, **CHECKS}
    chapter_lab.placeholder_fails_and_solution_passes(STEM, name, scope, capsys)


@pytest.mark.parametrize("check", CHECKS.values())
@pytest.mark.parametrize("placeholder", chapter_lab.PLACEHOLDERS)
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def library_loss(head, net, x_bar, gamma, noise):
    return ge.training.derivative_loss(head, net, x_bar, gamma, noise)


def library_target(head, net, x_bar, gamma, noise):
    with torch.no_grad():
        eps, *features = net(x_bar, gamma, features=True)
    wanted = ge.training.along_flow(net, x_bar, gamma, eps)
    return (gamma[:, None] * (head(x_bar, gamma, eps, *features) - wanted)).square().mean()


def wrong(**keys):
    return functools.partial(distillation, **keys)


def form(**keys):
    return functools.partial(form_slope, **keys)


WRONG = [
    (check_any_form, form(velocity=0.0), "x_bar stands still"),
    (check_any_form, form(clock=0.0), "b depends on gamma"),
    (check_any_form, form(own=0.0), "output stands still"),
    (check_any_form, form(power=0), "in log gamma; asked"),
    (check_any_form, lambda *a: -form_slope(*a), "sign"),
    (check_any_form, lambda *a: a[3] * form_slope(*a), "this is d eps/dlog"),
    (check_any_form, form(velocity=2.0), "times the true length"),
    (check_any_form, lambda *a: form_slope(*a).sum(), "shape"),
    (check_any_form, lambda *a: 1 / 0, "ZeroDivisionError"),
    (check_distillation_loss, wrong(eps_read="noise"), "Who draws it"),
    (check_distillation_loss, wrong(eps_read="x"), "own prediction"),
    (check_distillation_loss, wrong(target=at_rest), "stands still"),
    (check_distillation_loss, wrong(target=along_noise), "not with the noise"),
    (check_distillation_loss, wrong(target=lambda *a: -slope(*a)), "sign"),
    (check_distillation_loss, wrong(target=lambda n, x, g, e, z: e), "learns eps"),
    (
        check_distillation_loss,
        wrong(target=lambda n, x, g, e, z: g[:, None] * slope(n, x, g, e, z)),
        "dlog gamma",
    ),
    (check_distillation_loss, wrong(power=0.0), "not weighted"),
    (check_distillation_loss, wrong(power=-1.0), "wrong way up"),
    (check_distillation_loss, wrong(power=0.5), "power 1"),
    (check_distillation_loss, wrong(grad=False), "no gradient"),
    (check_distillation_loss, lambda h, n, x, g, e: (n(x, g) - e).square().mean(), "never asked"),
    (check_distillation_loss, lambda h, n, x, g, e: h(x, g, n(x, g)).mean(), "five things"),
    (check_distillation_loss, lambda h, n, x, g, e: n(x, g), "one number"),
    (check_distillation_loss, library_loss, "library"),
    (check_distillation_loss, library_target, "library"),
    (check_suspects, RIGHT | {"A": "sound"}, "A: not sound"),
    (check_suspects, RIGHT | {"B": "clock_only"}, "B: a head that returns the exact"),
    (check_suspects, RIGHT | {"C": "moving_base"}, "C: after backward"),
    (check_suspects, RIGHT | {"D": "fast"}, "give one of"),
    (check_suspects, {"A": "drawn_noise"}, "B has no diagnosis"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    chapter_lab.gets_hint(check, answer, hint, capsys)


@pytest.mark.parametrize("letter", LOSSES)
@pytest.mark.parametrize("given", LOSS_FAULTS)
def test_every_wrong_diagnosis_is_refused_with_a_reason(letter, given):
    if given != RIGHT[letter]:
        with pytest.raises(NotYet, match=f"{letter}: .*\\."):
            check_suspects(RIGHT | {letter: given})


def test_the_suspects_are_what_their_diagnosis_says():
    net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base")).double().requires_grad_(False)
    generator = torch.Generator().manual_seed(3)
    gamma = torch.full((16,), 3.0, dtype=torch.float64)
    noise = torch.randn(16, 2, generator=generator, dtype=torch.float64)
    x_bar = 3.0 * noise
    truth = slope(net, x_bar, gamma, net(x_bar, gamma), noise)
    for suspect in LOSSES.values():
        read = []
        perfect = float(
            suspect.call(lambda *a, r=read: r.append(a[2]) or truth, net, x_bar, gamma, noise)
        )
        off = float(suspect.call(lambda *a: truth + 1, net, x_bar, gamma, noise))
        assert (perfect < 1e-12) == (suspect.diagnosis != "clock_only")
        assert torch.equal(read[0], noise) == (suspect.diagnosis == "drawn_noise")
        if suspect.diagnosis != "clock_only":
            assert off == pytest.approx(1 if suspect.diagnosis == "no_weight" else 9)


# The live piece: a young head is worse than DDIM, and only because of its first step.

SOLVERS = ("ddim", "genie", "head")


def shown(page):
    """Return what the lab says: errors by solver, training steps and R2."""
    errors = {s: number(read(page, "error", f"[data-solver={s}]")) for s in SOLVERS}
    return errors, int(read(page, "step")), number(read(page, "r2"))


def truth_of(page):
    """Return the same from genie_edu, for the state that the lab shows."""
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    net = ge.checkpoints.load(ge.data.shipped("mixture_2d/base")).double()
    kept = json.loads(ge.data.shipped("mixture_2d/lab_networks.json").read_text())["head"]
    snapshot = kept["snapshots"][state["checkpoint"]]
    head = ge.GenieHead(**kept["config"]).double()
    head.load_state_dict(
        {
            name: torch.tensor(part["values"]).reshape(part["shape"])
            for name, part in snapshot["weights"].items()
        }
    )
    flows = {"ddim": ge.NetworkFlow(net), "genie": ge.NetworkFlow(net)}
    flows["head"] = ge.NetworkFlow(net, head)
    gammas = ge.VPSchedule().gamma(ge.time_grid(state["n_steps"], state["spacing"]))
    start = torch.as_tensor(starts(state["n_starts"], state["seed"]))
    start = start * torch.sqrt(1 + gammas[0] ** 2)
    end = ge.exact_solution(flows["ddim"], start, gammas[[0, -1]], rtol=1e-9)[-1]
    errors = {}
    for name, flow in flows.items():
        solver = "ddim" if name == "ddim" else "genie"
        last = ge.solve(flow, start, gammas, solver, afs=state["afs"]).x_bar[-1]
        errors[name] = ge.end_point_error(last, end)
    return errors, snapshot["step"], snapshot["r2"]


def agreed(page):
    """Return the lab's errors after comparing all that it says with genie_edu."""
    errors, step, r2 = shown(page)
    true_errors, true_step, true_r2 = truth_of(page)
    assert errors == pytest.approx(true_errors, rel=0.01)
    assert (step, r2) == (true_step, pytest.approx(true_r2, abs=6e-4))
    return errors


def test_in_the_lab_the_head_learns_its_way_past_ddim(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    at_first = agreed(page)
    assert shown(page)[1:] == (100, pytest.approx(0.78, abs=0.01))
    assert at_first["genie"] < at_first["ddim"] < at_first["head"]
    slider = page.locator("input[name=checkpoint]")
    slider.focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    settle(page)
    assert agreed(page)["head"] < 1.1 * at_first["genie"]
    assert page.messages.errors == []


def test_in_the_lab_a_young_head_kept_out_of_the_first_step_is_good_enough(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    page.get_by_role("button", name="Before training", exact=True).click()
    settle(page)
    untrained = agreed(page)
    assert untrained["head"] == untrained["ddim"]
    page.get_by_role("button", name="Fifty training steps", exact=True).click()
    settle(page)
    young = agreed(page)
    assert young["head"] > 1.3 * young["ddim"]
    page.locator("details.gl-more > summary").click()
    page.locator("input[name=afs]").check()
    settle(page)
    assert agreed(page)["head"] < young["ddim"] / 3
    page.get_by_role("button", name="Trained", exact=True).click()
    settle(page)
    assert agreed(page)["head"] < 1.15 * young["genie"]
    assert page.messages.errors == []
