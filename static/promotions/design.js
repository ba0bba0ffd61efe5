// The Promo Designer: the sentence in another language, a phrase that leads to its field, things picked by typing.
// Everything else is the server's: each change sends the form and the page comes back with what follows from it.
const page = () => document.getElementById("design-page");

document.addEventListener("click", (event) => {
  const say = event.target.closest("[data-say]");
  if (say) {
    document.querySelectorAll("[data-language]").forEach((sentence) => {
      sentence.hidden = sentence.dataset.language !== say.dataset.say;
    });
    document.querySelectorAll("[data-say]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button === say));
    });
  }
  const phrase = event.target.closest("a.phrase");
  if (phrase) {
    const place = document.getElementById(decodeURIComponent(phrase.hash.slice(1)));
    if (place) {
      event.preventDefault();
      place.scrollIntoView({ block: "center" });
      (place.matches("input, select") ? place : place.querySelector("select, input:not([type=hidden])") || place).focus();
    }
  }
  const drop = event.target.closest("[data-drop]");
  if (drop) {
    const picker = drop.closest(".picker");
    drop.closest(".chip").remove();
    picker.querySelector("[type=search]").focus();
    picker.dispatchEvent(new Event("change", { bubbles: true }));
  }
  const found = event.target.closest(".picker .found li");
  if (found) choose(found);
  else if (!event.target.closest(".picker")) close();
});

// What is changed while the change before it is on its way is put into the page that comes back, and goes with the next one.
const typed = (form) => {
  const found = new Map();
  for (const [name, value] of new FormData(form)) if (name.startsWith("f:")) found.set(name, [...(found.get(name) || []), value]);
  return found;
};
let sent = new Map();
let later = [];

function put(form, name, values) {
  const picker = [...form.querySelectorAll(".picker")].find((one) => one.dataset.name === name);
  const controls = [...form.elements].filter((control) => control.name === name);
  if (picker) {
    controls.forEach((control) => control.remove());
    values.forEach((value) => keep(picker, value));
    return;
  }
  controls.forEach((control) => {
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (!control.options || [...control.options].some((option) => option.value === values[0])) control.value = values[0];
  });
}

document.addEventListener("htmx:beforeSend", (event) => {
  if (event.detail.elt.id === "design") sent = typed(event.detail.elt);
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== page()) return;
  const now = typed(page().closest("form"));
  later = [...new Set([...sent.keys(), ...now.keys()])]
    .map((name) => [name, now.get(name) || []])
    .filter(([name, values]) => JSON.stringify(values) !== JSON.stringify(sent.get(name) || []));
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target !== page()) return;
  later.forEach(([name, values]) => put(page().closest("form"), name, values));
  later = [];
});

let asked = 0;

async function search(input) {
  const picker = input.closest(".picker");
  const number = ++asked;
  const url = page().dataset.pickUrl.replace("/kind/", `/${picker.dataset.pick}/`);
  const answer = await fetch(`${url}?q=${encodeURIComponent(input.value)}`);
  if (!answer.ok || number !== asked) return;
  const { found } = await answer.json();
  close();
  if (!found.length) return;
  const list = document.createElement("ul");
  list.className = "found";
  list.role = "listbox";
  list.id = `${input.id}-found`;
  found.forEach((one, index) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `${list.id}-${index}`;
    item.dataset.code = one.code;
    item.textContent = one.name;
    list.append(item);
  });
  picker.append(list);
  input.setAttribute("aria-expanded", "true");
  input.setAttribute("aria-controls", list.id);
}

function close() {
  document.querySelectorAll(".picker .found").forEach((list) => {
    const input = list.parentElement.querySelector("[type=search]");
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    list.remove();
  });
}

function keep(picker, value) {
  const kept = document.createElement("input");
  kept.type = "hidden";
  kept.name = picker.dataset.name;
  kept.value = value;
  picker.prepend(kept);
}

function choose(item) {
  const picker = item.closest(".picker");
  keep(picker, item.dataset.code);
  const input = picker.querySelector("[type=search]");
  input.value = "";
  close();
  picker.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("input", (event) => {
  if (event.target.matches(".picker [type=search]")) search(event.target);
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches(".picker [type=search]")) search(event.target);
});
// What is typed to search is no value: it must not send the form.
document.addEventListener("change", (event) => {
  if (event.target.matches(".picker [type=search], [data-typed]")) event.stopPropagation();
}, true);

document.addEventListener("keydown", (event) => {
  if (!event.target.matches(".picker [type=search]")) return;
  const items = [...event.target.closest(".picker").querySelectorAll(".found li")];
  const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    const next = items[(at + (event.key === "ArrowDown" ? 1 : items.length - 1) + items.length) % items.length];
    items.forEach((item) => item.setAttribute("aria-selected", String(item === next)));
    if (next) event.target.setAttribute("aria-activedescendant", next.id);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (items[Math.max(at, 0)]) choose(items[Math.max(at, 0)]);
  } else if (event.key === "Escape") {
    close();
  }
});
