// <kg-shape>: the aspect ratio, drawn. Radio buttons underneath, so arrows and screen readers work.
import { h, put } from "../dom.js";
import { t } from "../words.js";

const SIDE = 26; // pixels of the longer side of the drawing

class Shape extends HTMLElement {
  #chosen = "16:9";

  set options(ratios) {
    const name = `shape-${Math.random().toString(36).slice(2)}`;
    put(this, h("fieldset", {}, h("legend", {}, t("form.shape")), h("div", { class: "shapes" }, ratios.map((ratio) => {
      const [width, height] = ratio === "adaptive" ? [1, 1] : ratio.split(":").map(Number);
      const scale = SIDE / Math.max(width, height);
      return h("label", {}, h("input", { type: "radio", name, value: ratio, checked: ratio === this.#chosen, onchange: () => {
        this.#chosen = ratio;
        this.dispatchEvent(new Event("change", { bubbles: true }));
      } }), h("i", { class: ratio === "adaptive" ? "loose" : null,
        style: { width: `${width * scale}px`, height: `${height * scale}px` } }), h("span", {}, ratio === "adaptive" ? t("form.adaptive") : ratio));
    }))));
  }

  get value() { return this.#chosen; }

  set value(ratio) {
    this.#chosen = ratio;
    for (const input of this.querySelectorAll("input")) input.checked = input.value === ratio;
  }
}

customElements.define("kg-shape", Shape);
