"""The lab's pieces on derivatives and learned fields: difference quotients, networks, heads."""

import numpy as np
import pytest
import torch
from chapter_lab import number
from test_lab import in_javascript, open_lab, output, run_python, settled, world  # noqa: F401

import genie_edu as ge
from genie_edu.lab import SCRIPT, config_of, format_number, networks, placeholder, starts, state_of

LAB = "document.querySelector('.genie-lab').genieLab"


def quotient_errors(state, kind, single, steps):
    """Relative errors of difference quotients, written without the lab's own helpers."""
    flow, gammas, x_bar = world(state)
    gamma = torch.tensor(np.exp(state["log_gamma"]), dtype=torch.float64)
    z = ge.exact_solution(flow, x_bar, torch.stack([gammas[0], gamma]))[-1]
    exact = flow.derivatives(z, gamma, order=1)[1]

    def rounded(v):
        return v.float().double() if single else v

    def eps(x_bar, gamma):
        return rounded(flow.eps(rounded(x_bar), rounded(gamma)))

    here, out = eps(z, gamma), []
    for step in steps:
        d = step * gamma
        ahead = eps(z + d * here, gamma + d)
        behind = eps(z - d * here, gamma - d) if kind == "central" else here
        slope = (ahead - behind) / (2 * d if kind == "central" else d)
        off = torch.linalg.vector_norm(slope - exact, dim=1)
        out.append(float(np.median(off / torch.linalg.vector_norm(exact, dim=1))))
    return np.array(out)


def test_difference_quotients_are_pythons(request):
    program = """([state, steps]) => {
      const { Mixture, Exact, starts, gammaOf, quotientErrors } = GenieLab.maths;
      const mixture = new Mixture(state), g0 = gammaOf(1), g = Math.exp(state.log_gamma);
      const x = starts(64, 0).map((v) => v * Math.sqrt(1 + g0 * g0));
      const z = new Exact().paths(mixture, x, g0, g).end, E = z.slice(), D = z.slice();
      mixture.derivatives(z, 0, 64, g, E, D, null);
      return ['forward', 'central'].flatMap((kind) => [false, true].map((single) =>
        [kind, single, [...quotientErrors(mixture, z, g, D, kind, single, steps)]]));
    }"""
    state, steps = state_of("ch10_difference"), [10 ** (-k / 4) for k in range(2, 40)]
    for kind, single, errors in in_javascript(request, program, [state, steps]):
        want = quotient_errors(state, kind, single, steps)
        share = np.abs(np.array(errors) / want - 1)
        long = np.array(steps) > (0.05 if single else 1e-3)  # truncation: no rounding in sight
        assert share[long].max() < 1e-4, (kind, single)
        assert share.max() < (0.1 if single else 1.0), (kind, single)


def test_the_best_step_is_found_by_hand_or_read(open_lab):  # noqa: F811
    page = open_lab("ch10_difference")
    state = state_of("ch10_difference")
    steps = [10 ** (-10 + k / 10) for k in range(98)]
    errors = quotient_errors(state, "forward", True, steps)
    best = number(output(page, "best_step"))
    assert abs(np.log10(best) - np.log10(steps[int(errors.argmin())])) < 0.11
    assert number(output(page, "best_error")) == pytest.approx(errors.min(), rel=0.05)
    error = quotient_errors(state, "forward", True, [0.1])[0]
    assert output(page, "error") == format_number(error)
    handle = page.locator("[data-id=step]")
    assert handle.get_attribute("role") == "slider"
    handle.focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    settled(page)
    assert page.evaluate(f"{LAB}.state.log_step") < -1.1
    assert number(output(page, "error")) < error
    page.locator("select[name=difference]").select_option("central")
    settled(page)
    assert number(output(page, "best_error")) < 0.1 * errors.min() and output(page, "calls") == "3"
    assert number(output(page, "best_step")) > 3 * best
    page.locator("select[name=precision]").select_option("float64")
    settled(page)
    assert number(output(page, "best_error")) < 1e-8
    assert page.messages.errors == []


