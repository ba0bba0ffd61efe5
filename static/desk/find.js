// The search answers while somebody types: a moment after the last key the rows are asked for and put in place.
// Enter opens the first hit, the arrows move between hits. Without this script the form is sent as any other.
const form = document.querySelector("[data-find]");
const box = form.querySelector("input[name=q]");
const found = document.querySelector("[data-found]");
const PAUSE = 200;
let shown = box.value.trim();
let waiting = null;
let asking = null;

const hits = () => [...found.querySelectorAll("li > a")];

const ask = async () => {
  const text = box.value.trim();
  if (text === shown) return true;
  asking?.abort();
  asking = new AbortController();
  const query = new URLSearchParams({ q: text, part: "rows" });
  try {
    const answer = await fetch(`${form.action}?${query}`, { signal: asking.signal });
    // A session that ended is led to the login page: let the browser go there.
    if (answer.redirected || !answer.ok) {
      form.submit();
      return false;
    }
    found.innerHTML = await answer.text();
    shown = text;
    history.replaceState(null, "", text ? `?${new URLSearchParams({ q: text })}` : form.action);
    return true;
  } catch (problem) {
    return false;
  }
};

box.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, PAUSE);
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearTimeout(waiting);
  if (await ask()) hits()[0]?.click();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const list = hits();
  const place = list.indexOf(document.activeElement);
  if (place < 0 && document.activeElement !== box) return;
  const next = place + (event.key === "ArrowDown" ? 1 : -1);
  if (next >= list.length) return;
  event.preventDefault();
  (next < 0 ? box : list[next]).focus();
});

box.focus();
box.setSelectionRange(box.value.length, box.value.length);
