// A subscription of the client and the signals that came for it: events, messages or commands.

import { Queue } from './wait.js';

export class Watch {
  #events = new Queue();
  #handle;
  #id;

  // subscribe gets the handle and a callback, and returns the id of the subscription.
  constructor(handle, subscribe) {
    this.#handle = handle;
    this.#id = subscribe(handle, (event) => this.#events.put(event));
  }

  // next waits for an event and returns what counts of it.
  async next() {
    const { topic, action, path, value } = await this.take();
    return { topic, action, path, value };
  }

  // take waits for a signal and returns it with its headers.
  take() {
    return this.#events.take('a signal');
  }

  // pending is how many events are there already.
  get pending() {
    return this.#events.size;
  }

  end() {
    this.#handle.deleteSubscription(this.#id);
  }
}
