import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';
import type { ModelCard } from '../../../lib/models/card.ts';
import { writeHeaderFile } from './headerFile.ts';
import { modelHeader } from './modelHeader.ts';
import { SHAPES } from './shapes.ts';

const Line = z.union([
  z.object({ id: z.string(), bytes: z.array(z.int()) }),
  z.object({ id: z.string(), why: z.string() }),
]);

export interface Simulated {
  /** Of the tensors that the header lists. */
  weights: number;
  /** Cache and compute buffer, for each context; a text: why llama.cpp did not tell. */
  bytes: readonly number[] | string;
}

/** llama.cpp's own reckoning for each card of which the shape is known, by the card's id. */
export async function simulateFit(
  cards: readonly ModelCard[],
  contexts: readonly number[],
  runtime: string,
): Promise<Map<string, Simulated>> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-fit-'));
  try {
    const files = cards.flatMap(({ id, dimensions, context_tokens }) => {
      const shape = SHAPES[id];
      if (shape === undefined || dimensions === undefined) return [];
      const path = join(folder, `${id}.gguf`);
      const { metadata, tensors } = modelHeader({ id, dimensions, context_tokens }, shape);
      return [{ id, path, weights: writeHeaderFile(path, metadata, tensors) }];
    });
    const asked = JSON.stringify({ runtime, contexts, files });
    const script = join(import.meta.dirname, 'simulate.mjs');
    const { stdout } = await execa(process.execPath, [script, asked]);
    const told = new Map(stdout.split('\n').map((line) => answerOf(line)));
    return new Map(
      files.map(({ id, weights }) => [id, { weights, bytes: told.get(id) ?? 'no answer' }]),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function answerOf(line: string): [string, readonly number[] | string] {
  const read = Line.parse(JSON.parse(line));
  return [read.id, 'bytes' in read ? read.bytes : read.why];
}
