// The API, read from the service's own OpenAPI book; every call can be tried where it is described.
import { get } from "../api.js";
import { h, put } from "../dom.js";
import { trial } from "../parts/trial.js";
import { t } from "../words.js";

let book = null, reached = 0; // read once; where the list of calls was scrolled to

export async function show(root, { id, signal, go }) {
  book ??= await get("/openapi.json", { signal });
  const calls = all(book), call = calls.find((one) => one.operationId === id) ?? calls[0];
  const list = h("nav", { class: "calls", "aria-label": t("reference.calls"), onscroll: () => { reached = list.scrollTop; } },
    book.tags.map(({ name }) => h("section", {}, h("h2", {}, name), h("ul", {}, calls.filter((one) => one.tags.includes(name)).map((one) =>
      h("li", {}, h("a", { href: `#/reference/${one.operationId}`, "aria-current": one === call ? "page" : null }, verb(one), one.summary)))))));
  const choice = h("select", { class: "calls-choice", "aria-label": t("reference.calls"), onchange: () => go(`reference/${choice.value}`) },
    book.tags.map(({ name }) => h("optgroup", { label: name }, calls.filter((one) => one.tags.includes(name)).map((one) =>
      h("option", { value: one.operationId, selected: one === call }, one.summary)))));
  put(root, h("div", { class: "reference" }, list, choice, h("article", { class: "call" },
    h("h1", {}, call.summary), h("p", { class: "route" }, verb(call), h("code", {}, call.path)), prose(call.description),
    h("div", { class: "call-halves" }, h("div", { class: "told" }, parameters(call), fields(t("reference.body"), body(call)), fields(t("reference.answer"), answer(call)), refusals(call)),
      h("div", { class: "trial" }, trial(call, resolve, go))))));
  list.scrollTop = reached;
}

function all(found) {
  return Object.entries(found.paths).flatMap(([path, verbs]) => Object.entries(verbs).map(([method, one]) =>
    ({ ...one, path, method: method.toUpperCase(), parameters: (one.parameters ?? []).map(resolve) }))).filter((one) => !/_\d+$/.test(one.operationId));
}

/** What a `$ref` points at. */
export function resolve(node) {
  const name = node?.$ref;
  return name ? name.slice(2).split("/").reduce((at, step) => at[step], book) : node;
}

const verb = (one) => h("span", { class: `verb ${one.method.toLowerCase()}` }, one.method === "DELETE" ? "DEL" : one.method);

/** Text in which `…` is code. */
function prose(text) {
  const flowing = text?.trim().replace(/\n(?!\s*•)/g, " "); // lines of the document's source
  return text ? h("p", { class: "prose" }, flowing.split("`").map((part, place) => (place % 2 ? h("code", {}, part) : part))) : null;
}

const body = (call) => resolve(Object.values(resolve(call.requestBody)?.content ?? {})[0]?.schema);
const answer = (call) => resolve(resolve(call.responses["200"])?.content?.["application/json"]?.schema);

function parameters(call) {
  if (!call.parameters.length) return null;
  return section(t("reference.parameters"), call.parameters.map((one) => row(one.name, resolve(one.schema), one.required, one.description, t(`reference.in.${one.in}`))));
}

function fields(title, schema) {
  const rows = properties(schema, 0);
  return rows.length ? section(title, rows) : null;
}

const section = (title, rows) => h("section", { class: "fields" }, h("h2", {}, title), h("dl", {}, rows));

function properties(schema, depth) {
  const shape = whole(schema);
  if (!shape?.properties || depth > 3) return [];
  const needed = new Set(shape.required ?? []);
  return Object.entries(shape.properties).map(([name, inner]) => row(name, inner, needed.has(name), null, null, depth));
}

/** A schema with what `allOf` adds; the first of `oneOf` where there is a choice. */
function whole(schema) {
  const shape = resolve(schema);
  if (shape?.allOf) return shape.allOf.map(whole).reduce((sum, part) => ({ ...sum, ...part, properties: { ...sum.properties, ...part.properties } }), {});
  return shape?.oneOf || shape?.anyOf ? { ...shape, ...whole((shape.oneOf ?? shape.anyOf)[0]) } : shape;
}

function row(name, schema, required, description, where, depth = 0) {
  const shape = whole(schema) ?? {}, inner = shape.type === "array" ? whole(shape.items) : shape;
  const nested = properties(inner, depth + 1);
  return [h("dt", {}, h("code", {}, name), h("small", {}, kind(shape, inner)), where && h("small", {}, where), required && h("small", { class: "needed" }, t("reference.required"))),
    h("dd", {}, prose(description ?? shape.description ?? schema?.description), bounds(shape), nested.length ? h("details", {}, h("summary", {}, t("reference.fields", nested.length)), h("dl", {}, nested)) : null)];
}

const kind = (shape, inner) => (shape.type === "array" ? t("reference.list", inner?.type ?? "object") : shape.type ?? "object");

function bounds(shape) {
  const said = [
    shape.enum && shape.enum.filter((one) => one !== null).map((one) => h("q", {}, String(one))),
    shape.default !== undefined && shape.default !== null && h("small", {}, t("reference.default", JSON.stringify(shape.default))),
    shape.minimum !== undefined && h("small", {}, `${shape.minimum} … ${shape.maximum ?? ""}`),
    shape.maxLength && h("small", {}, t("reference.length", shape.maxLength)),
  ].filter(Boolean);
  return said.length ? h("p", { class: "bounds" }, said) : null;
}

function refusals(call) {
  const known = Object.entries(call.responses).filter(([status]) => Number(status) >= 300);
  return known.length ? h("section", { class: "fields" }, h("h2", {}, t("reference.refusals")), h("ul", { class: "refusals" }, known.map(([status, one]) => h("li", {}, h("code", {}, status), resolve(one).description)))) : null;
}
