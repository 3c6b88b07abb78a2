// API keys: made here, shown once, limited, rotated, revoked.
import { call, get, post } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { isAdmin } from "../main.js";
import { ask, copy, empty, field, form, heading, sheet, toast } from "../parts/common.js";
import { limitFields, readLimits, shortLimits } from "../parts/limits.js";
import { session } from "../session.js";
import { ago, t, when } from "../words.js";

const LIVES = [["", "keys.never"], ["86400", "keys.day"], ["2592000", "keys.month"], ["31536000", "keys.year"]];

export async function show(root, { signal, query }) {
  const admin = isAdmin(), list = h("div", {});
  const [models, accounts] = admin ? (await Promise.all([get("/v1/models", { signal }), get("/v1/admin/accounts", { signal })])).map((one) => one.data) : [[], []];
  const owner = new Map(accounts.map((one) => [one.id, one.name || t("accounts.unnamed")]));
  const path = admin ? `/v1/admin/keys${query.account ? `?account_id=${query.account}` : ""}` : "/v1/keys";
  put(root, heading(t("nav.keys"), t("keys.lead"),
    admin && h("button", { type: "button", class: "primary", onclick: create }, icon("plus"), t("keys.new"))), list);
  await draw();

  async function draw() {
    const keys = (await get(path, { signal })).data;
    put(list, keys.length ? table(keys) : empty("key", t("keys.none"), t("keys.none.text")));
  }

  function table(keys) {
    const live = (key) => !key.revoked_at && !(key.expires_at && key.expires_at * 1000 < Date.now());
    keys.sort((one, other) => live(other) - live(one) || other.created_at - one.created_at);
    return sheet(t("nav.keys"),
      h("thead", {}, h("tr", {}, ["keys.name", ...(admin ? ["keys.account"] : []), "keys.scopes", "keys.limit", "limits.all", "keys.used", "keys.made"].map((name) => h("th", { scope: "col", class: name === "keys.limit" && "number" }, t(name))),
        h("th", {}, h("span", { class: "unseen" }, t("keys.deeds"))))),
      h("tbody", {}, keys.map((key) => h("tr", { class: live(key) ? null : "over" },
        h("td", {}, h("b", {}, key.name), h("code", { class: "shown" }, `${key.shown}…`),
          key.id === session.me.key.id && h("span", { class: "badge" }, t("keys.this"))),
        admin && h("td", {}, h("a", { href: `#/accounts/${key.account_id}` }, owner.get(key.account_id) ?? key.account_id)),
        h("td", {}, key.scopes.map((scope) => h("q", {}, scope))),
        h("td", { class: "number" }, key.limit),
        h("td", {}, shortLimits(key.limits)),
        h("td", {}, key.last_used_at ? ago(key.last_used_at) : t("keys.unused")),
        h("td", { title: when(key.created_at) }, ago(key.created_at), key.expires_at && live(key) ? h("small", { class: "block" }, t("keys.until", when(key.expires_at))) : null),
        h("td", { class: "deeds-cell" }, live(key) ? admin && deeds(key) : h("span", { class: "badge failed" }, t(key.revoked_at ? "keys.revoked" : "keys.expired")))))));
  }

  function deeds(key) {
    return [h("button", { type: "button", class: "quiet", onclick: () => change(key) }, t("keys.change")),
      h("button", { type: "button", class: "quiet", onclick: () => rotate(key) }, t("keys.rotate")),
      h("button", { type: "button", class: "quiet", onclick: () => revoke(key) }, t("keys.revoke"))];
  }

  const limit = (value = 4) => h("input", { name: "limit", type: "number", min: "1", max: "1000", required: true, value: String(value) });

  function create() {
    form(t("keys.new"), [
      field(t("keys.name"), h("input", { name: "name", required: true, maxlength: "100", placeholder: t("keys.name.hint") })),
      h("fieldset", { class: "field" }, h("legend", { class: "label" }, t("keys.scopes")), ["generate", "read", "admin"].map((scope) =>
        h("label", { class: "check" }, h("input", { type: "checkbox", name: "scopes", value: scope, checked: scope !== "admin" }), h("span", {}, t(`scope.${scope}`))))),
      h("div", { class: "two" }, field(t("keys.limit"), limit(), t("keys.limit.hint")),
        field(t("keys.life"), h("select", { name: "life" }, LIVES.map(([value, text]) => h("option", { value }, t(text)))))),
      limitFields({}, models),
    ], t("keys.new"), async (data) => {
      const body = { name: data.get("name"), scopes: data.getAll("scopes"), limit: Number(data.get("limit")), limits: readLimits(data) };
      if (data.get("life")) body.expires_in = Number(data.get("life"));
      if (query.account) body.account_id = query.account;
      reveal((await post("/v1/admin/keys", body)).data);
      draw();
    });
  }

  function change(key) {
    form(t("keys.change"), [
      field(t("keys.name"), h("input", { name: "name", required: true, maxlength: "100", value: key.name })),
      field(t("keys.limit"), limit(key.limit), t("keys.limit.hint")),
      limitFields(key.limits, models),
    ], t("save"), async (data) => {
      const body = { name: data.get("name"), limit: Number(data.get("limit")), limits: readLimits(data), version: key.version };
      await call("PATCH", `/v1/admin/keys/${key.id}`, body).catch((refusal) => { draw(); throw refusal; });
      toast(t("keys.changed"));
      draw();
    });
  }

  async function rotate(key) {
    if (!(await ask(t("keys.rotate.ask", key.name), t("keys.rotate.text"), t("keys.rotate")))) return;
    try {
      const { data } = await post(`/v1/admin/keys/${key.id}/rotate`);
      if (key.id === session.me.key.id) session.open(data.text, false);
      reveal(data);
      draw();
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async function revoke(key) {
    if (!(await ask(t("keys.revoke.ask", key.name), t("keys.revoke.text"), t("keys.revoke")))) return;
    try {
      await call("DELETE", `/v1/admin/keys/${key.id}`);
      toast(t("keys.revoked"));
      if (key.id === session.me.key.id) return session.close(t("keys.own"));
      draw();
    } catch (error) {
      toast(error.message, "bad");
    }
  }
}

/** The text of a key, this once. */
function reveal({ text }) {
  const dialog = h("dialog", { "aria-labelledby": "secret-title", onclose: () => dialog.remove() }, h("form", { method: "dialog" },
    h("h2", { id: "secret-title" }, t("keys.once")), h("p", {}, t("keys.once.text")),
    h("output", { class: "secret" }, text),
    h("div", { class: "buttons" }, h("button", { type: "button", class: "primary", onclick: () => copy(text) }, icon("copy"), t("copy")),
      h("button", { class: "quiet" }, t("keys.kept")))));
  document.body.append(dialog);
  dialog.showModal();
}
