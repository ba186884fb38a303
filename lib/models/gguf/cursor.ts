import { GgufError } from './ggufError.ts';

/** A file, or what stands for one. `read` gives exactly `length` bytes from `at`, both within `bytes`. */
export interface ByteReader {
  bytes: number;
  read(at: number, length: number): Promise<Uint8Array>;
}

const CHUNK_BYTES = 1_048_576;
/** The largest known headers, with a vocabulary of 250,000 words, have 20 MiB. */
const HEADER_MAX_BYTES = 268_435_456;
/** Chat templates are the longest texts. */
const STRING_MAX_BYTES = 16_777_216;

/** Reads little-endian values one after the other, a chunk of the file at a time. */
export class Cursor {
  readonly #file: ByteReader;
  #chunk: DataView = new DataView(new ArrayBuffer(0));
  #chunkAt = 0;
  #at = 0;

  constructor(file: ByteReader) {
    this.#file = file;
  }

  /** Bytes from the start of the file. */
  get at(): number {
    return this.#at;
  }

  async u32(): Promise<number> {
    return (await this.view(4)).getUint32(0, true);
  }

  /** Counts and sizes; throws for what no file can have. */
  async u64(): Promise<number> {
    const value = Number((await this.view(8)).getBigUint64(0, true));
    if (Number.isSafeInteger(value)) return value;
    throw new GgufError('damaged', `damaged: byte ${this.#at - 8} holds the number ${value}`);
  }

  async string(): Promise<string> {
    const length = await this.u64();
    if (length > STRING_MAX_BYTES) {
      throw new GgufError('damaged', `damaged: a text of ${length} bytes at byte ${this.#at}`);
    }
    const { buffer, byteOffset } = await this.view(length);
    return new TextDecoder().decode(new Uint8Array(buffer, byteOffset, length));
  }

  async skipString(): Promise<void> {
    this.skip(await this.u64());
  }

  /** What is skipped is not read, but must be there. */
  skip(length: number): void {
    this.#require(length);
    this.#at += length;
  }

  async view(length: number): Promise<DataView> {
    this.#require(length);
    const end = this.#chunkAt + this.#chunk.byteLength;
    if (this.#at < this.#chunkAt || this.#at + length > end) await this.#fill(length);
    const offset = this.#chunk.byteOffset + this.#at - this.#chunkAt;
    this.#at += length;
    return new DataView(this.#chunk.buffer, offset, length);
  }

  async #fill(length: number): Promise<void> {
    const most = Math.min(Math.max(length, CHUNK_BYTES), this.#file.bytes - this.#at);
    const { buffer, byteOffset, byteLength } = await this.#file.read(this.#at, most);
    this.#chunk = new DataView(buffer, byteOffset, byteLength);
    this.#chunkAt = this.#at;
  }

  #require(length: number): void {
    if (length > this.#file.bytes - this.#at) {
      throw new GgufError(
        'truncated',
        `truncated: its header goes on beyond its end at ${this.#file.bytes} bytes`,
      );
    }
    if (this.#at + length > HEADER_MAX_BYTES) {
      throw new GgufError(
        'damaged',
        `damaged: its header is larger than ${HEADER_MAX_BYTES} bytes`,
      );
    }
  }
}