def test_presets_of_the_quotients_show_what_their_texts_say(open_lab):  # noqa: F811
    page = open_lab("ch10_difference")

    def press(k):
        page.locator(f"button[name=preset_{k}]").click()
        settled(page)
        return page.evaluate(f"{LAB}.readout")

    plain = page.evaluate(f"{LAB}.readout")
    assert press(1)["error"] > 0.1
    central, double = press(2), press(3)
    assert central["best_error"] < 0.1 * plain["best_error"]
    assert central["best_step"] > plain["best_step"]
    assert 0.5 < central["error"] / central["best_error"] < 4
    assert double["best_error"] < 1e-4 * plain["best_error"]
    assert double["best_step"] < 1e-3 * plain["best_step"]


def test_copy_as_python_of_the_quotients(open_lab):  # noqa: F811
    page, codes, values = open_lab("ch10_difference"), [], []
    for patch in ({"log_step": -2.5}, {"difference": "central"}, {"precision": "float64"}):
        page.evaluate(f"(p) => {LAB}.set(p)", patch)
        settled(page)
        codes.append(page.evaluate(f"{LAB}.python()"))
        values.append(page.evaluate(f"{LAB}.readout"))
    printed = run_python("\nprint('==')\n".join(codes)).split("==")
    for text, shown in zip(printed, values, strict=True):
        lines = dict(line.split(" ", 1) for line in text.splitlines() if line)
        assert float(lines["error"]) == pytest.approx(shown["error"], rel=0.01)
        assert float(lines["best_step"]) == pytest.approx(shown["best_step"], rel=0.3)
        assert float(lines["best_error"]) == pytest.approx(shown["best_error"], rel=0.3)


# ------------------------------------------------------------------------------ learned fields

WITH_NETWORKS = """(argument) => {
  if (!globalThis.GenieLabNetworks) (0, eval)(argument.networks);
  return (%s)(argument.value);
}"""


def with_networks(request, program, value):
    """The program's value where the networks' script has run."""
    argument = {"networks": networks.FILE.read_text(), "value": value}
    return in_javascript(request, WITH_NETWORKS % program, argument)


def test_the_script_holds_the_recorded_networks():
    assert networks.FILE.read_text() == networks.script(), "run python -m genie_edu.lab.networks"
    net, heads = networks.load()
    shipped = ge.checkpoints.load(ge.data.shipped("mixture_2d/base"), "EpsMLP")
    head = ge.checkpoints.load(ge.data.shipped("mixture_2d/head"), "GenieHead")
    for ours, theirs in ((net, shipped), (heads[-1][2], head)):
        for key, value in ours.state_dict().items():
            assert float((value - theirs.state_dict()[key]).abs().max()) < 2e-7, key
    assert [step for step, *_ in heads] == [0, 50, 100, 200, 500, 1000, 2000, 4000]
    assert heads[0][1] == 0 and heads[-1][1] > 0.99


def test_networks_in_javascript_are_torchs(request):
    program = """(cases) => cases.map(([x, gamma]) => {
      const { networksOf, LearnedField } = GenieLab.maths, { net, heads } = networksOf();
      const X = Float64Array.from(x), B = x.length / 2, E = X.slice(), D1 = X.slice();
      const D2 = X.slice();
      new LearnedField(net, 0.1).derivatives(X, 0, B, gamma, E, D1, D2);
      const out = [[...E], [...D1], [...D2]];
      for (const { head } of heads) {
        new LearnedField(net, 0.1, head).derivatives(X, 0, B, gamma, E, D1, null);
        out.push([...D1]);
      }
      return out;
    })"""
    net, heads = networks.load()
    points = torch.from_numpy(starts(9, 4))  # 9 is no multiple of the four that go together
    levels = [150.0, 10.0, 1.3, 0.5, 0.12, 0.0326]
    scaled = [points * (1 + g * g) ** 0.5 for g in levels]
    todo = [[x.flatten().tolist(), g] for x, g in zip(scaled, levels, strict=True)]
    got = with_networks(request, program, todo)
    for x, gamma, arrays in zip(scaled, levels, got, strict=True):
        want = list(ge.NetworkFlow(net).derivatives(x, gamma, 2))
        want += [ge.NetworkFlow(net, head).eps_and_derivative(x, gamma)[1] for *_, head in heads]
        for ours, theirs in zip(arrays, want, strict=True):
            theirs = theirs.numpy().reshape(-1)
            scale = max(1e-12, np.abs(theirs).max())
            assert np.abs(np.array(ours) - theirs).max() < 1e-9 * scale or scale < 1e-9


