// For admins: accounts and their money, prices, and the log of what admins did.
import { call, get, post, query as ask } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { empty, field, form, heading, sheet, toast } from "../parts/common.js";
import { limitFields, readLimits, shortLimits } from "../parts/limits.js";
import { ago, money, t, when } from "../words.js";
import { prices } from "./prices.js";

const DULL = new Set(["id", "account_id", "shown", "created_at", "version"]); // told elsewhere, or to nobody's use
const TABS = ["", "prices", "log"];

export async function show(root, { id, signal, go }) {
  if (id && !TABS.includes(id)) return account(root, id, signal);
  const body = h("div", {}), action = h("div", { class: "actions" });
  put(root, heading(t("nav.accounts"), t("accounts.lead"), action),
    h("nav", { class: "tabs", "aria-label": t("nav.accounts") }, TABS.map((name) => h("a", { href: `#/accounts${name && "/"}${name}`, "aria-current": name === (id ?? "") ? "page" : null }, t(`accounts.tab.${name || "all"}`)))), body);
  if (id === "prices") return prices(body, action, signal);
  if (id === "log") return log(body, signal);
  const [{ data }, models, table] = await Promise.all([get("/v1/admin/accounts", { signal }), get("/v1/models", { signal }), get("/v1/admin/prices", { signal })]);
  put(action, h("button", { type: "button", class: "primary", onclick: () => edit(null, models.data, (made) => go(`accounts/${made.id}`)) }, icon("plus"), t("accounts.new")));
  put(body, data.length ? list(data, table.data.currency) : empty("people", t("accounts.none"), t("accounts.none.text")));
}

const column = (name, number) => h("th", { scope: "col", class: number && "number" }, t(name));
const title = (one) => one.name || t("accounts.unnamed");

function list(accounts, currency) {
  accounts.sort((one, other) => other.created_at - one.created_at);
  return sheet(t("nav.accounts"),
    h("thead", {}, h("tr", {}, column("accounts.name"), column("accounts.balance", true), column("keys.limit", true), column("accounts.limits"), column("keys.made"))),
    h("tbody", {}, accounts.map((one) => h("tr", {},
      h("td", {}, h("a", { href: `#/accounts/${one.id}` }, h("b", {}, title(one))), h("code", { class: "shown" }, one.id)),
      h("td", { class: "number" }, balance(one, currency)), h("td", { class: "number" }, one.limit ?? t("limits.none")),
      h("td", {}, shortLimits(one.limits)), h("td", { title: when(one.created_at) }, ago(one.created_at))))));
}

function balance(one, currency) {
  if (!one.metered) return h("small", {}, t("usage.unlimited"));
  return h("span", { class: one.balance < 0 ? "below" : null }, `${money(one.balance)} ${currency}`);
}

/** One account: its balance, the levers, and every line of its ledger. */
async function account(root, id, signal) {
  const [models, table] = await Promise.all([get("/v1/models", { signal }), get("/v1/admin/prices", { signal })]);
  const currency = table.data.currency, top = h("div", {}), rows = h("tbody", {}), more = h("div", { class: "wall-end" });
  put(root, h("a", { class: "back", href: "#/accounts" }, "← ", t("nav.accounts")), top, sheet(t("accounts.entries"),
    h("caption", {}, h("h2", {}, t("accounts.entries"))), h("thead", {}, h("tr", {}, column("entry.at"), column("entry.kind"), column("entry.amount", true), column("entry.after", true), column("entry.why"))), rows), more);
  await Promise.all([draw(), entries(null)]);

  async function draw() {
    const { data: one } = await get(`/v1/admin/accounts/${id}`, { signal });
    const figure = (name, value) => h("div", { class: "figure" }, h("dt", {}, name), h("dd", {}, value));
    put(top, heading(title(one), null,
      h("button", { type: "button", class: "primary", onclick: () => adjust(one, currency, () => Promise.all([draw(), entries(null)])) }, icon("plus"), t("accounts.adjust")),
      h("button", { type: "button", onclick: () => edit(one, models.data, draw) }, t("keys.change")),
      h("a", { class: "button", href: `#/keys?account=${id}` }, icon("key"), t("nav.keys")), h("a", { class: "button", href: `#/usage?account=${id}` }, icon("chart"), t("nav.usage"))),
    h("dl", { class: "figures" }, figure(t("accounts.balance"), balance(one, currency)), figure(t("accounts.overdraft"), one.metered ? `${money(one.overdraft)} ${currency}` : "–"),
      figure(t("keys.limit"), one.limit ?? t("limits.none")), figure(t("accounts.limits"), shortLimits(one.limits))));
  }

  async function entries(before) {
    const page = await get(`/v1/admin/accounts/${id}/entries${ask({ before, limit: 50 })}`, { signal });
    if (before === null) put(rows);
    rows.append(...page.data.map((entry) => h("tr", {}, h("td", {}, h("time", {}, when(entry.at))), h("td", {}, h("span", { class: `badge ${entry.kind}` }, t(`entry.${entry.kind}`))),
      h("td", { class: `number ${entry.amount < 0 ? "below" : ""}` }, money(entry.amount)), h("td", { class: "number" }, money(entry.balance_after)),
      h("td", {}, entry.reason || (entry.task_id && h("code", { class: "shown" }, entry.task_id)) || ""))));
    put(more, page.has_more ? h("button", { type: "button", onclick: () => entries(page.next) }, t("accounts.older")) : rows.children.length ? null : h("p", { class: "loading" }, t("accounts.entries.none")));
  }
}

