// Hangs new pins without loading the page again: the reader keeps the place, the pictures do not flicker, and what
// hung there stays when the rehearsal has ended.
"use strict";

function hang(page) {
  const next = page.querySelector("main");
  for (const pin of next.querySelectorAll("article")) {
    const old = document.getElementById(pin.id);
    if (old) {
      old.classList.remove("new");
      pin.replaceWith(old);
    } else {
      pin.classList.add("new");
    }
  }
  document.querySelector("main").replaceWith(next);
  document.title = page.title;
}

async function look() {
  let over = true;
  try {
    const answer = await fetch("/wall");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    over = !answer.ok;
    const pins = (of) => Array.from(of.querySelectorAll("article"), (pin) => pin.id).join();
    if (answer.ok && pins(page) !== pins(document)) hang(page);
  } catch {
    // nobody answers
  }
  document.querySelector(".over").hidden = !over;
  setTimeout(look, 2000);
}

setTimeout(look, 2000);