def learned_world(state):
    """Both flows, levels, starts and the two exact solutions of a learned scenario's state."""
    flow, gammas, x_bar = world(state)
    learned = ge.NetworkFlow(networks.load()[0])
    ends = [ge.exact_solution(f, x_bar, gammas)[-1] for f in (learned, flow)]
    return flow, learned, gammas, x_bar, *ends


def test_the_budget_is_pythons(open_lab):  # noqa: F811
    page = open_lab("ch09_budget")
    page.locator("input[name=n_steps]").focus()
    page.keyboard.press("ArrowRight")
    page.locator("select[name=solver]").select_option("taylor3")
    settled(page)
    state = page.evaluate(f"{LAB}.state")
    assert (state["n_steps"], state["solver"]) == (11, "taylor3")
    flow, learned, gammas, x_bar, truth, exact = learned_world(state)
    end = ge.solve(learned, x_bar, gammas, "taylor3").x_bar[-1]
    plain = ge.solve(flow, x_bar, gammas, "taylor3").x_bar[-1]
    shown = page.evaluate(f"{LAB}.readout")
    for name, a, b in (
        ("solver_error", end, truth),
        ("model_error", truth, exact),
        ("total_error", end, exact),
        ("error_exact_field", plain, exact),
    ):
        assert shown[name] == pytest.approx(ge.end_point_error(a, b), rel=5e-3, abs=2e-5), name
        assert output(page, name) == format_number(shown[name])
    assert not page.evaluate(f"{LAB}.set({{mixture: 'ring'}})")
    assert not page.evaluate(f"{LAB}.set({{n_starts: 500}})")
    assert page.messages.errors == [] and page.messages.foreign() == []


def test_the_scrubber_is_pythons(open_lab):  # noqa: F811
    page = open_lab("ch11_scrubber")
    slider = page.locator("input[name=checkpoint]")
    slider.focus()
    page.keyboard.press("ArrowRight")
    settled(page)
    assert output(page, "step") == "200" and slider.get_attribute("aria-valuetext") == "200"
    state = page.evaluate(f"{LAB}.state")
    _, learned, gammas, x_bar, truth, _ = learned_world(state)
    net, heads = networks.load()
    assert output(page, "r2") == f"{heads[3][1]:.3f}"
    runs = {"ddim": learned, "genie": learned, "head": ge.NetworkFlow(net, heads[3][2])}
    shown = page.evaluate(f"{LAB}.readout.error")
    for name, flow in runs.items():
        solver = "ddim" if name == "ddim" else "genie"
        error = ge.end_point_error(ge.solve(flow, x_bar, gammas, solver).x_bar[-1], truth)
        assert shown[name] == pytest.approx(error, rel=5e-3), name
        assert output(page, "error", name) == format_number(shown[name])
    page.keyboard.press("Home")
    settled(page)
    assert output(page, "error", "head") == output(page, "error", "ddim")
    page.locator("input[name=n_steps]").focus()
    page.keyboard.press("ArrowLeft")
    settled(page)
    assert page.evaluate(f"{LAB}.state.n_steps") == 9 and page.messages.errors == []


def test_presets_of_the_learned_labs_show_what_their_texts_say(open_lab):  # noqa: F811
    def press(page, k):
        page.locator(f"button[name=preset_{k}]").click()
        settled(page)
        return page.evaluate(f"{LAB}.readout")

    page = open_lab("ch09_budget")
    plain = page.evaluate(f"{LAB}.readout")
    assert plain["model_error"] < 0.1 * plain["solver_error"]
    genie, sixty, fourth = (press(page, k) for k in (1, 2, 3))
    assert 0.2 < genie["solver_error"] / plain["solver_error"] < 0.3
    assert genie["solver_error"] > 2 * genie["model_error"]
    assert sixty["solver_error"] < 0.2 * sixty["model_error"]
    assert 0.8 < sixty["total_error"] / sixty["model_error"] < 1.2
    assert 0.8 < fourth["solver_error"] / sixty["solver_error"] < 1.2

    page = open_lab("ch11_scrubber")
    hundred = page.evaluate(f"{LAB}.readout")["error"]
    assert hundred["head"] > hundred["ddim"] > 3 * hundred["genie"]
    before, fifty, trained = (press(page, k) for k in (1, 2, 3))
    assert before["error"]["head"] == before["error"]["ddim"]
    assert fifty["error"]["head"] > 1.3 * fifty["error"]["ddim"] and 0.25 < fifty["r2"] < 0.4
    assert trained["error"]["head"] < 1.2 * trained["error"]["genie"]
    rows = page.evaluate(f"{LAB}.csv()").splitlines()
    assert len(rows) == 1 + 5 * 32


