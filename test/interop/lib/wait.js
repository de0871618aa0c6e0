// Waiting that ends, one way or the other.

export const patience = 10_000; // milliseconds that anything may take before it counts as missing

// within resolves or rejects as promise does, and rejects if that takes too long.
export async function within(promise, what, milliseconds = patience) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing for ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Queue hands out what was put into it in order, and lets the taker wait for what is to come.
export class Queue {
  #items = [];
  #takers = [];

  put(item) {
    const taker = this.#takers.shift();
    if (taker) {
      taker(item);
    } else {
      this.#items.push(item);
    }
  }

  take(what) {
    if (this.#items.length > 0) {
      return Promise.resolve(this.#items.shift());
    }
    return within(new Promise((resolve) => this.#takers.push(resolve)), what);
  }

  get size() {
    return this.#items.length;
  }
}
