import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import dynalite from 'dynalite';

/** dynalite, in memory, behind a listener that is not its own. */
export function createDynamoDb() {
  const server: Server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  return {
    /**
     * dynalite gets a copy of the request: on the socket's own it throws, outside of any handler, when a client leaves
     * in the middle of its body.
     */
    answer(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
      const { method, url, headers } = request;
      const copy = Object.assign(Readable.from([body], { objectMode: false }), {
        method,
        url,
        headers,
      });
      server.emit('request', copy, response);
    },
    /** The listener never listened, so that closing it reports an error; the tables are in memory and go with it. */
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
