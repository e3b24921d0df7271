"""Every button of every lab, in awkward moments: none throws, and a file is the state's own."""

import pytest
from test_lab import open_lab  # noqa: F401  (a fixture)

from genie_edu.lab import scenarios

# Buttons that save or copy, pressed when colours, state or size have just changed and no frame has
# been drawn since: in the same task, and after the observers of the page have been told.
PRESSED = """async () => {
  const root = document.querySelector('.genie-lab'), page = document.documentElement;
  const buttons = [...root.querySelectorAll('.gl-try button, .gl-tools button')];
  const saves = [...root.querySelectorAll('.gl-tools button:not([name=reset])')];
  const shade = () => { page.dataset.theme = page.dataset.theme === 'dark' ? 'light' : 'dark'; };
  for (const before of [() => {}, shade, () => { root.style.display = 'none'; }]) {
    for (const first of buttons) {
      before();
      await null;
      first.click();
      for (const save of saves) save.click();
      root.style.display = '';
    }
    shade();
    for (const save of saves) { save.click(); await null; save.click(); }
  }
  return buttons.length;
}"""

# What is saved right after a change is what is saved once the lab has come to rest.
SAVED = """async () => {
  const root = document.querySelector('.genie-lab'), lab = root.genieLab, out = [];
  const files = () => [lab.svg(), lab.csv(), lab.python()];
  const rest = async () => {
    do await new Promise((r) => setTimeout(r, 20)); while (root.dataset.settled !== 'true');
  };
  for (const button of root.querySelectorAll('.gl-try button, button[name=reset]')) {
    await rest();
    button.click();
    const at_once = files();
    await rest();
    out.push([button.name, files().map((text, k) => text === at_once[k])]);
  }
  return out;
}"""

# A mean is dragged with so many starts that frames are coarse; a file is saved before its release.
DRAGGED = """async () => {
  const root = document.querySelector('.genie-lab'), lab = root.genieLab;
  const mean = root.querySelector('[data-id=mean-0]');
  mean.setPointerCapture = () => {};
  const at = (type, x) => mean.dispatchEvent(new PointerEvent(type,
    { bubbles: true, clientX: x, clientY: 100, pointerId: 1, button: 0 }));
  at('pointerdown', 100);
  at('pointermove', 104);
  at('pointermove', 108);
  const settled = root.dataset.settled, rows = lab.csv().split('\\n').length;
  for (const button of root.querySelectorAll('.gl-tools button')) {
    document.documentElement.dataset.theme = 'dark';
    await null;
    button.click();
    at('pointermove', 112);
  }
  at('pointerup', 112);
  return [settled, rows];
}"""


@pytest.mark.parametrize("name", scenarios())
def test_no_button_throws_in_any_order(open_lab, page, name):  # noqa: F811
    open_lab(name)
    assert page.evaluate(PRESSED) >= 9
    page.wait_for_selector(".genie-lab[data-settled=true]")
    assert page.messages.errors == []


@pytest.mark.parametrize("name", scenarios())
def test_what_is_saved_at_once_is_the_states_own(open_lab, page, name):  # noqa: F811
    open_lab(name)
    saved = page.evaluate(SAVED)
    assert len(saved) >= 4
    assert [button for button, same in saved if not all(same)] == []


def test_a_file_saved_during_a_drag_has_every_start(open_lab, page):  # noqa: F811
    open_lab("landing", n_starts=120, n_steps=5)
    settled, rows = page.evaluate(DRAGGED)
    assert settled == "false"
    assert rows == 1 + 120 * (2 * 6 + 1) + 1
    page.wait_for_selector(".genie-lab[data-settled=true]")
    assert page.messages.errors == []
