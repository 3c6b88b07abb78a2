// The gallery: every task of the account, newest first, live.
import { follow, get, query } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { empty, heading } from "../parts/common.js";
import { card } from "../parts/film.js";
import { wall as hung } from "../parts/wall.js";
import { t } from "../words.js";

const PAGE = 40;
const STATES = ["", "completed", "processing", "pending", "failed", "cancelled"];

export async function show(root, { signal, query: asked, go }) {
  const models = (await get("/v1/models", { signal })).data;
  const cards = new Map();
  const wall = hung();
  const end = h("div", { class: "wall-end" });
  const status = choice("status", STATES.map((name) => [name, t(name ? `status.${name}` : "films.all")]), asked.status);
  const model = choice("model", [["", t("films.models")], ...models.map((one) => [one.id, t(`model.${one.id}`)])], asked.model);
  const search = h("input", { type: "search", name: "search", "aria-label": t("films.search"), placeholder: t("films.search"), maxlength: "200", value: asked.search ?? "", enterkeyhint: "search" });
  const filters = h("form", { class: "filters", role: "search", onsubmit: (event) => event.preventDefault() },
    h("div", { class: "searching" }, icon("search"), search), status, model);
  let next = null, loading = false, over = false, turn = 0;

  put(root, heading(t("nav.films"), null, h("a", { class: "primary button", href: "#/playground" }, icon("plus"), t("films.new"))),
    filters, wall.element, end);

  const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "900px" });
  signal.addEventListener("abort", () => near.disconnect());
  const filtered = () => ({ search: search.value.trim(), status: status.value, model: model.value });
  let typing = 0;
  filters.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => {
      history.replaceState(null, "", `#/films${query(filtered())}`);
      restart();
    }, 250);
  });

  async function restart() {
    turn += 1;
    next = null;
    over = false;
    loading = false;
    cards.clear();
    wall.clear();
    await more();
  }

  async function more() {
    if (loading || over) return;
    loading = true;
    const mine = turn, before = cards.size;
    put(end, h("span", { class: "loading" }, t("loading")));
    try {
      do { // a page of a search may be empty before its end
        const page = await get(`/v1/tasks${query({ limit: PAGE, after: next, ...filtered() })}`, { signal });
        if (mine !== turn) return;
        next = page.next;
        over = !page.has_more;
        wall.add(page.data.filter((task) => !cards.has(task.id)).map(hang), over);
      } while (!over && cards.size < before + PAGE / 2);
      put(end);
      if (!cards.size) put(end, nothing());
    } catch (error) {
      if (signal.aborted) return;
      put(end, h("p", { class: "field-error", role: "alert" }, error.message), h("button", { type: "button", onclick: () => { loading = false; more(); } }, t("again")));
      over = cards.size > 0 ? over : false;
      return;
    }
    loading = false;
    near.unobserve(end);
    near.observe(end); // said again where the end is near still
  }

  function nothing() {
    const any = Object.values(filtered()).some(Boolean);
    return any ? empty("search", t("films.none"), t("films.none.text"))
      : empty("film", t("films.first"), t("films.first.text"), h("button", { type: "button", class: "primary", onclick: () => go("playground") }, t("films.make")));
  }

  function hang(task) {
    const element = card(task);
    cards.set(task.id, element);
    return element;
  }

  await more();
  follow("/v1/events", (task) => {
    const plain = !Object.values(filtered()).some(Boolean);
    if (cards.has(task.id)) cards.get(task.id).task = task;
    else if (plain) { if (!cards.size) put(end); wall.first(hang(task)); }
  }, { signal }).catch(() => {});
}

function choice(name, options, chosen = "") {
  return h("select", { name, "aria-label": t(`films.by.${name}`) }, options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}
