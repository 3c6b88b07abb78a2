// Everything about one task: the film, what was asked, what was understood, what happened when.
import { call, follow, get } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { ask, copier, toast } from "../parts/common.js";
import { delivery } from "../parts/delivery.js";
import { OVER, link, source, title } from "../parts/film.js";
import { stage } from "../parts/player.js";
import { bytes, clock, money, number, span, t, when } from "../words.js";

export async function show(root, { id, signal, go }) {
  const screen = stage();
  const side = h("aside", { class: "about" }), history = h("ol", { class: "history" }), told = h("div", {});
  let task = (await get(`/v1/tasks/${id}`, { signal })).data;

  put(root, h("a", { class: "back", href: "#/films" }, "← ", t("nav.films")),
    h("div", { class: "viewing" }, h("div", { class: "watch" }, screen.element, h("h1", { class: "film-words", dir: "auto" }, title(task)),
      h("section", { class: "card" }, h("h2", {}, t("film.history")), history), told), side));
  draw(task);
  const steps = [];
  const mine = new AbortController();
  follow(`/v1/tasks/${id}/events`, (change) => {
    steps.push(change);
    put(history, story(steps));
    if (change.sequence !== undefined && (OVER.has(change.status) || !OVER.has(task.status))) task = change;
    draw(task);
    if (OVER.has(change.status)) { mine.abort(); setTimeout(() => signal.aborted || deliveries(), 1500); } // by then it is told
  }, { signal: AbortSignal.any([signal, mine.signal]) }).catch((error) => !signal.aborted && toast(error.message, "bad"));

  deliveries();

  async function deliveries() {
    try {
      const { data } = await get(`/v1/tasks/${id}/deliveries`, { signal });
      put(told, data.length > 0 && h("section", { class: "card" }, h("h2", {}, t("deliveries.film")), data.map((one) => delivery(one, deliveries))));
    } catch (error) {
      if (!signal.aborted) toast(error.message, "bad");
    }
  }

  function draw(shown) {
    screen.show(shown);
    put(side, actions(shown, go), understood(shown), measured(shown), requested(shown));
  }
}

function actions(task, go) {
  const film = source(task);
  return h("section", { class: "card deeds" },
    film && h("a", { class: "primary button", href: film, download: `${task.id}.mp4` }, icon("download"), t("download")),
    film && copier(link(task), t("copy.link")),
    h("a", { class: "quiet button", href: `#/playground?again=${task.id}` }, icon("again"), t("again.edit")),
    OVER.has(task.status) && h("button", { type: "button", class: "quiet", onclick: () => remove(task, go) }, icon("trash"), t("delete")));
}

async function remove(task, go) {
  if (!(await ask(t("film.delete"), t("film.delete.text"), t("delete")))) return;
  try {
    await call("DELETE", `/v1/tasks/${task.id}`);
    toast(t("film.deleted"));
    go("films");
  } catch (error) {
    toast(error.message, "bad");
  }
}

function understood(task) {
  const scene = Object.entries(task.scene ?? {}).filter(([, value]) => value !== null && value !== "" && !(Array.isArray(value) && !value.length));
  if (!scene.length && !task.unmatched?.length) return null;
  return h("section", { class: "card" }, h("h2", {}, t("film.scene")),
    h("dl", {}, scene.map(([name, value]) => [h("dt", {}, t(`scene.${name}`)), h("dd", {}, plain(value))])),
    task.unmatched?.length ? h("p", { class: "unmatched" }, t("film.unmatched"), " ", task.unmatched.map((word) => h("q", {}, word))) : null);
}

/** A value of the scene as words; nested ones in short. */
function plain(value) {
  if (Array.isArray(value)) return value.map(plain).filter(Boolean).join(", ");
  if (value && typeof value === "object") {
    const said = Object.entries(value).filter(([name, one]) => one !== null && one !== "" && one !== false && !(name === "count" && one === 1));
    return said.map(([name, one]) => (one === true ? name : plain(one))).join(" ");
  }
  return typeof value === "number" ? number(Math.round(value * 100) / 100) : String(value);
}

function measured(task) {
  const rows = [
    [t("about.status"), t(`status.${task.status}`)],
    [t("form.model"), t(`model.${task.model}`)],
    [t("about.engine"), task.engine],
    [t("film.simulated"), task.simulated],
    [t("about.size"), task.width && `${task.width} × ${task.height}`],
    [t("form.duration"), `${task.duration} s · ${task.frames} ${t("about.frames")} · ${task.fps} fps`],
    [t("form.seed"), task.seed],
    [t("about.created"), when(task.created)],
    [t("about.took"), task.actual_time !== undefined && span(task.actual_time)],
    [t("about.attempt"), task.attempt > 1 && task.attempt],
    [t("about.cost"), task.cost !== undefined && money(task.cost)],
    [t("about.file"), task.bytes && bytes(task.bytes)],
    ["SHA-256", task.sha256],
    [t("about.usage"), task.usage?.tokens ? t("about.tokens", number(task.usage.tokens)) : null],
  ].filter(([, value]) => value !== undefined && value !== null && value !== false);
  return h("section", { class: "card" }, h("h2", {}, t("film.about")),
    h("dl", {}, rows.map(([name, value]) => [h("dt", {}, name), h("dd", {}, String(value))])),
    h("div", { class: "buttons" }, copier(task.id, t("copy.id"))));
}

function requested(task) {
  const words = Object.entries(task.metadata ?? {});
  const ignored = task.ignored ?? [];
  if (!words.length && !ignored.length) return null;
  return h("section", { class: "card" }, h("h2", {}, t("film.request")),
    words.length ? h("dl", {}, words.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])) : null,
    ignored.length ? h("p", { class: "unmatched" }, t("film.ignored"), " ", ignored.map((name) => h("q", {}, name))) : null);
}

/** The events as a story: one line for each phase, not for each percent. */
function story(steps) {
  const lines = [];
  for (const step of steps) {
    const name = OVER.has(step.status) ? `status.${step.status}` : `phase.${step.phase}`;
    const last = lines.at(-1);
    if (last?.name === name && last.attempt === step.attempt) last.progress = step.progress;
    else lines.push({ name, attempt: step.attempt, at: step.updated, progress: step.progress, status: step.status });
  }
  return lines.map((line) => h("li", { class: line.status },
    h("b", {}, t(line.name)), line.attempt > 1 ? h("small", {}, t("film.attempt", line.attempt)) : null,
    line.at ? h("time", {}, clock(line.at)) : null, line.name === "phase.rendering" ? h("span", {}, `${line.progress}%`) : null));
}
