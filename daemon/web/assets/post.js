// The form of a post: how long the texts are, how the pin will look, and the boards as Pinterest has them just now.
"use strict";

const form = document.getElementById("edit");

function count(field) {
  const length = [...field.value].length;
  let note = field.nextElementSibling;
  if (!note?.classList.contains("count")) {
    note = document.createElement("p");
    note.className = "count quiet";
    note.id = `${field.id}-count`;
    field.after(note);
    field.setAttribute("aria-describedby", note.id);
  }
  note.textContent = length ? `${length} of ${field.dataset.count}` : "";
}

function preview() {
  const title = form.elements.title.value || form.elements.title.placeholder;
  const shown = document.getElementById("pin-title");
  const letters = [...title];
  const cut = +shown.dataset.cut;
  shown.textContent = letters.slice(0, cut).join("").trimEnd() + (letters.length > cut ? "…" : "");
  document.getElementById("pin-rest").hidden = letters.length <= cut;
  document.getElementById("pin-board").textContent = form.elements.board.value || form.elements.board.placeholder;
}

// options puts names into a list of suggestions.
function options(id, names) {
  document.getElementById(id).replaceChildren(...names.map((name) => Object.assign(document.createElement("option"), { value: name })));
}

const same = (a, b) => a.normalize("NFC").toLowerCase() === b.normalize("NFC").toLowerCase();
let boards = null;

// live asks Pinterest which boards there are, and says if the one that is written is not among them.
async function live() {
  const note = document.getElementById("boards-note");
  const board = form.elements.board.value || form.elements.board.placeholder;
  try {
    const answer = await fetch(`/boards?${new URLSearchParams({ account: form.dataset.account, board })}`);
    const { boards: found, problem } = await answer.json();
    if (problem) throw new Error(problem);
    boards = found;
    options("boards-live", boards.map((b) => b.name));
    const one = boards.find((b) => same(b.name, board));
    options("sections-live", one?.sections ?? []);
    note.replaceChildren();
    if (board && !one) note.append(`Pinterest has no board “${board}” of yours. `);
    if (!one) chips(note);
    note.hidden = !note.textContent;
  } catch (e) {
    note.textContent = `Your boards cannot be shown just now: ${e.message}`;
    note.hidden = false;
  }
}

// chips are the boards to choose from by a press.
function chips(note) {
  note.append("Yours are:");
  const list = document.createElement("span");
  list.className = "chips";
  for (const b of boards) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: b.name });
    button.addEventListener("click", () => { form.elements.board.value = b.name; preview(); live(); form.elements.board.focus(); });
    list.append(button);
  }
  note.append(list);
}

if (form) {
  for (const field of all("[data-count]", form)) {
    count(field);
    field.addEventListener("input", () => count(field));
  }
  form.addEventListener("input", preview);
  form.elements.board.addEventListener("change", live);
  form.elements.at.addEventListener("input", () => { form.elements.when.value = "at"; });
  live();
  const part = { "#board": form.elements.board, "#when": form.elements.at }[location.hash];
  part?.focus();
}
