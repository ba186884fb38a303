import type { inspectMachine } from '../../../lib/composeWorker.ts';
import { modelLabel } from '../render/modelLabel.ts';
import { type Check, fail, ok, warn } from './check.ts';
import { troubleChecks } from './serviceChecks.ts';

export type Machine = Awaited<ReturnType<typeof inspectMachine>>;

/** What this machine brings along: isolation proven by trying it, tools, GPU, models. */
export function machineChecks(machine: Machine): Check[] {
  return [
    ...sandboxChecks(machine.sandbox),
    ...toolchainChecks(machine.toolchains),
    gpuCheck(machine.gpu),
    ...modelsChecks(machine),
  ];
}

function sandboxChecks({ tier, detail, remedy, proved, limits }: Machine['sandbox']): Check[] {
  const fix = remedy ?? 'see the README, section sandbox';
  const text = `${tier}: ${detail}`;
  const claims = proved.map(({ claim, held }) =>
    held ? ok('sandbox', `proved: ${claim}`) : fail('sandbox', `does not hold: ${claim}`, fix),
  );
  if (tier === 'none') return [fail('sandbox', text, fix), ...claims];
  const isBest = tier === 'bubblewrap' && remedy === undefined;
  const first = isBest ? ok('sandbox', text) : warn('sandbox', text, fix);
  return [first, ...claims, ...limitsCheck(limits)];
}

/** Both hold; one of them to the byte. */
function limitsCheck(limits: Machine['sandbox']['limits']): Check[] {
  if (limits === undefined) return [];
  const check = ok('sandbox', `limits: ${limits.detail}`);
  return [limits.remedy === undefined ? check : { ...check, fix: limits.remedy }];
}

/** Languages, and the tools of which one is enough to judge them. */
const NEEDS = [
  { language: 'python', tools: ['python3', 'python'], fix: 'install Python 3' },
  { language: 'typescript', tools: ['node'], fix: 'install Node' },
  { language: 'java', tools: ['javac'], fix: 'install a JDK (21 for the Java example)' },
  { language: 'go', tools: ['go'], fix: 'install Go' },
  { language: 'rust', tools: ['cargo'], fix: 'install Rust' },
  { language: 'c', tools: ['gcc'], fix: 'install gcc' },
  { language: 'cpp', tools: ['g++'], fix: 'install g++' },
  { language: 'c and cpp', tools: ['make'], fix: 'install make; cmake for projects that use it' },
] as const;

function toolchainChecks(toolchains: Machine['toolchains']): Check[] {
  const found = toolchains.map(({ tool, version, path }) =>
    ok('tool', `${tool} ${version} (${path})`),
  );
  const missing = NEEDS.filter(
    ({ tools }) => !toolchains.some(({ tool }) => tools.some((name) => name === tool)),
  );
  return [
    ...found,
    ...missing.map(({ language, tools, fix }) =>
      warn('tool', `no ${tools[0]}: results in ${language} cannot be proved`, fix),
    ),
  ];
}

function gpuCheck(gpu: Machine['gpu']): Check {
  if (gpu.kind === 'none') {
    return warn('gpu', gpu.why, 'none is needed, but a language model is slow without one');
  }
  const names = gpu.gpus.map(({ name, freeMiB, totalMiB }) =>
    totalMiB === null ? name : `${name}, ${gibibytes(freeMiB ?? 0)} of ${gibibytes(totalMiB)} free`,
  );
  return ok('gpu', names.join('; '));
}

function gibibytes(mebibytes: number): string {
  return `${(mebibytes / 1_024).toFixed(1)} GiB`;
}

function modelsChecks({ models, firstModel, troubles }: Machine): Check[] {
  const speaking = models.filter(({ llm }) => llm);
  if (speaking.length > 0) {
    const names = speaking.map((card) => `${card.id}${card.server ? ` on ${card.server}` : ''}`);
    return [ok('models', names.join(', ')), ...troubleChecks(troubles)];
  }
  const others = models.map((card) => modelLabel({ ...card, model: card.id })).join(', ');
  const looked = firstModel?.looked ?? 'no language model answers';
  const fix =
    firstModel?.next ??
    'start an OpenAI-compatible server (llama-server, vLLM, LM Studio) on this machine, or name it in MODEL_SERVERS';
  return [
    ...(firstModel === undefined ? [] : [ok('machine', firstModel.could)]),
    warn('models', `${looked}${others === '' ? '' : `; there is ${others}`}`, fix),
  ];
}
