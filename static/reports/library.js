// While something is being made, the list is fetched again; a hidden page waits.
const again = async () => {
  const list = document.getElementById("runs");
  if (!list || !list.hasAttribute("data-working")) return;
  if (!document.hidden) {
    const answer = await fetch(list.dataset.address, { headers: { "X-Requested-With": "fetch" } });
    if (answer.ok) {
      const made = document.createElement("div");
      made.innerHTML = await answer.text();
      const fresh = made.querySelector("#runs");
      if (fresh) list.replaceWith(fresh);
    }
  }
  setTimeout(again, 1500);
};
setTimeout(again, 1000);
