"""The checks of chapter 2: what they accept, and the hint that each typical mistake gets."""

from __future__ import annotations

import pytest
import torch
from chapter_lab import exercise_cells, open_chapter_lab, quoted, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch02 import (
    check_clock_rate,
    check_gaussian_flow,
    check_sampler,
    check_v_update,
)

STEM = "02_the_flow_in_gamma"
CHECKS = {
    "check_sampler": check_sampler,
    "check_v_update": check_v_update,
    "check_clock_rate": check_clock_rate,
    "check_gaussian_flow": check_gaussian_flow,
}


def run_chapter(function: str, which: int) -> None:
    """Run the placeholder (0) or the solution (1) as the chapter has it."""
    source = exercise_cells(STEM, function)[which]
    names = {"torch": torch, "schedule": ge.VPSchedule(), "beta_min": 0.1, "beta_d": 19.9}
    exec(source, {**names, **CHECKS})  # noqa: S102


@pytest.mark.parametrize("function", CHECKS)
def test_the_chapters_placeholders_fail_loudly(function):
    hint = "3 faults are left" if function == "check_sampler" else "returns nothing yet"
    with pytest.raises(NotYet, match=hint):
        run_chapter(function, 0)


@pytest.mark.parametrize("function", CHECKS)
def test_the_chapters_solutions_pass(function, capsys):
    run_chapter(function, 1)
    assert capsys.readouterr().out.startswith("Correct: ")


def not_implemented(*arguments):
    raise NotImplementedError


@pytest.mark.parametrize("check", CHECKS.values())
def test_what_is_not_written_is_refused(check):
    for unwritten in (..., None, 1.0):
        with pytest.raises(NotYet, match="the function"):
            check(unwritten)
    with pytest.raises(NotYet, match="not written yet"):
        check(not_implemented)


def ddim(x, eps, a, s, a2, s2):
    return a2 * (x - s * eps) / a + s2 * eps


SCHEDULE = ge.VPSchedule()


def sampler(eps, x, t, *, divide=True, clock=SCHEDULE.gamma, bar=True, back=True, late=False):
    """The mended sampler, with the parts that mistakes get wrong."""
    for now, later in zip(t[:-1], t[1:], strict=True):
        alpha, gamma = SCHEDULE.alpha(now), SCHEDULE.gamma(now)
        x_bar = x / alpha if divide else x * alpha
        level = SCHEDULE.gamma(later) if late else gamma
        x_bar = x_bar + (clock(later) - clock(now)) * eps(x_bar if bar else x, level)
        x = x_bar * SCHEDULE.alpha(later)
    return x if back else x / SCHEDULE.alpha(t[-1])


def sampler_by_ddim(eps, x, t):
    """The right answer as DDIM is printed."""
    for now, later in zip(t[:-1].tolist(), t[1:].tolist(), strict=True):
        (a, s), (a2, s2) = ((SCHEDULE.alpha(v), SCHEDULE.sigma(v)) for v in (now, later))
        x = ddim(x, eps(x / a, s / a), a, s, a2, s2)
    return x.numpy()


def sampler_by_heun(eps, x, t):
    """A better solver than the one asked for."""
    gamma, x_bar = SCHEDULE.gamma(t), x / SCHEDULE.alpha(t[0])
    for now, later in zip(gamma[:-1], gamma[1:], strict=True):
        slope, h = eps(x_bar, now), later - now
        x_bar = x_bar + h / 2 * (slope + eps(x_bar + h * slope, later))
    return x_bar * SCHEDULE.alpha(t[-1])


@pytest.mark.parametrize("right", [sampler, sampler_by_ddim, sampler_by_heun])
def test_a_sampler_mended_differently_passes(right, capsys):
    check_sampler(right)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda e, x, t: sampler(e, x, t, divide=False), "yours is smaller"),
        (lambda e, x, t: sampler(e, x, t, clock=float), "the wrong clock"),
        (lambda e, x, t: sampler(e, x, t, bar=False), "the wrong coordinates"),
        (lambda e, x, t: sampler(e, x, t, back=False), "x_bar, not x"),
        (lambda e, x, t: sampler(e, x, t, divide=False, bar=False), "2 faults are left"),
        (lambda e, x, t: sampler(e, x, t, late=True), "more than straight steps"),
        (lambda e, x, t: sampler(lambda z, g: -e(z, g), x, t), "more than straight steps"),
        (lambda e, x, t: x * float("nan"), "NaN"),
        (lambda e, x, t: x[0], "of shape"),
    ],
)
def test_each_fault_of_the_sampler_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_sampler(wrong)


