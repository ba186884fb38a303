import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import {
  createEmbedded,
  type Embedded,
  type EmbeddedOptions,
} from '../../lib/llm/adapters/embedded.ts';
import { findLlamaRuntime } from '../../lib/llm/embedded/findRuntime.ts';
import { onProcessor } from '../../lib/llm/embedded/place.ts';
import { makeTinyGguf } from './tinyGguf.ts';

/** Skips a test where the embedded runtime is not installed: it is never installed unasked. */
export function requireRuntime(ctx: Pick<TestContext, 'skip'>): string {
  const runtime = findLlamaRuntime();
  if (runtime !== undefined && existsSync(runtime)) return runtime;
  return ctx.skip('the embedded runtime is not installed: agentctl models runtime install');
}

export interface TinyModel {
  provider: Embedded;
  file: string;
  close(): Promise<void>;
}

export type TinyOptions = Partial<EmbeddedOptions> & { slots?: number };

/** A provider over the tiny model: one thread, one slot, bodies of a few short lines, on the processor. */
export function openTinyModel(runtime: string, options: TinyOptions = {}): TinyModel {
  const { slots = 1, ...given } = options;
  const folder = mkdtempSync(join(tmpdir(), 'agent-tiny-'));
  const file = join(folder, 'tiny.gguf');
  writeFileSync(file, makeTinyGguf());
  const provider = createEmbedded({
    name: 'tiny',
    runtime,
    model: file,
    contextTokens: 2_048,
    sizes: [{ slots, mib: 1_024 }],
    findPlace: onProcessor,
    threads: 1,
    bodyLimit: { lines: 6, columns: 30 },
    ...given,
  });
  return {
    provider,
    file,
    close: async () => {
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
