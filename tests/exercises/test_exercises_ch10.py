"""The checks of chapter 10: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import math

import pytest
import torch
from chapter_lab import exercise_cells, number, open_chapter_lab, read, settle
from IPython.lib.pretty import pretty
from torch.func import jvp

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch10 import (
    check_best_step,
    check_central_difference,
    check_joint_jvp,
    check_networks,
    check_xt_derivative,
)
from genie_edu.exercises.probes import MIXTURE, points
from genie_edu.exercises.suspects import FAULTS, LOSS_FAULTS, LOSSES, NETWORKS
from genie_edu.lab import format_number, starts

CHAPTER = "10_derivatives_by_autodiff"


def joint_jvp(net, x_bar, gamma):
    eps = net(x_bar, gamma)
    return eps, jvp(net, (x_bar, gamma), (eps, torch.ones_like(gamma)))[1]


def joint_with_dual_numbers(net, x_bar, gamma):
    from torch.autograd import forward_ad

    eps = net(x_bar, gamma)
    with forward_ad.dual_level():
        pair = (forward_ad.make_dual(x_bar, eps), forward_ad.make_dual(gamma, 0 * gamma + 1))
        return forward_ad.unpack_dual(net(*pair))


def joint_by_double_backward(net, x_bar, gamma):
    eps = net(x_bar, gamma)
    tangent = (eps, torch.ones_like(gamma))
    return eps, torch.autograd.functional.jvp(net, (x_bar, gamma), tangent)[1]


def joint_with(velocity, rate=1.0):
    def answer(net, x_bar, gamma):
        eps = net(x_bar, gamma)
        tangent = (velocity(x_bar, eps), torch.full_like(gamma, rate))
        return eps, jvp(net, (x_bar, gamma), tangent)[1]

    return answer


def joint_in_two_products(net, x_bar, gamma):
    eps = net(x_bar, gamma)
    first = jvp(lambda x: net(x, gamma), (x_bar,), (eps,))[1]
    return eps, first + jvp(lambda g: net(x_bar, g), (gamma,), (torch.ones_like(gamma),))[1]


def joint_by_difference(net, x_bar, gamma):
    eps, h = net(x_bar, gamma), 1e-3
    return eps, (net(x_bar + h * eps, gamma + h) - net(x_bar - h * eps, gamma - h)) / (2 * h)


def central(net, x_bar, gamma, step):
    eps, d = net(x_bar, gamma), step * gamma
    return (net(x_bar + d * eps, gamma + d) - net(x_bar - d * eps, gamma - d)) / (2 * d)


def central_in_a_line_parameter(net, x_bar, gamma, step):
    eps = net(x_bar, gamma)

    def on_the_line(s):
        return net(x_bar + s * gamma * eps, gamma * (1 + s))

    return (on_the_line(step) - on_the_line(-step)) / (2 * step * gamma)


def central_with(d_of=lambda g, s: s * g, move=1.0, divide=2.0):
    def answer(net, x_bar, gamma, step):
        eps, d = net(x_bar, gamma), d_of(gamma, step)
        ahead = net(x_bar + move * d * eps, gamma + d)
        return (ahead - net(x_bar - move * d * eps, gamma - d)) / (divide * d)

    return answer


def one_sided(net, x_bar, gamma, step):
    eps, d = net(x_bar, gamma), step * gamma
    return (net(x_bar + d * eps, gamma + d) - eps) / d


def clock_stands_still(net, x_bar, gamma, step):
    eps, d = net(x_bar, gamma), step * gamma
    return (net(x_bar + d * eps, gamma) - net(x_bar - d * eps, gamma)) / (2 * d)


def xt_solution(net, x, t, schedule):
    gamma = schedule.gamma(t)
    eps = net(x, t)
    velocity = eps / torch.sqrt(1 + gamma**2) - gamma / (1 + gamma**2) * x
    return jvp(net, (x, t), (velocity, schedule.dt_dgamma(t)))[1]


def xt_through_a_wrapper(net, x, t, schedule):
    def in_bar(x_bar, gamma):
        return net(x_bar / torch.sqrt(1 + gamma**2), schedule.t_of_gamma(gamma))

    gamma = schedule.gamma(t)
    return joint_jvp(in_bar, x * torch.sqrt(1 + gamma**2), gamma)[1]


def xt_with(velocity, rate=lambda r: r):
    def answer(net, x, t, schedule):
        gamma = schedule.gamma(t)
        v = velocity(net(x, t), x, gamma, 1 / torch.sqrt(1 + gamma**2))
        return jvp(net, (x, t), (v, rate(schedule.dt_dgamma(t))))[1]

    return answer


def xt_by_five_points(net, x, t, schedule):
    """The derivative in one direction of (x, t), by a difference of fourth order."""
    gamma = schedule.gamma(t)
    velocity = net(x, t) / torch.sqrt(1 + gamma**2) - gamma / (1 + gamma**2) * x
    at = lambda d: net(x + d * velocity, t + d * schedule.dt_dgamma(t))  # noqa: E731
    d = 1e-3 * gamma
    return (8 * (at(d) - at(-d)) - (at(2 * d) - at(-2 * d))) / (12 * d)


def xt_by_reverse_mode(net, x, t, schedule):
    gamma = schedule.gamma(t)
    velocity = net(x, t) / torch.sqrt(1 + gamma**2) - gamma / (1 + gamma**2) * x
    tangent = (velocity, schedule.dt_dgamma(t))
    return torch.autograd.functional.jvp(net, (x, t), tangent)[1]


def true_velocity(e, x, g, a):
    return a * e - g * a**2 * x


def todo(*args):
    raise NotImplementedError


RIGHT = [
    (check_joint_jvp, joint_jvp),
    (check_joint_jvp, joint_with_dual_numbers),
    (check_joint_jvp, joint_by_double_backward),
    (check_central_difference, central),
    (check_central_difference, central_in_a_line_parameter),
    (check_best_step, 5e-3),
    (check_best_step, torch.finfo(torch.float32).eps ** (1 / 3)),
    (check_best_step, torch.tensor(0.004)),
    (check_xt_derivative, xt_solution),
    (check_xt_derivative, xt_through_a_wrapper),
    (check_xt_derivative, xt_by_reverse_mode),
    (check_networks, {letter: suspect.diagnosis for letter, suspect in NETWORKS.items()}),
    (check_networks, {k: NETWORKS[k].diagnosis for k in reversed(NETWORKS)}),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Correct:")
    assert printed.count("\n") == 1


@pytest.mark.parametrize("check", [check_joint_jvp, check_central_difference, check_xt_derivative])
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


@pytest.mark.parametrize("placeholder", [..., None, "small", True, 0, 2.0, float("nan")])
def test_a_step_must_be_a_number(placeholder):
    with pytest.raises(NotYet, match=r"dots|one number"):
        check_best_step(placeholder)


WRONG = [
    (check_joint_jvp, joint_with(lambda x, e: 0 * e), "point stands still"),
    (check_joint_jvp, joint_with(lambda x, e: e, 0.0), "clock stands still"),
    (check_joint_jvp, joint_with(lambda x, e: 0 * e + 1), "velocity of the point is 1"),
    (check_joint_jvp, joint_with(lambda x, e: x), "x_bar itself"),
    (check_joint_jvp, joint_with(lambda x, e: -e, -1.0), "sign"),
    (check_joint_jvp, joint_with(lambda x, e: -e), "opposite"),
    (check_joint_jvp, joint_with(lambda x, e: e / 2), "times the true length"),
    (check_joint_jvp, joint_in_two_products, "runs the network 3 times"),
    (check_joint_jvp, joint_by_difference, "difference quotient"),
    (check_joint_jvp, lambda *a: joint_jvp(*a)[1], "pair"),
    (check_joint_jvp, lambda *a: joint_jvp(*a)[::-1], "first of the pair"),
    (check_joint_jvp, lambda n, x, g: ge.flow_derivatives(n, x, g, 1), "library"),
    (check_joint_jvp, lambda n, x, g: ge.NetworkFlow(n).derivatives(x, g, 1), "library"),
    (check_joint_jvp, lambda n, x, g: 1 / 0, "ZeroDivisionError"),
    (check_joint_jvp, lambda n, x, g: (n(x, g), n(x, g).sum()), "shape"),
    (check_central_difference, one_sided, "one-sided"),
    (check_central_difference, central_with(move=0.0), "point stands still"),
    (check_central_difference, central_with(move=-1.0), "against the clock"),
    (check_central_difference, central_with(move=0.5), "eps times the change"),
    (check_central_difference, clock_stands_still, "clock has to move"),
    (check_central_difference, central_with(lambda g, s: s), "times gamma"),
    (check_central_difference, central_with(lambda g, s: s * g / 2), "half width"),
    (check_central_difference, central_with(divide=1.0), "length 2 times"),
    (check_central_difference, lambda n, x, g, s: central(n, x, g, 3 * s), "three times"),
    (check_central_difference, lambda n, x, g, s: -central(n, x, g, s), "length -1 times"),
    (check_best_step, 1e-5, "rounding"),
    (check_best_step, 0.1, "curvature"),
    (check_xt_derivative, xt_with(lambda e, x, g, a: 0 * x, lambda r: 0 * r + 1), "per unit of t"),
    (check_xt_derivative, xt_with(lambda e, x, g, a: 0 * x), "x stands still"),
    (check_xt_derivative, xt_with(true_velocity, lambda r: 0 * r + 1), "t per unit of t"),
    (check_xt_derivative, xt_with(true_velocity, lambda r: 1 / r), "wrong way up"),
    (check_xt_derivative, xt_with(true_velocity, lambda r: 0 * r), "clock stands still"),
    (check_xt_derivative, xt_with(lambda e, x, g, a: e), "velocity of x_bar"),
    (check_xt_derivative, xt_with(lambda e, x, g, a: a * e), "second term"),
    (check_xt_derivative, xt_with(lambda e, x, g, a: a * e + g * a**2 * x), "sign of the second"),
    (check_xt_derivative, xt_with(lambda e, x, g, a: a * e - g * x), "powers"),
    (
        check_xt_derivative,
        lambda n, x, t, s: xt_solution(n, x, t, s) / s.dt_dgamma(t),
        "d eps/dgamma was asked",
    ),
    (check_xt_derivative, lambda n, x, t, s: ge.total_derivative(n, x, t, s)[1], "library"),
    (check_xt_derivative, lambda n, x, t, s: 2 * n(x, t), "times the true length"),
    (check_xt_derivative, xt_by_five_points, "difference quotient"),
    (check_networks, {"A": "sound"}, "A: not sound"),
    (check_networks, {"A": "staircase", "B": "rough"}, "B: give one of"),
    (check_networks, {"A": "staircase"}, "B has no diagnosis"),
    (check_networks, {"B": "cut_point"}, "A to E"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    with pytest.raises(NotYet, match=hint):
        check(answer)
    assert "Correct" not in capsys.readouterr().out


@pytest.mark.parametrize("placeholder", [..., None, 3.0, {}, {"A": ...}, lambda *a: ...])
def test_placeholders_of_the_networks_fail(placeholder):
    with pytest.raises(NotYet, match="give a dictionary"):
        check_networks(placeholder)


@pytest.mark.parametrize("letter", NETWORKS)
@pytest.mark.parametrize("given", FAULTS)
def test_every_wrong_diagnosis_is_refused_with_a_reason(letter, given):
    right = {name: suspect.diagnosis for name, suspect in NETWORKS.items()}
    if given != right[letter]:
        with pytest.raises(NotYet, match=f"{letter}: .*[.?]") as caught:
            check_networks(right | {letter: given})
        assert "`" not in str(caught.value)


@pytest.mark.parametrize("suspects", [NETWORKS, LOSSES])
def test_a_printed_suspect_keeps_its_diagnosis(suspects):
    for suspect in suspects.values():
        shown = f"{suspects} {suspect} {suspect!r} {suspect.call}" + pretty(suspects)
        assert not [key for key in {**FAULTS, **LOSS_FAULTS} if key in shown]


@pytest.mark.parametrize("level", [0.3, 0.55, 1.0, 1.7, 4.0, 9.0, 30.0])
def test_the_networks_values_are_right_to_half_a_percent(level):
    x_bar, gamma = points(level), torch.tensor(level, dtype=torch.float64)
    truth = ge.GaussianMixture(**MIXTURE).derivatives(x_bar, gamma)[0]
    for network in NETWORKS.values():
        miss = network.call(x_bar, gamma=gamma) - truth
        assert miss.norm() < 5e-3 * truth.norm()


@pytest.mark.parametrize("letter", NETWORKS)
@pytest.mark.parametrize("level", [0.3, 0.9, 4.0])
def test_the_networks_are_what_their_diagnosis_says(letter, level):
    net, diagnosis = NETWORKS[letter]
    x_bar, gamma = points(level), torch.tensor(level, dtype=torch.float64)
    eps, one, h = net(x_bar, gamma), torch.ones_like(gamma), 1e-4 * level
    in_x, in_gamma = lambda x: net(x, gamma), lambda g: net(x_bar, g)
    wrong = {
        "point": jvp(in_x, (x_bar,), (eps,))[1]
        - (in_x(x_bar + h * eps) - in_x(x_bar - h * eps)) / (2 * h),
        "level": jvp(in_gamma, (gamma,), (one,))[1]
        - (in_gamma(gamma + h) - in_gamma(gamma - h)) / (2 * h),
    }
    off = {key: float(value.abs().max()) > 1e-2 for key, value in wrong.items()}
    assert off["point"] == (diagnosis == "cut_point")
    assert off["level"] == (diagnosis == "cut_level")
    moved = net(x_bar, gamma * (1 + 1e-6)) - eps
    assert bool(moved.any()) == (diagnosis != "staircase")
    quotient = lambda step: (in_x(x_bar + step * eps) - eps) / step  # noqa: E731
    noise = float((quotient(1e-8) - quotient(1e-6)).abs().max())
    assert (noise > 1e-2) == (diagnosis == "single")
    truth = ge.GaussianMixture(**MIXTURE).derivatives(x_bar, gamma, 1)[0]
    assert float((eps - truth).abs().max()) < 5e-3


@pytest.mark.parametrize("function", ["check_joint_jvp", "check_best_step", "check_xt_derivative"])
def test_the_chapters_cells_fail_and_pass(function, capsys):
    placeholder, solution = exercise_cells(CHAPTER, function)
    names = {"torch": torch, "jvp": jvp}
    with pytest.raises(NotYet):
        exec(placeholder, names)
    exec(solution, names)
    assert "Correct:" in capsys.readouterr().out


# The live piece: the valley found by keyboard is the step that the exercise asks for.


@pytest.fixture
def lab(page, tmp_path):
    return open_chapter_lab(page, tmp_path, CHAPTER)


def state_of(lab):
    return lab.evaluate("document.querySelector('.genie-lab').genieLab.state")


def true_error(state):
    """Return the relative error of the lab's quotient, from genie_edu."""
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS[state["mixture"]]))
    first = float(flow.schedule.gamma(state["t_start"]))
    gamma = torch.tensor(math.exp(state["log_gamma"]), dtype=torch.float64)
    noise = torch.as_tensor(starts(state["n_starts"], state["seed"]), dtype=torch.float64)
    x_bar = math.sqrt(1 + first**2) * noise
    x_bar = ge.exact_solution(flow, x_bar, [first, float(gamma)])[-1]

    def eps(x_bar, gamma):
        if state["precision"] == "float32":
            return flow.eps(x_bar.float().double(), gamma.float().double()).float().double()
        return flow.eps(x_bar, gamma)

    here, d = eps(x_bar, gamma), 10 ** state["log_step"] * gamma
    ahead, behind = eps(x_bar + d * here, gamma + d), eps(x_bar - d * here, gamma - d)
    central = state["difference"] == "central"
    slope = (ahead - behind) / (2 * d) if central else (ahead - here) / d
    exact = flow.derivatives(x_bar, gamma, order=1)[1]
    return float(((slope - exact).norm(dim=1) / exact.norm(dim=1)).quantile(0.5))


