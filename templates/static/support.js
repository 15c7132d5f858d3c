// Handles the keyboard, copies the lines for a ticket, and sends each form once.
"use strict";

const ticket = document.querySelector("#ticket");
const copy = document.querySelector("#copy-ticket");
if (ticket && copy) {
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(ticket.textContent);
    copy.textContent = copy.dataset.done;
  });
}

const box = document.querySelector("input[type=search]");
const links = [...document.querySelectorAll(":is(.rows, .people) tbody td:first-child a")];

const typing = (target) => target.matches("input, select, textarea, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "/" && !typing(event.target)) {
    event.preventDefault();
    if (box) {
      box.focus();
      box.select();
    } else {
      location.href = "/support";
    }
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || links.length === 0 || (typing(event.target) && event.target !== box)) return;
  const at = links.indexOf(document.activeElement);
  if (event.target === box && step < 0) return;
  event.preventDefault();
  if (at + step < 0) {
    box?.focus();
  } else {
    links[Math.min(at + step, links.length - 1)].focus();
  }
});

// A double click must not do something twice. A page that comes back can send again.
document.addEventListener("submit", (event) => {
  if (event.target.method !== "post") return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});
