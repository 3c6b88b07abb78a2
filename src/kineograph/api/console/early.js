// Before the first paint: the chosen theme and language, so that nothing flashes.
{
  const saved = (name) => { try { return localStorage.getItem(`kineograph.${name}`); } catch { return null; } };
  const theme = saved("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  document.documentElement.lang = saved("language") || (navigator.language.startsWith("zh") ? "zh" : "en");
}
