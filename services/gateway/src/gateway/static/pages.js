// Enhancements only: every page works without this file.

const said = (number) => number.toLocaleString("en-GB");

// How many characters are left, beside inputs that have a limit.
for (const input of document.querySelectorAll("[data-count]")) {
  const counter = document.createElement("span");
  counter.className = "counter";
  const limit = input.maxLength;
  const show = () => {
    counter.textContent = `${said([...input.value].length)} of ${said(limit)}`;
  };
  input.addEventListener("input", show);
  input.after(counter);
  show();
}

// What is too large is said at its field before it is sent, so that nothing that was typed is on its way for nothing.
for (const input of document.querySelectorAll("[data-max-bytes]")) {
  const line = document.createElement("span");
  line.className = "error";
  line.id = `${input.id}-too-large`;
  line.setAttribute("role", "alert");
  line.textContent = input.dataset.tooLarge;
  const field = input.closest(".field");
  const wasWrong = field.classList.contains("wrong");
  const described = input.getAttribute("aria-describedby") ?? "";
  const check = () => {
    const size = input.type === "file" ? (input.files[0]?.size ?? 0) : new Blob([input.value]).size;
    const wrong = size > Number(input.dataset.maxBytes);
    line.remove();
    if (wrong) input.before(line);
    field.classList.toggle("wrong", wrong || wasWrong);
    input.setAttribute("aria-describedby", wrong ? `${described} ${line.id}`.trim() : described);
    return wrong;
  };
  input.addEventListener("change", check);
  // Before the other listeners of the form, which take it for sent.
  input.form.addEventListener("submit", (event) => {
    if (!check()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    input.focus();
  });
}

// Leaving a form with entries that were not saved asks first.
for (const form of document.querySelectorAll("form[data-guard]")) {
  form.addEventListener("input", () => { form.dataset.guard = "dirty"; });
  form.addEventListener("submit", () => { form.dataset.guard = ""; });
  window.addEventListener("beforeunload", (event) => {
    if (form.dataset.guard === "dirty") event.preventDefault();
  });
}

// A form saves itself after a pause, at the version that it was made of, and says when it did. Files and access for
// reviewers are saved by its buttons alone.
const PAUSE = 1500;
const TRY_AGAIN = 10000;
for (const form of document.querySelectorAll("form[data-autosave]")) {
  const told = form.querySelector("[data-saved]");
  let timer = 0;
  let saving = null;
  let stopped = false;
  let last = {};

  const later = (wait) => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      if (saving) return later(PAUSE);
      saving = save().finally(() => { saving = null; });
    }, wait);
  };
  const byHand = () => form.querySelector("[name=remove_access]:checked") !== null
    || [...form.querySelectorAll("input[type=file], [name^='/reviewer_access']")].some((one) => one.value);
  const say = (words) => { told.textContent = words; };

  const take = (saved) => {
    form.elements.version.value = saved.version;
    form.elements.seen.value = saved.seen;
    for (const [step, left] of Object.entries(saved.left)) {
      const place = document.querySelector(`[data-left="${step}"]`);
      const words = document.createElement("span");
      words.className = left ? "left" : "complete";
      words.textContent = left || "complete";
      place.replaceChildren(words);
    }
    say(`Saved ${new Date().toTimeString().slice(0, 5)}`);
    if (byHand()) form.dataset.guard = "dirty";
  };

  const save = async () => {
    const entries = new FormData(form);
    for (const name of ["icon", "/reviewer_access/instructions", "/reviewer_access/credentials"]) entries.delete(name);
    // The same again, because its answer was lost, takes effect once.
    const content = new URLSearchParams(entries).toString();
    if (content !== last.content) last = { content, once: crypto.randomUUID?.() ?? "" };
    entries.set("once", last.once);
    form.dataset.guard = "";
    try {
      const headers = { "If-Match": `"${form.elements.version.value}"` };
      const answer = await fetch(form.dataset.autosave, { method: "POST", body: entries, headers });
      if (answer.ok) return take(await answer.json());
      form.dataset.guard = "dirty";
      if (answer.status === 412) {
        stopped = true;
        return say("Somebody else saved this meanwhile. Nothing of yours is lost: press Save to see both versions.");
      }
      if (answer.status === 401 || answer.status === 403) {
        stopped = true;
        return say("Not saved: you are no longer signed in. Press Save: the page that follows keeps what you typed.");
      }
      const { errors } = await answer.json();
      say(`Not saved yet. ${errors.map(({ label, message }) => `${label}: ${message}`).join(" ")}`);
    } catch {
      form.dataset.guard = "dirty";
      say("Not saved yet: the directory does not answer. It is tried again in a moment.");
      later(TRY_AGAIN);
    }
  };

  form.addEventListener("input", () => later(PAUSE));
  form.addEventListener("submit", (event) => {
    clearTimeout(timer);
    if (!saving) return;
    // Two saves at once would be in each other's way.
    event.preventDefault();
    const button = event.submitter;
    saving.then(() => form.requestSubmit(button));
  });
}

// A page waits for checks or a look and loads itself again when they are done, unless somebody is writing on it.
for (const place of document.querySelectorAll("[data-watch]")) {
  const look = async () => {
    const answer = await fetch(place.dataset.watch).catch(() => null);
    if (answer && [401, 403, 404].includes(answer.status)) return;
    const found = answer?.ok ? await answer.json() : { running: true };
    if (found.running ?? found.state === "checking") {
      setTimeout(look, 2000);
    } else if ([...document.querySelectorAll("main textarea")].some((one) => one.value)) {
      place.textContent = "It is done. Load the page again to see what was found.";
    } else {
      location.reload();
    }
  };
  setTimeout(look, 1000);
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
