// Films of every shape in rows that are as wide as the page. A row that stands is not touched again: nothing moves while
// somebody scrolls and more is hung below.
import { h, put } from "../dom.js";
import { shape } from "./film.js";

const TALL = 200, LEAST = 140, MOST = 270, GAP = 14; // pixels: a row is closed at TALL, and never lower or higher than these

/** `add(films, whole)`: more of them, `whole` once the last is here; `first(film)`: a new one; `clear()`. */
export function wall() {
  const element = h("div", { class: "wall" });
  let films = [], hung = 0, whole = false, width = 0;

  function hang() {
    width = element.clientWidth;
    while (width && hung < films.length) {
      const { count, full } = fit(films, hung, width);
      if (!full && !whole) return; // what is still to come fills it
      element.append(h("div", { class: full ? "row" : "row rest" }, films.slice(hung, hung + count)));
      hung += count;
    }
  }

  function again() {
    put(element);
    hung = 0;
    hang();
  }

  new ResizeObserver(() => element.clientWidth !== width && again()).observe(element);
  return {
    element,
    add(more, last) { films.push(...more); whole = last; hang(); },
    first(film) { films.unshift(film); again(); },
    clear() { films = []; whole = false; again(); },
  };
}

/** How many films from `start` on make the next row, and whether they fill it. */
function fit(films, start, width) {
  let sum = 0;
  for (let count = 1; start + count <= films.length; count += 1) {
    const wider = sum + shape(films[start + count - 1].task), tall = (width - GAP * (count - 1)) / wider;
    if (count > 1 && tall < LEAST) return { count: count - 1, full: true };
    if (tall <= TALL || (count === 1 && width / wider <= MOST && width < 500)) return { count, full: true };
    sum = wider;
  }
  return { count: films.length - start, full: false };
}
