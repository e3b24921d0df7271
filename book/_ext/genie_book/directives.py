"""The book's directives: predict, quick, chapter-box and lab."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

KEY = re.compile(r"[a-z0-9][a-z0-9-]*\Z")
PAGES_ADDRESS = re.compile(r"https://([\w.-]+)\.github\.io/([\w.-]+)/?\Z")


def spoken(text: str) -> str:
    """Return a line of MyST without its marks, as the name of a control."""
    return re.sub(r"[$`*\\]", "", text).strip()


def raw(html: str) -> nodes.raw:
    """Return a node of literal HTML."""
    return nodes.raw(text=html, format="html")


class _Directive(SphinxDirective):
    def inline(self, text: str) -> nodes.inline:
        """Parse a line of MyST into one inline node."""
        children, messages = self.state.inline_text(text, self.lineno)
        return nodes.inline("", "", *children, *messages)

    def body(self, start: int = 0, end: int | None = None) -> list[nodes.Node]:
        """Parse the directive's content, or its lines from `start` to before `end`."""
        container = nodes.container()
        lines = self.content[start:end]
        self.state.nested_parse(lines, self.content_offset + start, container)
        return container.children


class Predict(_Directive):
    """A question to answer before the result is shown.

    The body holds the question (one paragraph), a list of options (or none, for a number), and a
    closed ``<details>`` with its summary, the answer (one of the options, or a number) in a
    paragraph of its own, and the explanation. In JupyterLab and Colab, which know no directives,
    that reads as a question over a closed answer. Option: ``tolerance`` (relative, for numbers).
    """

    required_arguments = 1
    has_content = True
    option_spec = {"tolerance": float}

    def parts(self, key: str) -> tuple[str, list[str], str, int]:
        """Return question, options, answer and the line on which the explanation begins."""
        lines = list(self.content)
        if "<details>" not in lines or lines[-1] != "</details>":
            raise self.error(f"predict {key}: close the answer in <details> ... </details>.")
        before = lines[: lines.index("<details>")]
        choices = [line[2:].strip() for line in before if line.startswith("- ")]
        question = " ".join(line for line in before if line and not line.startswith("- "))
        inside = [
            (at, line)
            for at, line in enumerate(lines[:-1])
            if at > len(before) and line and not line.startswith("<summary>")
        ]
        if not question or len(inside) < 2:
            raise self.error(f"predict {key}: a question, an answer and an explanation are needed.")
        return question, choices, inside[0][1].strip(), inside[1][0]

    def run(self) -> list[nodes.Node]:
        """Build the question, its form (hidden without JavaScript) and its closed answer."""
        key = self.arguments[0]
        if not KEY.match(key):
            raise self.error(f"predict: {key!r} must be lower-case letters, digits and dashes.")
        question, choices, answer, first = self.parts(key)
        tolerance = self.options.get("tolerance", 0.05)
        if choices and answer not in choices:
            raise self.error(f"predict {key}: the answer {answer!r} is not among the options.")
        if not choices:
            try:
                float(answer)
            except ValueError:
                raise self.error(
                    f"predict {key}: without options the answer must be a number."
                ) from None

        name = f"predict-{key}"
        kind = "choice" if choices else "number"
        out: list[nodes.Node] = [
            raw(
                f'<div class="genie-predict" id="{name}" data-kind="{kind}" '
                f'data-answer="{choices.index(answer) if choices else escape(answer)}" '
                f'data-tolerance="{tolerance}" role="group" aria-labelledby="{name}-question">'
                f'<p class="genie-predict-title">Predict before you read on</p>'
                f'<div class="genie-predict-question" id="{name}-question">'
            ),
            self.inline(question),
            raw('</div><form class="genie-predict-form" hidden>'),
        ]
        if choices:
            out.append(raw('<div class="genie-predict-options">'))
            for index, choice in enumerate(choices):
                out += [
                    raw(
                        f'<label><input type="radio" name="{name}" value="{index}" '
                        f'aria-label="{escape(spoken(choice))}"> '
                    ),
                    self.inline(choice),
                    raw("</label>"),
                ]
            out.append(raw("</div>"))
        else:
            out.append(
                raw(
                    f'<label class="genie-predict-number">Your number '
                    f'<input type="text" inputmode="decimal" autocomplete="off" name="{name}" '
                    f'size="8"></label>'
                )
            )
        out.append(
            raw(
                '<button type="submit">Commit</button>'
                '<button type="button" class="genie-predict-clear" hidden>Clear</button>'
                '</form><p class="genie-predict-verdict" role="status"></p>'
                '<details class="genie-predict-answer"><summary>The answer</summary>'
                '<p class="genie-predict-solution">Answer: '
            )
        )
        explanation = self.body(first, len(self.content) - 1)
        out += [self.inline(answer), raw("</p>"), *explanation, raw("</details></div>")]
        return out