def move_step(lab, key, until):
    slider = lab.locator("input[name=log_step]")
    slider.focus()
    for _ in range(400):
        if until(float(slider.input_value())):
            break
        lab.keyboard.press(key)
    settle(lab)


def test_the_lab_finds_the_step_that_the_exercise_asks_for(lab, capsys):
    assert read(lab, "error") == format_number(true_error(state_of(lab)))
    lab.locator("select[name=difference]").select_option("central")
    settle(lab)
    assert read(lab, "error") == format_number(true_error(state_of(lab)))
    assert read(lab, "calls") == "3"

    goal = math.log10(number(read(lab, "best_step")))
    move_step(lab, "ArrowLeft", lambda now: now <= goal)
    assert number(read(lab, "error")) < 2 * number(read(lab, "best_error"))
    check_best_step(10 ** state_of(lab)["log_step"])
    assert "Correct" in capsys.readouterr().out


def test_the_lab_presets_do_what_the_text_says(lab):
    forward = number(read(lab, "best_error"))
    lab.get_by_role("button", name="Too short").click()
    settle(lab)
    assert number(read(lab, "error")) > 0.1

    lab.get_by_role("button", name="Central").click()
    settle(lab)
    assert number(read(lab, "best_error")) < forward / 10
    assert number(read(lab, "error")) < forward / 3

    wide = number(read(lab, "best_step"))
    lab.get_by_role("button", name="Float64").click()
    settle(lab)
    assert number(read(lab, "best_step")) < 1e-3 * wide
    assert number(read(lab, "best_error")) < 1e-3 * forward


def test_the_best_share_of_gamma_hardly_depends_on_gamma(lab):
    set_level = (
        "g => document.querySelector('.genie-lab').genieLab.set"
        "({difference: 'central', log_gamma: g})"
    )
    best = []
    for level in (-3, -1, 0, 1, 2):
        lab.evaluate(set_level, level)
        settle(lab)
        best.append(number(read(lab, "best_step")))
    assert max(best) < 6 * min(best)