def v_update(x, v, a, s, a2, s2):
    return a2 * (a * x - s * v) + s2 * (s * x + a * v)


@pytest.mark.parametrize(
    "right",
    [
        lambda x, v, a, s, a2, s2: (a2 * a + s2 * s) * x + (s2 * a - a2 * s) * v,
        lambda x, v, a, s, a2, s2: (a2 * (a * x - s * v) + s2 * (s * x + a * v)).numpy(),
    ],
)
def test_v_written_differently_passes(right, capsys):
    check_v_update(right)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (ddim, "takes v for the noise"),
        (lambda x, v, a, s, a2, s2: a * x - s * v, "still has to be noised"),
        (lambda x, v, a, s, a2, s2: a2 * (a * x + s * v) + s2 * (s * x + a * v), "a sign of v"),
        (lambda x, v, a, s, a2, s2: v_update(x, v, a, s, a2, s), "at the old level"),
        (lambda x, v, a, s, a2, s2: a * x - s * v + s2 * (s * x + a * v), "not scaled down"),
        (lambda x, v, a, s, a2, s2: v_update(x, v, a, s, a2, s2) / a2, "the next x_bar"),
        (lambda x, v, a, s, a2, s2: x + v, "Express the clean point"),
        (lambda x, v, a, s, a2, s2: v_update(x, v, a, s, a2, s2)[0], "of shape"),
        (lambda x, v, a, s, a2, s2: ddim(x, a * v + s * x, a, s, a2, s2), "at alpha = 0"),
        (
            lambda x, v, a, s, a2, s2: a2 / a * (x - s * (a * v + s * x)) + s2 * (a * v + s * x),
            "at alpha = 0",
        ),
        # right to nine digits: a float32 answer is not enough
        (lambda *v: v_update(*v) * (1 + 1e-9), "differs from one Euler step"),
    ],
)
def test_each_mistake_with_v_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_v_update(wrong)


def rate(gamma):
    return 2 * gamma / (torch.sqrt(0.01 + 39.8 * torch.log1p(gamma**2)) * (1 + gamma**2))


def rate_by_time(gamma):
    """The same through t(gamma) itself."""
    big_l = torch.log(1 + gamma**2)
    t = (torch.sqrt(0.01 + 39.8 * big_l) - 0.1) / 19.9
    return 2 * gamma / ((0.1 + 19.9 * t) * (1 + gamma**2))


def rate_by_autograd(gamma):
    gamma = gamma.clone().requires_grad_()
    t = (torch.sqrt(0.01 + 39.8 * torch.log1p(gamma**2)) - 0.1) / 19.9
    return torch.autograd.grad(t.sum(), gamma)[0]


@pytest.mark.parametrize("right", [rate_by_time, rate_by_autograd])
def test_the_clock_rate_written_differently_passes(right, capsys):
    check_clock_rate(right)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda g: 1 / rate(g), "other way round"),
        (lambda g: rate(g) / 2, "factor of two"),
        (lambda g: rate(g) * (1 + g**2), "did not cancel"),
        (lambda g: 2 * g / ((0.1 + 19.9 * g) * (1 + g**2)), "at the right time"),
        (lambda g: ge.VPSchedule().dt_dgamma(ge.VPSchedule().t_of_gamma(g)), "asks the library"),
        (
            lambda g: (torch.sqrt(0.01 + 39.8 * torch.log1p(g**2)) - 0.1) / 19.9,
            "itself; asked for is its slope",
        ),
        (lambda g: rate(g) + 0.01, "per unit of gamma"),
    ],
)
def test_each_mistake_in_the_clock_rate_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_clock_rate(wrong)


def round_flow(z, g, g2, mean, cov, power=0.5):
    return mean + (z - mean) * ((cov[0, 0] + g2**2) / (cov[0, 0] + g**2)) ** power


