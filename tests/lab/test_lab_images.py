"""The lab's sampled images: sheets packed and read back, lines of tiles, what a hand can do."""

import base64
import html
import io
import json
import re
import shutil
import xml.etree.ElementTree as tree

import numpy as np
import pytest
from PIL import Image
from test_lab import PAGE, SANS, TEXTS, output, settled

import genie_edu as ge
from genie_edu.datasets.images import write_png
from genie_edu.lab import (
    SCRIPT,
    SPACINGS,
    STYLE,
    config_of,
    format_number,
    images,
    placeholder,
    scenarios,
)
from genie_edu.lab.poster import poster
from genie_edu.show.numbers import MISSING

LAB = "document.querySelector('.genie-lab').genieLab"
KINDS = {"genie": ["head", "autodiff"], "taylor3": ["autodiff"], "genie_multistep": ["head"]}
SCENARIO = {
    "view": "images",
    "title": "The same seeds by solver",
    "alt": "Lines of small pictures, the same seeds in each: the reference, then one per solver.",
    "sentence": "Each line shows what a solver makes of the same seeds.",
    "first": ["image_nfe", "spacing", "solvers"],
    "more": ["derivative", "show_difference"],
    "state": {"nfe": 5, "solvers": ["ddim", "genie", "dpmpp_2m"], "spacing": "linear"},
    "presets": [
        {"name": "Two", "text": "A", "state": {"solvers": ["heun", "rk4"]}},
        {"name": "Difference", "text": "B", "state": {"show_difference": True}},
        {"name": "More calls", "text": "C", "state": {"nfe": 8}},
    ],
}


class Sheet:
    """A recorded run made up of random pixels, so that a tile taken for another one is seen."""

    def __init__(self, folder, name, tile=8, columns=16, colors=0):
        self.name, self.tile, self.columns, self.folder = name, tile, columns, folder
        self.rows = []
        for solver in ("ddim", "genie", "taylor3", "heun", "rk4", "dpmpp_2m", "genie_multistep"):
            for kind in KINDS.get(solver, ["none"]):
                for spacing in ("linear", "rho7"):
                    for nfe in (3, 5, 8, 10):
                        if nfe % ge.SOLVERS[solver].nfe_per_step == 0:
                            self.rows.append([solver, kind, spacing, nfe])
        rng = np.random.default_rng(tile)
        rng.shuffle(self.rows)
        shape = (len(self.rows) + 1, columns, tile, tile, *((3,) if colors else ()))
        self.tiles = 51 * rng.integers(0, 6, shape, dtype=np.uint8)
        self.reference = 4
        places = [k for k in range(len(self.rows) + 1) if k != self.reference]
        numbers = np.exp(rng.normal(size=(len(self.rows), 2)))
        numbers = [[None if k == 0 else a, b] for k, (a, b) in enumerate(numbers.tolist())]
        self.rows = [
            dict(zip(images.KEYS, [place, *row, *pair, False], strict=True))
            for place, row, pair in zip(places, self.rows, numbers, strict=True)
        ]
        self.write()

    def table(self):
        own = {"row": self.reference, "label": "the network's own ODE"}
        return {"tile": self.tile, "columns": self.columns, "reference": own, "rows": self.rows}

    def write(self):
        data = self.folder / "data" / self.name
        data.mkdir(parents=True, exist_ok=True)
        mosaic = self.tiles.swapaxes(1, 2)
        shape = (-1, self.columns * self.tile, *self.tiles.shape[4:])
        write_png(data / "sheet.png", mosaic.reshape(shape))
        (data / "sheet.json").write_text(json.dumps(self.table()))

    def run(self, solver, spacing, nfe, kind):
        """The row of one run."""
        want = (solver, spacing, nfe, kind)
        keys = ("solver", "spacing", "nfe", "derivative")
        (row,) = [row for row in self.rows if tuple(row[k] for k in keys) == want]
        return row

    def images(self, row, difference=False):
        """Every tile of a row, or how far it is from the reference's."""
        own = self.tiles[row].astype(int)
        return np.abs(own - self.tiles[self.reference]) if difference else own


