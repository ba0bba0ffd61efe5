// Behavior that every page shares, without inline scripts:
// data-submit-on-change   a form control sends its form when its value changes
// data-confirm="text"     a button asks once before it acts
// data-copy="text"        a button copies the text and says so
// data-refresh="address"  a part with an id is fetched again while it carries this; a hidden page waits
// details.menu            closes on Escape and on a click outside
// the key "/"             goes to the search field marked data-search
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit-on-change]")) event.target.form.requestSubmit();
});

document.addEventListener("click", (event) => {
  const asking = event.target.closest("[data-confirm]");
  if (asking && !window.confirm(asking.dataset.confirm)) event.preventDefault();

  const copying = event.target.closest("[data-copy]");
  if (copying) {
    navigator.clipboard.writeText(copying.dataset.copy).then(() => {
      const words = copying.querySelector("[data-copied]");
      if (words) words.textContent = words.dataset.copied;
    });
  }

  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      menu.removeAttribute("open");
      menu.querySelector("summary").focus();
    });
  }
  if (event.key === "/" && !typing) {
    const search = document.querySelector("[data-search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
});

const refresh = async () => {
  const parts = document.hidden ? [] : document.querySelectorAll("[data-refresh]");
  for (const part of parts) {
    const answer = await fetch(part.dataset.refresh, { headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) continue;
    const made = document.createElement("div");
    made.innerHTML = await answer.text();
    const fresh = made.querySelector(`#${part.id}`);
    if (fresh) part.replaceWith(fresh);
  }
  setTimeout(refresh, 1500);
};
if (document.querySelector("[data-refresh]")) setTimeout(refresh, 1000);
