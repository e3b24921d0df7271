"""The lab's pieces on a recorded run: its history, two solvers' images, what a sample costs."""

import base64
import io
import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from test_lab import SANS, TEXTS, open_lab, output, settled  # noqa: F401
from test_lab_images import (
    LAB,
    as_colors,
    drawn,
    fits_and_axe_finds_nothing,
    open_images,  # noqa: F401
    pixels_of,
    sheet_of,  # noqa: F401
)

import genie_edu as ge
from genie_edu.datasets.images import write_png
from genie_edu.lab import (
    SCRIPT,
    config_of,
    format_number,
    images,
    runs,
    scenarios,
)
from genie_edu.lab.poster import poster
from genie_edu.show.numbers import MISSING

NAMES = {"ch13_history": "history", "ch14_blend": "", "ch15_precision": "precision"}
RUN = "trial"
CURVE = [[10, 1.0, 6.0], [20, 0.5, 12.0], [40, 0.3, 24.0], [80, 0.2, 60.0]]
STEPS = [3, 19, 41, 80]


def scenario_of(name, sheet):
    """A scenario of the book on another packed run."""
    spec = {k: v for k, v in scenarios()[name].items() if k != "runs"}
    return {**spec, "sheet": sheet, "about": "A trial run."}


# ------------------------------------------------------------------------------------- history


@pytest.fixture
def history(sheet_of, tmp_path, monkeypatch):  # noqa: F811
    """A recorded training in colour, of four checkpoints, as scenario "trial"."""
    folder = tmp_path / "data" / RUN
    folder.mkdir(parents=True)
    tiles = np.random.default_rng(1).integers(0, 256, (4, 6, 32, 32, 3), dtype=np.uint8)
    write_png(folder / "base_samples.png", tiles.swapaxes(1, 2).reshape(4 * 32, 6 * 32, 3))
    card = {"steps": STEPS, "tile": 32, "columns": 6}
    (folder / "base_samples.json").write_text(json.dumps(card))
    record = {"curve": CURVE, "date": "2026-01-01", "device": "none", "command": "no command"}
    (folder / "base.json").write_text(json.dumps({"record": record}))
    ge.checkpoints.write(
        folder / "base.safetensors", {"none": torch.zeros(1)}, {"record": {"curve": CURVE}}
    )
    name = f"{RUN}_history"
    images.file_of(name).write_text(images.script(name))
    spec = scenario_of("ch13_history", name)
    spec["state"] = {"snapshot": 1, "beside": 3}
    spec["presets"] = [{**p, "state": {"snapshot": k}} for k, p in enumerate(spec["presets"])]
    monkeypatch.setitem(scenarios(), RUN, spec)
    return folder, tiles


def test_a_history_is_the_recorded_one(history):
    folder, tiles = history
    packed = images.packed(f"{RUN}_history")
    content = base64.b64decode(packed["image"].partition(",")[2])
    pixels = np.asarray(Image.open(io.BytesIO(content)))
    assert (pixels == tiles.swapaxes(1, 2).reshape(128, 192, 3)).all()
    assert packed["curve"] == [entry[:2] for entry in CURVE]
    # 3 is nearest to 10, 19 to 20, 41 to 40; of a drop of 0.8
    wanted = [[3, 1.0, 0, 0.1], [19, 0.5, 0.625, 0.2], [41, 0.3, 0.875, 0.4], [80, 0.2, 1, 1.0]]
    assert packed["checkpoints"] == wanted
    (folder / "base_samples.json").write_text(json.dumps({"steps": [1], "tile": 32, "columns": 6}))
    with pytest.raises(ValueError, match="not its card's"):
        images.script(f"{RUN}_history")


