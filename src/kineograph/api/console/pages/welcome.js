// The first page: what this is, and the one thing it needs.
import { get } from "../api.js";
import { h } from "../dom.js";
import { mark } from "../icons.js";
import { session } from "../session.js";
import { t } from "../words.js";

export function welcome(why, entered) {
  const field = h("input", {
    id: "key", name: "key", type: "password", autocomplete: "current-password", required: true, spellcheck: "false",
    placeholder: "kineo_…", "aria-describedby": "key-help key-error",
  });
  const keep = h("input", { type: "checkbox", id: "keep" });
  const error = h("p", { class: "field-error", id: "key-error", role: "alert" }, why ?? "");
  const button = h("button", { class: "primary large", type: "submit" }, t("welcome.enter"));

  async function submit(event) {
    event.preventDefault();
    const key = field.value.trim();
    button.disabled = true;
    error.textContent = "";
    try {
      const me = (await get("/v1/me", { key })).data;
      session.open(key, keep.checked);
      session.me = me;
      entered();
    } catch (refusal) {
      error.textContent = refusal.message;
      field.focus();
    } finally {
      button.disabled = false;
    }
  }

  queueMicrotask(() => field.focus());
  return h("div", { class: "welcome" },
    h("div", { class: "welcome-art", "aria-hidden": "true" }, leaves()),
    h("main", { class: "welcome-card", id: "main" },
      h("div", { class: "welcome-mark" }, mark(), "Kineograph"),
      h("h1", {}, t("welcome.title")),
      h("p", { class: "lead" }, t("welcome.lead")),
      h("form", { onsubmit: submit },
        h("input", { class: "unseen", type: "text", name: "username", autocomplete: "username", value: "Kineograph", tabindex: "-1", "aria-hidden": "true" }),
        h("label", { for: "key" }, t("welcome.key")), field, error,
        h("label", { class: "check" }, keep, h("span", {}, t("welcome.keep"))), button),
      h("details", { id: "key-help" }, h("summary", {}, t("welcome.where")),
        h("p", {}, t("welcome.where.first")), h("pre", {}, h("code", {}, "kineo keys create --name me --scope admin")))));
}

/** A flip book whose leaves turn: drawn with CSS, still for who asked for less motion. */
function leaves() {
  return h("div", { class: "book" }, Array.from({ length: 9 }, (_, place) =>
    h("i", { style: { "--place": place } }, h("b", {}))));
}
