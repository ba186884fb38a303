import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import { Readable } from 'node:stream';
import type { RunGroup } from '../cgroup/runGroup.ts';
import { signalIfAlive } from '../launch/drafts.ts';
import { whyStopped } from '../policy/stopped.ts';
import type { ExecRan, Termination } from '../sandbox.ts';
import { FD, type Launch, type RunPlan } from './launch.ts';
import { type Exit, KILLED, outcomeOf } from './outcome.ts';
import { Output } from './output.ts';
import type { Pipe, PipePool } from './pipes.ts';
import { childrenOf } from './processTree.ts';
import { LaunchStatus } from './status.ts';
import { stdioOf } from './stdio.ts';
import { Told } from './told.ts';
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
  group: RunGroup | undefined;
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
  readonly #status = new LaunchStatus();
  readonly #init = new Told();
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
      // It may have fired while the workspace was looked through: then nobody is told any more.
      if (signal.aborted) cancel();
      const drained = Promise.all([
        this.#output.read('stdout', streams.stdout.stream),
        this.#output.read('stderr', streams.stderr.stream),
      ]);
      const [exit] = await Promise.all([exited, drained]);
      await this.#watchdog.lastLook();
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
    const { file, args, environment: env, userId } = launch;
    const user = userId === undefined ? {} : { uid: userId, gid: userId };
    const child = spawn(file, args, { stdio, env, cwd: '/', ...user });
    for (const end of Object.values(ends)) fs.closeSync(end);
    this.#child = child;
    listen(child, FD.status, (chunk) => this.#told(chunk));
    listen(child, FD.told, this.#init.take);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      // Not `exit`: the last words on the status descriptor may still be on their way.
      child.once('close', (code, killedBy) => resolve({ code, killedBy }));
    });
  }

  #told(chunk: string): void {
    const knew = this.#status.initPid !== undefined;
    this.#status.take(chunk);
    const { initPid } = this.#status;
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
   * The guard ends whatever there is, and the kernel all of a control group at once. Without one, SIGKILL to the init of the PID namespace takes everything with it, however
   * it was daemonized; before the launcher has told who that is, its own death takes the init along (die-with-parent).
   */
  #kill(): void {
    this.#supervision.group?.kill();
    const { initPid } = this.#status;
    const launcher = this.#child?.pid;
    if (launcher === undefined) return;
    const [name, targets] = this.#supervision.launch.guarded
      ? (['SIGTERM', [launcher]] as const)
      : ([
          'SIGKILL',
          initPid === undefined ? [...childrenOf(launcher), launcher] : [initPid],
        ] as const);
    for (const pid of targets) signalIfAlive(pid, name);
  }

  #result(exit: Exit): ExecRan | NotSetUp {
    const stderr = this.#output.text('stderr');
    const told = { status: this.#status, init: this.#init };
    if (this.#supervision.group?.ranOutOfMemory) this.#reason ??= 'memory_limit';
    const outcome = outcomeOf(this.#supervision.launch, told, exit);
    if (outcome === undefined && this.#reason === undefined) return { kind: 'not_set_up', stderr };
    const ended =
      this.#reason === undefined ? (outcome ?? KILLED) : { ...KILLED, termination: this.#reason };
    const { limits } = this.#supervision.plan;
    const stopped = whyStopped({ ...ended, limits, peak: this.#watchdog.peak });
    return {
      kind: 'ran',
      ...ended,
      ...(stopped === undefined ? {} : { stopped }),
      stdout: this.#output.text('stdout'),
      stderr,
      truncated: this.#output.truncated,
      wallMs: Math.round(performance.now() - this.#startedAt),
      peakRssMiB: Math.round(this.#watchdog.peakRssBytes / 1024 / 1024),
      audit: this.#init.audit,
      auditDropped: this.#init.dropped,
    };
  }
}

function listen(child: ChildProcess, descriptor: number, take: (chunk: string) => void): void {
  const stream = child.stdio[descriptor];
  if (stream instanceof Readable) stream.setEncoding('utf8').on('data', take);
}