def by_matrix_roots(z, g, g2, mean, cov):
    """The right answer by another road: square roots of matrices by Denman-Beavers iteration."""

    def root(matrix):
        y, inverse = matrix, torch.eye(len(matrix), dtype=matrix.dtype)
        for _ in range(60):
            y, inverse = (y + torch.linalg.inv(inverse)) / 2, (inverse + torch.linalg.inv(y)) / 2
        return y

    eye = torch.eye(len(cov), dtype=cov.dtype)
    return mean + (z - mean) @ torch.linalg.solve(root(cov + g**2 * eye), root(cov + g2**2 * eye))


def by_axes(z, g, g2, mean, cov, turned=False):
    """In the axes of the covariance; `turned` takes the matrix's rows for its columns."""
    variances, axes = torch.linalg.eigh(cov)
    axes = axes.T if turned else axes
    factors = torch.sqrt((variances + g2**2) / (variances + g**2))
    return mean + ((z - mean) @ axes * factors) @ axes.T


def in_the_plane(z, g, g2, mean, cov):
    return by_axes(z, g, g2, mean, cov + 0 * torch.eye(2, dtype=cov.dtype))


@pytest.mark.parametrize("right", [by_matrix_roots, by_axes])
def test_the_gaussian_flow_written_differently_passes(right, capsys):
    check_gaussian_flow(right)
    assert capsys.readouterr().out.startswith("Correct: ")


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (lambda z, g, g2, m, c: m + (z - m) * g2 / g, "straight lines of a point mass"),
        (lambda z, g, g2, m, c: round_flow(z, g, g2, m, c, power=1.0), "not the variance"),
        (lambda z, g, g2, m, c: by_matrix_roots(z, g, g2, 0 * m, c), "toward the origin"),
        (round_flow, "a stretched Gaussian"),
        (lambda *given: by_axes(*given, turned=True), "columns of your matrix, or its rows"),
        (in_the_plane, "right in the plane, but in three dimensions"),
        (lambda z, g, g2, m, c: z[0], "of shape"),
        (lambda z, g, g2, m, c: ge.GaussianMixture([1.0], m[None], c[None]).log_prob(z), "library"),
    ],
)
def test_each_mistake_in_the_gaussian_flow_has_its_own_hint(wrong, hint):
    with pytest.raises(NotYet, match=hint):
        check_gaussian_flow(wrong)


def test_the_chapters_lab_shows_the_bends_and_the_error_of_the_readers_ddim(page, tmp_path):
    """The bends that the text quotes, and the error of DDIM as the first exercise writes it."""
    numbers = quoted(STEM)
    open_chapter_lab(page, tmp_path, STEM)
    for clock, key in (("t", "t"), ("log_snr", "snr"), ("gamma", "gamma")):
        assert read(page, "bend", f"[data-clock={clock}]") == numbers[f"ch02_bend_{key}"]
    assert read(page, "off", "[data-clock=gamma]") == numbers["ch02_off"]

    schedule = ge.VPSchedule()
    mixture = ge.GaussianMixture(**ge.TOYS["three_modes"])
    start = torch.tensor([[1.2, -1.4]], dtype=torch.float64)

    def error(n_steps: int) -> float:
        t = ge.time_grid(n_steps, t_start=0.7)
        alpha, sigma = schedule.alpha(t), schedule.sigma(t)
        x = start
        for i in range(n_steps):
            eps = mixture.eps(x, t[i], schedule)
            x = ddim(x, eps, alpha[i], sigma[i], alpha[i + 1], sigma[i + 1])
        gammas = schedule.gamma(t)
        exact = ge.exact_solution(ge.AnalyticFlow(mixture), start / alpha[0], gammas)[-1]
        return ge.end_point_error(x / alpha[-1], exact)

    assert float(read(page, "error")) == pytest.approx(error(6), rel=6e-3)
    page.locator("input[name=n_steps]").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    assert float(read(page, "error")) == pytest.approx(error(7), rel=6e-3)

    page.get_by_role("button", name="From pure noise").click()
    settle(page)
    assert read(page, "bend", "[data-clock=gamma]") == numbers["ch02_bend_noise"]
    page.get_by_role("button", name="Without the bar").click()
    settle(page)
    off = [read(page, "off", f"[data-clock={clock}]") for clock in ("t", "log_snr", "gamma")]
    assert max(off) == numbers["ch02_off_x"]
    assert not page.messages.errors
