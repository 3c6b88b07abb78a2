// The public API and nothing else. Relative to where the console is, so that a proxy may put both under any prefix.
import { h } from "./dom.js";
import { session } from "./session.js";
import { t } from "./words.js";

export const ROOT = new URL("..", new URL(".", import.meta.url)).href.replace(/\/$/, "");

/** What the service said no with. `status` 0: it could not be reached. */
export class Refused extends Error {
  constructor(status, message, reason = null, param = null, retry = null) {
    super(message);
    Object.assign(this, { status, reason, param, retry });
  }
}

async function send(method, path, body, { headers = {}, key = session.key, signal, timeout = 30000 } = {}) {
  const form = body instanceof FormData;
  const all = { ...headers };
  if (key) all.Authorization = `Bearer ${key}`;
  if (body !== undefined && !form) all["Content-Type"] = "application/json";
  const limit = AbortSignal.timeout(timeout);
  let answer;
  try {
    answer = await fetch(ROOT + path, {
      method, headers: all, body: body === undefined || form ? body : JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, limit]) : limit, credentials: "omit", cache: "no-store",
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, t("net.away"));
  }
  if (answer.ok) return answer;
  const told = (await answer.json().catch(() => ({}))).error ?? {};
  const refusal = new Refused(answer.status, told.message ?? t("net.status", answer.status), told.reason, told.param,
    Number(answer.headers.get("Retry-After")) || null);
  if (answer.status === 401 && key === session.key) session.close(refusal.message);
  throw refusal;
}

/** The JSON of a route; `data` where there is one. */
export async function call(method, path, body, options) {
  const document = await (await send(method, path, body, options)).json();
  return document;
}

export const get = (path, options) => call("GET", path, undefined, options);
export const post = (path, body = {}, options) => call("POST", path, body, options);

/** A query string without what is empty. */
export const query = (values) => {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
};

/** One request as it is, for whoever wants to see the answer, a refusal too. */
export async function probe(method, path, body) {
  const form = body instanceof FormData, headers = session.key ? { Authorization: `Bearer ${session.key}` } : {};
  if (body !== undefined && !form) headers["Content-Type"] = "application/json";
  const began = performance.now();
  const answer = await fetch(ROOT + path, { method, headers, body, credentials: "omit", cache: "no-store", signal: AbortSignal.timeout(75000) })
    .catch(() => { throw new Refused(0, t("net.away")); });
  const text = await answer.text(), json = answer.headers.get("Content-Type")?.includes("json");
  return { status: answer.status, ms: Math.round(performance.now() - began), text: json ? JSON.stringify(JSON.parse(text), null, 2) : text };
}

/** Save what a route answers as a file; the key goes in a header, so a plain link would not do. */
export async function save(path, name) {
  const url = URL.createObjectURL(await (await send("GET", path)).blob());
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** Put an image into the store; its URL, for `image_with_roles`. */
export async function upload(file) {
  const form = new FormData();
  form.append("file", file);
  const answer = await call("POST", "/v1/uploads/images", form, { timeout: 120000 });
  return answer.data?.url ?? answer.url;
}

/** Follow an event stream until `signal`; reconnects with the last id, slower each time. `state` hears true and false. */
export async function follow(path, seen, { signal, state = () => {} }) {
  let last = null, pause = 500;
  while (!signal.aborted) {
    try {
      const headers = last === null ? {} : { "Last-Event-ID": String(last) };
      const answer = await send("GET", path, undefined, { headers, signal, timeout: 86400000 });
      if (answer.status === 204) return;
      state(true);
      pause = 500;
      for await (const block of blocks(answer.body)) {
        if (block.id !== null) last = block.id;
        if (block.data) seen(JSON.parse(block.data));
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refused && [401, 403, 404].includes(error.status)) throw error;
    }
    state(false);
    await new Promise((done) => setTimeout(done, pause));
    pause = Math.min(pause * 2, 10000);
  }
}

async function* blocks(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += value;
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const block = { id: null, data: "" };
      for (const line of text.slice(0, end).split("\n")) {
        if (line.startsWith("id:")) block.id = line.slice(3).trim();
        if (line.startsWith("data:")) block.data += line.slice(5).trim();
      }
      text = text.slice(end + 2);
      yield block;
    }
  }
}
