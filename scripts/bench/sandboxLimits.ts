import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { openSandbox } from '../../lib/composeWorker.ts';

type Sandbox = Awaited<ReturnType<typeof openSandbox>>;
type ExecRan = Extract<Awaited<ReturnType<Sandbox['exec']>>, { kind: 'ran' }>;
type Limits = NonNullable<Parameters<Sandbox['exec']>[0]['limits']>;

/** What the demonstration needs beyond the usual tools. */
export const LIMIT_TOOLS = ['sh', 'setsid', 'yes'];

interface Demonstration {
  what: string;
  tool: string;
  args: string[];
  limits: Limits;
}

const HOG = 'import time; held = b"x" * (150 << 20); time.sleep(60)';

const DEMONSTRATIONS: Demonstration[] = [
  {
    what: 'fork bomb, 64 processes',
    tool: 'python3',
    args: ['-c', 'import os, time\nwhile True:\n try: os.fork()\n except OSError: time.sleep(0.1)'],
    limits: { processes: 64, wallMs: 2_000 },
  },
  { what: 'output flood, 1 MiB', tool: 'yes', args: [], limits: { outputBytes: 1 << 20 } },
  {
    what: 'inode flood',
    tool: 'node',
    args: ['-e', `for (let i = 0; ; i++) fs.writeFileSync('f' + i, '')`],
    limits: { workspaceMiB: 32 },
  },
  {
    what: 'eight processes, 512 MiB',
    tool: 'sh',
    args: ['-c', `for i in 1 2 3 4 5 6 7 8; do python3 -c '${HOG}' & done; wait`],
    limits: { memoryMiB: 512 },
  },
  {
    what: 'one process, 512 MiB',
    tool: 'python3',
    args: ['-c', 'held = []\nwhile True: held.append(bytearray(16 << 20))'],
    limits: { memoryMiB: 512 },
  },
  {
    what: 'shared memory, 512 MiB',
    tool: 'python3',
    args: [
      '-c',
      'import mmap\nheld = mmap.mmap(-1, 6 << 30)\nfor _ in range(6 << 10): held.write(b"x" * (1 << 20))',
    ],
    limits: { memoryMiB: 512 },
  },
];

/** Runs into every limit, and prints what a user is told. */
export async function showLimits(sandbox: Sandbox): Promise<void> {
  const { signal } = new AbortController();
  for (const { what, ...asked } of DEMONSTRATIONS) {
    const ran = await inWorkspace((workspace) => sandbox.exec({ ...asked, workspace, signal }));
    console.log(`${what.padEnd(28)} ${ran.kind === 'ran' ? tell(ran) : ran.reason}`);
  }
  console.log(
    `${'150 sessions, cancelled'.padEnd(28)} all gone after ${await killOf150(sandbox)} ms`,
  );
}

function tell({ termination, exit, wallMs, peakRssMiB, stopped, stderr }: ExecRan): string {
  const facts = `${termination} after ${wallMs} ms, at most ${peakRssMiB} MiB resident`;
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const told = stopped ?? { reason: `the program itself ended with ${exit}: ${last}`, remedy: '' };
  const pad = ' '.repeat(29);
  return [facts, told.reason, told.remedy].filter((text) => text !== '').join(`\n${pad}`);
}

/** Milliseconds from the word to cancel until no process is left. */
async function killOf150(sandbox: Sandbox): Promise<number> {
  const script = 'for i in $(seq 150); do setsid sleep 600 & done; : > started; wait';
  const limits = { processes: 400, wallMs: 60_000 };
  return inWorkspace(async (workspace) => {
    const controller = new AbortController();
    const asked = { tool: 'sh', args: ['-c', script], limits, workspace };
    const running = sandbox.exec({ ...asked, signal: controller.signal });
    await Promise.race([running, appeared(join(workspace, 'started'))]);
    const cancelledAt = performance.now();
    controller.abort();
    await running;
    return Math.round(performance.now() - cancelledAt);
  });
}

async function appeared(file: string): Promise<void> {
  while (!existsSync(file)) await setTimeout(5);
}

async function inWorkspace<T>(work: (workspace: string) => Promise<T>): Promise<T> {
  const workspace = mkdtempSync(join(tmpdir(), 'sandbox-limits-'));
  try {
    return await work(workspace);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
