import { longest } from "./editor.js";

// A link carries the text behind its #, packed, so that no server sees it.

// pack returns what stands behind the # for a text.
export async function pack(text, exclusive) {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  let characters = "";
  for (const byte of bytes) {
    characters += String.fromCharCode(byte);
  }
  const packed = btoa(characters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return (exclusive ? "exclusive&" : "") + "text=" + packed;
}

// unpack returns the text and the switch of a link, null where there are none. It
// throws where the link is damaged, or its text is too long.
export async function unpack(fragment) {
  const found = fragment.match(/^#?(exclusive&)?text=([\w-]*)$/);
  if (!found) {
    return null;
  }
  const characters = atob(found[2].replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(characters, (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    size += value.length;
    if (size > longest) {
      await reader.cancel();
      throw new Error("its text is too long");
    }
    parts.push(value);
  }
  return { text: await new Blob(parts).text(), exclusive: Boolean(found[1]) };
}
