// One thing that was told to somebody's address: when, how often, and what came back.
import { post } from "../api.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { ago, t, when } from "../words.js";
import { toast } from "./common.js";

/** A line that opens. `again` is called after it was sent once more. */
export function delivery(one, again) {
  const answer = one.answer, code = answer?.status ?? (answer?.error ? t("deliveries.none") : "–");
  const body = h("details", { class: "delivery" },
    h("summary", {}, h("span", { class: `badge ${one.state}` }, t(`delivery.${one.state}`)), h("code", {}, code), h("b", {}, t(`status.${one.status}`)),
      h("span", { class: "delivery-url", title: one.url }, one.url), h("time", { title: when(one.created) }, ago(one.created))),
    h("div", { class: "delivery-body" },
      h("p", { class: "facts" }, [t(`delivery.via.${one.via}`), t("deliveries.attempts", one.attempts), one.next_at && t("deliveries.next", when(one.next_at)), answer && `${answer.seconds.toFixed(2)} s`].filter(Boolean).join(" · ")),
      answer?.error && h("p", { class: "field-error" }, answer.error),
      part(t("deliveries.answer"), answer?.body), part(t("deliveries.request"), one.request && JSON.stringify(one.request, null, 2)),
      h("div", { class: "buttons" }, h("button", { type: "button", class: "quiet", onclick: (event) => redeliver(one, event.target, again) }, icon("again"), t("deliveries.again")),
        again.film && h("a", { class: "quiet button", href: `#/film/${one.task_id}` }, icon("film"), t("nav.film")))));
  return body;
}

const part = (title, text) => (text ? h("div", {}, h("h3", {}, title), h("pre", { tabindex: "0" }, h("code", {}, text))) : null);

async function redeliver(one, button, again) {
  button.disabled = true;
  try {
    await post(`/v1/deliveries/${one.id}/redeliver`);
    toast(t("deliveries.sent"));
    again();
  } catch (error) {
    toast(error.message, "bad");
    button.disabled = false;
  }
}
