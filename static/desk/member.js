// The member's page: receipts open in place, the contact is shown in place, reasons follow the direction and the type,
// a deed is sent once. Without this script each of them is a page or a form of its own.
const open = async (link) => {
  const row = link.closest("li");
  const present = row.querySelector(".receipt");
  if (present) {
    present.remove();
    row.removeAttribute("data-open");
    link.setAttribute("aria-expanded", "false");
    return;
  }
  link.setAttribute("aria-busy", "true");
  const answer = await fetch(`${link.href}?part=receipt`).catch(() => null);
  link.removeAttribute("aria-busy");
  if (!answer?.ok || answer.redirected) {
    location.assign(link.href);
    return;
  }
  const receipt = document.createElement("div");
  receipt.className = "receipt";
  receipt.tabIndex = -1;
  receipt.innerHTML = await answer.text();
  row.append(receipt);
  row.setAttribute("data-open", "");
  link.setAttribute("aria-expanded", "true");
};

document.addEventListener("click", (event) => {
  const link = event.target.closest(".timeline a[data-receipt]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (!link.hasAttribute("aria-busy")) open(link);
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.matches("[data-once]")) {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  }
  if (!form.matches("[data-reveal]")) return;
  event.preventDefault();
  const answer = await fetch(`${form.action}?part=contact`, { method: "POST", body: new FormData(form) }).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    form.submit();
    return;
  }
  form.closest("[data-contact]").innerHTML = await answer.text();
});

const fit = (form) => {
  const direction = form.querySelector("[name=direction]:checked")?.value;
  const type = form.elements.point_type.value;
  for (const option of form.elements.reason.options) {
    if (!option.value) continue;
    const fits = option.dataset.uses.split(" ").includes(direction) && option.dataset.type === type;
    option.hidden = option.disabled = !fits;
    if (!fits && option.selected) form.elements.reason.value = "";
  }
};
document.querySelectorAll("form[data-adjust]").forEach((form) => {
  fit(form);
  form.addEventListener("change", () => fit(form));
});
// A page that the browser kept and shows again may be sent again.
addEventListener("pageshow", () => document.querySelectorAll("form[data-once]").forEach((form) => delete form.dataset.sent));
