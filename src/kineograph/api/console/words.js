// Every word the console says, in the person's language.
import { preference } from "./session.js";
import en from "./words/en.js";

const chosen = preference("language", null);
export const language = document.documentElement.lang === "zh" ? "zh" : "en";
const words = language === "zh" ? { ...en, ...(await import("./words/zh.js")).default } : en;

/** The words under a name; {0}, {1}… stand for the values. */
export function t(name, ...values) {
  const text = words[name] ?? name.slice(name.indexOf(".") + 1);
  return values.length ? text.replace(/\{(\d)\}/g, (_, place) => values[place] ?? "") : text;
}

export function speak(code) {
  chosen.value = code;
  location.reload();
}

const locale = language === "zh" ? "zh-CN" : "en";
const FORMS = {
  number: new Intl.NumberFormat(locale),
  money: new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 6 }),
  when: new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }),
  day: new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }),
  clock: new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
  ago: new Intl.RelativeTimeFormat(locale, { numeric: "auto", style: "short" }),
};
export const number = (value) => FORMS.number.format(value);
export const money = (value) => FORMS.money.format(value);
export const when = (seconds) => FORMS.when.format(seconds * 1000);
export const clock = (seconds) => FORMS.clock.format(seconds * 1000);
export const day = (seconds) => FORMS.day.format(seconds * 1000);

/** "3 min ago", "yesterday". */
export function ago(seconds) {
  const past = seconds - Date.now() / 1000;
  for (const [unit, size] of [["day", 86400], ["hour", 3600], ["minute", 60]]) {
    if (Math.abs(past) >= size) return FORMS.ago.format(Math.round(past / size), unit);
  }
  return FORMS.ago.format(Math.round(past), "second");
}

/** "2:05", "0:07" of seconds. */
export const span = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

/** "3.4 MB". */
export const bytes = (count) => (count >= 1e6 ? `${(count / 1e6).toFixed(1)} MB` : `${Math.ceil(count / 1e3)} kB`);
