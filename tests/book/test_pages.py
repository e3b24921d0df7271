"""The built book in a real browser: what a reader sees, with and without a server."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml

from conftest import BOOK, ROOT, Messages

PLOTLY = "application/vnd.plotly.v1+json"
CONTENTS = yaml.safe_load((BOOK / "_toc.yml").read_text())
VARIANTS = [(theme, width) for width in (1280, 390) for theme in ("light", "dark")]
HEIGHT = 900
TIMEOUT = 30_000
FIRST_PAGE_LIMIT = 2_000_000
AXE = ROOT / "tests" / "vendor" / "axe" / "axe.min.js"
ARTICLE = "article.bd-article"

SENTINELS = {
    "index": "One follows the tangent, the method called DDIM.",
    "01_score_and_noise": "Use expm1 for the clocks and logarithms for the responsibilities.",
    "02_the_flow_in_gamma": "The same ODE with",
    "03_one_step_of_error": "Errors are made where the noise is about as wide as the data",
    "04_measuring_order": "A wrong coefficient costs a whole order.",
    "05_the_taylor_step": "Short means short against that radius",
    "06_other_routes": "Points ahead cost calls and feed their own error back",
    "07_grids_and_ends": "polish early steps that the flow forgives anyway",
    "08_auditing_real_schedulers": "A slope too small: a step is wrong.",
    "09_a_learned_score": "Where the loss is smallest, at high noise, most of this",
    "10_derivatives_by_autodiff": "The loss sees values, GENIE uses slopes.",
    "11_distilling_the_derivative": "is good enough, except where it has nothing to do",
    "12_digits_end_to_end": "how the images look to one particular reader",
    "13_cifar10_base_model": "an average forgets half of what it holds",
    "14_cifar10_genie": "not how long a correction is, but how long it may be",
    "15_quality_cost_fairness": "it reaches as far as its data",
    "16_guidance": "A switch is a jump",
    "17_encoding": "neither says where the code lies",
    "18_upsampling": "twice as far from the original",
    "19_beyond": "has no order, and belongs to one flow and one grid",
    "notation": "never computed from a formula",
    "equation_map": "solvers.taylor3_step",
    "solver_cheatsheet": "our denoise=True",
    "appendix_one_function": "an error of the size",
    "appendix_one_page": "No library is used until the last section",
    "appendix_own_network": "only pictures can say, or the loss by level",
    "appendix_solver_log": "never let that enlarge the correction",
    "own_images": "blurred images teach a network to blur",
    "several_gpus": "the others have ended by then",
    "appendix_paper_numbers": "On the lowest the two sources disagree",
    "glossary": "A solver that truncates the Taylor series of the exact path",
    "references": "higher-order denoising diffusion solvers",
}
"""A phrase from deep inside each page: it is gone if the page is empty or not the one we think."""

THEME_BASELINE = {
    "label-content-name-mismatch": "the theme names its search and theme buttons otherwise",
    "region": "the theme puts its logo and skip link outside every landmark",
}
"""axe rules that the theme itself breaks, outside the article; our content must break none."""


def pages() -> list[str]:
    """Return every page of the contents, the first one first."""
    found = [CONTENTS["root"]]

    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "file" in node:
                found.append(Path(node["file"]).stem)
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(CONTENTS)
    return found


PAGES = pages()


class Expected:
    """What a page must hold, counted in its source."""

    def __init__(self, name: str) -> None:
        path = BOOK / f"{name}.ipynb"
        notebook = path.exists()
        cells = nbformat.read(path, as_version=4).cells if notebook else []
        texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
        text = "\n\n".join(texts) if notebook else (BOOK / f"{name}.md").read_text()
        shown = [
            output.get("data", {})
            for cell in cells
            if cell.cell_type == "code" and "remove-output" not in cell.metadata.get("tags", [])
            for output in cell.outputs
        ]
        self.labs = len(re.findall(r"^`{3,}\{lab\}", text, re.M))
        self.labs += sum('class="genie-lab' in data.get("text/html", "") for data in shown)
        self.figures = sum(PLOTLY in data for data in shown)
        self.predictions = len(re.findall(r"^[`:]{3,}\{predict\}", text, re.M))
        self.questions = len(re.findall(r"^[`:]{3,}\{quick\}", text, re.M))
        self.exercises = text.count("{exercise-start}") + len(re.findall(r"\{exercise\}", text))
        fenced = re.compile(r"^([`:]{3,})\{math\}.*?^\1\s*$", re.S | re.M)
        dollars = re.compile(r"\$\$.+?\$\$", re.S)
        rest = dollars.sub("", fenced.sub("", text))
        self.equations = len(fenced.findall(text)) + len(dollars.findall(fenced.sub("", text)))
        self.equations += len(re.findall(r"^\\begin\{", rest, re.M))
        self.title = re.search(r"^# (.*)$", text, re.M).group(1)


def prepare(page, address: str) -> None:
    """Open a page and wait until its scripts are done and every figure is drawn."""
    page.goto(address)
    page.wait_for_selector("html[data-genie-book=ready]", state="attached")
    page.evaluate("() => window.MathJax?.startup?.promise")
    for figure in page.query_selector_all(".genie-figure"):
        figure.evaluate("(element) => element.scrollIntoView({behavior: 'instant'})")
        page.wait_for_function("(element) => element.dataset.drawn === 'true'", arg=figure)
    labs = page.locator(".genie-lab").count()
    page.wait_for_function(
        "(n) => document.querySelectorAll('.genie-lab[data-ready=true]').length === n", arg=labs
    )


def fresh_page(browser, theme="light", width=1280):
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHT}, color_scheme=theme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.set_default_timeout(TIMEOUT)
    page.messages = Messages(page)
    return page


@pytest.mark.parametrize(("theme", "width"), VARIANTS)
@pytest.mark.parametrize("name", PAGES)
def test_page(browser, site_address, name, theme, width):
    page = fresh_page(browser, theme, width)
    prepare(page, f"{site_address}/{name}.html")
    expected = Expected(name)

    assert page.evaluate("document.documentElement.dataset.theme") == theme
    count = lambda selector: page.locator(f"{ARTICLE} {selector}").count()  # noqa: E731
    assert count(".genie-lab") == expected.labs
    assert count(".genie-figure .js-plotly-plot") == expected.figures
    assert count("div.math") == count("mjx-container[display=true]") == expected.equations
    assert count("mjx-merror, [data-mjx-error]") == 0
    assert count(".genie-predict") == expected.predictions
    assert count(".genie-quick") == expected.questions
    assert count(".admonition.exercise") == expected.exercises
    text = page.locator(ARTICLE).text_content()
    title = page.locator(f"{ARTICLE} h1").first.text_content()
    assert re.sub(r"\$.*?\$|[`*]", "", expected.title)[:12] in title
    assert SENTINELS[name] in " ".join(text.split())
    assert re.search(r"genie-edu \d+\.\d+", page.locator(".genie-version").text_content())

    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels too wide: {widest(page)}"
    problems = axe(page)
    assert not problems, json.dumps(problems, indent=1)
    assert page.messages.errors == []
    assert page.messages.foreign() == []
    page.context.close()


@pytest.mark.parametrize("name", ["search", "genindex"])
def test_generated_page(browser, site_address, name):
    page = fresh_page(browser, "dark", 390)
    prepare(page, f"{site_address}/{name}.html")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert not axe(page)
    assert page.messages.errors == []
    assert page.messages.foreign() == []
    page.context.close()


def widest(page) -> list[str]:
    """Name the elements that stick out."""
    return page.evaluate(
        """() => [...document.querySelectorAll("body *")]
        .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
        .map((e) => `${e.tagName}.${e.className}`).slice(-5)"""
    )


def axe(page) -> list[dict]:
    """Run axe; leave out the theme's own known faults, which lie outside the article."""
    page.add_script_tag(path=str(AXE))
    violations = page.evaluate("async () => (await axe.run()).violations")
    found = []
    for violation in violations:
        for node in violation["nodes"]:
            target = node["target"][0]
            selector = target if isinstance(target, str) else target[0]
            ours = page.locator(selector).first.evaluate(
                "(e) => Boolean(e.closest('article.bd-article'))"
            )
            if ours or violation["id"] not in THEME_BASELINE:
                found.append({"rule": violation["id"], "target": target, "html": node["html"]})
    return found


