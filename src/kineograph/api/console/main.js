// The frame around the pages: who is here, where they are, and what went wrong.
import { get, Refused } from "./api.js";
import { h, put, say } from "./dom.js";
import { icon, mark } from "./icons.js";
import { preference, session } from "./session.js";
import { language, money, speak, t } from "./words.js";

const app = document.getElementById("app");
const theme = preference("theme", "auto");

// name -> [icon, module, who sees it in the rail]
const PAGES = {
  playground: ["spark", "./pages/playground.js", () => true],
  films: ["film", "./pages/films.js", () => true],
  film: [null, "./pages/film.js", () => false],
  usage: ["chart", "./pages/usage.js", () => true],
  keys: ["key", "./pages/keys.js", () => true],
  webhooks: ["bell", "./pages/webhooks.js", () => true],
  accounts: ["people", "./pages/accounts.js", isAdmin],
  workers: ["machine", "./pages/workers.js", isAdmin],
  reference: ["book", "./pages/reference.js", () => true],
};
const OPEN = new Set(["reference"]); // may be read without a key
const FIRST = 4; // pages in a phone's bar; the others are behind "more"

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
  if (!session.key) return OPEN.has(place().name) ? open() : welcome();
  try {
    session.me ??= (await get("/v1/me")).data;
  } catch (error) {
    return error instanceof Refused && error.status === 401 ? undefined : welcome(error.message);
  }
  if (!app.querySelector(".frame")) frame();
  await show();
}

/** A page for everybody, without the rail. */
async function open() {
  put(app, h("div", { class: "open" }, h("header", { class: "open-head" }, h("a", { class: "home", href: "#/" }, mark(), "Kineograph"), h("a", { class: "button", href: "#/" }, t("welcome.enter"))),
    h("main", { id: "main", tabindex: "-1" })));
  await show();
}

async function welcome(why = null) {
  leaving?.abort();
  document.title = "Kineograph";
  const page = await import("./pages/welcome.js");
  put(app, page.welcome(why, () => enter().then(step)));
}

function frame() {
  const links = Object.entries(PAGES).filter(([, [picture, , seen]]) => picture && seen());
  const more = h("button", { class: "more-pages", type: "button", "aria-expanded": "false", onclick: () => unfold(!rail.classList.contains("unfolded")) }, icon("more"), h("span", {}, t("nav.more")));
  const rail = h("nav", { class: "rail", "aria-label": t("nav.label") },
    h("a", { class: "home", href: "#/playground", "aria-label": "Kineograph" }, mark(), h("span", {}, "Kineograph")),
    h("ul", {}, links.map(([name, [picture]], position) => h("li", { class: position >= FIRST && "extra" },
      h("a", { href: `#/${name}`, "data-page": name, onclick: () => unfold(false) }, icon(picture), h("span", {}, t(`nav.${name}`)))))),
    more, h("div", { class: "self" }, choices()));
  function unfold(wide) {
    rail.classList.toggle("unfolded", wide);
    more.setAttribute("aria-expanded", String(wide));
  }
  rail.addEventListener("keydown", (event) => event.key === "Escape" && unfold(false));
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
  const { key, account } = session.me;
  return [
    h("div", { class: "who", title: account.id }, h("b", {}, key.name), h("small", {}, account.name || `${key.shown}…`),
      account.balance !== undefined && h("a", { class: "left", href: "#/usage" }, t("usage.left", money(account.balance), account.currency))),
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
    const page = await import(PAGES[where.name][1]).catch(() => { throw new Refused(0, t("net.away")); });
    if (visit.signal.aborted) return;
    put(main, h("div", { class: `page page-${where.name}` }));
    main.setAttribute("aria-busy", "true");
    await page.show(main.firstChild, { ...where, signal: visit.signal, go });
  } catch (error) {
    if (visit.signal.aborted) return;
    put(main, trouble(error, show));
    if (!(error instanceof Refused)) throw error;
  } finally {
    if (!visit.signal.aborted) main.removeAttribute("aria-busy");
  }
  say(document.title);
}

/** Into the page: whoever uses the keyboard goes on from there. */
function step() {
  document.getElementById("main")?.focus({ preventScroll: true });
}

/** What a page shows when it could not be loaded. */
function trouble(error, again) {
  const ours = !(error instanceof Refused), away = !ours && error.status === 0;
  return h("section", { class: "page empty", role: "alert" }, icon(away ? "globe" : "warn"),
    h("h1", {}, t(away ? "trouble.away" : ours ? "trouble.broken" : "trouble.refused")), h("p", {}, ours ? t("trouble.ours", error.message) : error.message),
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
  if (!session.key) return enter();
  if (session.me) return show().then(step);
  return undefined;
});
document.querySelector(".skip").addEventListener("click", (event) => { // the part after # is the page's name
  event.preventDefault();
  step();
});
session.whenClosed((why) => welcome(why));
line();
enter();
