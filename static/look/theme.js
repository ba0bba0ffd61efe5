// The theme of pages outside the staff site: what the reader chose, else what the system says. Loaded in <head> before
// anything is drawn. Shares its memory with the staff site's switch. A button with data-theme-switch changes it.
(() => {
  const root = document.documentElement;
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => {
    try {
      return JSON.parse(localStorage.getItem("adminTheme")) ?? "auto";
    } catch {
      return "auto";
    }
  };
  const isDark = () => chosen() === "dark" || (chosen() === "auto" && system.matches);
  const apply = () => root.classList.toggle("dark", isDark());

  apply();
  system.addEventListener("change", apply);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-theme-switch]")) {
      localStorage.setItem("adminTheme", JSON.stringify(isDark() ? "light" : "dark"));
      apply();
    }
  });
})();
