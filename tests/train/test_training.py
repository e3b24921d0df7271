"""Training: what it learns, that it can be stopped, killed and shared without changing a bit."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from worlds import SCHEDULE, states

import genie_edu as ge
from genie_edu.train import targets
from genie_edu.train.batches import batches, draw
from genie_edu.train.loop import learning_rate
from genie_edu.train.run_state import Record
from genie_edu.train.targets import KeptTargets
from genie_edu.train.training import derivative_loss, eps_loss

MIXTURE = ge.GaussianMixture(**ge.TOYS["three_modes"])
SHORT = ge.Settings(n_steps=60, batch_size=128, warm_up=10)


def small(seed: int = 0) -> ge.EpsMLP:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return ge.EpsMLP(width=16, depth=2)


def weights(module) -> torch.Tensor:
    return torch.cat([value.flatten() for value in module.state_dict().values()])


def trained(settings=SHORT, **options) -> tuple[ge.EpsMLP, list[Record]]:
    net = small()
    return net, list(ge.train_eps(net, MIXTURE.sample, settings, record_every=20, **options))


def test_a_run_learns_and_its_records_say_so():
    net, records = trained(replace(SHORT, n_steps=400, lr=1e-2))
    assert [r.step for r in records] == list(range(20, 401, 20))
    x_bar = states(MIXTURE, 1.0, 2048)
    exact = MIXTURE.derivatives(x_bar, 1.0, 0)[0]
    before, after = ((n.double()(x_bar, 1.0) - exact).norm() for n in (small(), net))
    assert after < 0.6 * before
    assert records[-1].seconds_left == 0 < records[0].seconds_left
    assert all(r.images_per_second > 0 for r in records) and not net.training


def test_stopped_and_resumed_is_the_same_to_the_bit(tmp_path):
    whole, _ = trained()
    path = tmp_path / "run.safetensors"
    net = small()
    run = ge.train_eps(net, MIXTURE.sample, SHORT, checkpoint=path, record_every=20)
    first = next(run)
    run.close()
    resumed, records = trained(checkpoint=path)
    assert torch.equal(weights(whole), weights(resumed))
    assert records[0] == first, "the records so far come first: the curve continues"
    assert [r.step for r in records] == [20, 40, 60]
    assert records[-1].seconds > records[0].seconds
    again, records = trained(checkpoint=path)
    assert torch.equal(weights(whole), weights(again)) and len(records) == 3


HERE = Path(__file__).parent
KILLED = """
import sys, torch
sys.path[:0] = sys.argv[2:]
torch.set_num_threads(1)
import genie_edu.train.run_state as run_state
import genie_edu.train.training as training
from test_training import MIXTURE, SHORT, small
run_state.SAVE_EVERY = 0.0
for record in training.train_eps(small(), MIXTURE.sample, SHORT, sys.argv[1], record_every=2):
    print(record.step, flush=True)
