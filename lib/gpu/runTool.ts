import { execa } from 'execa';

export interface ToolCall {
  /** Found on the PATH when it is a bare name. */
  command: string;
  args: readonly string[];
  /** A broken driver lets its tool hang, sometimes so that it cannot even be killed. */
  timeoutMs: number;
}

export type ToolOutput =
  | { kind: 'output'; output: string }
  | { kind: 'missing'; why: string }
  | { kind: 'failed'; why: string };

/** Runs a tool that reports on GPUs, and gives it up in the end, dead or not. Never throws. */
export async function runTool(
  { command, args, timeoutMs }: ToolCall,
  signal?: AbortSignal,
): Promise<ToolOutput> {
  const given = signal === undefined ? [] : [signal];
  const cancelSignal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...given]);
  if (cancelSignal.aborted) return { kind: 'failed', why: 'the reading was cancelled' };
  const run = execa(command, args, {
    cancelSignal,
    forceKillAfterDelay: 100,
    maxBuffer: 8_000_000,
    reject: false,
    stdin: 'ignore',
  });
  const ran = await Promise.race([run, fired(cancelSignal)]);
  if (ran === 'fired' || ran.isCanceled) {
    const cancelled = signal?.aborted === true;
    const why = cancelled ? 'the reading was cancelled' : `${command} hung for ${timeoutMs} ms`;
    return { kind: 'failed', why };
  }
  if (ran.code === 'ENOENT') return { kind: 'missing', why: `${command} is not installed` };
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
  if (ran.exitCode === undefined) return `${command} could not be run: ${ran.code ?? 'killed'}`;
  const said = (ran.stderr || ran.stdout || '').replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  return `${command} exited with ${ran.exitCode}${said === '' ? '' : `: ${said}`}`;
}
