// Enhancements only: every page works without this file.

// How many characters are left, beside inputs that have a limit.
for (const input of document.querySelectorAll("[data-count]")) {
  const counter = document.createElement("span");
  counter.className = "counter";
  const limit = input.maxLength;
  const show = () => {
    counter.textContent = `${[...input.value].length} of ${limit}`;
  };
  input.addEventListener("input", show);
  input.after(counter);
  show();
}

// Leaving a form with entries that were not saved asks first.
for (const form of document.querySelectorAll("form[data-guard]")) {
  let dirty = form.dataset.guard === "dirty";
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}

// A summary of errors is read out when the page arrives with one.
document.querySelector("[data-focus]")?.focus();

// Menus close by Escape and by a click elsewhere.
for (const menu of document.querySelectorAll("details.menu")) {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// Who else has a review item open, asked anew while the page is seen; the page itself says who had when it was made.
for (const notice of document.querySelectorAll("[data-presence]")) {
  const line = notice.querySelector("p");
  const tell = (leaving) => fetch(notice.dataset.presence, {
    method: "POST",
    keepalive: true,
    headers: { "Content-Type": "application/json", "X-CSRFToken": notice.dataset.token },
    body: JSON.stringify({ leaving }),
  });
  const ask = async () => {
    const answer = await tell(false).catch(() => null);
    if (!answer?.ok) return;
    const { present } = await answer.json();
    line.hidden = present.length === 0;
    line.querySelector("[data-names]").textContent = present.map((one) => one.name).join(", ");
  };
  ask(); // the page before this one has said meanwhile that it is left
  setInterval(() => { if (!document.hidden) ask(); }, 20_000);
  window.addEventListener("pagehide", () => { tell(true).catch(() => null); });
}
