import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { count } from '../render/text.ts';
import { isRuntimeInstalled, RUNTIME_LAYER } from '../runtime/installRuntime.ts';
import { type Check, ok, warn } from './check.ts';

export interface LocalRuntime {
  installed: boolean;
  /** `cuda`, `vulkan` or `metal`; undefined: it computes with the processor alone. */
  accelerator: string | undefined;
  /** GGUF files in AGENT_HOME/models. */
  models: number;
}

export function findLocalRuntime(agentHome: string, layer = RUNTIME_LAYER): LocalRuntime {
  const binaries = namesIn(join(layer, 'node_modules/@node-llama-cpp'));
  const kinds = binaries.flatMap((name) => /-(cuda|vulkan|metal)$/.exec(name)?.[1] ?? []);
  const models = namesIn(join(agentHome, 'models')).filter((name) => /\.gguf$/i.test(name)).length;
  return { installed: isRuntimeInstalled(layer), accelerator: kinds.sort()[0], models };
}

/** What runs the models in AGENT_HOME/models. Nothing is missing where there is none. */
export function runtimeCheck(
  { installed, accelerator, models }: LocalRuntime,
  gpu: { kind: 'gpus' | 'none' },
): Check[] {
  if (!installed) {
    const detail = `${count(models, 'model')} in AGENT_HOME/models and nothing that runs them`;
    return models === 0 ? [] : [warn('runtime', detail, 'agentctl models runtime install')];
  }
  if (accelerator !== undefined) return [ok('runtime', `llama.cpp for ${accelerator}`)];
  const detail = 'llama.cpp for the processor';
  if (gpu.kind === 'none') return [ok('runtime', detail)];
  const fix = 'agentctl models runtime install --gpu auto';
  return [warn('runtime', `${detail}: it does not use the GPU`, fix)];
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
