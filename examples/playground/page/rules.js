// The rules, in a worker: whatever text they are given, the page stays awake.

importScripts("wasm_exec.js");

let check;

// rulesAreReady is called by the program when it can be asked.
self.rulesAreReady = (function_, samples) => {
  check = function_;
  postMessage({ samples: JSON.parse(samples) });
};

self.onmessage = (event) => {
  const { number, text, exclusive } = event.data;
  postMessage({ number, page: JSON.parse(check(text, exclusive)) });
};

// program returns the compiled rules, unpacked here unless the server says that
// the browser has done that.
async function program() {
  const response = await fetch("rules.wasm.gz");
  if (!response.ok) {
    throw new Error("rules.wasm.gz: " + response.status);
  }
  const packed = !response.headers.get("Content-Encoding");
  const body = packed ? response.body.pipeThrough(new DecompressionStream("gzip")) : response.body;
  return new Response(body, { headers: { "Content-Type": "application/wasm" } });
}

async function run() {
  const go = new Go();
  const { instance } = await WebAssembly.instantiateStreaming(program(), go.importObject);
  await go.run(instance);
}

run().catch((error) => postMessage({ failed: String(error) }));
