// For operators: what waits, who makes what, and the levers: pause, drain, a cap.
import { get, post } from "../api.js";
import { h, put, say } from "../dom.js";
import { icon } from "../icons.js";
import { ask, empty, field, form, heading, sheet, toast } from "../parts/common.js";
import { ago, number, span, t } from "../words.js";

const LOOK = 2500; // milliseconds between two looks

export async function show(root, { signal }) {
  const body = h("div", { class: "fleet" });
  put(root, heading(t("nav.workers"), t("workers.lead")), body);
  await look();
  const again = setInterval(() => document.hidden || look().catch((error) => signal.aborted || put(body, h("p", { class: "field-error", role: "alert" }, error.message))), LOOK);
  signal.addEventListener("abort", () => clearInterval(again));

  async function look() {
    const [workers, queues] = await Promise.all([get("/v1/admin/workers", { signal }), get("/v1/admin/queues", { signal })]);
    draw(workers.data, queues.data);
  }

  function draw(workers, queues) {
    const held = document.activeElement?.dataset.deed;
    const alive = workers.filter((one) => one.state === "up" || one.state === "draining");
    put(body, figures(alive, queues), queues.length > 0 && h("section", { class: "queues" }, queues.map(queue)),
      workers.length ? hosts(workers) : empty("machine", t("workers.none"), t("workers.none.text")));
    if (held) body.querySelector(`[data-deed="${CSS.escape(held)}"]`)?.focus();
  }

  function deed(name, path, words, picture, sure = null) {
    const go = async () => {
      if (sure && !(await ask(sure, t(`${words}.text`), t(words)))) return;
      try {
        await post(path);
        say(t("workers.told"));
        await look();
      } catch (error) {
        toast(error.message, "bad");
      }
    };
    return h("button", { type: "button", class: "quiet", "data-deed": name, onclick: go }, icon(picture), t(words));
  }

  function queue(one) {
    const path = `/v1/admin/queues/${encodeURIComponent(one.name)}`, deeds = (verb, words, picture, sure) => deed(`${one.name}.${verb}`, `${path}/${verb}`, words, picture, sure);
    return h("article", { class: "card queue" }, h("header", { class: "card-head" }, h("h2", {}, one.name), h("span", { class: `badge ${one.state}` }, t(`queue.${one.state}`))),
      h("dl", { class: "figures small" }, figure(t("queue.waiting"), number(one.waiting)), figure(t("queue.running"), one.running_cap === null ? number(one.running) : `${number(one.running)} / ${number(one.running_cap)}`),
        figure(t("queue.oldest"), one.oldest_wait ? span(one.oldest_wait) : "–")),
      h("div", { class: "buttons" },
        one.state === "open" ? [deeds("pause", "queue.pause", "pause"), deeds("drain", "queue.drain", "stop", t("queue.drain.ask", one.name))] : deeds("resume", "queue.resume", "play"),
        h("button", { type: "button", class: "quiet", "data-deed": `${one.name}.cap`, onclick: () => cap(one, path) }, icon("more"), t("queue.cap"))));
  }

  function cap(one, path) {
    form(t("queue.cap"), field(t("queue.cap.of", one.name), h("input", { name: "cap", type: "number", min: "1", max: "100000", value: one.running_cap === null ? "" : String(one.running_cap), placeholder: t("limits.none") }), t("queue.cap.hint")),
      t("save"), async (data) => {
        await post(`${path}/cap`, { running_cap: data.get("cap") === "" ? null : Number(data.get("cap")) });
        await look();
      });
  }

  function hosts(workers) {
    const by = Map.groupBy ? Map.groupBy(workers, (one) => one.host) : workers.reduce((all, one) => all.set(one.host, [...(all.get(one.host) ?? []), one]), new Map());
    return [...by].map(([host, own]) => h("div", { class: "host" }, sheet(host || t("workers.host.none"),
      h("caption", {}, h("div", { class: "card-head" }, h("h2", {}, icon("machine"), host || t("workers.host.none")), h("small", {}, t("workers.version", own[0].version)),
        lever(host, own, `/v1/admin/workers/${encodeURIComponent(host)}`, t("workers.drain.ask", host)))),
      h("thead", {}, h("tr", {}, ["workers.worker", "workers.state", "workers.makes", "workers.seen"].map((name) => h("th", { scope: "col" }, t(name))), h("th", {}, h("span", { class: "unseen" }, t("keys.deeds"))))),
      h("tbody", {}, own.map((one) => h("tr", { class: one.state === "dead" ? "over" : null },
        h("td", {}, h("code", { class: "shown", title: one.id }, `…${one.id.slice(-8)}`), h("small", { class: "block" }, one.queue)),
        h("td", {}, h("span", { class: `badge ${one.state}` }, t(`worker.${one.state}`)), one.fault && h("small", { class: "block below" }, one.fault)),
        h("td", { class: "making" }, one.running.length ? one.running.map(making) : h("small", {}, t(one.state === "dead" ? "workers.lost" : "workers.idle"))),
        h("td", {}, h("small", {}, ago(one.seen_at))),
        h("td", { class: "deeds-cell" }, one.state !== "dead" && lever(one.id, [one], `/v1/admin/workers/${encodeURIComponent(one.id)}`))))))));
  }

  function lever(name, workers, path, sure = null) {
    if (workers.every((one) => one.state === "dead")) return null;
    const drained = workers.every((one) => one.wanted === "drained");
    return drained ? deed(`${name}.resume`, `${path}/resume`, "workers.resume", "play") : deed(`${name}.drain`, `${path}/drain`, "workers.drain", "pause", sure);
  }
}

const figure = (name, value) => h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value));

function figures(alive, queues) {
  const sum = (name) => queues.reduce((all, one) => all + one[name], 0);
  const busy = alive.filter((one) => one.running.length).length;
  return h("dl", { class: "figures" }, figure(t("workers.alive"), number(alive.length)), figure(t("workers.busy"), number(busy)),
    figure(t("queue.waiting"), number(sum("waiting"))), figure(t("queue.oldest"), queues.some((one) => one.oldest_wait) ? span(Math.max(...queues.map((one) => one.oldest_wait))) : "–"));
}

/** Other accounts' films are named here, not shown: an admin key opens only its own. */
const making = (task) => h("div", { class: "doing" }, h("span", {}, t(`model.${task.model}`)), h("small", {}, `${t(`phase.${task.phase}`)} · ${task.progress}%`),
  h("div", { class: "bar", role: "progressbar", "aria-label": task.task_id, "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": String(task.progress) }, h("i", { style: { "inline-size": `${task.progress}%` } })));
