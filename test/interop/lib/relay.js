// A TCP relay in front of the gateway that can be taken away: to a client that is a gateway which restarts.

import { once } from 'node:events';
import net from 'node:net';

export class Relay {
  #target;
  #server;
  #port = 0;
  #sockets = new Set();

  constructor(address) {
    const { hostname, port, protocol } = new URL(address);
    this.#target = { host: hostname, port: Number(port || (protocol === 'wss:' ? 443 : 80)) };
    this.protocol = protocol;
  }

  get address() {
    return `${this.protocol}//127.0.0.1:${this.#port}`;
  }

  // up listens, at the same port each time.
  async up() {
    this.#server = net.createServer((client) => {
      const server = net.connect(this.#target);
      for (const [from, to] of [[client, server], [server, client]]) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = this.#server.address().port;
  }

  // down cuts every connection, without a closing handshake, and refuses new ones.
  async down() {
    if (!this.#server.listening) {
      return;
    }
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await closed;
  }
}
