// The frame around the pages: who is here, where they are, and what went wrong.
import { get, Refused } from "./api.js";
import { h, put, say } from "./dom.js";
import { icon, mark } from "./icons.js";
import { preference, session } from "./session.js";
import { language, speak, t } from "./words.js";

const app = document.getElementById("app");
const theme = preference("theme", "auto");

// name -> [icon, module, who sees it in the rail]
const PAGES = {
  playground: ["spark", "./pages/playground.js", () => true],
  films: ["film", "./pages/films.js", () => true],
  film: [null, "./pages/film.js", () => false],
  keys: ["key", "./pages/keys.js", () => true],
};

let leaving = null;

export function isAdmin() {
  return session.me?.key.scopes.includes("admin") ?? false;
}

/** Where the address points: `#/films/task_…?status=failed` -> ["films", "task_…", {status}]. */
function place() {
  const [path, search = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [name = "", id = null] = path.split("/");
  return { name: name in PAGES ? name : "playground", id, query: Object.fromEntries(new URLSearchParams(search)) };
}

export function go(path) {
  location.hash = `#/${path}`;
}

async function enter() {
  if (!session.key) return welcome();
  try {
    session.me ??= (await get("/v1/me")).data;
  } catch (error) {
    return error instanceof Refused && error.status === 401 ? undefined : welcome(error.message);
  }
  if (!document.getElementById("main")) frame();
  await show();
}

async function welcome(why = null) {
  leaving?.abort();
  document.title = "Kineograph";
  const page = await import("./pages/welcome.js");
  put(app, page.welcome(why, () => enter()));
}

function frame() {
  const links = Object.entries(PAGES).filter(([, [picture, , seen]]) => picture && seen());
  const rail = h("nav", { class: "rail", "aria-label": t("nav.label") },
    h("a", { class: "home", href: "#/playground", "aria-label": "Kineograph" }, mark(), h("span", {}, "Kineograph")),
    h("ul", {}, links.map(([name, [picture]]) =>
      h("li", {}, h("a", { href: `#/${name}`, "data-page": name }, icon(picture), h("span", {}, t(`nav.${name}`)))))),
    h("div", { class: "self" }, choices()));
  put(app, h("div", { class: "frame" }, rail, h("main", { id: "main", tabindex: "-1" })));
}

function choices() {
  const order = ["auto", "light", "dark"];
  const shown = () => ({ auto: "half", light: "sun", dark: "moon" })[theme.value];
  const look = h("button", { class: "icon-button", type: "button", onclick: turn, "aria-label": "" });
  function label() {
    put(look, icon(shown()));
    look.setAttribute("aria-label", t("theme.is", t(`theme.${theme.value}`)));
    look.title = look.getAttribute("aria-label");
  }
  function turn() {
    theme.value = order[(order.indexOf(theme.value) + 1) % 3];
    if (theme.value === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    label();
  }
  label();
  const other = language === "zh" ? "en" : "zh";
  const name = session.me.key.name;
  return [
    h("div", { class: "who", title: session.me.account.id }, h("b", {}, name), h("small", {}, `${session.me.key.shown}…`)),
    h("div", { class: "who-buttons" }, look,
      h("button", { class: "icon-button", type: "button", title: other === "zh" ? "中文" : "English",
        "aria-label": other === "zh" ? "切换到中文" : "Switch to English", onclick: () => speak(other) }, icon("globe")),
      h("button", { class: "icon-button", type: "button", title: t("leave"), "aria-label": t("leave"),
        onclick: () => session.close() }, icon("leave"))),
  ];
}

async function show() {
  const main = document.getElementById("main");
  const where = place();
  leaving?.abort();
  const visit = (leaving = new AbortController());
  for (const link of document.querySelectorAll(".rail [data-page]")) {
    const here = link.dataset.page === where.name || (where.name === "film" && link.dataset.page === "films");
    here ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  document.title = `${t(`nav.${where.name}`)} · Kineograph`;
  try {
    const page = await import(PAGES[where.name][1]);
    if (visit.signal.aborted) return;
    put(main, h("div", { class: `page page-${where.name}` }));
    await page.show(main.firstChild, { ...where, signal: visit.signal, go });
  } catch (error) {
    if (visit.signal.aborted) return;
    put(main, trouble(error, show));
    if (!(error instanceof Refused)) throw error;
  }
  say(document.title);
}

/** What a page shows when it could not be loaded. */
function trouble(error, again) {
  const away = !(error instanceof Refused) || error.status === 0;
  return h("section", { class: "page empty", role: "alert" }, icon(away ? "globe" : "warn"),
    h("h1", {}, t(away ? "trouble.away" : "trouble.refused")), h("p", {}, error.message),
    h("button", { type: "button", class: "primary", onclick: again }, t("again")));
}

function line() {
  const bar = h("div", { class: "offline", role: "status", hidden: navigator.onLine }, icon("globe"), t("net.offline"));
  addEventListener("online", () => { bar.hidden = true; });
  addEventListener("offline", () => { bar.hidden = false; });
  document.body.append(bar);
}

addEventListener("hashchange", () => {
  scrollTo(0, 0);
  if (session.key && session.me) show().then(() => document.getElementById("main")?.focus({ preventScroll: true }));
});
session.whenClosed((why) => welcome(why));
line();
enter();
