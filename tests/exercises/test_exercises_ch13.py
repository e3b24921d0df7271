"""The checks of chapter 13: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import functools
import math

import chapter_lab
import pytest
import torch
from chapter_lab import open_chapter_lab, read, settle

import genie_edu as ge
from genie_edu.exercises import NotYet
from genie_edu.exercises.ch13 import check_average, check_plan, check_resume

STEM = "13_cifar10_base_model"
CHECKS = {
    "check_resume": check_resume,
    "check_average": check_average,
    "check_plan": check_plan,
}


def train(
    problem,
    n_steps,
    *,
    loads=True,
    saves=lambda step: True,
    forget=(),
    seed=lambda step: 100 + step,
    rate_at=lambda step, begun: step,
    keeps=lambda losses, begun: losses,
):
    """The loop, with the places at which the mistakes below go wrong."""
    fresh = {"step": 0, "weights": problem.weights(), "momentum": torch.zeros(6).double()}
    fresh["losses"] = []
    found = (problem.load() if loads else None) or {}
    state = fresh | {key: value for key, value in found.items() if key not in forget}
    begun = state["step"]
    weights, momentum, losses = (state[key] for key in ("weights", "momentum", "losses"))
    for step in range(begun, n_steps):
        generator = torch.Generator().manual_seed(seed(step))
        rate = problem.rate(rate_at(step, begun), n_steps)
        loss, gradient = problem.loss_and_gradient(weights, generator)
        momentum = 0.9 * momentum + gradient
        weights = weights - rate * momentum
        losses.append(loss)
        if saves(step):
            parts = {"weights": weights, "momentum": momentum, "losses": losses}
            problem.save({"step": step + 1, **parts})
    return keeps(losses, begun)


def train_with_one_generator(problem, n_steps, *, keep_state=True):
    """Another way: one generator for the whole run, whose state is saved; in-place updates."""
    generator = torch.Generator().manual_seed(5)
    weights, momentum, losses = problem.weights(), torch.zeros(6, dtype=torch.float64), []
    if state := problem.load():
        weights, momentum, losses = state["weights"], state["momentum"], state["losses"].tolist()
        if keep_state:
            generator.set_state(state["generator"])
    for step in range(len(losses), n_steps):
        rate = problem.rate(step, n_steps)
        loss, gradient = problem.loss_and_gradient(weights, generator)
        momentum.mul_(0.9).add_(gradient)
        weights.sub_(rate * momentum)
        losses.append(loss)
        state = {"weights": weights, "momentum": momentum, "generator": generator.get_state()}
        problem.save(state | {"losses": torch.tensor(losses, dtype=torch.float64)})
    return torch.tensor(losses, dtype=torch.float64)


def train_saving_too_early(problem, n_steps):
    """Saves the step's number with the weights before its update."""
    state = problem.load() or {"step": 0, "weights": problem.weights(), "losses": []}
    momentum = state.get("momentum", torch.zeros(6, dtype=torch.float64))
    weights, losses = state["weights"], state["losses"]
    for step in range(state["step"], n_steps):
        rate = problem.rate(step, n_steps)
        generator = torch.Generator().manual_seed(step)
        loss, gradient = problem.loss_and_gradient(weights, generator)
        losses.append(loss)
        momentum = 0.9 * momentum + gradient
        parts = {"weights": weights, "momentum": momentum, "losses": losses}
        problem.save({"step": step + 1, **parts})
        weights = weights - rate * momentum
    return losses


def train_catching_all(problem, n_steps):
    while True:
        try:
            return train(problem, n_steps)
        except BaseException:  # noqa: BLE001
            return [0.0] * n_steps


def average(weights, half_life, *, decay=lambda h: 0.5 ** (1 / h), start=None, swap=False):
    beta = decay(half_life)
    new = beta if swap else 1 - beta
    now, found = weights[0] if start is None else start, []
    for row in weights:
        now = torch.lerp(now, row, new)
        found.append(now)
    return torch.stack(found)


def average_by_sums(weights, half_life):
    """Another way: all powers at once; the first weights count as if they had always been there."""
    decay = math.exp(-math.log(2) / half_life)
    n = len(weights)
    age = torch.arange(n)[:, None] - torch.arange(n)[None]
    shares = torch.where(age >= 0, (1 - decay) * decay ** age.clamp(min=0).double(), 0.0)
    shares[:, 0] = decay ** torch.arange(n).double()
    return shares @ weights


