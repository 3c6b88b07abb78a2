// What was made and what it cost: a chart by day, tables by model, key and state, the balance, export.
import { get, query as ask, save } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { isAdmin } from "../main.js";
import { empty, heading, segments, toast } from "../parts/common.js";
import { session } from "../session.js";
import { day as dayName, money, number, t } from "../words.js";

const DAY = 86400; // seconds; days are UTC, as the service counts them
const SPANS = [["7", "usage.week"], ["30", "usage.month"], ["90", "usage.quarter"]];
const MEASURES = ["seconds", "tasks", "cost"];

export async function show(root, { signal, query: asked }) {
  let days = 30, measure = "seconds";
  const whose = isAdmin() ? await accounts(signal, asked.account) : null;
  const body = h("div", { class: "usage" });
  put(root, heading(t("nav.usage"), t("usage.lead"), whose,
    segments(t("usage.span"), SPANS.map(([value, name]) => [value, t(name)]), String(days), (value) => { days = Number(value); draw(); })), body);
  whose?.addEventListener("change", draw);
  await draw();

  async function draw() {
    const today = Math.floor(Date.now() / 1000 / DAY), from = (today - days + 1) * DAY;
    const asking = { from, account_id: whose?.value };
    const [byDay, byModel, byKey, byStatus, balance, keys] = await Promise.all([
      ...["day", "model", "key", "status"].map((by) => get(`/v1/usage${ask({ ...asking, by })}`, { signal })),
      get("/v1/balance", { signal }), get(whose ? "/v1/admin/keys" : "/v1/keys", { signal })]);
    const names = new Map(keys.data.map((key) => [key.id, key.name])), currency = byDay.currency;
    const sum = byDay.data.reduce((all, row) => ({ tasks: all.tasks + row.tasks, seconds: all.seconds + row.seconds, cost: all.cost + row.cost }), { tasks: 0, seconds: 0, cost: 0 });
    const csv = (by) => h("button", { type: "button", class: "quiet", "aria-label": t("usage.csv", t(`usage.by.${by}`)),
      onclick: () => save(`/v1/usage${ask({ ...asking, by, format: "csv" })}`, `usage-by-${by}.csv`).catch((error) => toast(error.message, "bad")) }, icon("download"), "CSV");
    put(body, figures(sum, whose?.value ? null : balance, currency), sum.tasks === 0 && !byStatus.data.length
      ? empty("chart", t("usage.none"), t("usage.none.text"))
      : [chart(fill(byDay.data, from, days), measure, (name) => { measure = name; }, currency, csv("day")),
        h("div", { class: "halves" },
          table("model", byModel.data, (row) => t(`model.${row.model}`), currency, csv("model")),
          table("key", byKey.data, (row) => names.get(row.key_id) ?? row.key_id, currency, csv("key")),
          table("status", byStatus.data, (row) => t(`status.${row.status}`), currency, csv("status")))]);
  }
}

/** An admin looks at one account, the own one first, or at all. */
async function accounts(signal, chosen = "") {
  const { data } = await get("/v1/admin/accounts", { signal });
  const own = session.me.account.id;
  return h("select", { "aria-label": t("usage.whose") }, h("option", { value: "" }, t("usage.mine")),
    h("option", { value: "all", selected: chosen === "all" }, t("usage.everybody")),
    data.filter((one) => one.id !== own).map((one) => h("option", { value: one.id, selected: one.id === chosen }, one.name || one.id)));
}

/** One row for each day, also for those on which nothing was made. */
function fill(rows, from, days) {
  const by = new Map(rows.map((row) => [row.day, row]));
  return Array.from({ length: days }, (_, place) => {
    const at = from + place * DAY, name = new Date(at * 1000).toISOString().slice(0, 10);
    return { tasks: 0, seconds: 0, cost: 0, ...by.get(name), at, name };
  });
}

