"""What readers stumbled over in a page: sizes, schemes, print, downloads, solutions, links."""

import re
from urllib.parse import urljoin

import pytest
from test_pages import HEIGHT, PAGES, Messages, fresh_page, prepare

DRAWN = "() => [...document.querySelectorAll('.genie-figure')].every((e) => e.dataset.drawn)"
FIGURE = "document.querySelector('.genie-plot')"


def fits(page) -> bool:
    """Whether nothing is wider than the window, and the figures are as wide as their place."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth &&
        [...document.querySelectorAll('.genie-plot')].every(
          (e) => Math.abs(e.querySelector('.main-svg').clientWidth - e.clientWidth) <= 1)"""
    )


@pytest.mark.parametrize("order", ["narrow, then dark", "dark, then narrow", "back and forth"])
def test_figures_follow_window_and_scheme_in_any_order(browser, site_address, order):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/03_one_step_of_error.html")

    def resize(width):
        page.set_viewport_size({"width": width, "height": HEIGHT})

    def scheme(name):
        page.evaluate(f"document.documentElement.dataset.theme = '{name}'")

    for change in {
        "narrow, then dark": (lambda: resize(390), lambda: scheme("dark")),
        "dark, then narrow": (lambda: scheme("dark"), lambda: resize(390)),
        "back and forth": (
            lambda: scheme("dark"),
            lambda: resize(390),
            lambda: scheme("light"),
            lambda: resize(1280),
        ),
    }[order]:
        change()
        page.wait_for_timeout(100)
    page.wait_for_function(
        "() => [...document.querySelectorAll('.genie-plot')].every("
        "(e) => Math.abs(e.querySelector('.main-svg').clientWidth - e.clientWidth) <= 1)"
    )
    assert fits(page)
    dark = order != "back and forth"
    fill = page.evaluate(f"{FIGURE}.querySelector('.xtitle').style.fill")
    assert fill == ("rgb(206, 214, 221)" if dark else "rgb(34, 40, 50)")
    assert page.messages.errors == []
    page.context.close()


def test_a_page_that_nobody_scrolled_prints_every_figure(browser, site_address):
    page = fresh_page(browser)
    page.goto(f"{site_address}/03_one_step_of_error.html")
    page.wait_for_function(DRAWN)
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    shown = page.evaluate(
        "[...document.querySelectorAll('.genie-plot')]"
        ".map((e) => e.querySelectorAll('path').length)"
    )
    assert len(shown) >= 5 and min(shown) > 5
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    setup = page.locator(".cell.tag_setup").first
    assert not setup.is_visible(), "an empty box"
    opened = page.locator(".admonition.toggle .cell_input").first
    assert opened.is_visible()
    page.context.close()


def test_the_pages_own_print_button_waits_for_the_figures(browser, site_address):
    page = fresh_page(browser)
    page.add_init_script("window.print = () => { window.printed = document.querySelectorAll("
                         "'.genie-figure[data-drawn]').length; };")  # fmt: skip
    page.goto(f"{site_address}/03_one_step_of_error.html")
    page.wait_for_selector("html[data-genie-book=ready]", state="attached")
    page.evaluate("window.print()")
    page.wait_for_function("window.printed !== undefined")
    assert page.evaluate("window.printed") == page.locator(".genie-figure").count()
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_what_the_header_offers_to_download_is_there(browser, site, site_address, name):
    page = fresh_page(browser)
    page.goto(f"{site_address}/{name}.html")
    links = page.locator(".dropdown-download-buttons a").all()
    for link in links:
        address = urljoin(page.url, link.get_attribute("href"))
        file = site / address.removeprefix(site_address + "/")
        assert file.is_file() and file.suffix == ".ipynb", address
    assert bool(links) == (site / "notebooks" / f"{name}.ipynb").is_file()
    page.context.close()


