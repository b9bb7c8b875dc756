// Choosing the layers of the live map without a new page: what the page of the choice says is put in place of what was said.
"use strict";

for (const form of document.querySelectorAll("form[data-choice]")) {
  const map = document.querySelector(".map[data-layers]");
  let number = 0;
  form.querySelector("button[type=submit]").hidden = true;
  form.addEventListener("change", async () => {
    const asked = ++number, names = [...form.querySelectorAll("input:checked")].map(each => `dataset=${encodeURIComponent(each.value)}`);
    const address = `${form.action}?${names.join("&") || "dataset="}`;
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (asked !== number) return;
      if (!answer.ok) throw new Error(answer.status);
      history.replaceState(null, "", address + location.hash);
      for (const part of ["[data-renewed]", ".tongue"]) {
        const now = page.querySelectorAll(part);
        document.querySelectorAll(part).forEach((each, place) => each.replaceWith(now[place]));
      }
      map.dispatchEvent(new CustomEvent("layers", { detail: JSON.parse(page.querySelector(".map[data-layers]").dataset.layers) }));
    } catch { form.requestSubmit(); }
  });
}
