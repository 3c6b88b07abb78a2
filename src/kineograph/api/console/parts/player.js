// The film itself, or the way to it: waiting, rendering with preview frames, done, failed.
import { post } from "../api.js";
import { h, put, say } from "../dom.js";
import { icon } from "../icons.js";
import { span, t } from "../words.js";
import { OVER, own, poster, shape, source, title } from "./film.js";
import { toast } from "./common.js";

const LOOK = 2500; // milliseconds between two looks for a newer preview

/** A stage that shows one task after the other: `show(task)`. */
export function stage() {
  const element = h("div", { class: "stage", "data-state": "empty" });
  let shown = null;

  function show(task) {
    element.style.setProperty("--shape", shape(task).toFixed(4));
    const state = OVER.has(task.status) ? task.status : "busy";
    if (shown?.id !== task.id || element.dataset.state !== state) {
      element.dataset.state = state;
      put(element, state === "completed" ? done(task) : state === "busy" ? busy(task) : ended(task));
      if (state !== "busy") say(t(`status.${task.status}`));
    }
    if (state === "busy") step(element, task);
    shown = task;
  }

  return { element, show };
}

function busy(task) {
  return [
    h("div", { class: "screen" }, h("img", { class: "preview", alt: "", hidden: true }), h("div", { class: "shimmer" })),
    h("div", { class: "meter" },
      h("div", { class: "bar", role: "progressbar", "aria-label": t("player.progress"), "aria-valuemin": "0", "aria-valuemax": "100" }, h("i")),
      h("p", {}, h("b", { class: "phase" }), h("span", { class: "left" }),
        h("button", { type: "button", class: "quiet", onclick: (event) => stop(task, event.target) }, icon("stop"), t("cancel.film")))),
  ];
}

function step(element, task) {
  const bar = element.querySelector(".bar");
  bar.setAttribute("aria-valuenow", String(task.progress));
  bar.firstChild.style.setProperty("inline-size", `${Math.max(task.progress, 1.5)}%`);
  put(element.querySelector(".phase"), t(`phase.${task.phase ?? "queued"}`));
  const ahead = task.queue_position > 0 ? t("player.ahead", task.queue_position) : null;
  put(element.querySelector(".left"), ahead ?? (task.progress ? `${task.progress}%` : ""));
  look(element.querySelector(".preview"), task);
}

/** Show the newest preview once it is there. */
function look(picture, task) {
  const now = Date.now();
  if (!task.preview_url || now - Number(picture.dataset.at ?? 0) < LOOK) return;
  picture.dataset.at = String(now);
  const next = new Image();
  next.onload = () => { picture.src = next.src; picture.hidden = false; };
  next.src = own(task.preview_url);
}

function done(task) {
  if (!source(task)) return h("div", { class: "screen" }, h("p", { class: "note" }, t("player.gone")));
  const video = h("video", { class: "film", src: source(task), poster: poster(task), controls: true, loop: true,
    playsinline: true, muted: true, preload: "metadata", "aria-label": title(task) });
  video.muted = true;
  if (!matchMedia("(prefers-reduced-motion: reduce)").matches) video.autoplay = true;
  return h("div", { class: "screen" }, video);
}

function ended(task) {
  const failed = task.status === "failed";
  return h("div", { class: "screen ended" }, icon(failed ? "warn" : "stop"),
    h("h2", {}, t(`status.${task.status}`)),
    h("p", {}, failed ? task.error?.message : t("player.cancelled")),
    failed && task.attempt > 1 && h("small", {}, t("player.attempts", task.attempt)));
}

async function stop(task, button) {
  button.disabled = true;
  try {
    await post(`/v1/tasks/${task.id}/cancel`);
  } catch (error) {
    toast(error.message, "bad");
    button.disabled = false;
  }
}

/** What a finished film took, as words: "12 s to make · seed 7". */
export const facts = (task) =>
  [`${task.width}×${task.height}`, `${task.duration} s`, task.actual_time !== undefined && t("player.took", span(task.actual_time)),
    `${t("form.seed")} ${task.seed}`].filter(Boolean).join(" · ");
