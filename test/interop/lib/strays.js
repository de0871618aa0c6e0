// The client leaves some rejections to nobody: when a connection cannot be opened, and whenever one is closed. They end
// the process unless they are picked up here. A scenario that provokes one says so; any other is a failure.

const closing = /^Reconnect disabled$/; // whenever a client is closed, some time later

class Strays {
  #found = [];
  #expected = [];

  constructor() {
    process.on('unhandledRejection', (reason) => {
      const text = String(reason);
      if (!closing.test(text)) {
        this.#found.push(text);
      }
    });
  }

  // expect allows strays whose text matches, until the next check.
  expect(pattern) {
    this.#expected.push(pattern);
  }

  // check throws if there are strays that nothing expects.
  check() {
    const unexpected = this.#found.filter((text) => !this.#expected.some((pattern) => pattern.test(text)));
    this.forget();
    if (unexpected.length > 0) {
      throw new Error(`rejected, and nobody handles it: ${unexpected.join('; ')}`);
    }
  }

  forget() {
    this.#found = [];
    this.#expected = [];
  }
}

export const strays = new Strays();
