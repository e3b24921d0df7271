"""The live lab's latency in a real browser: from an input event to the painted frame.

500 trajectories, 50 steps, 2 solvers; prints milliseconds and asserts nothing. Aim: median 16,
95th percentile 33; full quality within 150 ms after a dragged mean is released.
"""

import shutil
import statistics
import tempfile
from pathlib import Path

from genie_edu.lab import SCRIPT, STYLE, placeholder

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
PAGE = """<!doctype html><html lang="en" data-theme="light"><head><meta charset="utf-8">
<title>lab</title><link rel="stylesheet" href="{style}"></head><body>{lab}
<script src="{script}"></script><script>GenieLab.mountAll(document)</script></body></html>"""

# An event at a random moment; the frame is painted when a message posted from the animation frame
# after the lab's own comes back: drawing and compositing of that frame are then done.
STEPS = """async (count) => {
  const input = document.querySelector('input[name=n_steps]'), times = [], work = [];
  const painted = () => new Promise((done) => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done();
    channel.port2.postMessage(0);
  }));
  for (let k = 0; k < count; k++) {
    await new Promise((r) => setTimeout(r, 20 + 30 * Math.random()));
    const before = performance.now();
    input.value = String(48 + (k % 3));
    input.dispatchEvent(new Event('input', { bubbles: true }));
    await painted();
    times.push(performance.now() - before);
    const start = performance.now();
    document.querySelector('.genie-lab').genieLab.flush();
    work.push(performance.now() - start);
  }
  return [times, work];
}"""

DRAG = """async () => {
  const root = document.querySelector('.genie-lab'), el = root.querySelector('[data-id=mean-2]');
  el.setPointerCapture = () => {};
  const at = (type, x) => el.dispatchEvent(new PointerEvent(type,
    { bubbles: true, clientX: x, clientY: 100, pointerId: 1, button: 0 }));
  const frame = () => new Promise((r) => requestAnimationFrame(() => setTimeout(r)));
  const moves = [];
  at('pointerdown', 100);
  for (let k = 1; k <= 40; k++) {
    const before = performance.now();
    at('pointermove', 100 + k);
    await frame();
    moves.push(performance.now() - before);
  }
  const released = performance.now();
  at('pointerup', 140);
  while (root.dataset.settled !== 'true') await frame();
  return [moves, performance.now() - released];
}"""


def spread(values: list[float]) -> str:
    """Median and 95th percentile in milliseconds."""
    p95 = statistics.quantiles(values, n=20)[-1]
    return f"median {statistics.median(values):5.1f} ms, p95 {p95:5.1f} ms"


def main() -> None:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("lab: not measured, playwright is not installed (pip install -r requirements.txt)")
        return
    path = next(filter(None, map(shutil.which, NAMES)), None)
    lab = placeholder("landing", n_starts=500, n_steps=50)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "lab.html"
        file.write_text(PAGE.format(style=STYLE.as_uri(), script=SCRIPT.as_uri(), lab=lab))
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(file.as_uri())
        page.wait_for_selector(".genie-lab[data-settled=true]")
        page.evaluate(STEPS, 20)  # warm up
        times, work = page.evaluate(STEPS, 200)
        print("lab, 500 trajectories x 50 steps x 2 solvers, headless Chromium")
        print(f"  n_steps changes: input to painted frame  {spread(times)}")
        print(f"                   the frame's own work    {spread(work)}")
        drags = [page.evaluate(DRAG) for _ in range(10)]
        print(
            f"  mean dragged:    move to frame           {spread([m for d in drags for m in d[0]])}"
        )
        print(f"                   release to full quality {spread([d[1] for d in drags])}")
        browser.close()


if __name__ == "__main__":
    main()
