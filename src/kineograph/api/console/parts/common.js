// Small parts that all pages use.
import { h, put, say } from "../dom.js";
import { icon } from "../icons.js";
import { t } from "../words.js";

/** A word that passes by at the lower edge. */
export function toast(text, kind = "plain") {
  const note = h("div", { class: `toast ${kind}` }, icon(kind === "bad" ? "warn" : "check"), text);
  document.body.append(note);
  say(text);
  setTimeout(() => note.classList.add("gone"), 3600);
  setTimeout(() => note.remove(), 4200);
}

/** A button that copies. */
export function copier(text, label = t("copy")) {
  return h("button", { type: "button", class: "quiet", onclick: () => copy(typeof text === "function" ? text() : text) },
    icon("copy"), label);
}

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // not a secure context: the old way
    const area = h("textarea", { class: "unseen" });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  toast(t("copied"));
}

/** Ask before something that cannot be undone. True if they go on. */
export function ask(title, text, action) {
  return new Promise((answer) => {
    const dialog = h("dialog", { class: "ask", "aria-labelledby": "ask-title", onclose: () => { answer(dialog.returnValue === "yes"); dialog.remove(); } },
      h("form", { method: "dialog" }, h("h2", { id: "ask-title" }, title), h("p", {}, text),
        h("div", { class: "buttons" }, h("button", { value: "no", class: "quiet" }, t("stay")),
          h("button", { value: "yes", class: "danger" }, action))));
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** A dialog with a form of one's own; `done(form data)` may refuse by throwing. */
export function form(title, fields, action, done) {
  const error = h("p", { class: "field-error", role: "alert" });
  const button = h("button", { class: "primary", type: "submit" }, action);
  const dialog = h("dialog", { class: "form", "aria-labelledby": "form-title", onclose: () => dialog.remove() },
    h("form", { onsubmit: submit }, h("h2", { id: "form-title" }, title), fields, error,
      h("div", { class: "buttons" },
        h("button", { type: "button", class: "quiet", onclick: () => dialog.close() }, t("cancel")), button)));
  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    error.textContent = "";
    try {
      await done(new FormData(event.target));
      dialog.close();
    } catch (refusal) {
      error.textContent = refusal.message;
    } finally {
      button.disabled = false;
    }
  }
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** A labelled field. `hint` is read out with it. */
let fields = 0;
export function field(label, control, hint = null) {
  const id = control.id || `field-${++fields}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id }, label), control,
    hint && h("small", { id: `${id}-hint` }, hint));
}

/** One of a few: buttons in a row that act as radio buttons. */
export function segments(label, options, chosen, changed) {
  const name = `segments-${++fields}`;
  return h("fieldset", { class: "segments" }, h("legend", { class: "unseen" }, label),
    options.map(([value, text, why]) => h("label", { title: why ?? null },
      h("input", { type: "radio", name, value, checked: value === chosen, disabled: Boolean(why), onchange: () => changed(value) }),
      h("span", {}, text))));
}

/** A page's heading with what can be done beside it. */
export function heading(title, lead, ...actions) {
  return h("header", { class: "heading" }, h("div", {}, h("h1", {}, title), lead && h("p", { class: "lead" }, lead)),
    h("div", { class: "actions" }, actions));
}

/** A table that scrolls in itself where it is wide, also by keyboard. */
export function sheet(label, ...table) {
  return h("section", { class: "table", tabindex: "0", "aria-label": label }, h("table", {}, table));
}

/** Nothing here yet: why, and what to do about it. */
export function empty(picture, title, text, action = null) {
  return h("section", { class: "empty" }, icon(picture), h("h2", {}, title), h("p", {}, text), action);
}

/** Code in a few languages, with tabs. */
export function snippets(languages) {
  const code = h("code", {}), pre = h("pre", { tabindex: "0" }, code);
  let shown = Object.keys(languages)[0];
  const tabs = h("div", { class: "tabs", role: "tablist" }, Object.keys(languages).map((name) =>
    h("button", { type: "button", role: "tab", "aria-selected": String(name === shown), onclick: (event) => {
      shown = name;
      for (const tab of tabs.children) tab.setAttribute("aria-selected", String(tab === event.target));
      draw();
    } }, name)));
  const draw = () => put(code, languages[shown]());
  draw();
  return { element: h("div", { class: "snippets" }, h("div", { class: "snippets-bar" }, tabs, copier(() => code.textContent)), pre), draw };
}
