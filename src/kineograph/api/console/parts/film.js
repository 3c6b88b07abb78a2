// <kg-film>: a film as a card. Its poster, its words, where it stands; plays while a pointer rests on it.
import { ROOT } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { ago, t } from "../words.js";

export const OVER = new Set(["completed", "failed", "cancelled"]);

/** The words a film was made from, if they are still there. */
export const title = (task) => task.prompt || t("film.untitled");

/** width / height, known from the first answer on: nothing moves when the picture comes. */
export const shape = (task) => (task.width && task.height ? task.width / task.height : 16 / 9);

/** Through the address of this page: the public one may be out of reach from here. */
export const own = (url) => (url?.includes("/v1/files/") ? ROOT + url.slice(url.indexOf("/v1/files/")) : url ?? null);

export const source = (task) => own(task.result?.videos?.[0]?.url?.[0]);

export const poster = (task) => own(task.result?.thumbnail_url);

export const link = (task) => task.result?.videos?.[0]?.url?.[0];

/** The status as a word with its colour and, while it runs, how far. */
export function badge(task) {
  const words = task.status === "processing" ? `${t(`phase.${task.phase}`)} · ${task.progress}%` : t(`status.${task.status}`);
  return h("span", { class: `badge ${task.status}` }, words);
}

class Film extends HTMLElement {
  #task = null;

  set task(task) {
    const before = this.#task;
    this.#task = task;
    if (before && before.status === task.status && before.progress === task.progress) return;
    this.style.setProperty("--shape", shape(task).toFixed(4));
    put(this, this.#draw(task));
  }

  get task() { return this.#task; }

  #draw(task) {
    const still = poster(task), gone = task.status === "completed" && !source(task);
    const picture = h("div", { class: "picture" },
      still ? h("img", { src: still, alt: "", loading: "lazy", decoding: "async" }) : waiting(task, gone),
      task.status !== "completed" && badge(task),
      task.simulated && h("span", { class: "badge simulated", title: task.simulated }, t("film.simulated")),
      source(task) && h("span", { class: "length" }, `${task.duration} s`));
    if (source(task)) this.#hover(picture, task);
    return h("a", { href: `#/film/${task.id}`, class: "film-link" }, picture,
      h("span", { class: "film-title" }, title(task)),
      h("small", { class: "film-facts" }, `${t(`model.${task.model}`)} · ${task.width}×${task.height} · ${ago(task.created)}`));
  }

  #hover(picture, task) {
    let video = null, resting = 0;
    const leave = () => { clearTimeout(resting); video?.remove(); video = null; };
    const enter = () => {
      resting = setTimeout(() => {
        if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
        video = h("video", { src: source(task), loop: true, playsinline: true, muted: true, tabindex: "-1", "aria-hidden": "true" });
        video.muted = true;
        picture.append(video);
        video.play().catch(leave);
      }, 140);
    };
    picture.addEventListener("pointerenter", enter);
    picture.addEventListener("pointerleave", leave);
  }
}

function waiting(task, gone) {
  if (gone || task.status === "failed" || task.status === "cancelled") {
    return h("div", { class: "no-picture" }, icon(gone ? "film" : task.status === "failed" ? "warn" : "stop"));
  }
  return h("div", { class: "no-picture running", style: { "--done": `${task.progress}%` } });
}

customElements.define("kg-film", Film);

export function card(task) {
  const element = document.createElement("kg-film");
  element.task = task;
  return element;
}
