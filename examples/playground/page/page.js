import { Asker } from "./asker.js";
import { draw } from "./picture.js";
import { goTo, longest, number, onTooLong } from "./editor.js";
import { pack, unpack } from "./link.js";

const $ = (id) => document.getElementById(id);

// What the rules call a state, and what people read.
const badges = {
  kept: "kept", unbroken: "breaks no rule", duplicate: "duplicate", superseded: "superseded", broken: "refused",
};

// Links longer than this are not put into the address by themselves.
const shortLink = 8000;

let samples = [];

function make(tag, className, ...children) {
  const e = document.createElement(tag);
  e.className = className;
  e.append(...children);
  return e;
}

// lead returns a button that moves the cursor to a place in the text.
function lead(at, label) {
  if (!at || !at.line) {
    return "";
  }
  const place = `line ${at.line}, column ${at.column}`;
  const b = make("button", "", label ? label + " " + at.line : place);
  b.type = "button";
  b.title = place;
  b.addEventListener("click", () => goTo(at));
  return b;
}

function problem({ at, message }) {
  return make("li", "broken", make("p", "", message), lead(at));
}

function binding(b) {
  const rule = b.rule ? b.rule + " " : "";
  const item = make("li", b.state,
    make("span", "badge", rule + badges[b.state] + (b.rewritten ? ", rewritten (V0)" : "")),
    make("code", "", b.text),
    make("span", "places", lead(b.at, "line")));
  if (b.why) {
    item.append(make("p", "what", b.why), make("span", "places", lead(b.because, "see line")));
  }
  return item;
}

function service(s) {
  const title = make("h3", "", s.name, make("small", "", s.refused ? " is refused: nothing of it is kept" : ""));
  const list = make("ul", "", ...(s.bindings ?? []).map(binding));
  list.setAttribute("aria-label", "Bindings of " + s.name);
  return make("article", s.refused ? "refused" : "", title, ...(s.problems ?? []).map((p) => make("p", "", p)), list);
}

function markedLines(page) {
  const broken = (page.services ?? []).flatMap((s) => (s.bindings ?? []).filter((b) => b.state === "broken"));
  return new Set([...(page.problems ?? []), ...broken].map((x) => x.at.line));
}

function show(page) {
  $("summary").textContent = page.summary;
  $("summary").dataset.verdict = page.verdict;
  $("problems").replaceChildren(...(page.problems ?? []).map(problem));
  $("picture").replaceChildren(...(page.picture ? [draw(page.picture, goTo)] : []));
  $("omitted").textContent = page.picture?.omitted ?? "";
  $("services").replaceChildren(...(page.services ?? []).map(service));
  $("unlisted").textContent = page.unlisted ?? "";
  $("summary").setAttribute("aria-busy", "false");
  number(markedLines(page));
  keepInAddress();
}

const asker = new Asker({
  onReady: begin,
  onPage: show,
  onFailure: (message) => show({ verdict: "unreadable", summary: message }),
});

function ask() {
  $("summary").setAttribute("aria-busy", "true");
  asker.ask($("text").value, $("exclusive").checked);
}

function put({ text, exclusive }) {
  $("text").value = text;
  $("exclusive").checked = exclusive;
  $("text").setSelectionRange(0, 0);
  ask();
}

function choose(index) {
  $("samples").value = index;
  put({ text: samples[index].text, exclusive: samples[index].exclusive_ports });
}

async function begin(all) {
  samples = all;
  $("samples").append(new Option("your own", ""), ...samples.map((s, i) => new Option(s.title, i)));
  if ($("text").value) {
    ask(); // written while the rules were loading
  } else if (!(await openLink())) {
    choose(0);
  }
}

// openLink shows the text of the address, if it has one.
async function openLink() {
  try {
    const linked = await unpack(location.hash);
    if (linked) {
      $("samples").value = "";
      put(linked);
    }
    return Boolean(linked);
  } catch (error) {
    $("shared").textContent = `The link cannot be read: ${error.message}.`;
    return false;
  }
}

// keepInAddress lets a reload, or a copy of the address, give the same.
async function keepInAddress() {
  const text = $("text").value;
  const fragment = text.length < 10 * shortLink ? await pack(text, $("exclusive").checked) : "";
  if (text === $("text").value) {
    history.replaceState(null, "", fragment && fragment.length <= shortLink ? "#" + fragment : location.pathname);
  }
}

async function share() {
  const link = new URL(location.pathname + "#" + (await pack($("text").value, $("exclusive").checked)), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    $("shared").textContent = "The link is copied.";
  } catch {
    history.replaceState(null, "", link);
    $("shared").textContent = "The link is in the address bar.";
  }
}

$("text").addEventListener("input", () => {
  $("samples").value = "";
  $("shared").textContent = "";
  ask();
});
onTooLong(() => {
  $("shared").textContent = `That is too long for this page, which takes ${longest / 1024} KiB; check it with bindcheck.`;
});
$("exclusive").addEventListener("change", ask);
$("samples").addEventListener("change", () => $("samples").value && choose($("samples").value));
$("share").addEventListener("click", share);
window.addEventListener("hashchange", openLink);
