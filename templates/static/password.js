// A button at each password field that shows what was typed. Without scripts
// the field is as it is.
"use strict";

for (const box of document.querySelectorAll(".secret")) {
  const input = box.querySelector("input");
  const button = document.createElement("button");
  const show = (visible) => {
    input.type = visible ? "text" : "password";
    button.textContent = visible ? box.dataset.hide : box.dataset.show;
    button.setAttribute("aria-label", visible ? box.dataset.hideLabel : box.dataset.showLabel);
  };
  button.type = "button";
  button.className = "show";
  button.setAttribute("aria-controls", input.id);
  button.addEventListener("click", () => show(input.type === "password"));
  // Sent as a password, so that no browser offers it as a word to complete.
  input.form.addEventListener("submit", () => show(false));
  show(false);
  box.append(button);
}
