import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import { Readable } from 'node:stream';
import type { ExecRan, Termination } from '../sandbox.ts';
import { inheritableDescriptors } from './descriptors.ts';
import { FD, type Launch, type RunPlan } from './launch.ts';
import { Output } from './output.ts';
import type { Pipe, PipePool } from './pipes.ts';
import { childrenOf } from './processTree.ts';
import { type LaunchStatus, StatusReader } from './status.ts';
import { Watchdog } from './watchdog.ts';

/** The isolation could not be set up: the command has not run. `stderr` is what the launcher said. */
export interface NotSetUp {
  kind: 'not_set_up';
  stderr: string;
}

export interface Supervision {
  launch: Launch;
  plan: RunPlan;
  pipes: PipePool;
  /** Bytes in the workspace before the run. */
  diskAtStart: number;
  signal: AbortSignal;
}

/**
 * Runs a launch to its end: one deadline, one set of limits, one reason why it ended. Resolves when no process of the run
 * is left: the launcher ends after the init of the PID namespace, and the kernel lets that go last of all.
 */
export async function supervise(supervision: Supervision): Promise<ExecRan | NotSetUp> {
  const { pipes } = supervision;
  const [stdout, stderr] = await Promise.all([pipes.acquire(), pipes.acquire()]);
  const run = new Run(supervision);
  const result = await run.toTheEnd({ stdout, stderr });
  stdout.release();
  stderr.release();
  return result;
}

class Run {
  readonly #supervision: Supervision;
  readonly #output: Output;
  readonly #watchdog: Watchdog;
  readonly #reader = new StatusReader();
  readonly #startedAt = performance.now();
  /** The first reason; later ones are its consequences. */
  #reason: Termination | undefined;
  #child: ChildProcess | undefined;
  #isOver = false;

  constructor(supervision: Supervision) {
    const { limits, workspace } = supervision.plan;
    this.#supervision = supervision;
    this.#output = new Output(limits.outputBytes, () => this.#end('output_limit'));
    this.#watchdog = new Watchdog(limits, workspace, (why) => this.#end(why));
  }

  async toTheEnd(streams: { stdout: Pipe; stderr: Pipe }): Promise<ExecRan | NotSetUp> {
    const { plan, signal } = this.#supervision;
    const cancel = () => this.#end('cancelled');
    const deadline = setTimeout(() => this.#end('wall_timeout'), plan.limits.wallMs);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const exited = this.#start(streams);
      const drained = Promise.all([
        this.#output.read('stdout', streams.stdout.stream),
        this.#output.read('stderr', streams.stderr.stream),
      ]);
      const [exit] = await Promise.all([exited, drained]);
      return this.#result(exit);
    } finally {
      this.#isOver = true;
      clearTimeout(deadline);
      signal.removeEventListener('abort', cancel);
      await this.#watchdog.stop();
    }
  }