def plan(seconds, minutes):
    later = sorted(seconds[1:])[(len(seconds) - 1) // 2]
    return len(seconds) + int((60 * minutes - sum(seconds)) / later)


def plan_by_counting(seconds, minutes):
    later = torch.tensor(seconds[1:]).mean().item()
    return int(1 + (60 * minutes - seconds[0]) // later)


def wrong(answer, **keys):
    return functools.partial(answer, **keys)


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (check_resume, train),
        (check_resume, wrong(train, saves=lambda step: step % 4 == 0)),
        (check_resume, train_with_one_generator),
        (check_average, average),
        (check_average, average_by_sums),
        (check_plan, plan),
        (check_plan, plan_by_counting),
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


WRONG = [
    (check_resume, wrong(train, forget=("momentum",)), "run-up"),
    (check_resume, wrong(train, seed=lambda step: 5), "sees the same batch"),
    (check_resume, wrong(train_with_one_generator, keep_state=False), "first steps come again"),
    (check_resume, wrong(train, rate_at=lambda step, begun: step - begun), "rate starts over"),
    (check_resume, wrong(train, forget=("step",)), "rate starts over"),
    (check_resume, wrong(train, rate_at=lambda step, begun: 0), "was asked for at steps"),
    (check_resume, wrong(train, loads=False), "load what was saved"),
    (check_resume, wrong(train, forget=("step", "weights", "momentum")), "starts anew"),
    (check_resume, wrong(train, forget=("weights",)), "weights of another one"),
    (check_resume, train_saving_too_early, "weights of another one"),
    (check_resume, wrong(train, saves=lambda step: False), "nothing is saved"),
    (check_resume, wrong(train, saves=lambda step: step == 23), "nothing is saved"),
    (check_resume, wrong(train, keeps=lambda losses, begun: losses[begun:]), "before the kill"),
    (check_resume, wrong(train, forget=("losses",)), "before the kill"),
    (check_resume, train_catching_all, "what kills it"),
    (check_resume, wrong(train, keeps=lambda losses, begun: losses[-1]), "as a list"),
    (check_resume, lambda problem, n: problem.lode(), "AttributeError"),
    (check_average, wrong(average, swap=True), "exchanged"),
    (check_average, wrong(average, decay=lambda h: math.exp(-1 / h)), "1/e"),
    (check_average, wrong(average, decay=lambda h: 1 - 1 / h), "factors multiply to a half"),
    (check_average, wrong(average, decay=lambda h: 1 - 0.5 / h), "not it, either"),
    (check_average, wrong(average, start=torch.zeros(3).double()), "begins at zero"),
    (check_average, lambda w, h: average(w, h)[-1], "an average a step"),
    (check_average, lambda w, h: average(w, 2 * h), "is off"),
    (check_plan, lambda s, m: int(60 * m / (sum(s) / len(s))), "starts everything up"),
    (check_plan, lambda s, m: int(m / (sum(s[1:]) / (len(s) - 1))), "not seconds"),
    (check_plan, lambda s, m: int(60 * m / (sum(s[1:]) / (len(s) - 1))), "start-up takes"),
    (check_plan, lambda s, m: plan(s, m) - len(s), "measured steps count"),
    (check_plan, lambda s, m: plan(s, m) // 2, "would take"),
    (check_plan, lambda s, m: 60 * m / 0.33, "whole number"),
    (check_plan, lambda s, m: s, "a number of steps"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_mistakes_get_their_own_hint(check, answer, hint, capsys):
    chapter_lab.gets_hint(check, answer, hint, capsys)


# The live piece: what the text reads off it.


def said(page):
    """The lab's numbers for the chosen checkpoint."""
    settle(page)
    return page.evaluate("document.querySelector('.genie-lab').genieLab.readout")


def test_in_the_lab_most_of_the_fall_is_over_when_most_of_the_minutes_are_to_come(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    middle = said(page)
    page.locator("input[name=snapshot]").focus()
    page.keyboard.press("End")
    last = said(page)
    assert read(page, "other_step") == read(page, "step"), "the last one stands beside the first"
    assert middle["share"] > 0.6 * last["share"] > 0
    assert middle["minutes"] < 0.5 * last["minutes"]
    page.keyboard.press("Home")
    first = said(page)
    assert first["loss"] > middle["loss"] > last["loss"]
    assert first["share"] < middle["share"]
    assert page.messages.errors == []