"""


def test_killed_at_any_moment_and_resumed_is_the_same_to_the_bit(tmp_path):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    whole, _ = trained()
    path = tmp_path / "run.safetensors"
    command = [sys.executable, "-c", KILLED, str(path), *map(str, (HERE, HERE.parent / "helpers"))]
    steps = []
    for pause in (0.0, 0.013, 0.031):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        for line in child.stdout:
            if int(line) > (steps[-1] if steps else 0) + 6:
                break
        time.sleep(pause)
        child.send_signal(signal.SIGKILL)
        child.wait()
        steps.append(ge.checkpoints.read(path)[1]["step"])
    assert 0 < steps[0] < SHORT.n_steps
    resumed, _ = trained(checkpoint=path)
    torch.set_num_threads(threads)
    assert torch.equal(weights(whole), weights(resumed))


def test_a_checkpoint_of_another_run_is_refused_and_kept(tmp_path):
    path = tmp_path / "run.safetensors"
    trained(checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ge.checkpoints.CheckpointError, match=r"lr=0.002, not 0.003"):
        trained(replace(SHORT, lr=3e-3), checkpoint=path)
    with pytest.raises(ge.checkpoints.CheckpointError, match="config"):
        list(ge.train_eps(ge.EpsMLP(width=8), MIXTURE.sample, SHORT, checkpoint=path))
    head = ge.GenieHead(2, small().feature_sizes, width=4)
    other = tmp_path / "head.safetensors"
    once = replace(SHORT, n_steps=1)
    list(ge.distill_head(head, small(), MIXTURE.sample, once, other))
    with pytest.raises(ge.checkpoints.CheckpointError, match="weighted=True, not False"):
        list(ge.distill_head(head, small(), MIXTURE.sample, once, other, weighted=False))
    assert path.read_bytes() == before
    anew, _ = trained(replace(SHORT, lr=3e-3), checkpoint=path, resume=False)
    assert ge.checkpoints.read(path)[1]["run"]["lr"] == 3e-3


def test_a_loss_that_is_not_finite_stops_the_run_and_costs_no_checkpoint(tmp_path):
    path = tmp_path / "run.safetensors"
    net = small()
    run = ge.train_eps(net, MIXTURE.sample, SHORT, checkpoint=path, record_every=20)
    next(run)
    run.close()
    good = path.read_bytes()

    def broken(n, generator):
        return torch.full((n, 2), 1e30)

    with pytest.raises(ValueError, match="loss is .* at step"):
        list(ge.train_eps(small(), broken, SHORT, checkpoint=path, record_every=20))
    assert path.read_bytes() == good


def test_a_batch_is_a_function_of_settings_and_step():
    one, two = (draw(MIXTURE.sample, SHORT, 7, SCHEDULE, torch.device("cpu")) for _ in range(2))
    other = draw(MIXTURE.sample, SHORT, 8, SCHEDULE, torch.device("cpu"))
    assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    assert not torch.equal(one[0], other[0])
    _, gamma, _ = one
    t = SCHEDULE.t_of_gamma(gamma)
    places = (t.sqrt() - 0.001**0.5) / (1 - 0.001**0.5) * len(t)
    assert (places.floor() == torch.arange(len(t))).float().mean() > 0.98, "stratified in sqrt(t)"


def test_a_data_set_is_gone_through_in_shuffled_epochs():
    data = torch.arange(10.0)[:, None]
    settings = replace(SHORT, batch_size=4)
    seen = []
    for step in range(10):
        x_bar, gamma, noise = draw(data, settings, step, SCHEDULE, torch.device("cpu"))
        seen += (x_bar - gamma[:, None] * noise).round().flatten().tolist()
    epochs = [seen[i : i + 10] for i in range(0, 40, 10)]
    assert all(sorted(epoch) == list(range(10)) for epoch in epochs)
    assert epochs[0] != epochs[1] != sorted(epochs[1])


def test_distilling_learns_the_derivative_and_leaves_the_network_alone(tmp_path):
    settings = replace(SHORT, n_steps=300, lr=5e-3)
    net, _ = trained(settings)
    before = weights(net).clone()
    head = ge.GenieHead(2, net.feature_sizes, width=16)
    records = list(ge.distill_head(head, net, MIXTURE.sample, settings, record_every=50))
    assert records[-1].loss < 0.1 * records[0].loss
    assert torch.equal(weights(net), before)
    assert not any(weight.requires_grad for weight in net.parameters())


KEPT = replace(SHORT, n_steps=12, batch_size=16, kept=100, levels="half_log_gamma")


def test_kept_targets_are_those_of_the_frozen_network():
    net, _ = trained()
    fresh = batches(MIXTURE.sample, KEPT, SCHEDULE)
    cpu = torch.device("cpu")
    kept = KeptTargets(net, lambda n: fresh(n, cpu), 100, None, {})
    assert len(kept) == 100
    x_bar, gamma, target = kept.batch(torch.arange(100), cpu)
    drawn = torch.cat([fresh(n, cpu)[0] for n in range(7)])[:100]
    assert ((x_bar - drawn).abs() <= 1e-3 * drawn.abs() + 1e-6).all()
    _, slope = ge.NetworkFlow(net).eps_and_derivative(x_bar, gamma)
    assert (gamma[:, None] * (target - slope)).abs().max() < 2e-3


def test_kept_targets_are_computed_once_and_only_for_their_own_network(tmp_path, monkeypatch):
    counted = []
    once = targets.along_flow
    monkeypatch.setattr(targets, "along_flow", lambda *a: counted.append(len(a[1])) or once(*a))

    def distilled(net, settings=KEPT, path=tmp_path / "head.run.safetensors"):
        counted.clear()
        torch.manual_seed(1)
        head = ge.GenieHead(2, net.feature_sizes, width=8)
        list(ge.distill_head(head, net, MIXTURE.sample, settings, path, resume=False))
        return weights(head), sum(counted)

    net, _ = trained()
    first, n = distilled(net)
    assert n == 100
    again, n = distilled(net)
    assert n == 0 and torch.equal(first, again)
    in_memory, n = distilled(net, path=None)
    assert n == 100 and torch.equal(first, in_memory)
    other, n = distilled(small())
    assert n == 100 and not torch.equal(first, other)
    assert distilled(small(), replace(KEPT, seed=1))[1] == 100
    (file,) = (tmp_path / "head.run.targets").iterdir()
    assert file.name == "00000.safetensors"
    with pytest.raises(ValueError, match="kept must be 0"):
        head = ge.GenieHead(2, net.feature_sizes, width=8)
        ge.distill_head(head, net, MIXTURE.sample, KEPT, noise_input="drawn")


def test_relative_to_the_targets_a_head_of_zeros_has_loss_one():
    net, _ = trained()
    head = ge.GenieHead(2, net.feature_sizes, width=8)
    settings = replace(KEPT, n_steps=8, batch_size=250, kept=2_000, weighting="relative", lr=1e-9)
    whole, plain = (
        torch.tensor(
            [r.loss for r in ge.distill_head(head, net, MIXTURE.sample, s, record_every=1)]
        )
        for s in (settings, replace(settings, weighting="eps"))
    )
    assert abs(float(whole.mean()) - 1) < 1e-3, "all 2,000 states once"
    assert plain.mean() < 0.8
    with pytest.raises(ValueError, match="kept must be > 0"):
        ge.distill_head(head, net, MIXTURE.sample, replace(settings, kept=0))
    for wrong in (settings, KEPT):
        with pytest.raises(ValueError, match="for heads"):
            ge.train_eps(net, MIXTURE.sample, wrong)


def test_half_of_the_levels_are_uniform_in_t_and_half_in_log_gamma():
    cpu = torch.device("cpu")
    _, gamma, _ = draw(MIXTURE.sample, replace(KEPT, batch_size=4096), 0, SCHEDULE, cpu)
    t, log_gamma = SCHEDULE.t_of_gamma(gamma[:2048].double()), torch.log(gamma[2048:])
    ends = torch.log(SCHEDULE.gamma(torch.tensor([1e-3, 1.0])))
    assert abs(float(t.mean()) - 0.5005) < 0.01 and float(t.min()) >= 1e-3
    assert abs(float(log_gamma.mean() - ends.mean())) < 0.05
    assert log_gamma.min() >= ends[0] - 1e-4 and log_gamma.max() <= ends[1] + 1e-4


def test_the_weighted_loss_is_plain_l2_on_the_derivative_in_log_gamma():
    net, _ = trained()
    net.double()
    head = ge.GenieHead(2, net.feature_sizes).double()
    x_bar, gamma, noise = (
        part.double() for part in draw(MIXTURE.sample, SHORT, 0, SCHEDULE, torch.device("cpu"))
    )
    _, in_gamma = ge.NetworkFlow(net).eps_and_derivative(x_bar, gamma)
    in_log_gamma = gamma[:, None] * in_gamma  # an untrained head is zero: the loss is the target's
    with torch.no_grad():
        loss = derivative_loss(head, net, x_bar, gamma, noise)
        plain = derivative_loss(head, net, x_bar, gamma, noise, weighted=False)
    assert (loss - in_log_gamma.square().mean()).abs() < 1e-12
    assert (plain - in_gamma.square().mean()).abs() < 1e-12


def test_the_head_sees_the_predicted_eps_unless_told_otherwise():
    class Spy(torch.nn.Module):
        def forward(self, x_bar, gamma, eps, hidden, level):
            self.eps = eps
            return torch.zeros_like(x_bar)

    net, spy = small(), Spy()
    x_bar, gamma, noise = draw(MIXTURE.sample, SHORT, 0, SCHEDULE, torch.device("cpu"))
    derivative_loss(spy, net, x_bar, gamma, noise)
    assert torch.equal(spy.eps, net(x_bar, gamma))
    derivative_loss(spy, net, x_bar, gamma, noise, noise_input="drawn")
    assert torch.equal(spy.eps, noise)
    with pytest.raises(ValueError, match="noise_input"):
        ge.distill_head(ge.GenieHead(2, net.feature_sizes), net, MIXTURE.sample, noise_input="x")


def test_the_learning_rate_warms_up_and_ends_at_zero():
    settings = ge.Settings(n_steps=1000, lr=1.0, warm_up=100)
    rates = [learning_rate(settings, step) for step in range(1000)]
    assert rates[0] == pytest.approx(0.01) and max(rates) > 0.95 and rates[-1] < 1e-5
    assert rates.index(max(rates)) in range(95, 101)


@pytest.mark.parametrize(
    ("setting", "value"),
    [("n_steps", 0), ("batch_size", 1.5), ("levels", "cubic"), ("ema", 1.0), ("lr", -1.0)],
)
def test_settings_that_can_not_be_run_are_refused(setting, value):
    with pytest.raises((TypeError, ValueError), match=setting):
        ge.Settings(**{setting: value})


def test_two_processes_start_and_follow_the_run_of_one(tmp_path):
    command = [sys.executable, "-m", "genie_edu.cli", "train", "mixture-2d", "--steps", "50"]
    command += ["--cpu", "--batch-size", "256"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    launch = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc_per_node",
        "2",
    ]
    losses, weights = [], []
    for name, start in (("one", command), ("two", [*launch, *command[1:]])):
        run = [*start, "--folder", str(tmp_path / name)]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr[-2000:]
        record = ge.checkpoints.load(tmp_path / name / "base.safetensors").card["record"]
        assert record["processes"] == ("one", "two").index(name) + 1
        losses.append(record["curve"][-1][1])
        weights.append(ge.checkpoints.read(tmp_path / name / "base.safetensors")[0])
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
    one, two = weights  # the averages, which are what is kept
    assert all(torch.allclose(value, two[key], atol=1e-3) for key, value in one.items())
    start = ge.presets.PRESETS["mixture-2d"].net().state_dict()
    assert max(float((two[key] - value).abs().max()) for key, value in start.items()) > 0.001


def interrupted(at: int, where: str, monkeypatch):
    """Raise KeyboardInterrupt at the at-th call of a part of the loop, as a stop button does."""
    calls = [0]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a background shell ignores it

    def tick():
        calls[0] += 1
        if calls[0] == at:
            os.kill(os.getpid(), signal.SIGINT)

    if where == "data":

        def data(n, generator):
            tick()
            return MIXTURE.sample(n, generator=generator)

        return data
    step = torch.optim.Adam.step

    def halved(self, *rest, **options):
        tick()
        return step(self, *rest, **options)

    monkeypatch.setattr(torch.optim.Adam, "step", halved)
    return MIXTURE.sample


@pytest.mark.parametrize("where", ["data", "optimizer"])
@pytest.mark.parametrize("at", [1, 3, 20, 37])
def test_a_stop_button_loses_nothing_and_halves_no_step(tmp_path, monkeypatch, where, at):
    whole, curve = trained()
    path, net = tmp_path / "run.safetensors", small()
    with monkeypatch.context() as patch:
        data = interrupted(at, where, patch)
        with pytest.raises(KeyboardInterrupt):
            list(ge.train_eps(net, data, SHORT, path, record_every=20))
    assert ge.checkpoints.read(path)[1]["step"] == at - (where == "data")
    assert not net.training
    net.train()
    resumed = list(ge.train_eps(net, MIXTURE.sample, SHORT, path, record_every=20))
    assert torch.equal(weights(whole), weights(net))
    assert [(r.step, r.loss) for r in resumed] == [(r.step, r.loss) for r in curve]


def test_a_run_left_behind_does_not_overwrite_the_one_that_went_on(tmp_path):
    path = tmp_path / "run.safetensors"
    left = ge.train_eps(small(), MIXTURE.sample, SHORT, path, record_every=20)
    next(left)
    trained(checkpoint=path)
    left.close()
    assert ge.checkpoints.read(path)[1]["step"] == SHORT.n_steps


def test_the_first_record_is_on_disk_and_a_finished_run_is_its_averages(tmp_path):
    path = tmp_path / "run.safetensors"
    run = ge.train_eps(small(), MIXTURE.sample, SHORT, path, record_every=20)
    next(run)
    tensors, card = ge.checkpoints.read(path)
    assert card["step"] == 20 and any(name.startswith("exp_avg/") for name in tensors)
    list(run)
    assert {name.split("/")[0] for name in ge.checkpoints.read(path)[0]} == {"average"}


def test_a_checkpoint_that_lacks_later_settings_goes_on(tmp_path):
    path, (whole, _) = tmp_path / "run.safetensors", trained()
    run = ge.train_eps(small(), MIXTURE.sample, SHORT, path, record_every=20)
    next(run)
    run.close()
    tensors, card = ge.checkpoints.read(path)
    for key in ("weighting", "level_mean", "level_std"):
        del card["run"][key]
    for key in ("losses", "scaler"):
        del card[key]
    ge.checkpoints.write(path, tensors, card)
    assert torch.equal(weights(trained(checkpoint=path)[0]), weights(whole))


def test_log_normal_levels_have_their_law_and_stay_within_the_ends():
    settings = replace(SHORT, batch_size=4096, levels="log_normal", level_mean=-1.0, level_std=0.8)
    u = draw(MIXTURE.sample, settings, 0, SCHEDULE, torch.device("cpu"))[1].log()
    assert float(u.mean()) == pytest.approx(-1.0, abs=0.01)
    assert float(u.std()) == pytest.approx(0.8, abs=0.01)
    wide = replace(settings, level_std=50.0)
    gamma = draw(MIXTURE.sample, wide, 0, SCHEDULE, torch.device("cpu"))[1]
    ends = SCHEDULE.gamma(torch.tensor([1e-3, 1.0], dtype=torch.float64)).float()
    assert ends[0] * 0.999 <= gamma.min() and gamma.max() <= ends[1] * 1.001


def test_the_output_weighting_is_plain_l2_on_the_networks_output():
    net = small()
    with torch.no_grad():
        for weight in net.out.parameters():
            torch.nn.init.normal_(weight, std=0.3)
    x_bar, gamma, noise = draw(MIXTURE.sample, SHORT, 0, SCHEDULE, torch.device("cpu"))
    level, s = gamma[:, None], net.sigma_data
    root = torch.sqrt(level**2 + s**2)

    def output(eps):
        return (level * x_bar / root - root * eps) / s

    plain = (output(net(x_bar, gamma)) - output(noise)).square().mean()
    found = eps_loss(net, x_bar, gamma, noise, sigma_data=s)
    assert found.item() == pytest.approx(plain.item(), rel=1e-4)
    one, other = (trained(replace(SHORT, weighting=w))[0] for w in ("eps", "output"))
    assert not torch.equal(weights(one), weights(other))
    with pytest.raises(ValueError, match="this one's output is eps"):
        ge.train_eps(
            ge.UNet(1, 8, (8,), 1, (), parametrization="eps"),
            torch.zeros(4, 1, 8, 8),
            replace(SHORT, weighting="output"),
        )


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_short_floats_train_and_resume_as_they_were(tmp_path, precision):
    whole, curve = trained(precision=precision)
    plain, long = trained()
    assert not torch.equal(weights(whole), weights(plain)), "it matters"
    assert [r.loss for r in curve] == pytest.approx([r.loss for r in long], rel=0.01)
    path = tmp_path / "run.safetensors"
    run = ge.train_eps(small(), MIXTURE.sample, SHORT, path, record_every=20, precision=precision)
    next(run)
    run.close()
    scale = ge.checkpoints.read(path)[1]["scaler"].get("scale")
    assert (scale is not None) == (precision == "float16")
    assert torch.equal(weights(trained(checkpoint=path, precision=precision)[0]), weights(whole))


def test_a_compiler_that_fails_costs_a_sentence_and_not_the_run(monkeypatch):
    def failing(function):
        def compiled(*arguments):
            raise torch._dynamo.exc.TorchDynamoException("no compiler here")

        return compiled

    monkeypatch.setattr(torch, "compile", failing)
    with pytest.warns(UserWarning, match="no compiler here.*goes on without"):
        net, _ = trained(compiled=True)
    assert torch.equal(weights(net), weights(trained()[0]))


# ---- what a step is ------------------------------------------------------------------------------


def test_a_run_is_adam_by_hand():
    """Clipped at 1, warmed up, cosine to 0, betas 0.9 and 0.99; the average starts short."""
    settings = ge.Settings(n_steps=6, batch_size=16, lr=0.05, warm_up=3, ema=(0.0, 0.999))

    def data(n: int, generator: torch.Generator) -> torch.Tensor:
        return 15 * torch.randn(n, 2, generator=generator)  # so that there is something to clip

    net, by_hand = small(), small()
    adam = torch.optim.Adam(by_hand.parameters(), betas=(0.9, 0.99))
    average, norms = weights(by_hand).clone(), []
    for step in range(6):
        x_bar, gamma, noise = draw(data, settings, step, SCHEDULE, torch.device("cpu"))
        adam.zero_grad()
        (by_hand(x_bar, gamma) - noise).square().mean().backward()
        norms.append(float(torch.nn.utils.clip_grad_norm_(by_hand.parameters(), 1.0)))
        adam.param_groups[0]["lr"] = learning_rate(settings, step)
        adam.step()
        decay = min(0.999, (1 + step) / (10 + step))
        average = decay * average + (1 - decay) * weights(by_hand)
    assert min(norms) > 2 and max(norms) > 3 * min(norms)
    assert len(list(ge.train_eps(net, data, settings, record_every=6))) == 1
    assert float((weights(net) - weights(by_hand)).abs().max()) < 1e-5
    only = replace(settings, ema=0.999)
    again = small()
    list(ge.train_eps(again, data, only, record_every=6))
    assert float((weights(again) - average).abs().max()) < 1e-5


class Dropping(torch.nn.Module):
    """A base that is another network while it is in training mode."""

    def __init__(self) -> None:
        super().__init__()
        self.net = small()
        self.feature_sizes, self.sigma_data = self.net.feature_sizes, 1.0
        self.config = {}

    def forward(self, x_bar, gamma, features=False):
        found = self.net(x_bar, gamma, features=features)
        if not self.training:
            return found
        return tuple(3 * part for part in found) if features else 3 * found


def test_a_head_is_distilled_from_the_base_in_eval_mode():
    found = []
    for training in (True, False):
        net = Dropping().train(training)
        with torch.random.fork_rng():
            torch.manual_seed(1)
            head = ge.GenieHead(2, net.feature_sizes, width=8)
        records = list(ge.distill_head(head, net, MIXTURE.sample, replace(SHORT, n_steps=4)))
        found.append((records[-1].loss, weights(head)))
        assert not net.training and not any(p.requires_grad for p in net.parameters())
    assert found[0][0] == found[1][0] and torch.equal(found[0][1], found[1][1])


# ---- what it refuses -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("points", "data must be"),
        (None, "data must be"),
        (torch.zeros(0, 2), "examples"),
        (torch.zeros(8), "examples"),
        (torch.zeros(8, 3), r"shape \(B, 2\)"),
        (torch.full((8, 2), float("nan")), "data must be finite"),
        (torch.zeros(8, 2, dtype=torch.uint8), "for bytes use Images"),
        (torch.zeros(8, 2) * 1j, "data must be floats"),
        (lambda n: torch.zeros(n, 2), r"data\(n, generator=\)"),
        (lambda n, generator: torch.zeros(n + 1, 2), "must return n = 128"),
        (lambda n, generator: "x", "returns a tensor"),
        (lambda n, generator: torch.full((n, 2), float("nan")), "must be finite"),
    ],
)
def test_data_of_another_kind_are_refused(data, words):
    with pytest.raises((TypeError, ValueError), match=words) as caught:
        list(ge.train_eps(small(), data, SHORT))
    assert "\n" not in str(caught.value)


def test_data_of_another_scale_are_warned_of():
    with pytest.warns(UserWarning, match="unit scale"):
        list(ge.train_eps(small(), 255 * torch.rand(8, 2), replace(SHORT, n_steps=1)))


@pytest.mark.parametrize("classes", [0, 3])
def test_classes_must_be_those_of_the_network(classes):
    pixels, labels = torch.zeros(4, 1, 8, 8, dtype=torch.uint8), torch.tensor([0, 1, 2, 4])
    net = ge.UNet(channels=1, size=8, widths=(8,), blocks=1, attention=(), classes=classes)
    with pytest.raises(ValueError, match="knows no classes" if not classes else "5 classes"):
        ge.train_eps(net, ge.images.Images(pixels, labels, 5), SHORT)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"settings": {"n_steps": 2}}, "settings must be Settings"),
        ({"record_every": 0}, "record_every"),
        ({"record_every": 2.5}, "record_every"),
        ({"schedule": "linear"}, "schedule must be a VPSchedule"),
        ({"checkpoint": 3}, "checkpoint must be a path"),
        ({"precision": "float8"}, "precision"),
    ],
)
def test_options_that_are_none_are_refused(options, words):
    with pytest.raises((TypeError, ValueError), match=words):
        list(ge.train_eps(small(), MIXTURE.sample, **{"settings": SHORT} | options))
    with pytest.raises(TypeError, match="net must be a torch module"):
        ge.train_eps("net", MIXTURE.sample)
    with pytest.raises((TypeError, ValueError), match="head"):
        ge.distill_head(small(), small(), MIXTURE.sample)


@pytest.mark.parametrize(
    "setting", ["n_steps", "batch_size", "warm_up", "seed", "lr", "ema", "t_end", "level_std"]
)
@pytest.mark.parametrize("value", [None, "3", -1, 2.5j, float("nan"), True, [None]])
def test_settings_of_another_kind_are_refused(setting, value):
    with pytest.raises((TypeError, ValueError), match=setting):
        ge.Settings(**{setting: value})


def test_the_targets_of_a_distillation_are_computed_without_tf32(monkeypatch):
    """The derivative is what is left where large parts cancel: TF32 has too few digits for it."""
    seen = []

    def watched(*arguments):
        seen.append(torch.backends.cudnn.allow_tf32)
        return along_flow(*arguments)

    along_flow = targets.along_flow
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    for module in (targets, ge.training):
        monkeypatch.setattr(module, "along_flow", watched)
    net, data = ge.EpsMLP(), torch.randn(64, 2, generator=torch.Generator().manual_seed(0))
    for kept in (0, 32):
        settings = ge.Settings(n_steps=1, batch_size=8, kept=kept)
        list(ge.distill_head(ge.GenieHead(2, net.feature_sizes), net, data, settings))
    assert len(seen) > 1 and not any(seen) and torch.backends.cudnn.allow_tf32