def test_weights_come_only_where_they_are_needed(open_lab, page):  # noqa: F811
    asked = []
    page.on("request", lambda request: asked.append(request.url.rsplit("/", 1)[-1]))
    open_lab("landing")
    assert "lab_networks.js" not in asked
    open_lab("ch09_budget", "ch11_scrubber")
    assert asked.count("lab_networks.js") == 1
    assert len(placeholder("ch11_scrubber")) < 40_000
    assert networks.FILE.stat().st_size < 600_000


def test_a_page_without_the_weights_keeps_its_poster(page, tmp_path):
    (tmp_path / "solver_lab.js").write_text(SCRIPT.read_text())
    text = '<script src="solver_lab.js"></script><script>GenieLab.mountAll(document)</script>'
    (tmp_path / "lab.html").write_text(placeholder("ch09_budget") + text)
    page.goto((tmp_path / "lab.html").as_uri())
    page.wait_for_selector(".genie-lab[data-problem]")
    assert "lab_networks.js" in page.locator(".genie-lab").get_attribute("data-problem")
    assert page.locator(".genie-lab svg").is_visible()


def test_the_widget_hands_the_networks_over():
    lab = ge.SolverLab("ch11_scrubber", checkpoint=3)
    assert lab.checkpoint == 3 and lab._config["networks"] == networks.packed()
    assert "networks" not in ge.SolverLab("ch10_difference")._config
    for key, value, sentence in (
        ("mixture", "ring", "know the mixture 'three_modes' only"),
        ("checkpoint", 8, "from 0 to 7"),
        ("n_starts", 100, "from 1 to 64"),
    ):
        with pytest.raises(ValueError, match=sentence):
            setattr(lab, key, value)
    with pytest.raises(ValueError, match="three_modes"):
        placeholder("ch09_budget", mixture="ring")


def test_a_widget_mounts_with_its_own_networks(open_lab):  # noqa: F811
    page = open_lab("landing")
    got = page.evaluate(
        """async ([config, packed]) => {
      const values = { ...config.state, _config: { ...config, networks: packed } };
      const el = document.createElement('div');
      const model = { get: (k) => values[k], set: (k, v) => { values[k] = v; }, save_changes() {},
        on() {}, off() {} };
      document.querySelector('main').append(el);
      const stop = GenieLab.render({ model, el });
      await new Promise((resolve) => setTimeout(resolve, 600));
      stop();
      return values.readout;
    }""",
        [config_of("ch11_scrubber"), networks.packed()],
    )
    assert got["step"] == 100 and set(got["error"]) == {"ddim", "genie", "head"}


def test_a_live_jupyterlab_shows_the_scrubber(page, jupyterlab):
    cells = ['import genie_edu as ge\nlab = ge.SolverLab("ch11_scrubber")\nlab']
    jupyterlab.open(page, cells, name="scrubber.ipynb")
    jupyterlab.run_all(page)
    page.locator(".genie-lab[data-ready=true]").wait_for(timeout=60_000)
    page.locator("input[name=checkpoint]").focus()
    page.keyboard.press("End")  # the slider moves Python
    for _ in range(20):
        seen = jupyterlab.evaluate(page, "(lab.checkpoint, lab.readout['step'])")
        if seen == "(7, 4000)":
            break
        page.wait_for_timeout(300)
    assert seen == "(7, 4000)"


@pytest.mark.parametrize("name", ["ch12_digits", "ch14_blend", "ch17_paths", "ch18_upsampling"])
def test_numbers_stay_within_their_place_in_the_width_of_a_page(open_lab, name):  # noqa: F811
    page = open_lab(name)
    page.set_viewport_size({"width": 690, "height": 900})
    inside = """(() => {
      const e = document.querySelector('.gl-readout');
      const right = (c) => c.getBoundingClientRect().right;
      return [...e.querySelectorAll('table, td, th')].every((c) => right(c) <= right(e) + 1);
    })()"""
    for button in [None, *page.locator(".gl-try button").all()]:
        if button:
            button.click()
        settled(page)
        assert page.evaluate(inside), button
    assert page.locator(".gl-readout td").count() > 3