class Quick(_Directive):
    """A question to choose one answer to, each answer explained; nothing is hidden for good.

    The body holds the question (one paragraph), a list of options, and a closed ``<details>`` with
    its summary and a list as long as the options: what is to be said of each, starting with
    ``Right:`` (once) or ``Wrong:``. In JupyterLab and Colab, which know no directives, that reads
    as a question over closed answers.
    """

    required_arguments = 1
    has_content = True
    VERDICT = re.compile(r"(Right|Wrong): (\S.*)\Z")

    @staticmethod
    def items(lines: list[str]) -> list[str]:
        """Return the items of a list; a line that is indented goes on with the item above it."""
        found: list[str] = []
        for line in lines:
            if line.startswith("- "):
                found.append(line[2:].strip())
            elif found and line.startswith("  "):
                found[-1] += f" {line.strip()}"
        return found

    def parts(self, key: str) -> tuple[str, list[str], list[tuple[str, str]]]:
        """Return question, options, and for each option "Right" or "Wrong" and why."""
        lines = list(self.content)
        if "<details>" not in lines or lines[-1] != "</details>":
            raise self.error(f"quick {key}: close the answers in <details> ... </details>.")
        before, inside = lines[: lines.index("<details>")], lines[lines.index("<details>") + 1 : -1]
        first = next((at for at, line in enumerate(before) if line.startswith("- ")), len(before))
        question = " ".join(line for line in before[:first] if line)
        choices = self.items(before[first:])
        said = [self.VERDICT.match(item) for item in self.items(inside)]
        if not question or len(choices) < 2 or len(said) != len(choices) or not all(said):
            raise self.error(
                f"quick {key}: a question, two options or more, and for each of them a line that "
                'starts with "- Right: " or "- Wrong: " are needed.'
            )
        answers = [(match[1], match[2]) for match in said if match]
        if [verdict for verdict, _ in answers].count("Right") != 1:
            raise self.error(f"quick {key}: exactly one option must be right.")
        return question, choices, answers

    def run(self) -> list[nodes.Node]:
        """Build the question, its form (hidden without JavaScript) and its closed answers."""
        key = self.arguments[0]
        if not KEY.match(key):
            raise self.error(f"quick: {key!r} must be lower-case letters, digits and dashes.")
        question, choices, answers = self.parts(key)
        name = f"quick-{key}"
        right = [verdict for verdict, _ in answers].index("Right")
        out: list[nodes.Node] = [
            raw(
                f'<div class="genie-quick" id="{name}" data-answer="{right}" role="group" '
                f'aria-labelledby="{name}-question">'
                f'<p class="genie-predict-title">Quick question</p>'
                f'<div class="genie-predict-question" id="{name}-question">'
            ),
            self.inline(question),
            raw(
                '</div><form class="genie-predict-form" hidden><div class="genie-predict-options">'
            ),
        ]
        for index, choice in enumerate(choices):
            out += [
                raw(
                    f'<label><input type="radio" name="{name}" value="{index}" '
                    f'aria-label="{escape(spoken(choice))}"><span>'
                ),
                self.inline(choice),
                raw("</span></label>"),
            ]
        out.append(
            raw(
                '</div><button type="submit">Check</button>'
                '<button type="button" class="genie-predict-clear" hidden>Clear</button></form>'
                '<div class="genie-predict-verdict" role="status"></div>'
                '<details class="genie-predict-answer"><summary>All answers</summary><ul>'
            )
        )
        for choice, (verdict, why) in zip(choices, answers, strict=True):
            out += [
                raw('<li><span class="genie-quick-option">'),
                self.inline(choice),
                raw(f'</span> <span class="genie-quick-why"><b>{verdict}:</b> '),
                self.inline(why),
                raw("</span></li>"),
            ]
        return [*out, raw("</ul></details></div>")]


