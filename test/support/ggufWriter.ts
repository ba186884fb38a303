import { f32, text, u32, u64 } from '../../scripts/bench/fit/ggufBytes.ts';

const TYPE = { u32: 4, i32: 5, f32: 6, flag: 7, text: 8, list: 9 } as const;
const ALIGNMENT = 32;

interface Tensor {
  name: string;
  dimensions: readonly number[];
  data: Buffer;
}

/** Writes GGUF version 3 with tensors in single precision. */
export class GgufWriter {
  readonly #entries: Buffer[] = [];
  readonly #tensors: Tensor[] = [];

  u32(key: string, value: number): void {
    this.#entry(key, TYPE.u32, u32(value));
  }

  f32(key: string, value: number): void {
    this.#entry(key, TYPE.f32, f32(value));
  }

  flag(key: string, value: boolean): void {
    this.#entry(key, TYPE.flag, Buffer.from([value ? 1 : 0]));
  }

  text(key: string, value: string): void {
    this.#entry(key, TYPE.text, text(value));
  }

  texts(key: string, values: readonly string[]): void {
    this.#list(key, TYPE.text, values.map(text));
  }

  floats(key: string, values: readonly number[]): void {
    this.#list(key, TYPE.f32, values.map(f32));
  }

  integers(key: string, values: readonly number[]): void {
    this.#list(key, TYPE.i32, values.map(u32));
  }

  /** Dimensions as GGUF orders them, the fastest first. */
  tensor(name: string, dimensions: readonly number[], fill: () => number): void {
    const size = dimensions.reduce((product, length) => product * length, 1);
    const values = Float32Array.from({ length: size }, fill);
    this.#tensors.push({ name, dimensions, data: Buffer.from(values.buffer) });
  }

  /** The whole file. */
  end(): Buffer {
    const counts = [u64(this.#tensors.length), u64(this.#entries.length)];
    const head = padded(
      Buffer.concat([Buffer.from('GGUF'), u32(3), ...counts, ...this.#entries, ...this.#infos()]),
    );
    return Buffer.concat([head, ...this.#tensors.map(({ data }) => padded(data))]);
  }

  #infos(): Buffer[] {
    let offset = 0;
    return this.#tensors.map(({ name, dimensions, data }) => {
      const at = offset;
      offset += padded(data).length;
      const shape = [u32(dimensions.length), ...dimensions.map(u64)];
      return Buffer.concat([text(name), ...shape, u32(0), u64(at)]);
    });
  }

  #entry(key: string, type: number, value: Buffer): void {
    this.#entries.push(Buffer.concat([text(key), u32(type), value]));
  }

  #list(key: string, type: number, values: readonly Buffer[]): void {
    this.#entry(key, TYPE.list, Buffer.concat([u32(type), u64(values.length), ...values]));
  }
}

function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % ALIGNMENT;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(ALIGNMENT - rest)]);
}