/** Open an account, or change one: whoever is second sees what the first one made of it. */
function edit(one, models, done) {
  const input = (name, given) => h("input", { name, type: "number", step: "any", min: name === "limit" ? "0" : null, value: String(given ?? 0) });
  form(t(one ? "keys.change" : "accounts.new"), [
    field(t("accounts.name"), h("input", { name: "name", required: true, maxlength: "100", value: one?.name ?? "", placeholder: t("accounts.name.hint") })),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "metered", checked: one?.metered ?? true }), h("span", {}, t("accounts.metered"))),
    h("div", { class: "two" }, !one && field(t("accounts.grant"), input("balance", 0)), field(t("accounts.overdraft"), input("overdraft", one?.overdraft), t("accounts.overdraft.hint")),
      field(t("keys.limit"), input("limit", one?.limit), t("accounts.limit.hint"))),
    limitFields(one?.limits ?? {}, models),
  ], t(one ? "save" : "accounts.new"), async (data) => {
    const body = { name: data.get("name"), metered: data.has("metered"), overdraft: data.get("overdraft"), limit: Number(data.get("limit")), limits: readLimits(data) };
    const answer = one ? await call("PATCH", `/v1/admin/accounts/${one.id}`, { ...body, version: one.version }) : await post("/v1/admin/accounts", { ...body, balance: data.get("balance") });
    toast(t("keys.changed"));
    done(answer.data);
  });
}

function adjust(one, currency, done) {
  const token = crypto.randomUUID?.() ?? String(Math.random());
  form(t("accounts.adjust.of", title(one)), [
    field(`${t("entry.amount")} (${currency})`, h("input", { name: "amount", type: "number", step: "any", required: true, placeholder: "25" }), t("accounts.amount.hint")),
    field(t("entry.why"), h("input", { name: "reason", required: true, maxlength: "500", placeholder: t("accounts.reason.hint") })),
  ], t("accounts.adjust"), async (data) => {
    await post(`/v1/admin/accounts/${one.id}/adjustments`, { amount: data.get("amount"), reason: data.get("reason") }, { headers: { "Idempotency-Key": token } });
    toast(t("keys.changed"));
    done();
  });
}

/** Who did what, newest first. */
async function log(root, signal) {
  const rows = h("tbody", {}), more = h("div", { class: "wall-end" });
  const [keys, accounts] = await Promise.all([get("/v1/admin/keys", { signal }), get("/v1/admin/accounts", { signal })]);
  const names = new Map([...keys.data, ...accounts.data].map((one) => [one.id, one.name || t("accounts.unnamed")]));
  put(root, sheet(t("accounts.tab.log"), h("thead", {}, h("tr", {}, column("entry.at"), column("log.by"), column("log.action"), column("log.target"), column("log.change"))), rows), more);
  await page(null);

  async function page(before) {
    const { data, has_more, next } = await get(`/v1/admin/audit${ask({ before, limit: 50 })}`, { signal });
    rows.append(...data.map((note) => h("tr", {}, h("td", {}, h("time", {}, when(note.at))), h("td", {}, names.get(note.by) ?? note.by), h("td", {}, h("q", {}, note.action)),
      h("td", {}, names.has(note.target) ? names.get(note.target) : h("code", { class: "shown" }, note.target)), h("td", { class: "change" }, changed(note)))));
    put(more, has_more ? h("button", { type: "button", onclick: () => page(next) }, t("accounts.older")) : rows.children.length ? null : h("p", { class: "loading" }, t("log.none")));
  }
}

/** The fields that differ: "limit 4 → 8". */
function changed({ before, after }) {
  const said = (value) => (value === undefined ? "–" : typeof value === "string" ? value : JSON.stringify(value));
  const names = Object.keys(after).filter((name) => !DULL.has(name) && said(before[name]) !== said(after[name]));
  const empty = (value) => value === null || value === 0 || said(value) === "{}";
  return Object.keys(before).length === 0 ? names.filter((name) => !empty(after[name])).map((name) => h("small", { class: "block" }, `${name} ${said(after[name])}`))
    : names.map((name) => h("small", { class: "block" }, `${name} ${said(before[name])} → ${said(after[name])}`));
}
