"""The book's Sphinx extension: figures without a CDN, labs, predictions, questions, boxes.

It needs no torch; `genie_edu` gives it the lab's files and placeholders.
"""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from html import escape
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from .directives import ChapterBox, LabDirective, Predict, Quick

logger = logging.getLogger(__name__)

DESCRIPTION_LENGTH = 160
TOOLTIP_TEX = {
    r"\bar x": "x̄", r"\varepsilon": "ε", r"\gamma": "γ", r"\alpha": "α", r"\sigma": "σ",
    r"\lambda": "λ", r"\mathrm d": "d", r"\mathbb E": "E", r"\mid": "|", r"\nabla": "∇",
    r"\partial": "∂", r"\approx": "≈", r"\log": "log", r"\,": " ", "_": "", "^2": "²",
}  # fmt: skip


def library_version() -> str:
    """Return the version of genie_edu, which every page shows."""
    try:
        return version("genie-edu")
    except PackageNotFoundError:
        return "unknown"


def lab_folder() -> Path | None:
    """Return the folder of the lab's JavaScript and CSS, without importing anything heavy."""
    spec = importlib.util.find_spec("genie_edu")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "lab"
    return folder if (folder / "solver_lab.js").is_file() else None


def configure(app: Sphinx, config: Any) -> None:
    """Add the static files and the version line."""
    # Jupyter Book loads every script and style under _static on every page; here each is asked for.
    config.html_js_files, config.html_css_files = [], []
    config.html_static_path.append(str(Path(__file__).parent / "static"))
    lab = lab_folder()
    if lab is not None:
        # solver_lab.js loads the others, on the pages whose lab needs their networks or images
        scripts = [*lab.glob("*.js"), *lab.glob("generated/*.js")]
        config.html_static_path += [str(script) for script in sorted(scripts)]
        if (lab / "lab.css").is_file():
            config.html_static_path.append(str(lab / "lab.css"))
            app.add_css_file("lab.css")
    config.release = config.version = library_version()
    config.html_theme_options["extra_footer"] = (
        f'<span class="genie-version">genie-edu {library_version()}</span>'
    )


def define_terms(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Give every link to a glossary term its definition as hover text."""
    meanings: dict[str, dict[str, str]] = {}
    for link in doctree.findall(nodes.reference):
        if not any("std-term" in child.get("classes", []) for child in link.findall(nodes.inline)):
            continue
        page, _, anchor = link.get("refuri", "").rpartition("#")
        page = page.removesuffix(".html") or docname
        if page not in meanings:
            meanings[page] = term_meanings(app, page)
        if anchor in meanings[page]:
            link["reftitle"] = meanings[page][anchor]


def term_meanings(app: Sphinx, page: str) -> dict[str, str]:
    """Return the glossary of a page as plain text, by anchor."""
    if page not in app.env.found_docs:
        return {}
    found = {}
    for item in app.env.get_doctree(page).findall(nodes.definition_list_item):
        text = " ".join(
            part.astext() for part in item.findall(nodes.definition) for part in [plain_maths(part)]
        )
        for term in item.findall(nodes.term):
            found.update(dict.fromkeys(term["ids"], " ".join(text.split())))
    return found


def plain_maths(definition: nodes.definition) -> nodes.definition:
    """Return a copy in which formulas read as text: a tooltip can't show TeX."""
    copy = definition.deepcopy()
    for formula in list(copy.findall(nodes.math)):
        text = formula.astext()
        for tex, plain in TOOLTIP_TEX.items():
            text = text.replace(tex, plain)
        formula.replace_self(nodes.Text(text.replace("{", "").replace("}", "")))
    return copy


def describe(doctree: nodes.document) -> str:
    """Return the page's first plain paragraph, cut at a word, as its description."""
    for paragraph in doctree.findall(nodes.paragraph):
        if isinstance(paragraph.parent, nodes.section):
            text = " ".join(paragraph.astext().split())
            if len(text) <= DESCRIPTION_LENGTH:
                return text
            return text[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " ..."
    return ""


def adapt_page(
    app: Sphinx, pagename: str, templatename: str, context: dict, doctree: nodes.document | None
) -> None:
    """Drop Thebe's scripts (they name a CDN, and break pages), mend roles, add a description."""
    # docutils marks entries of a bibliography with a role that ARIA has withdrawn.
    if "body" in context:
        context["body"] = context["body"].replace('role="doc-biblioentry"', 'role="listitem"')
    kept = []
    for script in context.get("script_files", []):
        body = getattr(script, "attributes", {}).get("body") or ""
        if "thebe" in str(getattr(script, "filename", "") or "") or "THEBE_JS_URL" in body:
            continue
        kept.append(script)
    context["script_files"] = kept
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            group["buttons"] = list(downloads(group["buttons"], pagename, context))
    if doctree is not None:
        text = nodes.Text(describe(doctree)).astext()
        if text:
            context["metatags"] = (
                context.get("metatags", "")
                + f'\n<meta name="description" content="{escape(text, quote=True)}" />'
            )


def downloads(buttons: list[dict], pagename: str, context: dict) -> Iterator[dict]:
    """The download menu: the notebook where `ship_notebooks` puts it; sources don't ship."""
    for button in buttons:
        if button["label"] != "download-source-button":
            yield button
        elif context.get("page_source_suffix") == ".ipynb":
            yield button | {"url": context["pathto"](f"notebooks/{pagename}.ipynb", 1)}


def ship_notebooks(app: Sphinx, error: Exception | None) -> None:
    """Put the notebooks into the site, where the chapter boxes link to them."""
    if error is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / "notebooks"
    folder.mkdir(exist_ok=True)
    for docname in sorted(app.env.found_docs):
        source = Path(app.env.doc2path(docname))
        if source.suffix == ".ipynb":
            shutil.copyfile(source, folder / source.name)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what the book adds to Sphinx."""
    app.add_config_value("genie_book_address", "", "env", [str])
    app.add_directive("predict", Predict)
    app.add_directive("quick", Quick)
    app.add_directive("chapter-box", ChapterBox)
    app.add_directive("lab", LabDirective)
    app.connect("config-inited", configure)
    app.connect("doctree-resolved", define_terms)
    app.connect("html-page-context", adapt_page, priority=900)
    app.connect("build-finished", ship_notebooks)
    app.add_css_file("book.css")
    app.add_js_file("genie_book.js", loading_method="defer")
    return {"version": "0.1.0", "parallel_read_safe": True, "parallel_write_safe": True}
