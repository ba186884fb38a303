import { Readable } from 'node:stream';
import type { OpenStreams } from '../app/openStreams.ts';

export interface StreamBodyOptions {
  streams: OpenStreams;
  /** Aborted when the reader has left, so that the source stops. */
  control: AbortController;
  /** A reader that takes nothing for so long is cut off; it may come back with its cursor. */
  stallMs: number;
}

/** Encoded text held for a reader at most, beside what the sockets hold. */
const BUFFERED_BYTES = 65_536;

/** Pulls chunks only as fast as the reader takes them. */
export function streamBody(chunks: AsyncIterable<string>, options: StreamBodyOptions): Readable {
  const { control } = options;
  const body = Readable.from(watched(chunks, options, stalled), {
    objectMode: false,
    highWaterMark: BUFFERED_BYTES,
  });
  body.once('close', () => control.abort());
  return body;

  function stalled(): void {
    body.destroy(new Error(`the reader took nothing for ${options.stallMs} ms`));
  }
}

/** A generator stands still at its `yield` exactly while the reader takes nothing. */
async function* watched(
  chunks: AsyncIterable<string>,
  { streams, stallMs }: StreamBodyOptions,
  onStall: () => void,
): AsyncGenerator<string> {
  streams.opened();
  try {
    for await (const chunk of chunks) {
      const timer = setTimeout(onStall, stallMs);
      try {
        yield chunk;
      } finally {
        clearTimeout(timer);
      }
    }
  } finally {
    streams.closed();
  }
}
