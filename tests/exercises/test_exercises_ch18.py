"""The checks of chapter 18: placeholder, solution, another right answer, typical mistakes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import torch
from chapter_lab import open_chapter_lab, read, settle

from conftest import ROOT
from genie_edu.datasets.images import read_png, rows_of
from genie_edu.exercises import NotYet, ch18
from genie_edu.lab import format_number


def condition_on(mixture, row, y, noise):
    shared = mixture.covs @ row
    spread = shared @ row + noise**2
    gain = shared / spread[:, None]
    miss = y - mixture.means @ row
    log_w = mixture.weights.log() - spread.log() / 2 - miss**2 / (2 * spread)
    covs = mixture.covs - gain[:, :, None] * shared[:, None, :]
    return torch.softmax(log_w, 0), mixture.means + miss[:, None] * gain, covs


def condition_by_precisions(mixture, row, y, noise):
    """The product of two Gaussians: precisions add up."""
    weights, means, covs = [], [], []
    for w, m, c in zip(mixture.weights, mixture.means, mixture.covs, strict=True):
        precision = torch.linalg.inv(c) + torch.outer(row, row) / noise**2
        covs.append(torch.linalg.inv(precision))
        means.append(covs[-1] @ (torch.linalg.inv(c) @ m + row * y / noise**2))
        spread = row @ c @ row + noise**2
        weights.append(w * torch.exp(-((y - row @ m) ** 2) / (2 * spread)) / spread.sqrt())
    weights = torch.stack(weights)
    return [weights / weights.sum(), torch.stack(means), torch.stack(covs)]


def consistency(x, low):
    factor = x.shape[-1] // low.shape[-1]
    miss = torch.nn.functional.avg_pool2d(x, factor) - low
    return 20 * math.log10(2 / float(miss.square().mean().sqrt()))


def consistency_by_hand(x, low):
    b, c, h, w = low.shape
    factor = x.shape[-1] // w
    blocks = x.reshape(b, c, h, factor, w, factor).mean((3, 5))
    return 10 * torch.log10(4 / (blocks - low).pow(2).mean())


def price(m, share):
    return 1 + share + (1 - share) / m


RIGHT = [
    (ch18.check_condition_on, condition_on),
    (ch18.check_condition_on, condition_by_precisions),
    (ch18.check_psnr, consistency),
    (ch18.check_psnr, consistency_by_hand),
    (ch18.check_price, price),
    (ch18.check_price, lambda m, share: (m * (1 + share) + 1 - share) / m),
]


@pytest.mark.parametrize(("check", "answer"), RIGHT)
def test_right_answers_pass(check, answer, capsys):
    check(answer)
    printed = capsys.readouterr().out
    assert printed.startswith("Correct:") and printed.count("\n") == 1


def todo(*args):
    raise NotImplementedError


CHECKS = [ch18.check_condition_on, ch18.check_psnr, ch18.check_price]


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("placeholder", [..., None, todo, lambda *a: ..., lambda *a: None, 3.0])
def test_placeholders_fail(check, placeholder):
    with pytest.raises(NotYet):
        check(placeholder)


def without(part):
    def answer(mixture, row, y, noise):
        weights, means, covs = condition_on(mixture, row, y, noise)
        return {
            "weights": (mixture.weights, means, covs),
            "covs": (weights, means, mixture.covs),
            "sum": (2 * weights, means, covs),
            "one": means,
        }[part]

    return answer


def clean(mixture, row, y, noise):
    weights, _, covs = condition_on(mixture, row, y, noise)
    return weights, condition_on(mixture, row, y, 0.0)[1], covs


def no_factor(mixture, row, y, noise):
    _, means, covs = condition_on(mixture, row, y, noise)
    spread = (mixture.covs @ row) @ row + noise**2
    log_w = mixture.weights.log() - (y - mixture.means @ row) ** 2 / (2 * spread)
    return torch.softmax(log_w, 0), means, covs


def wrong_sign(mixture, row, y, noise):
    weights, means, covs = condition_on(mixture, row, y, noise)
    return weights, 2 * mixture.means - means, covs


def per_picture(x, low):
    factor = x.shape[-1] // low.shape[-1]
    miss = (torch.nn.functional.avg_pool2d(x, factor) - low).square().flatten(1).mean(1)
    return float((10 * torch.log10(4 / miss)).mean())


def corner(x, low):
    factor = x.shape[-1] // low.shape[-1]
    return 10 * math.log10(4 / float((x[:, :, ::factor, ::factor] - low).square().mean()))


WRONG = [
    (ch18.check_condition_on, without("weights"), "still those without y: which"),
    (ch18.check_condition_on, without("covs"), "covariances are still those"),
    (ch18.check_condition_on, without("sum"), "add up to one"),
    (ch18.check_condition_on, without("one"), "three things"),
    (ch18.check_condition_on, clean, "noise is missing"),
    (ch18.check_condition_on, no_factor, "normalizing factor"),
    (ch18.check_condition_on, wrong_sign, "means are off"),
    (ch18.check_psnr, lambda x, low: consistency(x, low) - 20 * math.log10(2), "from -1 to 1"),
    (ch18.check_psnr, lambda x, low: -consistency(x, low), "more decibels"),
    (ch18.check_psnr, lambda x, low: consistency(x, low) / 2, "factor ten"),
    (ch18.check_psnr, per_picture, "each picture"),
    (ch18.check_psnr, corner, "one pixel of a block"),
    (ch18.check_psnr, lambda x, low: [1.0, 2.0], "one number"),
    (ch18.check_price, lambda m, share: 1 / m, "original varies, too"),
    (ch18.check_price, lambda m, share: 1 + 1 / m, "not averaged away"),
    (ch18.check_price, lambda m, share: 1.0, "original varies, too"),
    (ch18.check_price, lambda m, share: 2.0, "variance of their average"),
    (ch18.check_price, lambda m, share: 1 + share / m + (1 - share), "variance of their average"),
    (ch18.check_price, lambda m, share: (1, 2), "one number"),
]


@pytest.mark.parametrize(("check", "answer", "hint"), WRONG)
def test_typical_mistakes_get_their_own_hint(check, answer, hint):
    with pytest.raises(NotYet, match=hint):
        check(answer)


STEM = "18_upsampling"
SHEET = json.loads((ROOT / "data" / "digits_up_levels" / "sheet.json").read_text())


def agreed(page, solvers=("ddim", "genie")):
    """{solver: error} on screen, each the recorded table's."""
    settle(page)
    state = page.evaluate("document.querySelector('.genie-lab').genieLab.state")
    found = {}
    for solver in solvers:
        (run,) = [
            row
            for row in SHEET["rows"]
            if (row["solver"], row["spacing"], row["nfe"])
            == (solver, state["spacing"], state["nfe"])
        ]
        for name in ("error", "frechet"):
            shown = read(page, name, f"[data-solver={solver}]")
            assert shown == format_number(run[name])
        found[solver] = run["error"]
    return found