  #start({ stdout, stderr }: { stdout: Pipe; stderr: Pipe }): Promise<Exit> {
    const { launch, plan } = this.#supervision;
    const nothing = fs.openSync('/dev/null', 'r');
    const ends = { stdout: stdout.writeEnd, stderr: stderr.writeEnd, nothing };
    const stdio = stdioOf(launch, plan, ends);
    const { file, args, userId } = launch;
    const user = userId === undefined ? {} : { uid: userId, gid: userId };
    const child = spawn(file, args, { stdio, env: LAUNCHER_ENVIRONMENT, cwd: '/', ...user });
    for (const end of Object.values(ends)) fs.closeSync(end);
    this.#child = child;
    const status = child.stdio[FD.status];
    if (status instanceof Readable)
      status.setEncoding('utf8').on('data', (chunk: string) => this.#told(chunk));
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      // Not `exit`: the last words on the status descriptor may still be on their way.
      child.once('close', (code, killedBy) => resolve({ code, killedBy }));
    });
  }

  #told(chunk: string): void {
    const knew = this.#reader.status.initPid !== undefined;
    this.#reader.take(chunk);
    const { initPid } = this.#reader.status;
    if (knew || initPid === undefined) return;
    if (this.#reason !== undefined) this.#kill();
    else this.#watchdog.watch(initPid, this.#supervision.diskAtStart);
  }

  #end(why: Termination): void {
    if (this.#isOver || this.#reason !== undefined) return;
    this.#reason = why;
    this.#kill();
  }

  /**
   * SIGKILL to the init of the PID namespace takes everything with it, however it was daemonized. Before the launcher has
   * told who that is, its own death takes the init along (die-with-parent).
   */
  #kill(): void {
    const { initPid } = this.#reader.status;
    const launcher = this.#child?.pid;
    if (launcher === undefined) return;
    const targets = initPid === undefined ? [...childrenOf(launcher), launcher] : [initPid];
    for (const pid of targets) killIfAlive(pid);
  }

  #result(exit: Exit): ExecRan | NotSetUp {
    const stderr = this.#output.text('stderr');
    const outcome = outcomeOf(this.#supervision.launch, this.#reader.status, exit);
    if (outcome === undefined && this.#reason === undefined) return { kind: 'not_set_up', stderr };
    const code = this.#reason === undefined ? outcome : undefined;
    return {
      kind: 'ran',
      ...exitOf(code),
      ...(this.#reason === undefined ? {} : { termination: this.#reason }),
      stdout: this.#output.text('stdout'),
      stderr,
      truncated: this.#output.truncated,
      wallMs: Math.round(performance.now() - this.#startedAt),
      peakRssMiB: Math.round(this.#watchdog.peakRssBytes / 1024 / 1024),
    };
  }
}

interface Exit {
  code: number | null;
  killedBy: NodeJS.Signals | null;
}

const LAUNCHER_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };

function stdioOf(launch: Launch, plan: RunPlan, own: OwnEnds): StdioOptions {
  const ours: (number | 'pipe')[] = [
    own.nothing,
    own.stdout,
    own.stderr,
    launch.seccomp ?? own.nothing,
    'pipe',
    plan.workspace,
    ...(plan.report === undefined ? [] : [plan.report]),
  ];
  const inherited = inheritableDescriptors().filter((descriptor) => descriptor >= ours.length);
  const length = Math.max(ours.length, ...inherited.map((descriptor) => descriptor + 1));
  // From 3 upwards 'ignore' leaves a descriptor as it is: what is inherited must be replaced by /dev/null.
  const other = (index: number) => (inherited.includes(index) ? own.nothing : 'ignore');
  return Array.from({ length }, (_, index) => ours[index] ?? other(index));
}

/** Descriptors that the child gets and we close again. */
interface OwnEnds {
  stdout: number;
  stderr: number;
  /** /dev/null. */
  nothing: number;
}

/** The exit code in the manner of a shell (128 + signal), undefined when the command has not run. */
function outcomeOf(launch: Launch, status: LaunchStatus, exit: Exit): number | undefined {
  if (launch.tellsExitCode) return status.exitCode;
  if (!status.ready) return undefined;
  if (exit.killedBy !== null) return 128 + os.constants.signals[exit.killedBy];
  return exit.code ?? undefined;
}

/** Ends that a program does not choose by itself; a plain exit with such a code is rare enough to be taken for one. */
const SIGNALS = [
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGKILL',
  'SIGSEGV',
  'SIGTERM',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGSYS',
] as const;

function exitOf(code: number | undefined): Pick<ExecRan, 'exit' | 'signal' | 'termination'> {
  if (code === undefined) return { exit: null, signal: 'SIGKILL', termination: 'signalled' };
  const signal = SIGNALS.find((name) => 128 + os.constants.signals[name] === code);
  if (signal === undefined) return { exit: code, signal: null, termination: 'exited' };
  if (signal === 'SIGXCPU') return { exit: null, signal, termination: 'cpu_limit' };
  if (signal === 'SIGXFSZ') return { exit: null, signal, termination: 'disk_limit' };
  return { exit: null, signal, termination: 'signalled' };
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
