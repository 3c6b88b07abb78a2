// One call of the API, filled in and sent from the page that describes it.
import { probe, ROOT } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { session } from "../session.js";
import { t } from "../words.js";
import { copier, field, segments } from "./common.js";

/** The form, the same as curl, and the answer. `resolve` follows references of the document. */
export function trial(call, resolve, go) {
  const content = Object.entries(resolve(call.requestBody)?.content ?? {})[0] ?? [], [type, body] = content;
  const given = call.parameters.filter((one) => one.in !== "header").map((one) => parameter(one, resolve));
  const file = type === "multipart/form-data" ? h("input", { type: "file", name: "file", "aria-label": t("picture.how") }) : null;
  const text = type === "application/json" ? h("textarea", { rows: "9", class: "code-field", spellcheck: "false", "aria-label": t("reference.body"), oninput: draw }) : null;
  const examples = Object.values(body?.examples ?? {});
  if (text) text.value = JSON.stringify(examples[0]?.value ?? sample(body.schema, resolve), null, 2);
  const curl = h("code", {}), answer = h("div", { class: "answer", "aria-live": "polite" });
  const run = h("button", { type: "submit", class: "primary" }, icon("play"), t("reference.run"));
  const streams = Boolean(resolve(call.responses["200"])?.content?.["text/event-stream"]);

  const path = () => {
    const asked = new URLSearchParams(given.filter((one) => one.in === "query" && one.input.value !== "").map((one) => [one.name, one.input.value]));
    const filled = call.path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(given.find((one) => one.name === name)?.input.value || `{${name}}`).replaceAll("%7B", "{").replaceAll("%7D", "}"));
    return filled + (asked.size ? `?${asked}` : "");
  };

  function draw() {
    const key = call.security?.length === 0 ? "" : ` \\\n  -H "Authorization: Bearer $KINEO_API_KEY"`;
    const data = text ? ` \\\n  -H "Content-Type: application/json" \\\n  -d '${text.value.replaceAll("'", "'\\''")}'` : file ? ` \\\n  -F file=@picture.png` : "";
    put(curl, `curl ${streams ? "-N " : ""}${call.method === "GET" || text || file ? "" : `-X ${call.method} `}'${ROOT}${path()}'${key}${data}`);
  }

  async function send(event) {
    event.preventDefault();
    const form = file && new FormData();
    if (file?.files[0]) form.append("file", file.files[0]);
    run.disabled = true;
    try {
      const told = await probe(call.method, path(), form ?? text?.value);
      const task = /task_[0-9A-HJKMNP-TV-Z]{26}/.exec(told.text)?.[0];
      put(answer, h("p", { class: "answer-head" }, h("b", { class: told.status < 400 ? "good" : "below" }, told.status), h("small", {}, `${told.ms} ms`),
        task && told.status < 400 && h("button", { type: "button", class: "quiet", onclick: () => go(`film/${task}`) }, icon("film"), t("reference.film")), copier(told.text)),
      h("pre", { tabindex: "0" }, h("code", {}, told.text.slice(0, 20000) || t("reference.empty"))));
    } catch (refusal) {
      put(answer, h("p", { class: "field-error", role: "alert" }, refusal.message));
    } finally {
      run.disabled = false;
    }
  }

  draw();
  const can = !streams && !call.path.includes("/files/");
  return h("form", { class: "card", onsubmit: send, oninput: draw },
    examples.length > 1 && segments(t("reference.examples"), examples.map((one, place) => [place, t("reference.case", place + 1)]), 0, (place) => { text.value = JSON.stringify(examples[place].value, null, 2); draw(); }),
    given.map((one) => field(one.name, one.input)), text ?? file,
    can && (session.key || call.security?.length === 0 ? h("div", { class: "buttons" }, run) : h("p", { class: "lead" }, t("reference.key"))), answer,
    h("div", { class: "snippets" }, h("div", { class: "snippets-bar" }, h("b", {}, "curl"), copier(() => curl.textContent)), h("pre", { tabindex: "0" }, curl)));
}

function parameter(one, resolve) {
  const schema = resolve(one.schema), input = schema.enum
    ? h("select", { name: one.name }, !one.required && h("option", { value: "" }, ""), schema.enum.map((value) => h("option", { value }, value)))
    : h("input", { name: one.name, type: schema.type === "integer" ? "number" : "text", required: Boolean(one.required), placeholder: schema.example ?? (schema.default === undefined ? "" : String(schema.default)), spellcheck: "false" });
  return { ...one, input };
}

/** A body with what must be in it. */
function sample(schema, resolve) {
  const shape = resolve(schema), needed = shape.required ?? [];
  const value = (inner) => inner.example ?? inner.default ?? inner.enum?.[0] ?? { integer: 1, number: 1, boolean: true, array: [], object: {} }[inner.type] ?? "…";
  return Object.fromEntries(needed.map((name) => [name, value(resolve(shape.properties[name]))]));
}
