import { freemem } from 'node:os';
import { execa } from 'execa';
import type { GpuReading, VramProbe } from '../gpu.ts';
import { parseSmiOutput, QUERIED_FIELDS } from '../smiOutput.ts';

export interface NvidiaSmiOptions {
  /** The tool to run; found on the PATH when it is a bare name. */
  command?: string;
  /** A broken driver lets the tool hang, sometimes so that it cannot even be killed. */
  timeoutMs?: number;
}

const ARGUMENTS = [`--query-gpu=${QUERIED_FIELDS}`, '--format=csv,noheader,nounits'];
const BYTES_PER_MIB = 1_048_576;

/** Asks NVIDIA's own tool. Every reading runs it anew, which takes tens of milliseconds, seconds on a cold driver. */
export function createNvidiaSmiProbe(options: NvidiaSmiOptions = {}): VramProbe {
  const { command = 'nvidia-smi', timeoutMs = 5_000 } = options;
  return { read: (signal) => read(command, timeoutMs, signal) };
}

async function read(command: string, timeoutMs: number, signal?: AbortSignal): Promise<GpuReading> {
  const ramFreeMiB = Math.floor(freemem() / BYTES_PER_MIB);
  const asked = await ask(command, timeoutMs, signal);
  if (asked.kind === 'failed') return { kind: 'none', why: asked.why, ramFreeMiB };
  const output = parseSmiOutput(asked.output);
  return output.kind === 'gpus'
    ? { kind: 'gpus', gpus: output.gpus, ramFreeMiB }
    : { kind: 'none', why: output.why, ramFreeMiB };
}

type Asked = { kind: 'output'; output: string } | { kind: 'failed'; why: string };

async function ask(command: string, timeoutMs: number, signal?: AbortSignal): Promise<Asked> {
  const given = signal === undefined ? [] : [signal];
  const cancelSignal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...given]);
  if (cancelSignal.aborted) return { kind: 'failed', why: 'the reading was cancelled' };
  const run = execa(command, ARGUMENTS, {
    cancelSignal,
    forceKillAfterDelay: 100,
    maxBuffer: 1_000_000,
    reject: false,
    stdin: 'ignore',
  });
  const ran = await Promise.race([run, fired(cancelSignal)]);
  if (ran === 'fired' || ran.isCanceled) {
    const cancelled = signal?.aborted === true;
    const why = cancelled ? 'the reading was cancelled' : `${command} hung for ${timeoutMs} ms`;
    return { kind: 'failed', why };
  }
  if (ran.failed) return { kind: 'failed', why: whyFailed(command, ran) };
  return { kind: 'output', output: ran.stdout };
}

/** A process that hangs in the driver survives SIGKILL: the reading must not wait for its end. */
function fired(signal: AbortSignal): Promise<'fired'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('fired'), { once: true });
  });
}

function whyFailed(
  command: string,
  ran: Partial<Record<'code' | 'stdout' | 'stderr', string | undefined>> & {
    exitCode?: number | undefined;
  },
): string {
  if (ran.code === 'ENOENT') return `${command} is not installed`;
  if (ran.exitCode === undefined) return `${command} could not be run: ${ran.code ?? 'killed'}`;
  const said = (ran.stderr || ran.stdout || '').replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return `${command} exited with ${ran.exitCode}${said === '' ? '' : `: ${said}`}`;
}
