// How a session says which acknowledgements it will send. The client does not know of that, but lets whoever authenticates it
// add to the URL.

export class Declaring {
  #labels;

  constructor(labels) {
    this.#labels = labels;
  }

  authenticateWithUrl(url) {
    if (this.#labels.length === 0) {
      return url;
    }
    return url.withParams([...url.queryParams, `declared-acks=${encodeURIComponent(this.#labels.join(','))}`]);
  }

  authenticateWithHeaders(headers) {
    return headers;
  }
}
