// The price table: one row for each model and size that costs something.
import { call, get } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { empty, sheet, toast } from "../parts/common.js";
import { t } from "../words.js";

const SIZES = ["*", "480p", "720p", "1080p"];
const UNITS = ["second", "million_tokens"];

export async function prices(root, action, signal) {
  const models = (await get("/v1/models", { signal })).data.map((one) => one.id);
  let table = (await get("/v1/admin/prices", { signal })).data;
  const error = h("p", { class: "field-error", role: "alert" }), rows = h("tbody", {});
  const currency = h("input", { name: "currency", required: true, maxlength: "12", class: "narrow", "aria-label": t("prices.currency") });
  const note = h("div", {});
  put(action, h("button", { type: "button", onclick: () => add() }, icon("plus"), t("prices.add")));
  put(root, h("form", { class: "prices", onsubmit: save }, note, sheet(t("accounts.tab.prices"),
    h("thead", {}, h("tr", {}, ["form.model", "form.resolution", "prices.per", "prices.amount"].map((name) => h("th", { scope: "col" }, t(name))), h("th", {}, h("span", { class: "unseen" }, t("keys.deeds"))))), rows),
  h("div", { class: "buttons" }, h("label", { class: "inline" }, h("span", {}, t("prices.currency")), currency), h("button", { type: "submit", class: "primary" }, t("save"))), error,
  h("p", { class: "lead" }, t("prices.hint"))));
  draw();

  function draw() {
    currency.value = table.currency;
    put(rows, table.rows.map(line));
    tell();
  }

  function tell() { put(note, rows.children.length ? null : empty("tag", t("prices.none"), t("prices.none.text"))); }

  function choice(name, options, chosen, word) {
    return h("select", { name, "aria-label": t(`prices.${name}`) },
      [...new Set([...options, chosen])].map((value) => h("option", { value, selected: value === chosen }, word(value))));
  }

  function line(row) {
    const element = h("tr", {}, h("td", {}, choice("model", ["*", ...models], row.model, (name) => (name === "*" ? t("prices.any.model") : t(`model.${name}`)))),
      h("td", {}, choice("resolution", SIZES, row.resolution, (name) => (name === "*" ? t("prices.any.size") : name))),
      h("td", {}, choice("per", UNITS, row.per, (name) => t(`prices.${name}`))),
      h("td", {}, h("input", { name: "amount", type: "number", min: "0", step: "any", required: true, class: "narrow", "aria-label": t("prices.amount"), value: row.amount === null ? "" : String(row.amount) })),
      h("td", { class: "deeds-cell" }, h("button", { type: "button", class: "quiet", "aria-label": t("prices.remove"), onclick: () => { element.remove(); tell(); } }, icon("trash"))));
    return element;
  }

  function add() {
    rows.append(line({ model: "*", resolution: "*", per: "second", amount: null }));
    tell();
    rows.lastChild.querySelector("select").focus();
  }

  async function save(event) {
    event.preventDefault();
    error.textContent = "";
    const told = [...rows.children].map((row) => Object.fromEntries([...row.querySelectorAll("select, input")].map((input) => [input.name, input.value])));
    try {
      table = (await call("PUT", "/v1/admin/prices", { currency: currency.value, rows: told, version: table.version })).data;
      toast(t("prices.saved"));
      draw();
    } catch (refusal) {
      error.textContent = refusal.message;
    }
  }
}
