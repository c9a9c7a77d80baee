// Draws a picture whose layout the rules have made.

const chipHeight = 22;

function element(name, attributes, ...children) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    e.setAttribute(key, value);
  }
  e.append(...children);
  return e;
}

function box(b) {
  return element("g", { class: b.kind },
    element("rect", { x: b.x, y: b.y, width: b.width, height: b.height, rx: b.kind === "host" ? 10 : 6 }),
    element("text", { x: b.x + 12, y: b.y + (b.kind === "host" ? 30 : 22) }, b.label));
}

function column(c, height) {
  const middle = c.x + c.width / 2;
  return element("g", { class: "column" + (c.refused ? " refused" : "") },
    element("line", { x1: middle, x2: middle, y1: 50, y2: height - 20 }),
    element("text", { x: c.x, y: 42 }, c.name));
}

function chip(c, goTo) {
  const middle = c.y + chipHeight / 2;
  const g = element("g", { class: "chip " + c.state },
    element("title", {}, `${c.text}: ${c.state}, line ${c.at.line}`),
    element("rect", { x: c.x, y: c.y, width: c.width, height: chipHeight, rx: 11 }),
    element("text", { x: c.x + c.width / 2, y: middle + 4, "text-anchor": "middle" }, c.text));
  if (c.state === "superseded" || c.state === "duplicate") {
    g.append(element("line", { x1: c.x + 4, x2: c.x + c.width - 4, y1: middle, y2: middle }));
  }
  g.addEventListener("click", () => goTo(c.at));
  return g;
}

// draw returns a picture as SVG. goTo is called with the place in the text of a
// binding that is clicked.
export function draw(p, goTo) {
  const svg = element("svg", {
    role: "img", "aria-label": p.description,
    width: p.width, height: p.height, viewBox: `0 0 ${p.width} ${p.height}`,
  });
  svg.append(
    ...p.boxes.map(box),
    ...p.columns.map((c) => column(c, p.height)),
    ...p.lines.map((l) => element("path", { class: "clash", "data-rule": l.rule, d: l.path })),
    ...p.chips.map((c) => chip(c, goTo)));
  return svg;
}
