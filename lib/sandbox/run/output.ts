import type { Readable } from 'node:stream';

/** Collects stdout and stderr up to a number of bytes for both together. */
export class Output {
  truncated = false;
  readonly #chunks: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
  #left: number;
  readonly #onFull: () => void;

  constructor(maxBytes: number, onFull: () => void) {
    this.#left = maxBytes;
    this.#onFull = onFull;
  }

  /** Resolves when the stream has ended; goes on reading past the limit, so that nobody blocks on a full pipe. */
  async read(name: 'stdout' | 'stderr', stream: Readable): Promise<void> {
    for await (const chunk of stream) this.#take(name, chunk);
  }

  text(name: 'stdout' | 'stderr'): string {
    return Buffer.concat(this.#chunks[name]).toString('utf8');
  }

  #take(name: 'stdout' | 'stderr', chunk: Buffer): void {
    const fits = chunk.subarray(0, this.#left);
    this.#left -= fits.length;
    if (fits.length > 0) this.#chunks[name].push(fits);
    if (fits.length === chunk.length || this.truncated) return;
    this.truncated = true;
    this.#onFull();
  }
}
