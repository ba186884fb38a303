import { Readable } from 'node:stream';
import type { OpenStreams } from '../app/openStreams.ts';

export interface StreamBodyOptions {
  streams: OpenStreams;
  /** Aborted when the body is over, whoever ended it, so that a waiting source stops. */
  control: AbortController;
  /** A reader that takes nothing for so long is cut off; it may come back with its cursor. */
  stallMs: number;
}

/** Encoded text held for a reader at most, beside what the sockets hold. */
const BUFFERED_BYTES = 65_536;

/**
 * Pulls chunks only as fast as the reader takes them. Not `Readable.from`: that one waits for the source's pending chunk
 * before it closes, and the source of a silent stream would never learn that its reader has left.
 */
export function streamBody(chunks: AsyncIterable<string>, options: StreamBodyOptions): Readable {
  const { streams, control, stallMs } = options;
  const source = chunks[Symbol.asyncIterator]();
  let isOpen = false;
  let stall: NodeJS.Timeout | undefined;

  const body = new Readable({
    highWaterMark: BUFFERED_BYTES,
    read() {
      clearTimeout(stall);
      if (!isOpen) streams.opened();
      isOpen = true;
      void pull();
    },
    destroy(error, done) {
      clearTimeout(stall);
      if (isOpen) streams.closed();
      isOpen = false;
      control.abort();
      // What a source says once its reader has left is of no use to anybody.
      source.return?.().then(undefined, () => undefined);
      done(error);
    },
  });
  return body;

  /** Never rejects: a failing source fails the body. */
  async function pull(): Promise<void> {
    try {
      const { done, value } = await source.next();
      if (body.destroyed) return;
      stall = setTimeout(cutOff, stallMs);
      body.push(done === true ? null : value);
    } catch (error) {
      body.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** The next read comes as soon as there is room: without one, the reader takes nothing. */
  function cutOff(): void {
    body.destroy(new Error(`the reader took nothing for ${stallMs} ms`));
  }
}