def test_the_lab_shows_what_was_given_and_what_each_solver_makes_of_it(page, tmp_path):
    open_chapter_lab(page, tmp_path, STEM)
    assert read(page, "nfe") == "5"
    few = agreed(page)
    assert read(page, "column") == "first digit, noise at t = 0, seed 1"
    page.locator("input[name=nfe]").focus()
    page.keyboard.press("End")
    many = agreed(page)
    assert all(many[solver] < few[solver] for solver in few)
    page.get_by_role("button", name="Another seed", exact=True).click()
    settle(page)
    assert read(page, "column") == "first digit, noise at t = 0.35, seed 2"
    page.get_by_role("button", name="Only the difference", exact=True).click()
    settle(page)
    assert read(page, "nfe") == "3"
    page.locator("input[name=solver][value=unipc_2]").check()
    agreed(page, ("ddim", "genie", "unipc_2"))
    assert page.messages.errors == []


def test_the_sheets_columns_are_what_their_names_say():
    pixels = read_png(ROOT / "data" / "digits_up_levels" / "sheet.png")
    tiles = rows_of(pixels, 8).astype(float) / 127.5 - 1
    originals, given = tiles[0], tiles[1]
    means = originals.reshape(16, 4, 2, 4, 2).mean((2, 4)).repeat(2, 1).repeat(2, 2)
    assert [name.split(", ")[0] for name in SHEET["names"]] == 2 * (
        4 * ["first digit"] + 4 * ["second digit"]
    )
    misses = np.abs(given - means).mean((1, 2)).reshape(4, 4)
    assert (misses[:, 0] < 0.01).all() and (np.diff(misses, axis=1) > 0).all()
    assert np.array_equal(given[:8], given[8:]) and np.array_equal(originals[:8], originals[8:])
    assert (tiles[2, :8] != tiles[2, 8:]).any(), "the seeds are others"
