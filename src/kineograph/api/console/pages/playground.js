// Where films begin: words, a shape, pictures; beside them the film on its way.
import { follow, get, post, Refused } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { isAdmin } from "../main.js";
import { copier, field, segments, snippets, toast } from "../parts/common.js";
import { OVER, card, link, source } from "../parts/film.js";
import { facts, stage } from "../parts/player.js";
import { asCurl, asJavaScript, asPython } from "../parts/snippet.js";
import "../parts/picture.js";
import "../parts/shape.js";
import { preference } from "../session.js";
import { language, money, t } from "../words.js";

const EXAMPLES = ["example.kitten", "example.beach", "example.blossom", "example.city"];
const LATEST = 4; // films shown below the empty stage
const draft = preference("draft", "");

export async function show(root, { signal, query, go }) {
  const [{ data: models }, { data: before }] = await Promise.all([get("/v1/models", { signal }), get(`/v1/tasks?limit=${LATEST}`, { signal })]);
  const given = query.again ? (await get(`/v1/tasks/${query.again}`, { signal })).data : null;
  const screen = stage();
  const request = form(models, given);
  const code = snippets({ curl: () => asCurl(request.body()), Python: () => asPython(request.body()), JavaScript: () => asJavaScript(request.body()) });
  const under = h("div", { class: "under" });
  const price = h("span", { class: "price", "aria-live": "polite" });
  const error = h("p", { class: "field-error", role: "alert" });
  const make = h("button", { class: "primary large", type: "submit" }, icon("play"), t("form.make"));
  let watching = null, asking = 0;

  const sheet = h("form", { class: "sheet", onsubmit: submit, onchange: changed, oninput: changed }, request.fields,
    error, h("div", { class: "send" }, make, price));
  sheet.addEventListener("paste", (event) => { if (request.paste(event.clipboardData)) event.preventDefault(); });
  put(root, h("h1", { class: "unseen" }, t("nav.playground")),
    h("div", { class: "desk" }, sheet,
      h("div", { class: "bench" }, screen.element, under, h("details", { class: "code" }, h("summary", {}, t("form.code")), code.element))));
  idle();
  changed();

  function idle() {
    const first = before.length === 0;
    put(screen.element, h("div", { class: "screen start" }, h("p", { class: "hint" }, t(first ? "first.hint" : "stage.hint")),
      h("ul", { class: "examples" }, EXAMPLES.map((name) => h("li", {}, h("button", { type: "button", onclick: () => request.say(t(name)) }, t(name)))))));
    put(under, first ? steps() : h("section", { class: "latest" }, h("header", { class: "card-head" }, h("h2", {}, t("stage.latest")), h("a", { href: "#/films" }, t("films.every"))), h("div", { class: "row rest" }, before.map(card))));
  }

  function changed() {
    code.draw();
    error.textContent = "";
    clearTimeout(asking);
    asking = setTimeout(quote, 350);
  }

  async function quote() {
    if (!request.body().prompt.trim()) return put(price);
    try {
      const { data } = await post("/v1/videos/generations/quote", request.body(), { signal });
      put(price, data.cost === undefined ? t("form.estimate", data.estimated_time) : t("form.cost", money(data.cost), data.currency ?? ""));
    } catch (refusal) {
      if (!signal.aborted && refusal instanceof Refused) put(price);
    }
  }

  async function submit(event) {
    event.preventDefault();
    make.disabled = true;
    error.textContent = "";
    try {
      const answer = await post("/v1/videos/generations", request.body(), { headers: { "Idempotency-Key": crypto.randomUUID?.() ?? String(Math.random()) } });
      draft.value = "";
      watch(answer.data[0].task_id);
    } catch (refusal) {
      error.textContent = refusal.message;
      request.focus(refusal.param);
    } finally {
      make.disabled = false;
    }
  }

  async function watch(id) {
    watching?.abort();
    const mine = (watching = new AbortController());
    put(under);
    const both = AbortSignal.any([signal, mine.signal]);
    screen.element.scrollIntoView({ block: "nearest", behavior: "smooth" });
    try {
      screen.show((await get(`/v1/tasks/${id}`, { signal: both })).data);
      await follow(`/v1/tasks/${id}/events`, (task) => {
        screen.show(task);
        if (OVER.has(task.status)) { finished(task); mine.abort(); }
      }, { signal: both });
    } catch (refusal) {
      if (!both.aborted) toast(refusal.message, "bad");
    }
  }

  function finished(task) {
    const seed = (value) => { request.seed(value); sheet.requestSubmit(); };
    put(under, h("p", { class: "facts" }, facts(task)),
      task.unmatched?.length ? h("p", { class: "unmatched" }, t("film.unmatched"), " ", task.unmatched.map((word) => h("q", {}, word))) : null,
      h("div", { class: "buttons" },
        source(task) && h("a", { class: "quiet button", href: source(task), download: `${task.id}.mp4` }, icon("download"), t("download")),
        source(task) && copier(link(task), t("copy.link")),
        h("button", { type: "button", class: "quiet", onclick: () => seed(task.seed + 1) }, icon("dice"), t("again.seed")),
        h("button", { type: "button", class: "quiet", onclick: () => seed(task.seed) }, icon("again"), t("again.same")),
        h("button", { type: "button", class: "quiet", onclick: () => go(`film/${task.id}`) }, icon("more"), t("film.details"))));
  }
}

