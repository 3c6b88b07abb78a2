// What the service told others: the secret that signs it, addresses that fail, and every delivery.
import { get, post, query as ask } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { ask as sure, copy, empty, heading, segments, snippets, toast } from "../parts/common.js";
import { delivery } from "../parts/delivery.js";
import { session } from "../session.js";
import { ago, t, when } from "../words.js";

const STATES = ["", "waiting", "delivered", "failed", "held"];

const PYTHON = `from standardwebhooks import Webhook

# raises WebhookVerificationError unless we signed exactly these bytes, less than five minutes ago
task = Webhook(os.environ["KINEO_WEBHOOK_SECRET"]).verify(request.body, request.headers)`;
const NODE = `import { Webhook } from "standardwebhooks";

// throws unless we signed exactly these bytes, less than five minutes ago
const task = new Webhook(process.env.KINEO_WEBHOOK_SECRET).verify(body, headers);`;

export async function show(root, { signal }) {
  const may = session.me.key.scopes.some((scope) => scope === "generate" || scope === "admin");
  const secret = h("section", { class: "card" }, h("span", { class: "loading" }, t("loading"))), failing = h("div", {}), list = h("section", { class: "deliveries" }), end = h("div", { class: "wall-end" });
  let state = "";
  put(root, heading(t("nav.webhooks"), t("webhooks.lead")), may && secret, failing,
    h("div", { class: "filters" }, h("h2", {}, t("deliveries.all")), segments(t("films.by.status"), STATES.map((name) => [name, t(`delivery.${name || "all"}`)]), state, (value) => { state = value; draw(null); })), list, end);
  await Promise.all([may && reveal(), endpoints(), draw(null)]);

  async function reveal() {
    const { data } = await get("/v1/webhooks/secret", { signal });
    const shown = h("output", { class: "secret" }, `${data.secret.slice(0, 6)}${"•".repeat(24)}`);
    const look = h("button", { type: "button", class: "quiet", onclick: () => { shown.textContent = data.secret; look.remove(); } }, t("webhooks.show"));
    const code = snippets({ Python: () => PYTHON, "Node.js": () => NODE });
    put(secret, h("header", { class: "card-head" }, h("h2", {}, t("webhooks.secret")), look,
      h("button", { type: "button", class: "quiet", onclick: () => copy(data.secret) }, icon("copy"), t("copy")),
      h("button", { type: "button", class: "quiet", onclick: rotate }, icon("again"), t("keys.rotate"))), shown,
    data.previous_signs_until && h("p", { class: "lead" }, t("webhooks.both", when(data.previous_signs_until))),
    h("details", { class: "code" }, h("summary", {}, t("webhooks.verify")), code.element));
  }

  async function rotate() {
    if (!(await sure(t("webhooks.rotate.ask"), t("webhooks.rotate.text"), t("keys.rotate")))) return;
    try {
      await post("/v1/webhooks/secret/rotate");
      await reveal();
      toast(t("keys.changed"));
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async function endpoints() {
    const { data } = await get("/v1/webhooks/endpoints", { signal });
    put(failing, data.map((one) => h("section", { class: "card warning" }, icon("warn"), h("div", {}, h("b", {}, one.url), h("p", {}, t(one.disabled ? "webhooks.disabled" : "webhooks.failing", ago(one.failing_since)), " ", one.reason)),
      one.disabled && may && h("button", { type: "button", onclick: () => enable(one.url) }, t("webhooks.enable")))));
  }

  async function enable(url) {
    try {
      await post("/v1/webhooks/endpoints/enable", { url });
      toast(t("webhooks.enabled"));
      await Promise.all([endpoints(), draw(null)]);
    } catch (error) {
      toast(error.message, "bad");
    }
  }

  async function draw(after) {
    const page = await get(`/v1/deliveries${ask({ limit: 40, state, after })}`, { signal });
    if (after === null) put(list);
    const again = Object.assign(() => draw(null), { film: true });
    list.append(...page.data.map((one) => delivery(one, again)));
    put(end, page.has_more ? h("button", { type: "button", onclick: () => draw(page.next) }, t("accounts.older"))
      : list.children.length ? null : empty("bell", t("webhooks.none"), t("webhooks.none.text")));
  }
}
