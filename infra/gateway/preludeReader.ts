import { ResponseHead } from './proxyResult.ts';

const SEPARATOR = Buffer.alloc(8);
const LIMIT_BYTES = 64 * 1024;

/** The head of a streamed answer, cut from its first bytes: JSON, 8 NUL bytes, then the body. */
export class PreludeReader {
  #seen = Buffer.alloc(0);

  /** The head and the first bytes of the body once the separator has been seen. Throws for an unreadable prelude. */
  push(chunk: Buffer): { head: ResponseHead; rest: Buffer } | undefined {
    this.#seen = Buffer.concat([this.#seen, chunk]);
    const at = this.#seen.indexOf(SEPARATOR);
    if (at >= 0) {
      const head = ResponseHead.parse(JSON.parse(this.#seen.subarray(0, at).toString('utf8')));
      return { head, rest: this.#seen.subarray(at + SEPARATOR.length) };
    }
    if (this.#seen.length > LIMIT_BYTES) {
      throw new Error(`no end of the prelude in the first ${LIMIT_BYTES} bytes of the stream`);
    }
    return undefined;
  }
}
