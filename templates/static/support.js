// Handles the keyboard and clicks on rows, copies the lines for a ticket, and sends each
// form once.
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
// The next search is typed over the last one. The page sets the focus before or after this.
if (box === document.activeElement) box?.select();
else box?.addEventListener("focus", () => box.select(), { once: true });
const linkOf = (row) => row.querySelector("a[href]");
const lines = [...document.querySelectorAll("main :is(tbody tr, .timeline li, .lists li)")];

// A click anywhere on a row opens it, unless it selects text or is meant for a link.
for (const row of lines.filter((line) => line.matches(":is(.rows, .people) tr") && linkOf(line))) {
  row.classList.add("openable");
  row.addEventListener("click", (event) => {
    if (event.target.closest("a, button, summary, details, input") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) {
      open(linkOf(row).href);
    } else {
      linkOf(row).click();
    }
  });
}

const keys = document.querySelector("#keys");
const keysButton = document.querySelector("#keys-button");
const keysOn = document.querySelector("#keys-on");
if (keys) {
  keysOn.checked = localStorage.getItem("resetd-keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("resetd-keys", keysOn.checked ? "on" : "off"));
  keysButton.hidden = false;
  keysButton.addEventListener("click", () => keys.showModal());
}

const typing = (target) => target.matches("input, select, textarea, [contenteditable]");
const places = { p: "/support", o: "/support/overview", a: "/support/audit" };
let going = 0; // when g was pressed

function search() {
  if (box) {
    box.focus();
    box.select();
  } else {
    location.href = "/support";
  }
}

// go follows a link of the navigation, so it goes nowhere that the member may not see.
function go(key) {
  const link = document.querySelector(`nav a[href="${places[key]}"]`);
  if (!link || Date.now() - going > 2000) return false;
  link.click();
  return true;
}

// step moves the focus between the lines of all lists: to their links, or to the lines that
// have none. A list that is folded up is left out.
function step(event, by) {
  const shown = lines.filter((line) => line.checkVisibility());
  if (shown.length === 0 || (typing(event.target) && event.target !== box)) return;
  const at = shown.findIndex((line) => line.contains(document.activeElement));
  if (event.target === box && by < 0) return;
  event.preventDefault();
  if (at + by < 0) {
    box?.focus();
    return;
  }
  const line = shown[Math.min(at + by, shown.length - 1)];
  if (!linkOf(line)) line.tabIndex = -1;
  (linkOf(line) ?? line).focus();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || !keysOn?.checked || keys.open) return;
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) step(event, by);
  if (by || typing(event.target)) return;
  if (event.key === "/") search();
  else if (event.key === "?") keys.showModal();
  else if (event.key === "g") going = Date.now();
  else if (!(event.key in places) || !go(event.key)) return;
  event.preventDefault();
});

// The address of a search, which people send to colleagues, has only what was filled in.
document.addEventListener("formdata", ({ target, formData }) => {
  if (target.method !== "get") return;
  for (const [name, value] of [...formData]) if (!value) formData.delete(name);
  if (!formData.has("since") && !formData.has("until")) formData.delete("zone");
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