def test_the_history_shows_the_checkpoint_and_the_other_one(history, open_images):  # noqa: F811
    _, tiles = history
    page = open_images(RUN)

    def shown(first, *rest):
        rows = [first, *rest]
        pictures, texts = drawn(page)
        assert len(pictures) == 6 * len(rows)
        for k, (pixels, *_) in enumerate(pictures):
            assert (pixels == tiles[rows[k // 6], k % 6]).all()
        assert all(any(t == f"after {STEPS[row]} training steps" for t in texts) for row in rows)
        loss, share, minutes = images.packed(f"{RUN}_history")["checkpoints"][first][1:]
        assert output(page, "step") == str(STEPS[first])
        assert output(page, "loss") == format_number(loss)
        assert output(page, "share") == f"{int(100 * share + 0.5)} %"
        assert output(page, "minutes") == format_number(minutes)
        assert output(page, "other_step") == (str(STEPS[rest[0]]) if rest else MISSING)

    shown(1, 3)
    slider = page.locator("input[name=snapshot]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert slider.get_attribute("aria-valuetext") == "41"
    shown(2, 3)
    page.locator("select[name=beside]").select_option("-1")
    settled(page)
    shown(2)
    handle = page.locator("[data-id=snapshot]")
    assert handle.get_attribute("role") == "slider"
    handle.focus()
    for key, row in (("ArrowLeft", 1), ("ArrowUp", 2), ("Home", 0), ("End", 3), ("ArrowRight", 3)):
        page.keyboard.press(key)
        settled(page)
        shown(row)
        assert handle.get_attribute("aria-valuetext") == f"{STEPS[row]} training steps"
    box = handle.bounding_box()  # a drag to the far left
    page.mouse.move(box["x"] + 14, box["y"] + 14)
    page.mouse.down()
    page.mouse.move(box["x"] - 600, box["y"], steps=4)
    page.mouse.up()
    settled(page)
    shown(0)
    assert page.messages.errors == [] and page.messages.foreign() == []


def test_the_historys_python_prints_the_same(history, open_images, monkeypatch, capsys):  # noqa: F811
    folder, _ = history
    page = open_images(RUN, snapshot=2)
    monkeypatch.setattr(ge.data, "shipped", lambda name: folder.parent / name)
    exec(page.evaluate(f"{LAB}.python()"), {})
    said = dict(line.split() for line in capsys.readouterr().out.splitlines())
    assert abs(float(said.pop("share")) - 87.5) < 0.6
    assert {k: float(v) for k, v in said.items()} == {"step": 41, "loss": 0.3, "minutes": 0.4}


def test_a_history_refuses_checkpoints_that_it_lacks(history, open_images):  # noqa: F811
    lab = ge.SolverLab(RUN, snapshot=3, beside=-1)
    assert (lab.snapshot, lab.beside) == (3, -1)
    for key, value in (("snapshot", 4), ("beside", 4)):
        with pytest.raises(ValueError, match=f"{key} must lie from 0 to 3; got 4"):
            setattr(lab, key, value)
    with pytest.raises(ValueError, match="snapshot must lie from 0 to 63; got -1"):
        lab.snapshot = -1
    for bad in ("snapshot=4", "beside=4", "beside=-2", "snapshot=1.5"):
        page = open_images(RUN, fragment=f"#lab={RUN}&{bad}")
        assert page.evaluate(f"{LAB}.state.snapshot") == 1
    page = open_images(RUN, fragment=f"#lab={RUN}&snapshot=2&beside=-1")
    assert page.evaluate(f"[{LAB}.state.snapshot, {LAB}.state.beside]") == [2, -1]


# --------------------------------------------------------------------------------------- blend


def best_only(sheet):
    """One run of a solver, derivative and number of calls; some with an analytic first step."""
    kept = {}
    for row in sheet.rows:
        kept.setdefault((row["solver"], row["derivative"], row["nfe"]), row)
    for k, row in enumerate(kept.values()):
        row["afs"] = k % 2 == 1
    order = {row["row"]: k for k, row in enumerate(sorted(kept.values(), key=lambda r: r["row"]))}
    places = [sheet.reference, *order]
    sheet.tiles = sheet.tiles[places]
    sheet.reference = 0
    sheet.rows = [{**row, "row": 1 + order[row["row"]]} for row in kept.values()]
    sheet.write()
    images.file_of(sheet.name).write_text(images.script(sheet.name))
    images.packed.cache_clear()
    return sheet


@pytest.fixture
def blend_of(sheet_of):  # noqa: F811
    """A function that makes the scenario "trial" of the view from a sheet of some shape."""

    def made(best=False, **shape):
        scenario = scenario_of("ch14_blend", RUN)
        sheet = sheet_of(RUN, scenario=scenario, **shape)
        return best_only(sheet) if best else sheet

    return made


def mixed(a, b, mixing, share):
    """The mixture of two rows of tiles, written without the lab's own helpers."""
    if mixing == "difference":
        return np.abs(a - b)
    if mixing == "blend":
        return np.floor((1 - share) * a + share * b + 0.5)
    out, size = a.copy(), a.shape[2]
    for x in range(size):
        if x + 0.5 > size * (1 - share):
            out[:, :, x] = b[:, :, x]
    return out


@pytest.mark.parametrize("shape", [{}, {"tile": 32, "columns": 6, "colors": 3, "best": True}])
def test_the_mixture_is_made_of_both(blend_of, open_images, shape):  # noqa: F811
    sheet, page = blend_of(**shape), open_images(RUN, rival="dpmpp_2m")

    def run_of(solver, kind, nfe):
        rows = [
            row
            for row in sheet.rows
            if (row["solver"], row["derivative"], row["nfe"]) == (solver, kind, nfe)
        ]
        return min(rows, key=lambda r: (r["error"] is None, r["error"] or 0))

    for patch in (
        {},
        {"blend": 0.25},
        {"mixing": "swipe"},
        {"mixing": "swipe", "blend": 0.0},
        {"mixing": "swipe", "blend": 1.0},
        {"mixing": "difference", "nfe": 8, "column": 5},
    ):
        page.evaluate(f"(p) => {LAB}.set(p)", patch)
        settled(page)
        state = page.evaluate(f"{LAB}.state")
        pair = [run_of("genie", "head", state["nfe"]), run_of("dpmpp_2m", "none", state["nfe"])]
        a, b = (sheet.images(run["row"]) for run in pair)
        own = sheet.images(sheet.reference)
        want = [own, a, mixed(a, b, state["mixing"], state["blend"]), b]
        tiles, _ = drawn(page)
        assert len(tiles) == 4 * sheet.columns + 4
        for k, (pixels, *_) in enumerate(tiles):
            line, column = k // sheet.columns, k % sheet.columns
            if line == 4:  # the highlighted one of every line, large
                line, column = column, state["column"]
            tile = as_colors(want[line][column].astype(np.uint8))
            assert np.abs(pixels.astype(int) - tile).max() <= (state["mixing"] == "blend"), patch
        for run, own_tiles in zip(pair, (a, b), strict=True):
            solver = run["solver"]
            assert output(page, "error", solver) == format_number(run["error"])
            assert output(page, "frechet", solver) == format_number(run["frechet"])
            far = np.abs(own_tiles - own)[state["column"]].mean()
            assert output(page, "pixel", solver) == format_number(float(far))
            assert ("analytic first step" in output(page, "run_grid", solver)) == run["afs"]
        between = np.abs(a - b)[state["column"]].mean()
        assert output(page, "between") == format_number(float(between))
        off = [np.abs(x - own).reshape(sheet.columns, -1).mean(1) for x in (a, b)]
        assert output(page, "closer") == f"{(off[0] < off[1]).sum()} of {sheet.columns}"
    assert page.messages.errors == [] and page.messages.foreign() == []


def test_every_control_of_the_blend_moves_it(blend_of, open_images):  # noqa: F811
    blend_of()
    page = open_images(RUN)
    slider = page.locator("input[name=blend]")
    slider.focus()
    page.keyboard.press("End")
    settled(page)
    tiles, _ = drawn(page)
    assert all((tiles[32 + k][0] == tiles[48 + k][0]).all() for k in range(16)), "all rival"
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    settled(page)
    assert page.evaluate(f"{LAB}.state.blend") == pytest.approx(0.05)
    assert slider.get_attribute("aria-valuetext") == "5 %"
    page.locator("details.gl-more > summary").click()
    page.locator("select[name=solver]").select_option("ddim")  # the rival: the two change places
    settled(page)
    state = page.evaluate(f"{LAB}.state")
    assert (state["solver"], state["rival"]) == ("ddim", "genie")
    page.locator("select[name=mixing]").select_option("difference")
    settled(page)
    assert slider.is_disabled()
    page.locator("select[name=grid]").select_option("rho7")
    page.locator("select[name=derivative]").select_option("autodiff")
    settled(page)
    assert output(page, "run_grid", "genie") == "uniform in γ^(1/7)"
    page.locator("select[name=rival]").select_option("rk4")
    settled(page)
    _, texts = drawn(page)
    assert texts.count("four calls a step: exactly 5 can't be spent") == 2  # its own, the mixture's
    assert output(page, "between") == MISSING and output(page, "closer") == MISSING
    page.locator("[data-id=column]").focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert output(page, "column") == "2 of 16"
    for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"solver,derivative,")):
        with page.expect_download() as download:
            page.locator(f"button[name={kind}]").click()
        content = download.value.path().read_bytes()
        assert content.startswith(start) and b"NaN" not in content and b"undefined" not in content
    assert page.messages.errors == []


def test_the_blends_python_prints_the_same(blend_of, open_images, monkeypatch, capsys):  # noqa: F811
    sheet = blend_of(tile=32, columns=6, colors=3, best=True)
    page = open_images(RUN, nfe=8, column=4)
    monkeypatch.setattr(ge.data, "shipped", lambda name: sheet.folder / "data" / name)
    exec(page.evaluate(f"{LAB}.python()"), {})
    said = dict(line.split(" ", 1) for line in capsys.readouterr().out.splitlines())
    shown = page.evaluate(f"{LAB}.readout")
    for solver in ("genie", "ddim"):
        error, frechet, pixel = said[solver].split()
        pair = [None if v == "None" else float(v) for v in (error, frechet)]
        assert pair == [shown["error"][solver], shown["frechet"][solver]]
        assert float(pixel) == pytest.approx(shown["pixel"][solver], rel=0.006)
    assert float(said["between"]) == pytest.approx(shown["between"], rel=0.006)
    assert int(said["closer"]) == shown["closer"]


def test_the_blend_refuses_what_it_has_no_images_for(blend_of, open_images):  # noqa: F811
    blend_of()
    lab = ge.SolverLab(RUN, grid="rho7", mixing="swipe", blend=0.2)
    for key, value, sentence in (
        ("solver", "ab2", "there are images for"),
        ("rival", "unipc_2", "there are images for"),
        ("grid", "quadratic", "there are images for"),
        ("grid", "better", "grid 'better' does not exist"),
        ("nfe", 25, r"there are images for \[3, 5, 8, 10\]"),
        ("blend", 1.5, "blend must lie from 0.0 to 1.0"),
        ("mixing", "fade", "mixing 'fade' does not exist"),
    ):
        with pytest.raises(ValueError, match=sentence):
            setattr(lab, key, value)
    with pytest.raises(ValueError, match="two different solvers; got 'ddim'"):
        ge.SolverLab(RUN, solver="ddim")
    for bad in ("rival=genie", "solver=ddim", "grid=quadratic", "nfe=4", "blend=2", "mixing=x"):
        page = open_images(RUN, fragment=f"#lab={RUN}&{bad}")
        assert page.evaluate(f"[{LAB}.state.solver, {LAB}.state.rival]") == ["genie", "ddim"], bad
    page = open_images(RUN, fragment=f"#lab={RUN}&rival=heun&grid=rho7&blend=0.75&mixing=swipe")
    state = page.evaluate(f"{LAB}.state")
    assert [state[k] for k in ("rival", "grid", "blend", "mixing")] == [
        "heun",
        "rho7",
        0.75,
        "swipe",
    ]


def test_a_sheet_too_large_is_cut_to_the_seeds_that_fit(blend_of, monkeypatch):
    sheet = blend_of(tile=32, columns=8, colors=3)
    whole = len(images.script(RUN))
    monkeypatch.setattr(images, "LARGEST", int(0.8 * whole))
    images.file_of(RUN).write_text(images.script(RUN))
    images.packed.cache_clear()
    packed = images.packed(RUN)
    assert 4 <= packed["columns"] < 8 and len(images.script(RUN)) < 0.8 * whole
    pixels = pixels_of(packed["image"])
    own = sheet.tiles[sheet.reference, : packed["columns"]]
    top = 32 * sheet.reference
    assert (pixels[top : top + 32] == own.swapaxes(0, 1).reshape(32, -1, 3)).all()


# ----------------------------------------------------------------------------------- precision

TABLE = {  # solver, derivative -> calls -> (errors of two runs, distances of two runs or None)
    ("ddim", "none"): {5: ([4.0, 8.0], [2.0, 2.2]), 10: ([2.0, 3.0], [1.6, 1.5])},
    ("genie", "head"): {5: ([2.0, 2.0], [1.5, 1.3]), 10: ([1.0, 1.5], [1.2, 1.1])},
    ("genie", "autodiff"): {5: ([1.0, 1.2], None), 10: ([0.5, 0.4], None)},
    ("dpmpp_2m", "none"): {5: ([3.0, 3.0], [1.4, 1.6]), 10: ([0.7, 0.8], [1.1, 1.2])},
}


@pytest.fixture
def precision(sheet_of, tmp_path, monkeypatch):  # noqa: F811
    """A function that packs a run with a table of its own, beside the shipped digits' networks."""

    def made(costs=False, seeds=True):
        folder = tmp_path / "data" / RUN
        folder.mkdir(parents=True, exist_ok=True)
        for part in ("base.safetensors", "head.safetensors"):
            shutil.copy(ge.data.shipped(f"digits/{part}"), folder)
        settings = {"n_steps": 100, "batch_size": 10}
        record = {"settings": settings, "curve": [[1, 1.0, 5.0], [100, 0.5, 500.0]]}
        (folder / "head.json").write_text(json.dumps({"record": record}))
        errors, quality = [], []
        for (solver, derivative), row in TABLE.items():
            for nfe, (error, frechet) in row.items():
                cell = {"solver": solver, "derivative": derivative, "nfe": nfe, "afs": False}
                cell["spacing"] = "linear"
                errors.append({**cell, "error": error})
                errors.append({**cell, "spacing": "rho7", "error": [2 * e for e in error]})
                if frechet:
                    quality.append({**cell, "frechet": frechet})
                    quality.append({**cell, "spacing": "rho7", "frechet": [9.0, 9.0]})
        table = {"own_ode": [1.0, 1.2], "n_samples": 400, "errors": errors, "quality": quality}
        if seeds:
            (folder / "seeds.json").write_text(json.dumps(table))

        def rows(part, value):
            found = [{**row, value: row[value][0]} for row in part]
            return {"columns": list(found[0]), "rows": [list(row.values()) for row in found]}

        results = {"errors": rows(errors, "error"), "quality": rows(quality, "frechet")}
        results["quality"] |= {"own_ode": 1.0, "n_samples": 400}
        again = [
            {**row, "seed": seed, "frechet": row["frechet"][seed]}
            for row in quality
            if row["nfe"] == 10
            for seed in (0, 1)
        ]
        results["quality_seeds"] = {
            "columns": list(again[0]),
            "rows": [list(row.values()) for row in again],
        }
        (folder / "results.json").write_text(json.dumps(results))
        if costs:
            per_call = {"ddim none": 1.0, "genie head": 1.2, "genie autodiff": 4.0}
            per_call["dpmpp_2m none"] = 1.1
            columns = ["solver", "derivative", "nfe", "seconds_per_1000", "spread"]
            measured = [[*key.split(), 10, 10 * v, 0.1] for key, v in per_call.items()]
            text = json.dumps({"costs": {"columns": columns, "rows": measured}})
            (folder / "costs.json").write_text(text)
        name = f"{RUN}_precision"
        images.file_of(name).write_text(images.script(name))
        images.packed.cache_clear()
        spec = scenario_of("ch15_precision", name)
        spec["state"] = {"nfe": 10, "solver": "genie", "rival": "ddim"}
        spec["state"]["solvers"] = ["ddim", "genie", "dpmpp_2m"]
        monkeypatch.setitem(scenarios(), RUN, spec)
        return folder

    return made


def test_a_table_is_packed_with_what_its_calls_cost(precision):
    precision()
    packed = images.packed(f"{RUN}_precision")
    assert (packed["repeats"], packed["own_ode"], packed["seconds"]) == ("2 trainings", 1.1, None)
    rows = {tuple(row[:4]): row[5:] for row in packed["rows"]}
    assert rows["genie", "head", "linear", 5] == [[2.0, 2.0], [1.5, 1.3]]
    assert rows["genie", "autodiff", "rho7", 10] == [[1.0, 0.8], None]
    counted = packed["counted"]
    assert 1 == counted["none"] < counted["head"] < 1.3 < 2 < counted["autodiff"] < 6
    per_example = counted["autodiff"] + 3 * (counted["head"] - 1)
    assert counted["training"] == pytest.approx(1000 * per_example, rel=1e-3)
    precision(costs=True, seeds=False)
    # one run without seeds.json is another table; the file of before is still there
    assert images.packed(f"{RUN}_precision")["seconds"] == {
        "per_call": {
            "ddim none": 1.0,
            "genie head": 1.2,
            "genie autodiff": 4.0,
            "dpmpp_2m none": 1.1,
        },
        "training": 500.0,
    }


def test_one_run_has_seeds_of_the_noise_where_they_were_drawn(precision):
    precision(seeds=False)
    packed = images.packed(f"{RUN}_precision")
    assert packed["repeats"] == "2 seeds of the noise" and packed["own_ode"] == 1.0
    rows = {tuple(row[:4]): row[5:] for row in packed["rows"]}
    assert rows["ddim", "none", "linear", 10] == [[2.0], [1.6, 1.5]]
    assert rows["ddim", "none", "linear", 5] == [[4.0], [2.0]]


def test_pairs_are_compared_at_the_same_cost(precision, open_images):  # noqa: F811
    precision()
    page = open_images(RUN)
    counted = images.packed(f"{RUN}_precision")["counted"]

    def readout(**patch):
        assert page.evaluate(f"(p) => {LAB}.set(p)", patch), page.evaluate(f"{LAB}.problem")
        settled(page)
        return page.evaluate(f"{LAB}.readout")

    first = page.evaluate(f"{LAB}.readout")
    # genie [1, 1.5] against ddim [2, 3] at ten calls; the best grid is the one with the least error
    assert first["value"] == {"genie": 1.25, "ddim": 2.5, "dpmpp_2m": 0.75} and first["cost"] == 10
    assert (first["ratio"], first["ratio_range"], first["n_runs"]) == (2, [2, 2], 2)
    assert output(page, "ratio_range") == "2.00 to 2.00"
    assert first["break_even"] is None  # ddim's medians, 6 and 2.5, never come down to 1.25
    assert output(page, "break_even") == "not within the measured calls"

    five = readout(nfe=5)
    assert five["ratio_range"] == [2, 4] and five["ratio"] == 3
    # ddim's medians reach genie's 2 at no cost up to ten calls either
    assert output(page, "break_even") == "not within the measured calls"
    against = readout(nfe=5, rival="dpmpp_2m")
    # dpmpp_2m's medians fall from 3 (five calls) to 0.75 (ten): 2 at this many calls
    calls = 5 * 2 ** (np.log(3 / 2) / np.log(3 / 0.75))
    wanted = counted["training"] / (calls - 5 * counted["head"])
    assert against["break_even"] == pytest.approx(wanted)
    assert output(page, "break_even") == f"{float(f'{wanted:.1e}'):,.0f}"
    assert readout(nfe=10)["break_even"] is None  # 1.25 is cheaper with dpmpp_2m
    assert output(page, "break_even") == "never: the rival is cheaper"
    none = readout(solver="dpmpp_2m", rival="genie", nfe=5)
    assert none["break_even"] is not None and none["n_runs"] == 2

    page.locator("button[name=reset]").click()
    arithmetic = readout(axis="counted", nfe=5, derivative="autodiff")
    cost = 5 * counted["autodiff"]
    assert arithmetic["cost"] == pytest.approx(cost)
    assert (
        arithmetic["ratio"] is None and output(page, "ratio") == MISSING
    )  # beyond ddim's ten calls
    some = readout(derivative="head")
    share = np.log(counted["head"]) / np.log(2)
    rival = [4 ** (1 - share) * 2**share, 8 ** (1 - share) * 3**share]
    assert some["ratio"] == pytest.approx(np.median(np.divide(rival, 2)))
    assert some["value"]["ddim"] == pytest.approx(np.median(rival))

    distance = readout(axis="nfe", measure="frechet", nfe=10)
    assert distance["own_ode"] == 1.1
    assert distance["ratio"] == pytest.approx(np.median([1.6 / 1.2, 1.5 / 1.1]))
    assert readout(derivative="autodiff")["value"]["genie"] is None, "was not measured"
    assert readout(derivative="head", grid="rho7")["value"]["genie"] == 9
    assert page.messages.errors == []


def test_training_is_shared_by_the_images(precision, open_images):  # noqa: F811
    precision()
    page = open_images(RUN, axis="training", nfe=5)
    counted = images.packed(f"{RUN}_precision")["counted"]
    options = page.locator("select[name=axis] option").evaluate_all("(o) => o.map((e) => e.value)")
    assert options == ["nfe", "counted", "training"], "no seconds where none were measured"
    assert not page.evaluate(f"{LAB}.set({{axis: 'seconds'}})")
    page.locator("details.gl-more > summary").click()
    slider = page.locator("input[name=log_images]")
    for key, count in (("End", 1e7), ("Home", 100)):
        slider.focus()
        page.keyboard.press(key)
        settled(page)
        assert slider.get_attribute("aria-valuetext") == f"{count:,.0f}"
        cost = page.evaluate(f"{LAB}.readout.cost")
        assert cost == pytest.approx(5 * counted["head"] + counted["training"] / count)
    lab = ge.SolverLab(RUN)
    with pytest.raises(ValueError, match="no times were recorded"):
        lab.axis = "seconds"


def test_seconds_where_they_were_measured(precision, open_images):  # noqa: F811
    precision(costs=True)
    page = open_images(RUN, axis="seconds", rival="dpmpp_2m", nfe=5)
    shown = page.evaluate(f"{LAB}.readout")
    assert shown["cost"] == pytest.approx(5 * 1.2)  # of 1,000 images
    calls = 5 * 2 ** (np.log(3 / 2) / np.log(3 / 0.75))
    wanted = 500 / ((calls * 1.1 - 5 * 1.2) / 1000)
    assert shown["break_even"] == pytest.approx(wanted)
    page.locator("select[name=axis]").select_option("training")
    settled(page)
    shared = page.evaluate(f"{LAB}.readout.cost")
    assert shared == pytest.approx(5 * 1.2 + 1000 * 500 / 1e4)
    assert ge.SolverLab(RUN, axis="seconds").axis == "seconds"


@pytest.mark.parametrize(
    "patch",
    [
        {"axis": "counted", "nfe": 5},
        {"axis": "training", "log_images": 6.0, "nfe": 5, "rival": "dpmpp_2m"},
        {"axis": "seconds", "measure": "frechet", "nfe": 10, "grid": "linear"},
        {"axis": "counted", "derivative": "autodiff", "nfe": 10},
    ],
)
def test_the_tables_python_prints_the_same(precision, open_images, capsys, patch):  # noqa: F811
    precision(costs=True)
    page = open_images(RUN, **patch)
    exec(page.evaluate(f"{LAB}.python()"), {})
    said = {k: float(v) for k, v in map(str.split, capsys.readouterr().out.splitlines())}
    shown, rival = page.evaluate(f"{LAB}.readout"), patch.get("rival", "ddim")
    want = {"cost": shown["cost"], "solver": shown["value"]["genie"]}
    want |= {"rival": shown["value"][rival], "ratio": shown["ratio"]}
    want = {k: v for k, v in want.items() if v is not None}
    assert said == pytest.approx(want, rel=0.006) and len(said) >= 2


# ----------------------------------------------------------------------- all of them, on a page


@pytest.mark.parametrize("width", [1280, 390, 320])
def test_they_fit_their_page_and_axe_finds_nothing(
    history,
    sheet_of,  # noqa: F811
    precision,
    open_images,  # noqa: F811
    page,
    monkeypatch,
    width,
):
    """In colour and with times, as a run on a GPU leaves them."""
    monkeypatch.setitem(scenarios(), "one", scenarios()[RUN])
    precision(costs=True)
    monkeypatch.setitem(scenarios(), "two", scenarios()[RUN])
    sheet_of(RUN, scenario=scenario_of("ch14_blend", RUN), tile=32, columns=8, colors=3)
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(TEXTS)
    page = open_images("one", "two", RUN, html_text=SANS)
    assert page.locator(".gl-about").all_inner_texts() == ["A trial run."] * 3
    labs = "[...document.querySelectorAll('.genie-lab')].map((e) => e.genieLab)"
    page.evaluate(f"{labs}[1].set({{axis: 'training', measure: 'frechet'}})")
    page.evaluate(f"{labs}[2].set({{mixing: 'swipe', solver: 'genie_multistep', rival: 'rk4'}})")
    settled(page)
    texts = page.evaluate("texts")
    cut = [t for t in texts if t["lab"] and not -0.5 <= t["left"] <= t["right"] <= t["room"] + 0.5]
    assert len(texts) > 20 and cut == []
    fits_and_axe_finds_nothing(page, width)


def test_posters_show_the_run(history, precision, blend_of):
    _, tiles = history
    text = poster(RUN, snapshot=2, beside=0)
    assert text == poster(RUN, snapshot=2, beside=0) and "A trial run." in text
    found = [pixels_of(uri) for uri in _pictures(text)]
    assert len(found) == 8
    for k, row in enumerate((2, 0)):
        assert all((found[4 * k + i] == tiles[row, i]).all() for i in range(4))
    assert "88 %" in text and "after 41 training steps" in text
    sheet = blend_of(tile=32, columns=6, colors=3, best=True)
    for mixing in ("blend", "swipe", "difference"):
        found = [pixels_of(uri) for uri in _pictures(poster(RUN, mixing=mixing, nfe=8, blend=0.25))]
        runs_ = [
            min(
                (r for r in sheet.rows if (r["solver"], r["derivative"], r["nfe"]) == key),
                key=lambda r: (r["error"] is None, r["error"] or 0),
            )
            for key in (("genie", "head", 8), ("ddim", "none", 8))
        ]
        a, b = (sheet.images(run["row"])[:4].astype(float) for run in runs_)
        want = [sheet.images(sheet.reference)[:4], a, mixed(a, b, mixing, 0.25), b]
        for k, pixels in enumerate(found):
            assert np.abs(pixels - want[k // 4][k % 4]).max() < 1e-9
    precision(costs=True)
    for patch in ({}, {"measure": "frechet", "axis": "training"}, {"derivative": "autodiff"}):
        assert "<svg" in poster(RUN, **patch)
    assert format_number(2.5) in poster(RUN) and format_number(1.25) in poster(RUN)


def _pictures(text):
    return [part.split('"')[0] for part in text.split('href="')[1:]]


# ------------------------------------------------------------------------------------- shipped


@pytest.mark.parametrize("name", list(NAMES))
def test_the_shipped_runs_are_packed_and_said(name):
    spec, raw = scenarios()[name], json.loads((SCRIPT.parent / "scenarios.json").read_text())[name]
    assert images.split(spec["sheet"])[1] == NAMES[name]
    assert list(raw["runs"]) == [
        f"{run}_{NAMES[name]}".rstrip("_") for run in ("cifar10", "digits")
    ]
    there = [sheet for sheet in raw["runs"] if images.has(sheet)]
    assert spec["sheet"] == there[0], "run python -m genie_edu.lab.images, then .poster"
    assert config_of(name)["about"] == raw["runs"][there[0]] and "runs" not in config_of(name)
    for sheet in there:
        stored = images.packed(sheet)
        text = images.script(sheet)
        fresh = json.loads(text[text.index(" = {") + 3 : -2])
        assert len(text) <= images.LARGEST
        pictures = [pixels_of(x.pop("image")) for x in (stored, fresh) if "image" in x]
        assert not pictures or (pictures[0] == pictures[1]).all()
        assert stored == fresh, "run python -m genie_edu.lab.images"
    images.packed.cache_clear()  # the pictures were taken out
    for state in (spec["state"], *(preset["state"] for preset in spec["presets"])):
        for key, value in {**config_of(name)["state"], **state}.items():
            if key in ("nfe", "grid", "solver", "rival", "snapshot", "beside", "column", "axis"):
                images.check(spec["sheet"], key, value)
    assert set(runs.NEEDS) == set(NAMES.values())


def test_presets_are_as_their_texts_say(open_lab):  # noqa: F811
    def press(k):
        page.locator(f"button[name=preset_{k}]").click()
        settled(page)
        return page.evaluate(f"{LAB}.readout")

    page = open_lab("ch13_history")
    assert "CIFAR-10" in page.locator(".gl-about").inner_text()
    middle, first = page.evaluate(f"{LAB}.readout"), press(1)
    assert first["share"] < 10 and first["step"] < middle["step"] < first["other_step"]
    assert press(2)["other_step"] == first["step"]
    end = press(3)
    assert end["share"] == 100 and end["other_step"] is None

    page = open_lab("ch14_blend")
    assert page.evaluate(f"{LAB}.readout.nfe") == 5
    assert press(1)["nfe"] == 10 and page.evaluate(f"{LAB}.state.mixing") == "swipe"
    few = press(2)
    page.evaluate(f"{LAB}.set({{nfe: 10}})")
    settled(page)
    many = page.evaluate(f"{LAB}.readout")
    assert all(many["error"][s] < few["error"][s] for s in ("genie_multistep", "dpmpp_2m"))
    page.evaluate(f"{LAB}.reset()")
    settled(page)
    five, ten = page.evaluate(f"{LAB}.readout"), press(3)
    assert ten["nfe"] == 10 and ten["between"] < five["between"]

    page = open_lab("ch15_precision")
    plain, trained = page.evaluate(f"{LAB}.readout"), press(1)
    assert trained["cost"] > plain["cost"] == 10 and trained["break_even"] != 0
    distance = press(2)
    own = distance["own_ode"]
    assert all(abs(v / own - 1) < 0.2 for v in distance["value"].values())
    assert min(distance["value"].values()) < own
    exact = press(3)
    assert exact["cost"] > 20 and exact["break_even"] in (0, None)
    assert page.messages.errors == []