@pytest.fixture
def sheet_of(tmp_path, monkeypatch):
    """A function that makes a sheet, packs it and gives it a scenario of its name."""
    monkeypatch.setattr(images, "DATA", tmp_path / "data")
    monkeypatch.setattr(images, "file_of", lambda name: tmp_path / f"lab_{name}.js")
    images.packed.cache_clear()
    for file in (SCRIPT, STYLE):
        shutil.copy(file, tmp_path)

    def made(name="trial", scenario=SCENARIO, **shape):
        sheet = Sheet(tmp_path, name, **shape)
        images.file_of(name).write_text(images.script(name))
        monkeypatch.setitem(scenarios(), name, {**scenario, "sheet": name})
        return sheet

    yield made
    images.packed.cache_clear()


@pytest.fixture
def open_images(page, tmp_path):
    """A function that mounts scenarios from disk, beside their packed sheets."""

    def opened(*names, fragment="", html_text="", **overrides):
        labs = html_text + "".join(placeholder(name, **overrides) for name in names)
        text = PAGE.format(style=STYLE.name, script=SCRIPT.name, labs=labs)
        (tmp_path / "lab.html").write_text(text, encoding="utf-8")
        page.goto("about:blank")
        page.goto((tmp_path / "lab.html").as_uri() + fragment)
        settled(page)
        return page

    return opened


def shown_state(page, scenario="trial"):
    """The lab's state without the keys of other views."""
    state = page.evaluate(f"{LAB}.state")
    return {key: state[key] for key in config_of(scenario)["state"]}


def pixels_of(uri):
    """The pixels of a data URI as uint8 (H, W, 3)."""
    content = base64.b64decode(uri.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def drawn(page):
    """Every tile of the lab's SVG, top to bottom: its pixels, x, y and side; and its texts."""
    root = tree.fromstring(page.evaluate(f"{LAB}.svg()"))
    tiles = [
        (pixels_of(e.get("href")), *(float(e.get(k)) for k in ("x", "y", "width")))
        for e in root.iter("{http://www.w3.org/2000/svg}image")
    ]
    return tiles, [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]


def as_colors(tile):
    return tile if tile.ndim == 3 else np.repeat(tile[..., None], 3, axis=2)


# ------------------------------------------------------------------------------------- packing


def test_a_packed_sheet_is_the_recorded_one(sheet_of):
    sheet = sheet_of()
    packed = images.packed("trial")
    assert [dict(zip(images.KEYS, row, strict=True)) for row in packed["rows"]] == sheet.rows
    content = base64.b64decode(packed["image"].partition(",")[2])
    assert content == (sheet.folder / "data" / "trial" / "sheet.png").read_bytes()
    assert images.file_of("trial").read_text() == images.script("trial")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.rows.pop(), "not its table's"),
        (lambda s: s.rows[0].update(row=s.reference), "names one row of tiles twice"),
        (lambda s: s.rows[1].update({**s.rows[0], "row": s.rows[1]["row"]}), "one run twice"),
        (lambda s: s.rows[0].update(solver="ddin"), "did you mean 'ddim'"),
        (lambda s: s.rows[0].update(derivative="exact"), "derivative 'exact'"),
        (lambda s: s.rows[0].update(spacing="cosine"), "spacing 'cosine'"),
        (lambda s: s.rows[0].update(frechet=float("nan")), "JSON"),
    ],
)
def test_a_sheet_that_is_not_whole_is_refused(sheet_of, change, sentence):
    sheet = sheet_of()
    sheet.rows.sort(key=lambda row: row["row"])
    change(sheet)
    (sheet.folder / "data" / "trial" / "sheet.json").write_text(json.dumps(sheet.table()))
    with pytest.raises(ValueError, match=sentence):
        images.script("trial")


def test_a_sheet_too_large_for_a_page_is_refused(sheet_of, monkeypatch):
    sheet_of()
    monkeypatch.setattr(images, "LARGEST", 1000)
    with pytest.raises(ValueError, match="a page has 1000"):
        images.script("trial")


