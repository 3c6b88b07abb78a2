// <kg-picture>: a place for an image, by drop, choice, paste or address. `value` is a URL the service can read.
import { upload } from "../api.js";
import { h, put } from "../dom.js";
import { icon } from "../icons.js";
import { t } from "../words.js";

const MOST = 20e6; // bytes of an upload

class Picture extends HTMLElement {
  #url = null;
  #shown = null;

  connectedCallback() {
    if (this.#url === null) this.#ask();
    this.addEventListener("dragover", (event) => { event.preventDefault(); this.classList.add("over"); });
    this.addEventListener("dragleave", () => this.classList.remove("over"));
    this.addEventListener("drop", (event) => { event.preventDefault(); this.classList.remove("over"); this.take(event.dataTransfer); });
  }

  get value() { return this.#url; }

  set value(url) { url ? this.#have(url, url) : this.clear(); }

  get role() { return this.getAttribute("role-name"); }

  /** What was dropped or pasted. True if there was an image in it. */
  take(transfer) {
    const file = [...transfer.files].find((one) => one.type.startsWith("image/"));
    if (file) this.#send(file);
    const text = transfer.getData("text/uri-list") || transfer.getData("text/plain");
    if (!file && /^https?:\/\//.test(text)) this.#have(text.trim(), null);
    return Boolean(file) || /^https?:\/\//.test(text);
  }

  clear() {
    if (this.#shown?.startsWith("blob:")) URL.revokeObjectURL(this.#shown);
    this.#url = this.#shown = null;
    this.#ask();
    this.#changed();
  }

  #changed() { this.dispatchEvent(new Event("change", { bubbles: true })); }

  #ask(error = "") {
    const file = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/gif", class: "unseen",
      "aria-label": t(`role.${this.role}`), onchange: () => file.files[0] && this.#send(file.files[0]) });
    const address = h("input", { type: "url", placeholder: "https://…", "aria-label": t("picture.address"), onchange: () => {
      if (address.validity.valid && address.value) this.#have(address.value, null);
    } });
    put(this, h("label", { class: "place" }, icon("image"), h("b", {}, t(`role.${this.role}`)), h("small", {}, t("picture.how")), file),
      address, h("p", { class: "field-error", role: "alert" }, error));
  }

  async #send(file) {
    if (file.size > MOST) return this.#ask(t("picture.large"));
    this.#shown = URL.createObjectURL(file);
    put(this, this.#frame(h("span", { class: "sending" }, t("picture.sending"))));
    try {
      this.#have(await upload(file), this.#shown);
    } catch (error) {
      this.#ask(error.message);
    }
  }

  #have(url, shown) {
    this.#url = url;
    this.#shown = shown;
    put(this, this.#frame(h("button", { type: "button", class: "icon-button", title: t("picture.remove"),
      "aria-label": t("picture.remove"), onclick: () => this.clear() }, icon("close"))));
    this.#changed();
  }

  #frame(over) {
    // Only what this server or this page holds is shown: other addresses are fetched by the service alone.
    const own = this.#shown && (this.#shown.startsWith("blob:") || this.#shown.startsWith(location.origin));
    return h("div", { class: "held" }, own ? h("img", { src: this.#shown, alt: t(`role.${this.role}`) })
      : h("span", { class: "address" }, icon("link"), this.#url), h("b", {}, t(`role.${this.role}`)), over);
  }
}

customElements.define("kg-picture", Picture);