def test_the_words_of_a_solutions_title_open_it(browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/03_one_step_of_error.html")
    title = page.locator(".admonition.toggle > .admonition-title").first
    box = page.locator(".admonition.toggle").first
    hidden = lambda: "toggle-hidden" in box.get_attribute("class")  # noqa: E731
    assert hidden()
    for part in (title.locator("a"), title.locator(".toggle-button"), title.locator("a")):
        before = hidden()
        part.first.click()
        assert hidden() != before
    address = page.url
    title.locator("a").first.focus()
    page.keyboard.press("Enter")
    assert hidden() and page.url == address
    assert page.messages.errors == []
    page.context.close()


def test_a_chapters_box_leads_to_its_lab(browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/05_the_taylor_step.html")
    page.locator("a.genie-jump").click()
    page.wait_for_function(
        "() => { const r = document.querySelector('.genie-lab').getBoundingClientRect();"
        " return r.top < 2 * innerHeight && r.bottom > 0; }"
    )
    page.context.close()


IN_SIGHT = (
    "() => { const r = document.querySelector('.gl-live').getBoundingClientRect();"
    " return r.top >= 0 && r.top < innerHeight / 2; }"
)


LAB = "document.querySelector('.genie-lab').genieLab"


def test_a_link_opens_at_its_lab_and_says_when_it_cannot_be_read(browser, site_address):
    address = f"{site_address}/05_the_taylor_step.html"
    for fragment, note in (("&h_fraction=0.7", ""), ("&h_fraction=none", "can't be read")):
        page = fresh_page(browser)
        page.goto(f"{address}#lab=ch05_taylor{fragment}")
        page.wait_for_selector(".genie-lab[data-settled=true]")
        page.wait_for_function(DRAWN)
        page.wait_for_function(IN_SIGHT)
        said = page.locator(".gl-note").first.text_content()
        assert (note in said) if note else not said
        assert page.evaluate(f"{LAB}.state.h_fraction") == (0.5 if note else 0.7) or note
        page.locator("button[name=reset]").first.click()
        assert "#" not in page.url, "what was reset does not come back with the page"
        page.context.close()
    page = fresh_page(browser)
    page.goto(f"{address}#lab=another&h_fraction=0.7")
    page.wait_for_selector(".genie-lab[data-settled=true]")
    assert page.evaluate("scrollY") == 0 and not page.locator(".gl-note").first.text_content()
    page.context.close()


def test_a_link_stays_at_its_lab_while_the_page_grows_until_the_reader_moves(browser, site_address):
    page = fresh_page(browser)
    page.goto(f"{site_address}/05_the_taylor_step.html#lab=ch05_taylor&h_fraction=0.7")
    page.wait_for_selector(".genie-lab[data-settled=true]")
    page.wait_for_function(DRAWN)
    page.wait_for_function(IN_SIGHT)
    # what is drawn late, above the window, where the browser itself would not make up for it
    page.add_style_tag(content="* { overflow-anchor: none !important; }")
    grow = "document.querySelector('article h1').style.paddingTop = '{}px'"
    page.evaluate(grow.format(2000))
    page.wait_for_function(IN_SIGHT)
    page.keyboard.press("Shift")
    before = page.evaluate("scrollY")
    page.evaluate(grow.format(0))
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("scrollY") == before, "the page is the reader's"
    page.context.close()


def test_who_comes_back_finds_the_lab_as_it_was_left(browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/05_the_taylor_step.html")
    page.evaluate(f"{LAB}.set({{h_fraction: 0.3}})")
    page.goto(f"{site_address}/index.html")
    page.go_back()
    page.wait_for_selector(".genie-lab[data-settled=true]")
    assert page.evaluate(f"{LAB}.state.h_fraction") == 0.3
    page.reload()
    page.wait_for_selector(".genie-lab[data-settled=true]")
    assert page.evaluate(f"{LAB}.state.h_fraction") != 0.3, "a fresh visit begins afresh"
    page.context.close()


@pytest.mark.parametrize("width", [390, 800, 1280, 1600])
def test_the_plot_stays_in_sight_of_the_last_slider(browser, site_address, width):
    page = fresh_page(browser, width=width)
    prepare(page, f"{site_address}/15_quality_cost_fairness.html")
    last = page.locator(".gl-first input[type=range]").last
    last.evaluate("(e) => e.scrollIntoView({block: 'center'})")
    seen = page.evaluate(
        "(() => { const r = document.querySelector('.gl-plot').getBoundingClientRect();"
        " return Math.min(r.bottom, innerHeight) - Math.max(r.top, 0); })()"
    )
    whole = page.evaluate("document.querySelector('.gl-plot').clientHeight")
    assert seen > 0.7 * whole
    if width == 1600:
        assert page.evaluate("document.querySelector('.gl-live').clientWidth") > 900
    page.context.close()


def test_a_logarithmic_axis_names_whole_numbers(browser, site_address):
    page = fresh_page(browser)
    prepare(page, f"{site_address}/12_digits_end_to_end.html")
    axes = page.evaluate(
        """() => [...document.querySelectorAll('.genie-plot')].flatMap((plot) =>
        ['xaxis', 'yaxis'].filter((key) => plot._fullLayout[key].type === 'log').map((key) =>
          [plot._fullLayout[key].range,
           [...plot.querySelectorAll(`.${key[0]}tick text`)].map((t) => t.textContent)]))"""
    )
    assert len(axes) >= 4
    for (low, high), ticks in axes:
        assert len(ticks) >= 2, ticks
        values = [float(t) for t in ticks if re.fullmatch(r"[\d.]+", t)]
        # no digit that stands for its multiple of ten, and none twice
        assert all(0.99 * 10**low <= v <= 1.01 * 10**high for v in values), ticks
        assert len(set(ticks)) == len(ticks), ticks
    page.context.close()


def test_messages_are_looked_for(browser, site_address):
    page = fresh_page(browser)
    page.goto(f"{site_address}/index.html")
    page.evaluate("setTimeout(() => { throw new Error('seen'); })")
    page.wait_for_timeout(100)
    assert isinstance(page.messages, Messages) and page.messages.errors == ["seen"]
    page.context.close()


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1280, "light")])
def test_what_is_cut_off_at_the_right_fades_until_it_is_scrolled_to(
    browser, site_address, width, theme
):
    page = fresh_page(browser, theme, width)
    prepare(page, f"{site_address}/03_one_step_of_error.html")
    wide = "div.math, div.highlight pre"
    page.wait_for_function("document.querySelector('pre[data-more]')")
    cut, marked = page.evaluate(
        """(wide) => {
          const all = [...document.querySelectorAll(`.bd-article :is(${wide})`)];
          const cut = all.filter((e) => e.scrollWidth > e.clientWidth + 1);
          const faded = (e) => getComputedStyle(e).maskImage.startsWith("linear-gradient");
          return [cut.map(faded), all.filter((e) => !cut.includes(e)).map(faded)];
        }""",
        wide,
    )
    assert cut and all(cut) and not any(marked)
    first = page.query_selector(f".bd-article :is({wide})[data-more]")
    first.evaluate("(e) => { e.scrollLeft = e.scrollWidth; }")
    page.wait_for_function("(e) => !e.hasAttribute('data-more')", arg=first)
    assert page.messages.errors == []
    page.context.close()
