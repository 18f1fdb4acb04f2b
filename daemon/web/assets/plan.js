// Moving posts to another day: by dragging, or by keys (M, arrows, Enter; Escape leaves it where it was).
"use strict";

const days = () => all(".day");
const dayOf = (node) => node?.closest?.(".day");

// move asks for another day and says what came of it.
async function move(id, title, day) {
  const name = new Date(`${day}T12:00`).toLocaleDateString("en-GB", { weekday: "long", day: "numeric", month: "long" });
  try {
    if (await send(`/posts/${id}/day`, { day, back: location.pathname + location.search })) say(`${title}: moved to ${name}.`);
  } catch {
    say("pinfold does not answer. Is it running?", true);
  }
  refresh();
}

const titleOf = (entry) => $("b", entry).textContent;

let dragged = null;
document.addEventListener("dragstart", (e) => {
  const entry = e.target.closest?.(".entry[data-id]");
  if (!entry) return;
  dragged = entry;
  entry.classList.add("dragged");
  e.dataTransfer.effectAllowed = "move";
  e.dataTransfer.setData("text/plain", titleOf(entry));
});
document.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; aim(null); });

// aim shows the day on which a post would come to lie.
function aim(day) {
  for (const d of days()) d.classList.toggle("aim", d === day);
}

document.addEventListener("dragover", (e) => {
  const day = dragged && dayOf(e.target);
  aim(day);
  if (day) e.preventDefault();
});
document.addEventListener("drop", (e) => {
  const day = dragged && dayOf(e.target);
  if (!day) return;
  e.preventDefault();
  const entry = dragged;
  entry.classList.remove("dragged");
  dragged = null;
  aim(null);
  if (day !== dayOf(entry)) move(entry.dataset.id, titleOf(entry), day.dataset.day);
});

let picked = null; // {entry, day}
const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function letGo() {
  picked?.entry.classList.remove("picked");
  picked = null;
  aim(null);
}

document.addEventListener("keydown", (e) => {
  const entry = e.target.closest?.(".entry[data-id]");
  if (!picked && entry && e.key.toLowerCase() === "m" && !e.ctrlKey && !e.metaKey && !e.altKey) {
    e.preventDefault();
    picked = { entry, day: dayOf(entry) };
    entry.classList.add("picked");
    aim(picked.day);
    say(`${titleOf(entry)} is picked up. Arrow keys choose a day, Enter puts it there, Escape leaves it.`);
    return;
  }
  if (!picked) return;
  if (e.key in steps) {
    e.preventDefault();
    const list = days();
    const to = list[list.indexOf(picked.day) + steps[e.key]];
    if (!to) { say("Go to that month first."); return; }
    picked.day = to;
    aim(to);
    to.scrollIntoView({ block: "nearest" });
    say($(".date", to).textContent.trim().replace(/\s+/g, " "));
  } else if (e.key === "Enter") {
    e.preventDefault();
    const { entry: chosen, day } = picked;
    letGo();
    if (day !== dayOf(chosen)) move(chosen.dataset.id, titleOf(chosen), day.dataset.day);
  } else if (e.key === "Escape" || e.key === "Tab") {
    letGo();
    say("It stays where it was.");
  }
});
