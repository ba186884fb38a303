import type { machineProbe } from '../../../lib/composeWorker.ts';
import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';
import type { Accelerator, GpuChoice } from './binaries.ts';

type Reading = Awaited<ReturnType<ReturnType<typeof machineProbe>['read']>>;

interface Chosen {
  accelerator: Accelerator | undefined;
  /** Why, and what else there is, for a person. */
  note: string;
}

/** Which binary serves this machine. Throws a `Complaint` when one for a GPU is asked for and there is none. */
export function chooseAccelerator(
  choice: GpuChoice,
  reading: Reading,
  platform = process.platform,
): Chosen {
  if (platform === 'darwin') return { accelerator: undefined, note: 'on a Mac Metal is in it' };
  const fit = fitting(reading);
  if (choice === 'cuda' || choice === 'vulkan') requireGpu(choice, fit, reading);
  const accelerator = choice === 'auto' ? fit : asked(choice);
  if (accelerator !== undefined) {
    return { accelerator, note: `for ${namesOf(reading)}: ${accelerator}` };
  }
  const hint = fit === undefined ? whyNone(reading) : `to use ${namesOf(reading)}: --gpu ${fit}`;
  return { accelerator, note: `for the processor; ${hint}` };
}

function asked(choice: GpuChoice): Accelerator | undefined {
  return choice === 'cuda' || choice === 'vulkan' ? choice : undefined;
}

/** Vulkan drives NVIDIA's GPUs, too. */
function requireGpu(choice: Accelerator, fit: Accelerator | undefined, reading: Reading): void {
  if (fit === 'cuda' || choice === fit) return;
  throw new Complaint(EXIT.rejected, {
    what: `the runtime for ${choice} has no GPU to run on`,
    why: [fit === undefined ? whyNone(reading) : `there is ${namesOf(reading)}`],
    next: `agentctl models runtime install${fit === undefined ? '' : ` --gpu ${fit}`}`,
  });
}

/** NVIDIA's ids start with its own word; what else tells of its memory is AMD's, which Vulkan drives. */
function fitting(reading: Reading): Accelerator | undefined {
  if (reading.kind === 'none') return undefined;
  return reading.gpus.some(({ id }) => id.startsWith('GPU-')) ? 'cuda' : 'vulkan';
}

function namesOf(reading: Reading): string {
  return reading.kind === 'none' ? '' : reading.gpus.map(({ name }) => name).join(', ');
}

function whyNone(reading: Reading): string {
  return reading.kind === 'none' ? `no GPU was found (${reading.why})` : '';
}