def test_the_contents_are_all_built(site):
    built = {path.stem for path in site.glob("*.html")}
    assert set(PAGES) <= built
    assert built - set(PAGES) <= {"genindex", "search"}
    assert set(SENTINELS) == set(PAGES)


def test_no_page_names_another_host_for_a_script_or_style(site):
    loads = re.compile(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=\"(https?:)?//[^\"]+\"")
    for path in site.glob("*.html"):
        named = [m.group(0) for m in loads.finditer(path.read_text())]
        assert not [tag for tag in named if 'rel="canonical"' not in tag], path.name


def test_the_first_page_is_light(site, browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/index.html")
    total = 0
    for url in set(page.messages.requests):
        if url.startswith(site_address):
            path = site / url[len(site_address) + 1 :].split("?")[0].split("#")[0]
            total += len(gzip.compress(path.read_bytes(), 6))
    assert 100_000 < total <= FIRST_PAGE_LIMIT, f"{total} bytes gzipped"
    page.context.close()


# ---- from disk -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_page_from_disk(browser, site, name):
    page = fresh_page(browser)
    prepare(page, (site / f"{name}.html").as_uri())
    expected = Expected(name)
    assert page.locator(".genie-lab[data-ready=true]").count() == expected.labs
    assert page.locator(".js-plotly-plot").count() == expected.figures
    assert page.locator("mjx-container[display=true]").count() == expected.equations
    assert page.messages.errors == []
    assert page.messages.foreign() == []
    page.context.close()


@pytest.mark.parametrize("from_disk", [False, True])
def test_search_finds_a_page_without_a_network(browser, site, site_address, from_disk):
    page = fresh_page(browser)
    page.goto((site.as_uri() if from_disk else site_address) + "/search.html?q=parabola")
    page.wait_for_selector("#search-results .search-summary:has-text('found')")
    links = page.locator("#search-results ul.search a")
    links.first.wait_for()
    hrefs = [link.get_attribute("href") for link in links.all()]
    assert any("index.html" in href for href in hrefs), hrefs
    assert page.messages.errors == []
    assert page.messages.foreign() == []
    page.context.close()


# ---- the lab in its page -------------------------------------------------------------------------


def landing_errors(n_steps: int, *others: str) -> dict[str, tuple[str, str]]:
    """genie_edu's own error and NFE for the lab of the first page, and of others, as it prints."""
    import torch

    import genie_edu as ge
    from genie_edu.lab import format_number, scenarios, starts

    state = scenarios()["landing"]["state"]
    flow = ge.AnalyticFlow(ge.GaussianMixture(**ge.TOYS["three_modes"]))
    gammas = flow.schedule.gamma(ge.time_grid(n_steps, spacing=state["spacing"]))
    x = torch.as_tensor(starts(state["n_starts"]))
    x_bar = (1 + gammas[0] ** 2) ** 0.5 * x
    exact = ge.exact_solution(flow, x_bar, gammas)[-1]
    found = {}
    for solver in (*state["solvers"], *others):
        path = ge.solve(flow, x_bar, gammas, solver=solver)
        error = float(ge.end_point_error(path.x_bar[-1], exact))
        found[solver] = (format_number(error), str(path.nfe))
    return found


def test_the_numbers_of_the_first_page_are_its_labs():
    text = (BOOK / "index.md").read_text().split("```{lab} landing")[0]
    others = ("deis_tab3", "ipndm4", "genie_multistep")
    ten, twenty = landing_errors(10, *others), landing_errors(20)
    for solver, (error, calls) in ten.items():
        plain = f"{float(error.replace(chr(0x2212), '-')):.6f}"
        assert f" {error}" in text or f" {plain}" in text, solver
        assert calls == "10"
    fall = {solver: float(ten[solver][0]) / float(twenty[solver][0]) for solver in twenty}
    assert abs(fall["ddim"] / 2 - 1) < 0.02, "to a half"
    assert 3 < fall["genie"] < 3.6, "to less than a third, not yet to a quarter"
    paid = float(landing_errors(5, "genie_multistep")["genie_multistep"][0])
    assert all(paid > float(ten[rival][0]) for rival in others[:2]), "charged, it loses to both"


def shown(page, solver: str) -> tuple[str, str]:
    """Return the error and the NFE on screen."""
    texts = [
        page.locator(f".genie-lab output[name={name}][data-solver={solver}]").first.text_content()
        for name in ("error", "nfe")
    ]
    return texts[0], texts[1]


@pytest.mark.parametrize("from_disk", [False, True])
def test_the_lab_of_the_first_page_moves_and_agrees_with_the_library(
    browser, site, site_address, from_disk
):
    page = fresh_page(browser)
    prepare(page, (site.as_uri() if from_disk else site_address) + "/index.html")
    slider = page.locator(".genie-lab input[name=n_steps]").first
    assert slider.input_value() == "10"
    for solver, numbers in landing_errors(10).items():
        assert shown(page, solver) == numbers

    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert slider.input_value() == "13"
    expected = landing_errors(13)
    page.wait_for_function(
        "(text) => document.querySelector('.genie-lab output[name=error][data-solver=genie]')"
        ".textContent === text",
        arg=expected["genie"][0],
    )
    for solver, numbers in expected.items():
        assert shown(page, solver) == numbers

    box = slider.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.12, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, middle, steps=5)
    page.mouse.up()
    n_steps = int(slider.input_value())
    assert 40 <= n_steps <= 60
    expected = landing_errors(n_steps)
    page.wait_for_function(
        "(text) => document.querySelector('.genie-lab output[name=error][data-solver=ddim]')"
        ".textContent === text",
        arg=expected["ddim"][0],
    )
    assert shown(page, "genie") == expected["genie"]
    assert page.messages.errors == []
    page.context.close()


