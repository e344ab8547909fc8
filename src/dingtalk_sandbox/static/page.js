"use strict";

// Ask before what cannot be taken back.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-confirm]");
  if (button && button.dataset.confirm && !window.confirm(button.dataset.confirm)) event.preventDefault();
});

// Keep the list of approvals fresh while it is being looked at.
const live = document.getElementById("live");
if (live) {
  setInterval(async () => {
    if (document.hidden || live.contains(document.activeElement)) return;
    try {
      const response = await fetch(location.href);
      if (!response.ok) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = page.getElementById("live");
      if (fresh && fresh.innerHTML !== live.innerHTML) live.replaceChildren(...fresh.childNodes);
    } catch (error) {
      console.warn("the sandbox does not answer", error);
    }
  }, 3000);
}
