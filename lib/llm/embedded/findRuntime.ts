import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

const MODULE = 'node_modules/node-llama-cpp/dist/index.js';

/** The module of the embedded runtime; undefined while it is not installed, which it only is on request. */
export function findLlamaRuntime(from: string = import.meta.dirname): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const module = join(folder, 'layers/llama', MODULE);
    if (existsSync(module)) return module;
    if (folder === dirname(folder)) return undefined;
  }
}

/** What a runtime was installed for beside the processor; undefined: nothing. CUDA tells its GPUs apart, so it goes first. */
export function acceleratorOf(runtime: string): 'cuda' | 'vulkan' | 'metal' | undefined {
  const binaries = join(runtime, '../../../@node-llama-cpp');
  if (!existsSync(binaries)) return undefined;
  const names = readdirSync(binaries);
  return (['cuda', 'metal', 'vulkan'] as const).find((kind) =>
    names.some((name) => name.endsWith(`-${kind}`)),
  );
}