# ------------------------------------------------------------------------------------- pictures


def fits_and_axe_finds_nothing(page, width):
    """With all of a lab open, in light and dark."""
    for details in page.locator(".gl-live details > summary").all():
        details.click()
    assert page.messages.errors == []
    axe = SCRIPT.parents[2] / "tests" / "vendor" / "axe" / "axe.min.js"
    page.evaluate(axe.read_text(encoding="utf-8"))
    page.emulate_media(reduced_motion="reduce")  # or axe meets a colour on its way
    page.add_style_tag(content="html[data-theme=dark] body { background: #14181e; color: #eee }")
    for theme in ("light", "dark"):
        page.evaluate("(t) => { document.documentElement.dataset.theme = t; }", theme)
        settled(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = page.evaluate("() => axe.run('.genie-lab').then((r) => r.violations)")
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == []


@pytest.mark.parametrize("shape", [{}, {"tile": 32, "columns": 6, "colors": 3}])
def test_every_tile_is_the_recorded_one(sheet_of, open_images, shape):
    sheet, page = sheet_of(**shape), open_images("trial")
    for difference in (False, True):
        page.evaluate(f"(v) => {LAB}.set({{show_difference: v}})", difference)
        settled(page)
        kinds = {"ddim": "none", "genie": "head", "dpmpp_2m": "none"}
        runs = [sheet.run(solver, "linear", 5, kind) for solver, kind in kinds.items()]
        want = [sheet.images(sheet.reference)]
        want += [sheet.images(run["row"], difference) for run in runs]
        tiles, _ = drawn(page)
        assert len(tiles) == 4 * sheet.columns
        canvas = pixels_of(page.evaluate("document.querySelector('canvas').toDataURL()"))
        for k, (pixels, x, y, side) in enumerate(tiles):
            tile = as_colors(want[k // sheet.columns][k % sheet.columns])
            assert (pixels == tile).all(), k
            # on the canvas each pixel is a square of its own colour, up to its corners
            scale = side / sheet.tile
            assert scale == round(scale) >= 1
            large = canvas[int(y) : int(y + side), int(x) : int(x + side)]
            assert (large == tile.repeat(int(scale), 0).repeat(int(scale), 1)).all(), k
        for run in runs:
            here = sheet.images(run["row"], difference=True)[0].mean()
            assert output(page, "pixel", run["solver"]) == format_number(float(here))
    assert page.messages.errors == [] and page.messages.foreign() == []


def test_numbers_are_the_tables_and_missing_runs_say_so(sheet_of, open_images):
    sheet, page = sheet_of(), open_images("trial")

    def shown(solver, spacing, nfe, kind):
        run = sheet.run(solver, spacing, nfe, kind)
        for name in ("error", "frechet"):
            assert output(page, name, solver) == format_number(run[name])

    page.evaluate(f"{LAB}.set({{solvers: ['taylor3', 'genie', 'heun', 'rk4'], nfe: 8}})")
    settled(page)
    assert output(page, "nfe") == "8"
    shown("taylor3", "linear", 8, "autodiff")  # the head has no second derivative to give
    shown("genie", "linear", 8, "head")
    shown("heun", "linear", 8, "none")
    assert len(drawn(page)[0]) == 5 * sheet.columns

    page.evaluate(f"{LAB}.set({{nfe: 10, derivative: 'autodiff', spacing: 'rho7'}})")
    settled(page)
    shown("genie", "rho7", 10, "autodiff")
    shown("heun", "rho7", 10, "none")
    tiles, texts = drawn(page)
    assert len(tiles) == 4 * sheet.columns and "Heun, 5 steps" in texts
    assert texts.count("four calls a step: exactly 10 can't be spent") == 1
    assert [output(page, n, "rk4") for n in ("error", "frechet", "pixel")] == [MISSING] * 3
    page.wait_for_function(  # spoken a moment later
        "() => document.querySelector('.gl-summary').textContent.includes('exactly 10')"
    )
    null = next(row for row in sheet.rows if row["error"] is None)
    patch = {"solvers": [null["solver"]], "spacing": null["spacing"], "nfe": null["nfe"]}
    kind = {} if null["derivative"] == "none" else {"derivative": null["derivative"]}
    page.evaluate(f"(p) => {LAB}.set(p)", {**patch, **kind})
    settled(page)
    assert output(page, "error", null["solver"]) == MISSING
    assert output(page, "frechet", null["solver"]) == format_number(null["frechet"])


def test_every_control_moves_the_lab(sheet_of, open_images):
    sheet, page = sheet_of(), open_images("trial")
    state = f"{LAB}.state"
    slider = page.locator("input[name=nfe]")
    assert slider.get_attribute("aria-valuetext") == "5"
    slider.focus()
    page.keyboard.press("End")
    assert page.evaluate(state)["nfe"] == 10
    page.keyboard.press("ArrowLeft")
    settled(page)
    assert output(page, "nfe") == "8" == slider.get_attribute("aria-valuetext")
    options = page.locator("select[name=spacing] option").evaluate_all("(o) => o.map(e => e.value)")
    assert options == ["linear", "rho7"], "grids that the sheet does not have are not offered"
    page.locator("select[name=spacing]").select_option("rho7")
    offered = page.locator("input[name=solver]").evaluate_all("(o) => o.map(e => e.value)")
    assert set(offered) == {row["solver"] for row in sheet.rows}
    page.locator("input[name=solver][value=dpmpp_2m]").uncheck()
    page.locator("input[name=solver][value=rk4]").check()
    page.locator("details.gl-more > summary").click()
    page.locator("select[name=derivative]").select_option("autodiff")
    page.locator("input[name=show_difference]").check()
    settled(page)
    now = page.evaluate(state)
    assert (now["spacing"], now["solvers"]) == ("rho7", ["ddim", "genie", "rk4"])
    assert (now["derivative"], now["show_difference"]) == ("autodiff", True)
    error = sheet.run("genie", "rho7", 8, "autodiff")["error"]
    assert output(page, "error", "genie") == format_number(error)
    for k, key, value in ((1, "solvers", ["heun", "rk4"]), (2, "show_difference", True)):
        page.locator(f"button[name=preset_{k}]").click()
        settled(page)
        assert page.evaluate(state)[key] == value and page.evaluate(state)["nfe"] == 5
    page.locator("button[name=reset]").click()
    settled(page)
    assert shown_state(page) == config_of("trial")["state"]


def test_one_seed_is_highlighted_in_all_lines(sheet_of, open_images):
    sheet, page = sheet_of(), open_images("trial")
    handle = page.locator("[data-id=column]")
    assert handle.get_attribute("role") == "slider"
    handle.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft", "Shift+ArrowRight"):
        page.keyboard.press(key)
    settled(page)
    assert handle.get_attribute("aria-valuetext") == "seed 4 of 16"
    assert output(page, "column") == "4 of 16"
    run = sheet.run("genie", "linear", 5, "head")
    distance = float(sheet.images(run["row"], difference=True)[3].mean())
    assert output(page, "pixel", "genie") == format_number(distance)
    for key, column in (("End", 15), ("ArrowRight", 15), ("Home", 0), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        settled(page)
        assert page.evaluate(f"{LAB}.state.column") == column

    tiles, _ = drawn(page)
    corner = page.locator("canvas").bounding_box()
    for pick, act in ((2 * 16 + 7, page.mouse.move), (16 + 11, page.mouse.click)):
        _, x, y, side = tiles[pick]
        act(corner["x"] + x + side / 2, corner["y"] + y + side / 2)
        settled(page)
        assert page.evaluate(f"{LAB}.state.column") == pick % 16
    # the frame stands around that tile in every line, and around no other
    canvas = pixels_of(page.evaluate("document.querySelector('canvas').toDataURL()"))
    accent = [int("a8480a"[k : k + 2], 16) for k in (0, 2, 4)]
    for k, (_, x, y, side) in enumerate(tiles):
        frame = canvas[int(y + side / 2), int(x - 1)]
        assert (np.abs(frame.astype(int) - accent).max() < 3) == (k % 16 == 11), k


@pytest.mark.parametrize("width", [390, 320])
def test_on_a_phone_the_tiles_stay_large_and_all_seeds_can_be_reached(
    sheet_of, open_images, page, width
):
    sheet = sheet_of()
    page.set_viewport_size({"width": width, "height": 900})
    page = open_images("trial")
    seen, reference = set(), sheet.images(sheet.reference)
    for column in range(16):
        page.evaluate(f"(c) => {LAB}.set({{column: c}})", column)
        settled(page)
        tiles, texts = drawn(page)
        own = [as_colors(tile) for tile in reference]
        first = [k for k in range(16) if (own[k] == tiles[0][0]).all()]
        shown = len(tiles) // 4
        assert first[0] <= column < first[0] + shown < 17 and min(t[3] for t in tiles) >= 30
        assert any(f"seeds {first[0] + 1} to {first[0] + shown} of 16" in t for t in texts)
        seen |= set(range(first[0], first[0] + shown))
    assert seen == set(range(16))


@pytest.mark.parametrize("shape", [{}, {"tile": 32, "columns": 6, "colors": 3}])
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_it_fits_its_page_and_axe_finds_nothing(sheet_of, open_images, page, width, shape):
    sheet_of(**shape)
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(TEXTS)
    long = ["genie", "rk4", "dpmpp_2m", "genie_multistep"]
    page = open_images("trial", html_text=SANS, solvers=long)
    texts = page.evaluate("texts")
    assert len(texts) > 5
    cut = [t for t in texts if t["left"] < -0.5 or t["right"] > t["room"] + 0.5]
    assert cut == []
    fits_and_axe_finds_nothing(page, width)


# ------------------------------------------------------------------------------ state, link, save


def test_a_link_reproduces_the_state_and_a_bad_one_changes_nothing(sheet_of, open_images):
    sheet_of()
    page = open_images("trial")
    patch = {"nfe": 8, "spacing": "rho7", "solvers": ["heun", "genie"], "column": 9}
    patch |= {"derivative": "autodiff", "show_difference": True}
    assert page.evaluate(f"(p) => {LAB}.set(p)", patch)
    settled(page)
    state, fragment = page.evaluate(f"{LAB}.state"), page.evaluate(f"{LAB}.fragment()")
    shown = page.locator(".gl-readout").inner_text()
    page = open_images("trial", fragment=fragment)
    assert page.evaluate(f"{LAB}.state") == state
    assert shown_state(page) == {**config_of("trial")["state"], **patch}
    assert page.locator(".gl-readout").inner_text() == shown
    for bad in (
        "nfe=4",
        "nfe=25",
        "column=16",
        "column=-1",
        "column=1.5",
        "spacing=quadratic",
        "solvers=ddim,ab2",
        "derivative=none",
        "show_difference=true",
        "nfe=3&column=99",
    ):
        page = open_images("trial", fragment=f"#lab=trial&{bad}")
        assert shown_state(page) == config_of("trial")["state"], bad
    assert page.messages.errors == []


def test_a_state_without_images_is_not_mounted(sheet_of, page, tmp_path):
    sheet_of()
    found = placeholder("trial")
    config = json.loads(html.unescape(re.search(r'data-config="([^"]*)"', found).group(1)))
    config["state"]["nfe"] = 4
    text = f'<div class="genie-lab" data-config="{html.escape(json.dumps(config))}">kept</div>'
    text = PAGE.format(style=STYLE.name, script=SCRIPT.name, labs=text)
    (tmp_path / "lab.html").write_text(text)
    page.goto((tmp_path / "lab.html").as_uri())
    page.wait_for_selector(".genie-lab[data-problem]")
    assert "nfe must be one of 3, 5, 8, 10" in page.locator(".genie-lab").get_attribute(
        "data-problem"
    )
    assert page.locator(".genie-lab").inner_text().strip() == "kept"


def test_the_widget_has_the_images_and_refuses_what_they_lack(sheet_of):
    sheet_of()
    lab = ge.SolverLab("trial", nfe=8, derivative="autodiff", column=15, show_difference=True)
    assert (lab.nfe, lab.derivative, lab.column) == (8, "autodiff", 15)
    assert lab._config["images"] == images.packed("trial")
    assert "images" not in ge.SolverLab("ch10_difference")._config
    for key, value, sentence in (
        ("nfe", 4, r"nfe: there are images for \[3, 5, 8, 10\]; got 4"),
        ("spacing", "quadratic", "there are images for"),
        ("solvers", ["ddim", "ab2"], "got 'ab2'"),
        ("solvers", ["ddim", "genie", "heun", "rk4", "taylor3"], "at most four"),
        ("column", 16, "from 0 to 15; got 16"),
        ("column", 64, "from 0 to 63; got 64"),
        ("derivative", "none", "derivative 'none' does not exist"),
        ("show_difference", 1, "True or False"),
    ):
        with pytest.raises(ValueError, match=sentence):
            setattr(lab, key, value)
    assert lab.nfe == 8
    with pytest.raises(ValueError, match="there are images for"):
        ge.SolverLab("trial", nfe=25)
    data, _ = lab._repr_mimebundle_()
    assert data["text/html"] == placeholder("trial", **lab.changed())
    assert set(lab.changed()) == {"nfe", "derivative", "column", "show_difference"}


def test_a_widget_mounts_with_its_own_images(sheet_of, open_images):
    sheet = sheet_of()
    page = open_images("landing")
    got = page.evaluate(
        """async ([config, packed]) => {
      const values = { ...config.state, _config: { ...config, images: packed } }, on = {};
      const el = document.createElement('div');
      const model = { get: (k) => values[k], set: (k, v) => { values[k] = v; }, save_changes() {},
        on: (event, f) => { on[event] = f; }, off() {} };
      const stop = GenieLab.render({ model, el });
      document.querySelector('main').append(el);  // as JupyterLab does: later
      const wait = () => new Promise((resolve) => setTimeout(resolve, 500));
      await wait();
      const svg = el.firstChild.genieLab.svg(), tiles = svg.split('<image').length - 1;
      values.column = 5; on['change:column']();
      await wait();
      el.querySelector('input[name=show_difference]').click();
      await wait();
      stop();
      return { ...values, tiles, svg };
    }""",
        [config_of("trial"), images.packed("trial")],
    )
    assert got["tiles"] == 4 * 16 and got["show_difference"] is True
    assert 'stroke="#a8480a"' in got["svg"] and 'fill=""' not in got["svg"]
    assert got["readout"]["column"] == 5
    run = sheet.run("ddim", "linear", 5, "none")
    assert got["readout"]["error"]["ddim"] == run["error"]
    distance = sheet.images(run["row"], difference=True)[5].mean()
    assert got["readout"]["pixel"]["ddim"] == pytest.approx(distance)
    assert page.messages.errors == []


def test_images_come_only_where_they_are_needed(sheet_of, open_images, page, tmp_path):
    sheet_of()
    sheet_of("other", tile=16, columns=4)
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    open_images("landing")
    assert not [name for name in asked if name.startswith("lab_")]
    open_images("trial", "other", "trial")
    assert sorted(name for name in asked if name.startswith("lab_")) == [
        "lab_other.js",
        "lab_trial.js",
    ]
    assert len(placeholder("trial")) < 40_000
    images.file_of("trial").unlink()
    page.goto((tmp_path / "lab.html").as_uri() + "?again")
    page.wait_for_selector(".genie-lab[data-problem]")
    one = page.locator(".genie-lab").first
    assert "lab_trial.js is not beside" in one.get_attribute("data-problem")
    assert one.locator("svg").first.is_visible()


def test_it_saves_a_picture_and_its_numbers(sheet_of, open_images):
    sheet = sheet_of()
    page = open_images("trial", solvers=["genie", "heun"], nfe=3)
    for kind, start in (("svg", b"<svg"), ("png", b"\x89PNG"), ("csv", b"solver,derivative,")):
        with page.expect_download() as download:
            page.locator(f"button[name={kind}]").click()
        content = download.value.path().read_bytes()
        assert content.startswith(start)
        assert b"NaN" not in content and b"undefined" not in content
        assert download.value.suggested_filename == f"trial.{kind}"
    lines = [line.split(",") for line in content.decode().splitlines()[1:]]
    want = [sheet.run("genie", g, n, "head") for g in ("linear", "rho7") for n in (3, 5, 8, 10)]
    want += [sheet.run("heun", g, n, "none") for g in ("linear", "rho7") for n in (8, 10)]
    for line, run in zip(lines, want, strict=True):
        assert line[:3] == [run["solver"], run["derivative"], run["spacing"]]
        numbers = [float(v) if v else None for v in line[3:]]
        assert numbers == [run["nfe"], run["error"], run["frechet"]]


def test_copy_as_python_prints_the_same_numbers(sheet_of, open_images, monkeypatch, capsys):
    sheet, page = sheet_of(), open_images("trial", solvers=["genie", "heun"], nfe=8)
    monkeypatch.setattr(ge.data, "shipped", lambda name: sheet.folder / "data" / name)
    exec(page.evaluate(f"{LAB}.python()"), {})
    said = {line.split()[0]: line.split()[1:] for line in capsys.readouterr().out.splitlines()}
    shown = page.evaluate(f"{LAB}.readout")
    assert set(said) == {"genie", "heun"}
    for solver, (error, frechet) in said.items():
        pair = [None if v == "None" else float(v) for v in (error, frechet)]
        assert pair == [shown["error"][solver], shown["frechet"][solver]]


# ------------------------------------------------------------------------------------- posters


@pytest.mark.parametrize("shape", [{}, {"tile": 32, "columns": 6, "colors": 3}])
def test_a_poster_shows_the_tiles_and_their_numbers(sheet_of, shape):
    sheet = sheet_of(**shape)
    state = {"solvers": ["rk4", "genie", "taylor3"], "nfe": 5, "derivative": "autodiff"}
    text = poster("trial", **state)
    assert text == poster("trial", **state)
    root = tree.fromstring(text[text.index("<svg") : text.index("</svg>") + 6])
    assert root.get("aria-label") == SCENARIO["alt"]
    runs = [sheet.run(solver, "linear", 5, "autodiff") for solver in ("genie", "taylor3")]
    found = [pixels_of(e.get("href")) for e in root.iter("image")]
    each = len(found) // 3
    assert each == (8 if sheet.tile == 8 else 4)
    for k, row in enumerate([sheet.reference, *(run["row"] for run in runs)]):
        for i in range(each):
            assert (found[each * k + i] == as_colors(sheet.images(row)[i])).all()
    assert "RK4: no run of exactly 5 calls" in text
    table = re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td><td>([^<]*)</td>', text)
    assert table[0] == ("RK4", MISSING, MISSING)
    for (label, *numbers), run in zip(table[1:], runs, strict=True):
        assert label.endswith(", autodiff")
        assert numbers == [format_number(run["error"]), format_number(run["frechet"])]


# ------------------------------------------------------------------------------------- shipped

SHEETS = {name: s["sheet"] for name, s in scenarios().items() if s["view"] == "images"}


@pytest.mark.parametrize("scenario", list(SHEETS))
def test_the_shipped_scripts_hold_the_recorded_sheets(scenario):
    name = SHEETS[scenario]
    assert images.file_of(name).read_text() == images.script(name), "python -m genie_edu.lab.images"
    state = config_of(scenario)["state"]
    for spec in (state, *({**state, **p["state"]} for p in scenarios()[scenario]["presets"])):
        for key in ("nfe", "spacing", "solvers", "column"):
            images.check(name, key, spec[key])
        for solver in spec["solvers"]:
            assert images.cell(images.packed(name), spec, solver)["row"] is not None
    offered = {row[3] for row in images.packed(name)["rows"]}
    whole = {"quadratic", "log_gamma"} if scenario == "ch18_upsampling" else set(SPACINGS)
    assert offered == whole
