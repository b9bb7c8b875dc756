// What pages do better with scripts: completing words, copying examples, choosing without a button.
"use strict";

for (const select of document.querySelectorAll("select[data-submits]")) {
  const button = select.form.querySelector("button[type=submit]");
  if (matchMedia("(pointer: fine)").matches) {
    select.addEventListener("change", () => select.form.requestSubmit(button));
  }
}

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  const label = button.firstChild, name = label.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.closest(".code").querySelector("code").textContent);
    label.textContent = document.documentElement.lang === "ja" ? "コピーしました" : "Copied";
    setTimeout(() => { label.textContent = name; }, 2000);
  });
}

// An API console asks the page that opened it for the token of whoever is signed in.
for (const link of document.querySelectorAll("a[data-console]")) {
  link.addEventListener("click", event => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const opened = window.open(link.href, "_blank"), origin = new URL(link.href).origin;
    if (!opened) return;
    event.preventDefault();
    addEventListener("message", async ({ source, origin: from, data }) => {
      if (source !== opened || from !== origin || data !== "hiroba-console") return;
      const answer = await fetch("/developers/token");
      const { token } = answer.ok ? await answer.json() : {};
      if (token) opened.postMessage({ hirobaToken: token }, origin);
    });
  });
}

for (const choices of document.querySelectorAll("details.narrow")) {
  if (matchMedia("(max-width: 59.99rem)").matches && !choices.querySelector("[aria-current], [aria-invalid]")) choices.open = false;
}

// A combobox as WAI-ARIA describes it (list autocomplete, manual selection).
function complete(input) {
  const list = document.createElement("ul");
  list.className = "offers";
  list.id = "offers";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", document.documentElement.lang === "ja" ? "候補" : "Suggestions");
  input.parentElement.append(list);
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "offers");
  input.setAttribute("aria-expanded", "false");
  let chosen = -1, asked = 0, timer = 0;

  const close = () => {
    list.replaceChildren();
    chosen = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const choose = text => { input.value = text; close(); input.form.requestSubmit(); };
  const mark = place => {
    const options = [...list.children];
    chosen = (place + options.length + 1) % (options.length + 1);
    options.forEach((each, at) => each.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < options.length) input.setAttribute("aria-activedescendant", options[chosen].id);
    else { chosen = -1; input.removeAttribute("aria-activedescendant"); }
  };
  const show = texts => {
    close();
    texts.forEach((text, at) => {
      const option = document.createElement("li");
      option.id = `offer-${at}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.textContent = text;
      option.addEventListener("pointerdown", event => { event.preventDefault(); choose(text); });
      list.append(option);
    });
    input.setAttribute("aria-expanded", String(texts.length > 0));
  };
  const ask = async () => {
    const typed = input.value.trim(), number = ++asked;
    if (!typed) return close();
    try {
      const answer = await fetch(`${input.dataset.offers}?limit=8&q=${encodeURIComponent(typed.slice(0, 100))}`);
      if (number === asked && answer.ok) show((await answer.json()).suggestions);
    } catch { close(); }
  };
  input.addEventListener("input", event => {
    clearTimeout(timer);
    if (!event.isComposing) timer = setTimeout(ask, 120);
  });
  input.addEventListener("compositionend", () => { timer = setTimeout(ask, 120); });
  input.addEventListener("blur", () => { asked++; close(); });
  input.addEventListener("keydown", event => {
    if (event.isComposing || !list.children.length) return;
    if (event.key === "ArrowDown") { event.preventDefault(); mark(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); mark(chosen < 0 ? list.children.length - 1 : chosen - 1); }
    else if (event.key === "Escape") { event.preventDefault(); close(); }
    else if (event.key === "Enter" && chosen >= 0) { event.preventDefault(); choose(list.children[chosen].textContent); }
  });
}
document.querySelectorAll("input[data-offers]").forEach(complete);
