// The key, and what the browser remembers. The key stays in this tab unless the person asks for more.

const NAME = "kineograph.key";
const listeners = new Set();

const read = (store, name) => { try { return store.getItem(name); } catch { return null; } };
const write = (store, name, value) => {
  try { value === null ? store.removeItem(name) : store.setItem(name, value); } catch { /* private window: this tab only */ }
};

let key = read(sessionStorage, NAME) ?? read(localStorage, NAME);

export const session = {
  me: null,
  get key() { return key; },
  /** Use a key; `keep` also after the tab is closed. */
  open(text, keep) {
    key = text;
    write(sessionStorage, NAME, text);
    write(localStorage, NAME, keep ? text : null);
  },
  /** Forget the key. `why` is shown where a new one is asked for. */
  close(why = null) {
    key = null;
    this.me = null;
    write(sessionStorage, NAME, null);
    write(localStorage, NAME, null);
    for (const listener of listeners) listener(why);
  },
  whenClosed(listener) { listeners.add(listener); },
};

/** A small preference by name: a default, and what was chosen since. */
export const preference = (name, fallback) => ({
  get value() { return read(localStorage, `kineograph.${name}`) ?? fallback; },
  set value(chosen) { write(localStorage, `kineograph.${name}`, chosen === fallback ? null : chosen); },
});