def describe_costs(costs: dict[str, Any] | None) -> str:
    """Return "CPU, 2 cores · about 1 minute · 600 MB", or say that it was not measured."""
    if not costs:
        return "CPU · time and memory not yet measured"
    seconds = costs["seconds"]
    if seconds < 55:
        time = f"{max(5, 5 * round(seconds / 5))} seconds"
    else:
        minutes = round(seconds / 60)
        time = "1 minute" if minutes <= 1 else f"{minutes} minutes"
    memory = 50 * max(1, round(costs["peak_memory_mb"] / 50))
    return f"{costs['device']} · about {time} · peak memory {memory} MB"


def colab_address(book_address: str, stem: str) -> str:
    """Return where Colab opens a chapter; empty unless the book is on GitHub Pages."""
    match = PAGES_ADDRESS.match(book_address)
    if not match:
        return ""
    owner, repository = match.groups()
    return (
        f"https://colab.research.google.com/github/{owner}/{repository}/blob/main/book/{stem}.ipynb"
    )


class ChapterBox(_Directive):
    """The box at the head of a chapter: objectives (its body), costs as measured, downloads."""

    required_arguments = 1
    has_content = True

    def run(self) -> list[nodes.Node]:
        """Build the admonition."""
        stem = self.arguments[0]
        if stem != Path(self.env.docname).name:
            raise self.error(f"chapter-box: {stem!r} is not the name of this page.")
        record = Path(self.env.srcdir).parent / "data" / "chapter_costs.json"
        costs = {}
        if record.is_file():
            self.env.note_dependency(str(record))
            costs = json.loads(record.read_text())
        up = "../" * self.env.docname.count("/")
        links = [
            f'<a class="genie-download" href="{up}notebooks/{stem}.ipynb" download>'
            f"Download the notebook</a>"
        ]
        colab = colab_address(self.config.genie_book_address, stem)
        if colab:
            links.append(f'<a class="genie-colab" href="{colab}">Open in Colab</a>')
        box = nodes.admonition("", classes=["chapter-box"])
        box += nodes.title("", "This chapter" if stem[0].isdigit() else "This page")
        box.extend(self.body())
        box += raw(
            f'<p class="genie-costs"><span>{escape(describe_costs(costs.get(stem)))}</span> '
            f"{' '.join(links)}</p>"
        )
        return [box]


class LabDirective(_Directive):
    """A live lab on a page without cells: its argument is the scenario."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Emit the same placeholder that a notebook stores."""
        scenario = self.arguments[0]
        if not re.match(r"[a-z0-9_]+\Z", scenario):
            raise self.error(f"lab: {scenario!r} is not the name of a scenario.")
        from genie_edu import lab, palette

        # A page is read again when what its lab is made from has changed.
        for source in (lab.__file__, palette.__file__, *Path(lab.__file__).parent.rglob("*.json")):
            self.env.note_dependency(str(source))
        try:
            return [raw(lab.placeholder(scenario))]
        except (KeyError, ValueError) as error:
            raise self.error(f"lab: {error}") from None
