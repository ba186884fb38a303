import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GgufError } from '../../../../lib/models/gguf/ggufError.ts';
import { readGgufHeader } from '../../../../lib/models/gguf/ggufHeader.ts';
import { fileOf, ggufHeader } from '../../../support/ggufHeader.ts';

const Q4_K = 12;
const HEADER = ggufHeader({
  metadata: {
    'general.architecture': { text: 'qwen2' },
    'general.quantized': { flag: true },
    'qwen2.block_count': { u32: 28 },
    'qwen2.head_counts': { u32s: [4, 0, 4] },
    'tokenizer.ggml.tokens': { texts: ['a', 'b', 'c', 'ü'] },
  },
  tensors: [
    { name: 'token_embd.weight', shape: [256, 4], type: Q4_K, bytes: 576 },
    { name: 'output.weight', shape: [256, 2], type: Q4_K, bytes: 288 },
  ],
});
const WHOLE = HEADER.length + 576 + 288;

describe('the header of a GGUF file', () => {
  test('tells what is in it, and where the weights start', async () => {
    const header = await readGgufHeader(fileOf(HEADER, WHOLE));
    expect(header).toMatchObject({
      version: 3,
      parameters: 1_536,
      dataOffset: HEADER.length,
      fileBytes: WHOLE,
    });
    expect(Object.fromEntries(header.metadata)).toEqual({
      'general.architecture': 'qwen2',
      'general.quantized': true,
      'qwen2.block_count': 28,
      'qwen2.head_counts': { length: 3, items: [4, 0, 4] },
      'tokenizer.ggml.tokens': { length: 4 },
    });
  });

  test('is all that is read, however many gigabytes of weights follow', async () => {
    const tensors = [{ name: 'w', shape: [16_000_000_000], type: 8, bytes: 17_000_000_000 }];
    const head = ggufHeader({ metadata: {}, tensors });
    const file = fileOf(head, head.length + 17_000_000_000);
    expect((await readGgufHeader(file)).parameters).toBe(16_000_000_000);
    expect(file.readUpTo).toBeLessThanOrEqual(1_048_576);
  });

  test('of a vocabulary larger than one chunk is read as well', async () => {
    const texts = Array.from({ length: 150_000 }, (_, at) => `token-${at}`);
    const head = ggufHeader({ metadata: { tokens: { texts }, after: { u32: 7 } } });
    const { metadata } = await readGgufHeader(fileOf(head));
    expect(Object.fromEntries(metadata)).toEqual({ tokens: { length: 150_000 }, after: 7 });
  });
});

describe('a file that is no good', () => {
  test.each([
    ['nothing', Buffer.alloc(0), 'not a GGUF file: it has 0 bytes'],
    ['a web page', Buffer.from('<!DOCTYPE html>'), 'not a GGUF file: it starts with "<!DO"'],
    [
      'another format',
      Buffer.from('PK\u0003\u0004xxxx'),
      'not a GGUF file: it starts with "PK\\u0003\\u0004"',
    ],
    [
      'an old version',
      ggufHeader({ metadata: {}, version: 1 }),
      'a GGUF file that cannot be read: version 1 is not known, 2 and 3 are',
    ],
    [
      'big-endian',
      ggufHeader({ metadata: {}, version: 0x03000000 }),
      'a GGUF file that cannot be read: it was written for big-endian machines',
    ],
    [
      'the magic alone',
      Buffer.from('GGUF'),
      'truncated: its header goes on beyond its end at 4 bytes',
    ],
  ])('%s is told so', async (_, bytes, why) => {
    await expect(readGgufHeader(fileOf(bytes))).rejects.toThrow(why);
  });

  test('one that was cut in its weights tells how much there should be', async () => {
    await expect(readGgufHeader(fileOf(HEADER, WHOLE - 1))).rejects.toMatchObject({
      kind: 'truncated',
      message: `truncated: its weights end at ${WHOLE} bytes and the file has ${WHOLE - 1}`,
    });
  });

  test('wherever it was cut, it is told to be cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: HEADER.length - 1 }), async (length) => {
        const cut = readGgufHeader(fileOf(HEADER.subarray(0, length)));
        await expect(cut).rejects.toMatchObject({ name: 'GgufError', kind: 'truncated' });
      }),
    );
  });

  test('whatever bytes are wrong, it is read or refused with a reason, and soon', async () => {
    const change = fc.tuple(
      fc.integer({ min: 4, max: HEADER.length - 1 }),
      fc.integer({ min: 0, max: 255 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = Buffer.from(HEADER);
        for (const [at, value] of changes) bytes[at] = value;
        const ended = await readGgufHeader(fileOf(bytes, WHOLE)).catch((error: unknown) => error);
        const refused = ended instanceof GgufError;
        expect(
          refused || (typeof ended === 'object' && ended !== null && 'metadata' in ended),
        ).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('counts that no file can have are refused before anything is read for them', async () => {
    const head = Buffer.from(HEADER);
    head.writeBigUInt64LE(0xffff_ffff_ffff_ffffn, 8);
    await expect(readGgufHeader(fileOf(head))).rejects.toMatchObject({ kind: 'damaged' });
    head.writeBigUInt64LE(2n ** 40n, 8);
    await expect(readGgufHeader(fileOf(head))).rejects.toThrow('tensors');
  });
});
