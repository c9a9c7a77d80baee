// How long the rules may take for one text, in milliseconds.
const patience = 30_000;

// Asker asks the rules about texts, one at a time: of those that come while they
// are busy only the last counts. Where they fail or take too long it says so, and
// starts them anew.
export class Asker {
  #worker;
  #timer;
  #number = 0;
  #waiting = null; // the text to ask about next
  #busy = true; // until they are ready
  #started = false;

  // onReady gets the samples, once; onPage what to show of a text; onFailure a
  // message.
  constructor({ onReady, onPage, onFailure }) {
    Object.assign(this, { onReady, onPage, onFailure });
    this.#start();
  }

  ask(text, exclusive) {
    this.#waiting = { text, exclusive };
    this.#next();
  }

  #start() {
    this.#busy = true;
    this.#worker = new Worker("rules.js");
    this.#worker.onmessage = (event) => this.#answer(event.data);
    this.#worker.onerror = (event) => this.#fail(event.message);
  }

  #next() {
    if (this.#busy || !this.#waiting) {
      return;
    }
    this.#busy = true;
    this.#number++;
    this.#worker.postMessage({ number: this.#number, ...this.#waiting });
    this.#waiting = null;
    this.#timer = setTimeout(() => this.#fail("they took too long"), patience);
  }

  #answer({ samples, number, page, failed }) {
    if (failed) {
      this.#fail(failed);
      return;
    }
    clearTimeout(this.#timer);
    this.#busy = false;
    if (samples && !this.#started) {
      this.#started = true;
      this.onReady(samples);
    } else if (number === this.#number) {
      this.onPage(page);
    }
    this.#next();
  }

  #fail(why) {
    clearTimeout(this.#timer);
    this.#worker.terminate();
    if (this.#started) {
      this.onFailure(`The rules gave up on this text: ${why}. Change it, and they try again.`);
      this.#start();
    } else {
      this.onFailure(`The rules could not be started: ${why}. Try a current browser, or build the page again.`);
    }
  }
}
