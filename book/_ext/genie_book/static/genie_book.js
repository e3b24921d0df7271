/* The page's one script: figures, labs, predictions, questions, printing. No modules, no fetch, no CDN, so
   that pages opened from disk live too. */
(() => {
  "use strict";
  const STATIC = new URL(".", document.currentScript.src).href;
  const root = document.documentElement;
  const each = (selector, f) => document.querySelectorAll(selector).forEach(f);
  const create = (tag, attributes = {}, text = "") => {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  };

  const loading = new Map();
  function load(file) {
    if (!loading.has(file)) {
      loading.set(file, new Promise((resolve, reject) => {
        const script = create("script", { src: STATIC + file });
        script.onload = resolve;
        script.onerror = () => reject(new Error(`could not load ${file}`));
        document.head.append(script);
      }));
    }
    return loading.get(file);
  }

  /* ---- figures ---------------------------------------------------------------------------- */

  const THEMES = {
    light: { text: "#222832", grid: "#e3e6ea", zero: "#c3c9d0", page: "#ffffff" },
    dark: { text: "#ced6dd", grid: "#2c333c", zero: "#48535f", page: "#14181e" },
  };
  const NARROW = 560;
  const theme = () => (root.dataset.theme === "dark" ? "dark" : "light");

  /* Labels of a logarithmic axis: whole numbers, and no digit that stands for its multiple of ten. */
  function logTicks(figure, key) {
    const axis = figure.layout[key];
    const id = key.replace("axis", "");
    const values = figure.data.filter((trace) => (trace[`${id[0]}axis`] || id[0]) === id)
      .flatMap((trace) => numbers(trace[id[0]])).filter((v) => v > 0);
    const [low, high] = axis.range || [Math.min(...values), Math.max(...values)].map(Math.log10);
    if (!(high > low)) return {};
    const wide = high - low > 2.5;
    const step = Math.ceil((high - low) / 8);
    const patterns = wide ? [[1]]
      : [[1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8], Array.from({ length: 90 }, (_, k) => 1 + k / 10)];
    let tickvals = [];
    for (const pattern of patterns) {
      tickvals = [];
      for (let k = Math.floor(low) - 1; k <= high + 1; k++) {
        if (!wide || k % step === 0) {
          pattern.forEach((m) => tickvals.push(Number((m * 10 ** k).toPrecision(3))));
        }
      }
      const seen = tickvals.filter((v) => Math.log10(v) >= low && Math.log10(v) <= high);
      if (seen.length >= 2) break;
    }
    const text = (v) => (v >= 1e5 || v < 1e-3
      ? v.toExponential().replace(/^1e/, "10^").replace("e", "·10^").replace("^+", "^")
        .replace(/\^(.*)$/, "<sup>$1</sup>").replace("-", "\u2212") : String(v));
    return { tickmode: "array", tickvals, ticktext: tickvals.map(text) };
  }

  function themed(figure, layout, name, page) {
    const colors = THEMES[name];
    const axis = { gridcolor: colors.grid, zerolinecolor: colors.zero, linecolor: colors.zero };
    const out = { ...layout, paper_bgcolor: page ? colors.page : "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)", font: { size: 13, ...layout.font, color: colors.text },
      legend: { ...layout.legend, bgcolor: "rgba(0,0,0,0)" },
      hoverlabel: { bgcolor: colors.page, bordercolor: colors.zero,
        font: { color: colors.text }, ...layout.hoverlabel } };
    const axes = new Set(["xaxis", "yaxis"]);
    Object.keys(layout).forEach((key) => { if (/^[xy]axis\d*$/.test(key)) axes.add(key); });
    axes.forEach((key) => {
      const given = layout[key] || {};
      const plain = given.type === "log" && !given.tickvals && !given.dtick;
      out[key] = { automargin: true, ...given, ...axis, ...(plain && logTicks(figure, key)) };
    });
    return out;
  }

  function fitted(layout, width) {
    const margin = { l: 56, r: 16, t: layout.title ? 48 : 16, b: 48, ...layout.margin };
    const out = { dragmode: false, autosize: true, ...layout, margin };
    delete out.width;
    const ratio = (layout.meta || {}).ratio; // of a picture, which is not to be stretched
    if (ratio) {
      const fits = ratio * (width - margin.l - margin.r) + margin.t + margin.b;
      out.height = Math.min(layout.height, Math.ceil(fits));
    }
    if (width < NARROW) {
      out.margin = { ...margin, l: Math.min(margin.l, 48), r: Math.min(margin.r, 8) };
      out.legend = { ...layout.legend, orientation: "h", x: 0, xanchor: "left", y: -0.22,
        yanchor: "top" };
    }
    return out;
  }

  const ARRAYS = { f8: Float64Array, f4: Float32Array, i4: Int32Array, i2: Int16Array,
    i1: Int8Array, u4: Uint32Array, u2: Uint16Array, u1: Uint8Array };
  function numbers(values) {
    if (!values || !values.bdata) return Array.from(values || []);
    const bytes = Uint8Array.from(atob(values.bdata), (c) => c.charCodeAt(0));
    return Array.from(new ARRAYS[values.dtype](bytes.buffer));
  }

  function csv(figure) {
    const quote = (v) => (/[",\n]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : v);
    const rows = [["trace", "x", "y"]];
    figure.data.forEach((trace, index) => {
      const x = numbers(trace.x);
      const y = numbers(trace.y);
      y.forEach((value, i) => {
        if (value !== null) rows.push([trace.name || `trace ${index + 1}`, x[i] ?? i, value]);
      });
    });
    return rows.map((row) => row.map(quote).join(",")).join("\n") + "\n";
  }

  function save(name, text, type) {
    const address = URL.createObjectURL(new Blob([text], { type }));
    const link = create("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  const figures = new Map();

  function prepare(holder, index) {
    const source = holder.querySelector('script[type="application/json"]');
    const figure = JSON.parse(source.textContent);
    const alt = figure.layout.meta.alt;
    const height = Number(holder.dataset.height);
    const plot = create("div", { class: "genie-plot", role: "img", "aria-label": alt });
    plot.style.height = `${height}px`;
    holder.querySelector(".genie-figure-alt").hidden = true;
    holder.append(plot);
    const tools = create("div", { class: "genie-figure-tools" });
    const page = location.pathname.split("/").pop().replace(/\.html$/, "") || "figure";
    const name = `${page}-figure-${index + 1}`;
    for (const format of ["svg", "png"]) {
      const button = create("button", { type: "button", "aria-label":
        `Save figure ${index + 1} as ${format.toUpperCase()}` }, format.toUpperCase());
      button.addEventListener("click", () => draw(holder).then(() => {
        const layout = themed(figure, fitted(figure.layout, 900), "light", true);
        return window.Plotly.downloadImage({ data: figure.data, layout },
          { format, filename: name, width: 900, height });
      }));
      tools.append(button);
    }
    const table = create("button", { type: "button", "aria-label":
      `Save figure ${index + 1} as CSV` }, "CSV");
    table.addEventListener("click", () => save(`${name}.csv`, csv(figure), "text/csv"));
    // a picture has no numbers to save
    if (figure.data.some((trace) => trace.type !== "image")) tools.append(table);
    holder.append(tools);
    figures.set(holder, { figure, plot, drawn: null });
  }

  const PLOTLY = "vendor/plotly/plotly-cartesian.min.js";
  const CONFIG = { displayModeBar: false, scrollZoom: false };

  /* One way for the first drawing, another scheme and another width: what is there is replaced. */
  function paint(holder, name = theme()) {
    const entry = figures.get(holder);
    const { figure, plot } = entry;
    entry.width = plot.clientWidth;
    const layout = themed(figure, fitted(figure.layout, entry.width), name);
    layout.width = entry.width;
    layout.height ??= Number(holder.dataset.height);
    plot.style.height = `${layout.height}px`;
    const done = window.Plotly.react(plot, figure.data, layout, CONFIG);
    holder.dataset.drawn = "true";
    return done;
  }

  const widths = new ResizeObserver((entries) => requestAnimationFrame(() => {
    entries.forEach(({ target }) => {
      const holder = target.parentElement;
      const { width } = figures.get(holder);
      if (target.clientWidth && target.clientWidth !== width) paint(holder);
    });
  }));

  function draw(holder) {
    const entry = figures.get(holder);
    entry.drawn ??= load(PLOTLY).then(() => paint(holder)).then(() => {
      widths.observe(entry.plot);
    });
    return entry.drawn;
  }

  function recolor(name) {
    figures.forEach((_, holder) => {
      if (holder.dataset.drawn === "true") paint(holder, name);
    });
  }

  /* What was not scrolled to is drawn when nothing else is to be done: a printed page is whole. */
  function drawTheRest() {
    const next = [...figures.keys()].find((holder) => holder.dataset.drawn !== "true");
    if (next) idle(() => draw(next).then(drawTheRest));
  }
  const idle = window.requestIdleCallback || ((f) => setTimeout(f, 200));

  function startFigures() {
    const holders = [...document.querySelectorAll(".genie-figure")];
    if (!holders.length) return;
    holders.forEach(prepare);
    const observer = new IntersectionObserver((entries) => entries.forEach((entry) => {
      if (!entry.isIntersecting) return;
      observer.unobserve(entry.target);
      draw(entry.target);
    }), { rootMargin: "600px" });
    holders.forEach((holder) => observer.observe(holder));
    if (document.readyState === "complete") drawTheRest();
    else window.addEventListener("load", drawTheRest);
  }

  /* ---- labs ------------------------------------------------------------------------------- */

  function startLabs() {
    if (!document.querySelector(".genie-lab")) return;
    load("solver_lab.js").then(() => window.GenieLab.mountAll(document));
  }

  /* ---- predictions ------------------------------------------------------------------------ */

  const LONGEST_ANSWER = 40;
  const memory = {
    read(key) { try { return localStorage.getItem(key); } catch { return null; } },
    write(key, value) { try { localStorage.setItem(key, value); } catch { /* private mode */ } },
    clear(key) { try { localStorage.removeItem(key); } catch { /* private mode */ } },
  };

  function startPrediction(box) {
    const key = `genie-edu:${box.id}`;
    const form = box.querySelector("form");
    const inputs = [...form.querySelectorAll("input")];
    const submit = form.querySelector('button[type="submit"]');
    const clear = form.querySelector(".genie-predict-clear");
    const verdict = box.querySelector(".genie-predict-verdict");
    const answer = box.querySelector("details");
    const choice = box.dataset.kind === "choice";

    const valid = (value) => value !== null && value.length <= LONGEST_ANSWER && (choice
      ? inputs.some((input) => input.value === value)
      : value.trim() !== "" && Number.isFinite(Number(value)));
    const right = (value) => {
      if (choice) return value === box.dataset.answer;
      const truth = Number(box.dataset.answer);
      return Math.abs(Number(value) - truth) <= Number(box.dataset.tolerance) * Math.abs(truth);
    };
    const show = (value) => {
      const committed = value !== null;
      const said = !committed ? "" : choice
        ? inputs.find((input) => input.value === value).parentElement.textContent.trim() : value;
      inputs.forEach((input) => {
        input.disabled = committed;
        if (choice) input.checked = input.value === value; else input.value = value ?? "";
      });
      submit.hidden = committed;
      clear.hidden = !committed;
      answer.hidden = !committed;
      answer.open = committed;
      box.dataset.state = !committed ? "open" : right(value) ? "right" : "wrong";
      verdict.textContent = !committed ? "" : right(value)
        ? (choice ? "Right." : `Right: you said ${said}.`)
        : (choice ? "Not quite; see the answer below." : `You said ${said}; see the answer below.`);
    };

    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = choice ? form.querySelector("input:checked")?.value ?? null
        : inputs[0].value.replace(",", ".");
      if (!valid(value)) {
        verdict.textContent = choice ? "Choose one first." : "Give a number first.";
        return;
      }
      memory.write(key, value);
      show(value);
      clear.focus();
    });
    clear.addEventListener("click", () => {
      memory.clear(key);
      show(null);
      inputs[0].focus();
    });
    const stored = memory.read(key);
    show(valid(stored) ? stored : null);
  }

  /* ---- quick questions: choose one, read why, choose again --------------------------------- */

  function startQuestion(box) {
    const key = `genie-edu:${box.id}`;
    const form = box.querySelector("form");
    const inputs = [...form.querySelectorAll("input")];
    const clear = form.querySelector(".genie-predict-clear");
    const verdict = box.querySelector(".genie-predict-verdict");
    const whys = [...box.querySelectorAll(".genie-quick-why")];

    const valid = (value) => inputs.some((input) => input.value === value);
    const show = (value) => {
      inputs.forEach((input) => { input.checked = input.value === value; });
      clear.hidden = value === null;
      box.dataset.state = value === null ? "open" : value === box.dataset.answer ? "right"
        : "wrong";
      verdict.replaceChildren(...(value === null ? [] : whys[Number(value)].cloneNode(true)
        .childNodes));
    };

    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const value = form.querySelector("input:checked")?.value ?? null;
      if (!valid(value)) {
        verdict.textContent = "Choose one first.";
        return;
      }
      memory.write(key, value);
      show(value);
    });
    clear.addEventListener("click", () => {
      memory.clear(key);
      show(null);
      inputs[0].focus();
    });
    const stored = memory.read(key);
    show(valid(stored) ? stored : null);
  }

  /* ---- print: everything open, light, drawn ----------------------------------------------- */

  let closed = null;
  let shown = "";
  function beforePrint() {
    if (closed) return;
    closed = [...document.querySelectorAll("details:not([open])")];
    closed.forEach((element) => { element.open = true; });
    shown = root.dataset.theme || "";
    root.dataset.theme = "light";
    if (window.Plotly) figures.forEach((_, holder) => { paint(holder, "light"); });
  }
  function afterPrint() {
    if (!closed) return;
    closed.forEach((element) => { element.open = false; });
    closed = null;
    root.dataset.theme = shown;
    recolor(theme());
  }
  /* The page's own button waits until all figures are there; the browser's command can't wait. */
  const print = window.print.bind(window);
  window.print = () => Promise.all([...figures.keys()].map(draw)).then(print);
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  window.matchMedia("print").addEventListener("change", (event) => {
    if (event.matches) beforePrint(); else afterPrint();
  });

  /* ---- solutions: every part of a title opens them, the words of its link too --------------- */

  document.addEventListener("click", (event) => {
    const title = event.target.closest?.(".admonition.toggle > .admonition-title");
    if (!title || event.target === title || event.target.closest("button")) return;
    event.preventDefault();
    event.stopPropagation();
    title.click();
  }, true);

  /* ---- from the chapter's box to its live lab ----------------------------------------------- */

  function startJump() {
    const lab = document.querySelector(".genie-lab");
    const box = document.querySelector(".chapter-box .genie-costs");
    const section = lab?.closest("section");
    if (!box || !section) return;
    box.append(create("a", { href: `#${section.id}`, class: "genie-jump" }, "Jump to the live lab"));
  }

  /* ---- the theme: names that match what is seen, wide content scrolled by keyboard -------- */

  function mendLabels() {
    each('summary[aria-label="Toggle hidden content"]', (e) => e.removeAttribute("aria-label"));
  }

  function startScrolling() {
    const SCROLLERS = "div.highlight pre, div.math, .pst-scrollable-table-container, "
      + 'mjx-container[display="true"]';
    const update = (element) => {
      const hidden = element.scrollWidth - element.clientWidth;
      if (hidden > 1 && !element.hasAttribute("tabindex")) element.tabIndex = 0;
      element.toggleAttribute("data-more", hidden - element.scrollLeft > 1); // to the right
    };
    const sizes = new ResizeObserver((entries) => entries.forEach((e) => update(e.target)));
    const watch = () => each(SCROLLERS, (element) => {
      sizes.observe(element);
      update(element);
    });
    watch();
    document.addEventListener("scroll", (event) => {
      if (event.target.matches?.(SCROLLERS)) update(event.target);
    }, { capture: true, passive: true });
    const typeset = () => window.MathJax?.startup?.promise?.then(watch);
    if (document.readyState === "complete") typeset();
    else window.addEventListener("load", typeset);
  }

  /* Search results quote pages by fetch, which pages opened from disk may not use. */
  /* global DOCUMENTATION_OPTIONS */
  if (location.protocol === "file:" && typeof DOCUMENTATION_OPTIONS !== "undefined") {
    DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
  }

  function start() {
    startFigures();
    startLabs();
    startJump();
    each(".genie-predict", startPrediction);
    each(".genie-quick", startQuestion);
    mendLabels();
    startScrolling();
    new MutationObserver(() => recolor(theme()))
      .observe(root, { attributes: true, attributeFilter: ["data-theme"] });
    root.dataset.genieBook = "ready";
  }
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