function figures(sum, balance, currency) {
  const one = (name, value, unit) => h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value, unit && h("small", {}, ` ${unit}`)));
  return h("dl", { class: "figures" }, one(t("usage.tasks"), number(sum.tasks)), one(t("usage.seconds"), number(Math.round(sum.seconds)), "s"),
    one(t("usage.cost"), money(sum.cost), currency),
    balance && one(t("usage.balance"), balance.unlimited_quota ? t("usage.unlimited") : money(balance.remain_balance), balance.unlimited_quota ? null : currency));
}

/** The next of 1, 1.2, 1.6, 2, 3… times a power of ten: its half is a plain number too. */
function round(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((step) => step * size).find((step) => step >= value * 0.999);
}

/** Bars by day. Who cannot see or point at them opens the same as a table. */
function chart(list, measure, chosen, currency, csv) {
  const tip = h("p", { class: "tip" }, " "), plot = h("div", { class: "plot" }), body = h("tbody", {});
  const tell = (one) => `${dayName(one.at)} · ${t("usage.tell", number(one.tasks), number(Math.round(one.seconds)))}${one.cost ? ` · ${money(one.cost)} ${currency}` : ""}`;
  const value = (one) => number(Math.round(one[measure] * 1e6) / 1e6);
  function draw() {
    const top = round(Math.max(...list.map((one) => one[measure])) || 1);
    put(plot, h("div", { class: "scale", "aria-hidden": "true" }, [1, 0.5, 0].map((part) => h("span", {}, number(top * part)))),
      h("div", { class: "bars", role: "img", "aria-label": t("usage.chart", t(`usage.${measure}`)) },
        list.map((one) => h("span", { onpointerenter: () => put(tip, tell(one)), style: { "--tall": one[measure] / top } }, h("i", {})))));
    put(body, list.filter((one) => one.tasks).map((one) => h("tr", {}, h("th", { scope: "row" }, one.name), h("td", { class: "number" }, number(one.tasks)),
      h("td", { class: "number" }, number(one.seconds)), h("td", { class: "number" }, money(one.cost)))));
    const best = list.reduce((most, one) => (one[measure] > most[measure] ? one : most));
    put(tip, best[measure] ? t("usage.best", dayName(best.at), value(best)) : " ");
  }
  draw();
  return h("section", { class: "card chart" }, h("header", { class: "card-head" }, h("h2", {}, t("usage.by.day")),
    segments(t("usage.measure"), MEASURES.map((name) => [name, t(`usage.${name}`)]), measure, (name) => { measure = name; chosen(name); draw(); }), csv),
    tip, plot, h("div", { class: "axis", "aria-hidden": "true" }, [list[0], list[Math.floor(list.length / 2)], list.at(-1)].map((one) => h("span", {}, dayName(one.at)))),
    h("details", {}, h("summary", {}, t("usage.table")), h("table", {}, head(t("usage.day")), body)));
}

const head = (first) => h("thead", {}, h("tr", {}, h("th", { scope: "col" }, first),
  ["usage.tasks", "usage.seconds", "usage.cost"].map((word) => h("th", { scope: "col", class: "number" }, t(word)))));

function table(by, rows, name, currency, csv) {
  const most = Math.max(...rows.map((row) => row.tasks), 1);
  rows.sort((one, other) => other.tasks - one.tasks);
  return h("section", { class: "card shares", tabindex: "0", "aria-label": t(`usage.by.${by}`) }, h("header", { class: "card-head" }, h("h2", {}, t(`usage.by.${by}`)), csv),
    h("table", {}, head(t(`usage.${by}`)),
      h("tbody", {}, rows.map((row) => h("tr", {}, h("th", { scope: "row", style: { "--share": row.tasks / most } }, name(row)), h("td", { class: "number" }, number(row.tasks)),
        h("td", { class: "number" }, number(Math.round(row.seconds))), h("td", { class: "number" }, row.cost ? `${money(row.cost)} ${currency}` : "–"))))));
}
