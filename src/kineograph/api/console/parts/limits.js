// Limits of keys and accounts: as fields of a form, and in a few words for a table.
import { h } from "../dom.js";
import { number, t } from "../words.js";
import { field } from "./common.js";

const COUNTS = ["requests_per_minute", "seconds_per_day", "seconds_per_month", "spend", "max_duration"];
const SIZES = ["", "480p", "720p", "1080p"];

/** A fold with all limits; `read(form data)` gives them back, without those left empty. */
export function limitFields(limits, models) {
  const count = (name) => field(t(`limits.${name}`), h("input", { name, type: "number", min: "0", step: name === "spend" ? "any" : "1",
    placeholder: t("limits.none"), value: limits[name] === undefined ? "" : String(limits[name]) }));
  const size = h("select", { name: "max_resolution" }, SIZES.map((name) => h("option", { value: name, selected: name === (limits.max_resolution ?? "") }, name || t("limits.none"))));
  const addresses = h("textarea", { name: "addresses", rows: "2", class: "short", placeholder: t("limits.addresses.hint"), spellcheck: "false" });
  addresses.value = (limits.addresses ?? []).join("\n");
  const names = [...new Set([...models.map((one) => one.id), ...(limits.models ?? [])])];
  return h("details", { class: "more", open: Object.keys(limits).length > 0 }, h("summary", {}, t("limits.all")),
    h("div", { class: "two" }, COUNTS.map(count), field(t("limits.max_resolution"), size)),
    h("fieldset", { class: "field" }, h("legend", { class: "label" }, t("limits.models")), names.map((name) =>
      h("label", { class: "check" }, h("input", { type: "checkbox", name: "models", value: name, checked: (limits.models ?? []).includes(name) }), h("span", {}, t(`model.${name}`)))),
      h("small", {}, t("limits.models.hint"))),
    field(t("limits.addresses"), addresses));
}

export function readLimits(data) {
  const counts = COUNTS.filter((name) => data.get(name) !== "").map((name) => [name, Number(data.get(name))]);
  const models = data.getAll("models"), addresses = data.get("addresses").split(/[\s,]+/).filter(Boolean);
  return {
    ...Object.fromEntries(counts),
    ...(data.get("max_resolution") && { max_resolution: data.get("max_resolution") }),
    ...(models.length && { models }), ...(addresses.length && { addresses }),
  };
}

/** The limits that are set, each in a word or two. */
export function shortLimits(limits) {
  const words = Object.entries(limits).map(([name, value]) =>
    t(`limits.short.${name}`, Array.isArray(value) ? value.length : typeof value === "number" ? number(value) : value));
  return words.length ? words.map((word) => h("q", {}, word)) : h("small", {}, t("limits.none"));
}
