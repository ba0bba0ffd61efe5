// Pickers of the staff site's forms get the name of their label, which their library does not give them. The library
// draws them at a time of its own, also in rows added later: hence the observer.
const nameOfLabel = (container) => {
  const select = container.previousElementSibling;
  const label = select?.id && document.querySelector(`label[for="${select.id}"]`);
  const shown = container.querySelector(".select2-selection__rendered");
  if (label && shown) shown.setAttribute("aria-label", label.textContent.replace("*", "").trim());
};

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".select2-container").forEach(nameOfLabel);
  // Unfold writes the name of a chosen file into a field that stands beside its own inputs alone: ours are marked as seen to.
  for (const input of document.querySelectorAll(".field > input[type=file]")) input.hasChangeListener = true;
  // On a phone each cell of a list has the name of its column before it, written like the head of the table.
  for (const { dataset } of document.querySelectorAll("#result_list [data-label]")) {
    dataset.label = dataset.label.charAt(0).toUpperCase() + dataset.label.slice(1);
  }
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (node.nodeType === Node.ELEMENT_NODE && node.matches(".select2-container")) nameOfLabel(node);
      }
    }
  }).observe(document.body, { childList: true, subtree: true });
});