/** What there is to do on an empty installation. */
function steps() {
  const step = (done, name, path) => h("li", { class: done ? "done" : null }, h("i", {}, done && icon("check")), h("div", {}, h("b", {}, path ? h("a", { href: path }, t(name)) : t(name)), h("p", {}, t(`${name}.text`))));
  return h("section", { class: "card first" }, h("h2", {}, t("first.title")), h("ol", { class: "steps" }, step(true, isAdmin() ? "first.admin" : "first.key"), step(false, "first.film"),
    isAdmin() && step(false, "first.keys", "#/keys"), step(false, "first.api", "#/reference")));
}

/** The form: its fields, and the request they make. */
function form(models, given) {
  const prompt = h("textarea", { name: "prompt", rows: "5", required: true, maxlength: "32768", placeholder: t("form.prompt.hint"), dir: "auto", lang: language,
    oninput: () => { draft.value = prompt.value; } });
  prompt.value = given?.prompt ?? draft.value;
  const model = h("select", { name: "model", onchange: () => fit() }, models.map((one) => h("option", { value: one.id }, t(`model.${one.id}`))));
  if (given && models.some((one) => one.id === given.model)) model.value = given.model;
  const shape = document.createElement("kg-shape");
  const seconds = h("input", { type: "range", name: "duration", value: String(given?.duration ?? 5), min: "2", max: "12" });
  const length = h("output", {}, "");
  const seed = h("input", { name: "seed", type: "number", min: "-1", max: "4294967295", placeholder: t("form.random"), inputmode: "numeric" });
  const negative = h("input", { name: "negative_prompt", type: "text", maxlength: "32768" });
  const callback = h("input", { name: "callback_url", type: "url", placeholder: "https://", maxlength: "8192" });
  const switches = ["camera_fixed", "watermark", "return_last_frame"].map((name) => h("input", { type: "checkbox", name, id: name }));
  const pictures = ["first_frame", "last_frame", "reference"].map((role) => {
    const place = document.createElement("kg-picture");
    place.setAttribute("role-name", role);
    return place;
  });
  let resolution = given?.resolution ?? "720p";
  const sizes = h("div"), places = h("div", { class: "pictures" }, pictures);
  const limits = () => models.find((one) => one.id === model.value);
  shape.value = given?.aspect_ratio ?? "16:9";
  if (given) seed.value = String(given.seed);

  function fit() {
    const { limits: bounds, capabilities: can } = limits();
    const held = pictures.some((place) => place.value), reference = pictures[2].value;
    shape.options = held ? [...bounds.aspect_ratios, "adaptive"] : bounds.aspect_ratios;
    if (shape.value === "adaptive" && !held) shape.value = bounds.aspect_ratios[0];
    seconds.min = bounds.duration.min;
    seconds.max = bounds.duration.max;
    if (reference && resolution === "1080p") resolution = "720p";
    put(sizes, segments(t("form.resolution"), bounds.resolutions.map((name) =>
      [name, name, reference && name === "1080p" ? t("form.reference.size") : null]), resolution, (name) => { resolution = name; }));
    pictures.forEach((place) => { place.hidden = !can[place.role] || (place.role === "last_frame" && !pictures[0].value && !place.value); });
    draw();
  }

  function draw() {
    length.textContent = `${seconds.value} s`;
    seconds.style.setProperty("--at", `${((seconds.value - seconds.min) / (seconds.max - seconds.min)) * 100}%`);
  }

  seconds.addEventListener("input", draw);
  places.addEventListener("change", fit);
  fit();

  return {
    fields: [
      field(t("form.prompt"), prompt),
      h("div", { class: "two" }, field(t("form.model"), model),
        h("div", { class: "field" }, h("span", { class: "label" }, t("form.resolution")), sizes)),
      shape,
      h("div", { class: "field" }, h("label", { for: "seconds" }, t("form.duration"), length), Object.assign(seconds, { id: "seconds" })),
      h("div", { class: "field" }, h("span", { class: "label" }, t("form.pictures")), places),
      h("details", { class: "more" }, h("summary", {}, t("form.more")),
        field(t("form.seed"), seed, t("form.seed.hint")), field(t("form.negative"), negative), field(t("form.callback"), callback, t("form.callback.hint")),
        switches.map((input) => h("label", { class: "check" }, input, h("span", {}, t(`form.${input.name}`))))),
    ],
    say(text) { prompt.value = text; prompt.dispatchEvent(new Event("input", { bubbles: true })); prompt.focus(); },
    seed(value) { seed.value = String(value % 4294967296); seed.dispatchEvent(new Event("input", { bubbles: true })); },
    paste(transfer) { return (pictures.find((place) => !place.hidden && !place.value) ?? pictures[0]).take(transfer) && transfer.files.length > 0; },
    focus(name) { ({ prompt, model, seed, duration: seconds })[name]?.focus(); },
    body() {
      const images = pictures.filter((place) => place.value && !place.hidden).map((place) => ({ url: place.value, role: place.role }));
      return {
        model: model.value, prompt: prompt.value, duration: Number(seconds.value), aspect_ratio: shape.value, resolution,
        ...(seed.value !== "" && { seed: Number(seed.value) }), ...(negative.value && { negative_prompt: negative.value }),
        ...(callback.value && { callback_url: callback.value }),
        ...(images.length && { image_with_roles: images }),
        ...Object.fromEntries(switches.filter((input) => input.checked).map((input) => [input.name, true])),
      };
    },
  };
}