# ---- theme, print, no JavaScript -----------------------------------------------------------------

WITH_FIGURE = next((name for name in PAGES if Expected(name).figures), None)
WITH_PREDICTION = next((name for name in PAGES if Expected(name).predictions), None)
WITH_QUESTION = next((name for name in PAGES if Expected(name).questions), None)


def luminance(color: str) -> float:
    """Return the rough brightness of "rgb(r, g, b)", from 0 to 1."""
    r, g, b = map(float, re.findall(r"[\d.]+", color)[:3])
    return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255


@pytest.mark.skipif(WITH_FIGURE is None, reason="no page with a figure yet")
def test_figures_follow_the_theme(browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/{WITH_FIGURE}.html")
    read = """() => getComputedStyle(document.querySelector('.js-plotly-plot .xtick text')).fill"""
    light = luminance(page.evaluate(read))
    page.evaluate("document.documentElement.dataset.theme = 'dark'")
    page.wait_for_function(f"({read})() !== 'rgb(34, 40, 50)'")
    assert light < 0.3 and luminance(page.evaluate(read)) > 0.6
    page.context.close()


@pytest.mark.skipif(WITH_FIGURE is None, reason="no page with a figure yet")
def test_figures_are_labelled_and_saved(browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/{WITH_FIGURE}.html")
    pictures, drawn = ("image", "scatter")
    kinds = page.evaluate(
        "[...document.querySelectorAll('.genie-figure script')]"
        ".map((e) => JSON.parse(e.textContent).data[0].type ?? 'scatter')"
    )
    for kind, buttons in ((pictures, ["SVG", "PNG"]), (drawn, ["SVG", "PNG", "CSV"])):
        if kind in kinds:  # a picture has no numbers to save
            shown = page.locator(".genie-figure").nth(kinds.index(kind)).get_by_role("button")
            assert shown.all_text_contents() == buttons
    figure = page.locator(".genie-figure").nth(kinds.index(drawn))
    assert len(figure.locator("[role=img]").get_attribute("aria-label")) >= 20
    for kind, start in (("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("CSV", b"trace,x,y")):
        with page.expect_download() as download:
            figure.get_by_role("button", name=re.compile(f"as {kind}$")).click()
        saved = Path(download.value.path()).read_bytes()
        assert saved.startswith(start) and len(saved) > 60
        assert download.value.suggested_filename.endswith(kind.lower())
    assert page.messages.errors == []
    page.context.close()


@pytest.mark.skipif(WITH_PREDICTION is None, reason="no page with a prediction yet")
def test_a_prediction_is_kept_shown_and_cleared(browser, site_address):
    page = fresh_page(browser)
    address = f"{site_address}/{WITH_PREDICTION}.html"
    prepare(page, address)
    box = page.locator(".genie-predict[data-kind=choice]").first
    answer = box.locator("details")
    assert not answer.is_visible()
    box.get_by_role("button", name="Commit").click()
    assert "Choose one first" in box.locator("[role=status]").text_content()
    right = box.get_attribute("data-answer")
    wrong = next(
        value
        for value in box.locator("input").evaluate_all("(inputs) => inputs.map((i) => i.value)")
        if value != right
    )
    box.locator(f"input[value='{wrong}']").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    assert box.get_attribute("data-state") == "wrong"
    assert answer.is_visible() and answer.get_attribute("open") is not None
    prepare(page, address)
    assert box.get_attribute("data-state") == "wrong" and answer.is_visible()
    box.get_by_role("button", name="Clear").click()
    assert box.get_attribute("data-state") == "open" and not answer.is_visible()
    box.locator(f"input[value='{right}']").check()
    box.get_by_role("button", name="Commit").click()
    assert box.get_attribute("data-state") == "right"
    key = "genie-edu:" + box.get_attribute("id")
    page.evaluate("(key) => localStorage.setItem(key, '<img src=x onerror=alert(1)>')", key)
    prepare(page, address)
    assert box.get_attribute("data-state") == "open"
    assert page.messages.errors == []
    page.context.close()


QUICK = """Which way?

- down $x$
- up

<details>
<summary>The answers, once you have yours</summary>

- Wrong: that way
  lies noise.
- Right: the data.

</details>"""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (QUICK, None),
        (QUICK.replace("- Right:", "- Wrong:"), "exactly one"),
        (QUICK.replace("- Wrong:", "- Right:"), "exactly one"),
        (QUICK.replace("- Right: the data.", ""), "for each of them"),
        (QUICK.replace("- up\n", ""), "two options"),
        (QUICK.replace("</details>", ""), "close the answers"),
    ],
)
def test_a_quick_question_is_read_or_refused(text, problem):
    from genie_book.directives import Quick

    directive = Quick.__new__(Quick)
    directive.content = text.rstrip().split("\n")
    directive.error = ValueError
    if problem:
        with pytest.raises(ValueError, match=problem):
            directive.parts("ch00-key")
        return
    question, choices, answers = directive.parts("ch00-key")
    assert (question, choices) == ("Which way?", ["down $x$", "up"])
    assert answers == [("Wrong", "that way lies noise."), ("Right", "the data.")]


@pytest.mark.skipif(WITH_QUESTION is None, reason="no page with a question yet")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_quick_question_is_answered_by_keyboard_kept_and_cleared(browser, site_address, theme):
    page = fresh_page(browser, theme)
    address = f"{site_address}/{WITH_QUESTION}.html"
    prepare(page, address)
    box = page.locator(".genie-quick").first
    said, answers = box.locator("[role=status]"), box.locator("details")
    right = int(box.get_attribute("data-answer"))
    whys = [" ".join(text.split()) for text in box.locator(".genie-quick-why").all_text_contents()]
    assert len(set(whys)) == len(whys) == box.locator("input").count() >= 2
    assert [text.startswith("Right:") for text in whys] == [i == right for i in range(len(whys))]
    assert answers.get_attribute("open") is None and said.text_content() == ""

    box.get_by_role("button", name="Check").focus()
    page.keyboard.press("Enter")
    assert "Choose one first" in said.text_content()
    box.locator("input").first.focus()
    page.keyboard.press("Space")
    for index in range(len(whys)):  # the arrows choose, Enter checks; a wrong one may be changed
        page.keyboard.press("Enter")
        assert " ".join(said.text_content().split()) == whys[index]
        assert box.get_attribute("data-state") == ("right" if index == right else "wrong")
        page.keyboard.press("ArrowDown")
    last = luminance(said.locator("b").evaluate("(e) => getComputedStyle(e).color"))
    assert last > 0.5 if theme == "dark" else last < 0.5

    prepare(page, address)
    assert " ".join(said.text_content().split()) == whys[-1], "kept"
    assert box.locator("input").last.is_checked()
    box.get_by_role("button", name="Clear").click()
    assert box.get_attribute("data-state") == "open" and said.text_content() == ""
    assert page.evaluate("document.activeElement.type") == "radio"
    answers.locator("summary").focus()
    page.keyboard.press("Enter")
    assert answers.get_attribute("open") is not None and answers.locator("li").first.is_visible()

    key = "genie-edu:" + box.get_attribute("id")
    page.evaluate("(key) => localStorage.setItem(key, '<img src=x onerror=alert(1)>')", key)
    prepare(page, address)
    assert box.get_attribute("data-state") == "open"
    assert page.messages.errors == []
    page.context.close()


@pytest.mark.skipif(WITH_PREDICTION is None, reason="no chapter yet")
def test_print_opens_everything_and_clips_nothing(browser, site_address):
    page = fresh_page(browser, theme="dark", width=1280)
    prepare(page, f"{site_address}/{WITH_PREDICTION}.html")
    page.set_viewport_size({"width": 720, "height": HEIGHT})
    page.emulate_media(media="print")
    page.wait_for_function("!document.querySelector('details:not([open])')")
    assert page.locator(".genie-predict-answer").first.is_visible()
    solutions = page.locator(".admonition.solution")
    for index in range(solutions.count()):
        assert solutions.nth(index).locator("div.highlight").first.is_visible()
    assert not page.locator(".bd-sidebar-primary").is_visible()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert luminance(paper) > 0.9, "dark pages print on white"
    clipped = page.evaluate(
        """() => [...document.querySelectorAll("article.bd-article *")].filter((e) => {
          const style = getComputedStyle(e);
          return e.scrollWidth > e.clientWidth + 2 && e.clientWidth > 0
            && /hidden|clip|auto|scroll/.test(style.overflowX)
            && !e.closest("svg, .genie-lab, span.math, mjx-assistive-mml");
        }).map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`)"""
    )
    assert clipped == []
    page.emulate_media(media="screen")
    page.wait_for_function("document.querySelector('details:not([open])')")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_without_javascript(browser, site_address, name):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site_address}/{name}.html")
    expected = Expected(name)
    assert page.locator(".genie-figure-alt").count() == expected.figures
    assert page.locator(".genie-lab").count() == expected.labs
    for lab in page.locator(".genie-lab").all():
        assert len(lab.inner_text().strip()) > 20
        assert lab.locator("svg[role=img], svg[aria-label], img[alt]").count() >= 1
    for details in page.locator(".genie-predict details").all():
        assert details.locator("summary").is_visible()
    context.close()


# ---- the download --------------------------------------------------------------------------------


def test_the_zip_holds_the_whole_site(site, tmp_path):
    import sys

    sys.path.insert(0, str(ROOT / "tools"))
    import build_site
    from artefacts import recorded

    target = tmp_path / "book.zip"
    build_site.make_zip(site, target)
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        names = {name.split("/", 1)[1] for name in archive.namelist()}
    assert names == {p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()}
    assert {"index.html", "_static/solver_lab.js", "_static/genie_book.js"} <= names
    chapters = {f"notebooks/{path.name}" for path in BOOK.glob("*.ipynb")}
    assert chapters <= names
    assert {f"notebooks/data/{name}" for name in recorded()} <= names
    assert len([n for n in names if re.fullmatch(r"notebooks/genie_edu-.*\.whl", n)]) == 1


def test_the_chapters_link_to_their_notebook(site):
    for path in BOOK.glob("*.ipynb"):
        html = (site / f"{path.stem}.html").read_text()
        assert f'href="notebooks/{path.name}" download' in html
        assert "colab.research.google.com" not in html, "no address is set, so no button"


def test_the_colab_button_needs_a_github_pages_address():
    from genie_book.directives import colab_address

    assert colab_address("", "01_x") == ""
    assert colab_address("https://example.org/book", "01_x") == ""
    assert colab_address("https://someone.github.io/steps", "01_x") == (
        "https://colab.research.google.com/github/someone/steps/blob/main/book/01_x.ipynb"
    )
