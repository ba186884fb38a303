import { execa } from 'execa';
import { Complaint } from '../complaint.ts';
import { EXIT } from '../exitCode.ts';
import type { Host } from '../host.ts';
import { type Accelerator, needsOf } from './binaries.ts';

/**
 * Loads the binary and asks it what it is: proof that it runs here. The library tries the binary in a process of its own,
 * which must not inherit --eval.
 */
const proof = (gpu: string) => `
process.execArgv = [];
const { getLlama } = await import('node-llama-cpp');
const llama = await getLlama({ gpu: '${gpu}', build: 'never', skipDownload: true, progressLogs: false });
console.log(JSON.stringify({ gpu: llama.gpu, system: llama.systemInfo }));
process.exit(0);
`;
const MOST_MS = 60_000;

/** Starts the runtime that lies in a folder, as a worker would. Throws a `Complaint`, or the signal's reason. */
export async function prove(
  folder: string,
  accelerator: Accelerator | undefined,
  { interrupted }: Pick<Host, 'interrupted'>,
): Promise<string> {
  const argv = ['--input-type=module', '--eval', proof(accelerator ?? 'auto')];
  const ran = await execa(process.execPath, argv, {
    cwd: folder,
    cancelSignal: interrupted,
    // The processes of models have no environment either: what only works with one would not work later.
    extendEnv: false,
    env: {},
    reject: false,
    timeout: MOST_MS,
  });
  interrupted.throwIfAborted();
  if (!ran.failed) return ran.stdout.split('\n').at(-1) ?? '';
  const needs = accelerator === undefined ? [] : [`it needs ${needsOf(accelerator)}`];
  throw new Complaint(EXIT.unexpected, {
    what: 'the runtime does not start on this machine, so it was not installed',
    why: [...ran.stderr.trim().split('\n').slice(-5), ...needs],
    next:
      accelerator === 'cuda'
        ? 'install those, or: agentctl models runtime install --gpu vulkan'
        : 'start a model server on this machine, or name one in MODEL_SERVERS',
  });
}
