const text = document.getElementById("text");
const gutter = document.getElementById("gutter");

// The longest text, in characters: browsers freeze over what is much longer.
export const longest = 256 * 1024;

// So many lines are numbered at most.
const numbered = 5000;

// onTooLong calls a function for what would make the text too long, instead of
// writing it.
export function onTooLong(say) {
  text.addEventListener("beforeinput", (event) => {
    const written = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
    const replaced = text.selectionEnd - text.selectionStart;
    if (text.value.length - replaced + written.length > longest) {
      event.preventDefault();
      say();
    }
  });
}

// number writes the numbers of the lines, those of marked ones in red.
export function number(marked) {
  const last = Math.min(text.value.split("\n", numbered).length, numbered);
  const parts = [];
  let plain = "";
  for (let line = 1; line <= last; line++) {
    if (!marked.has(line)) {
      plain += line + "\n";
      continue;
    }
    const b = document.createElement("b");
    b.textContent = line;
    parts.push(plain, b);
    plain = "\n";
  }
  gutter.replaceChildren(...parts, plain + "\n\n");
  follow();
}

function follow() {
  gutter.scrollTop = text.scrollTop;
}
text.addEventListener("scroll", follow);

// goTo moves the cursor to a line and column, in characters from 1, and selects
// what stands there to the end of the word or line.
export function goTo({ line, column }) {
  let start = 0;
  for (let n = 1; n < line; n++) {
    const end = text.value.indexOf("\n", start);
    if (end < 0) {
      break;
    }
    start = end + 1;
  }
  for (let n = 1; n < column && start < text.value.length && text.value[start] !== "\n"; n++) {
    start += text.value.codePointAt(start) > 0xffff ? 2 : 1;
  }
  const rest = text.value.slice(start, start + 200).match(/^[^,\n\]]*/)[0];
  text.focus();
  text.setSelectionRange(start, start + rest.replace(/\s+(#.*)?$/, "").length);
  const lineHeight = 20;
  text.scrollTop = Math.max(0, (line - 1) * lineHeight - text.clientHeight / 2);
}
