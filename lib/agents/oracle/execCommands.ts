import { assertNever } from '../../kernel/assertNever.ts';
import type { ExecOutcome, Limits, Sandbox } from '../../sandbox/sandbox.ts';
import type { Denial } from '../../task/audit.ts';
import type { NewEvent } from '../../task/event.ts';
import type { CommandResult, Impossible, OracleCommand } from './plan.ts';

export interface ExecTools {
  sandbox: Sandbox;
  emit: (event: NewEvent) => Promise<void>;
  deny: (denials: readonly Denial[]) => Promise<void>;
  signal: AbortSignal;
}

interface ExecPlace {
  step: string;
  /** Absolute host paths. */
  workspace: string;
  reportDir: string;
  /** Milliseconds for all commands together. */
  wallMs: number;
}

export type Executed = { kind: 'executed'; results: CommandResult[] } | Impossible;

/** Runs the commands in order within one time limit, until one fails that the next ones need. */
export async function execCommands(
  tools: ExecTools,
  commands: readonly OracleCommand[],
  place: ExecPlace,
): Promise<Executed> {
  const started = performance.now();
  const results: CommandResult[] = [];
  for (const command of commands) {
    const left = Math.round(place.wallMs - (performance.now() - started));
    if (left <= 0) return outOfTime(command.tool);
    const outcome = await tools.sandbox.exec({
      ...{ tool: command.tool, args: command.args, workspace: place.workspace },
      ...{ reportDir: place.reportDir, signal: tools.signal, limits: limitsFor(left) },
      ...(command.env === undefined ? {} : { env: command.env }),
    });
    await tools.deny(denialsOf(place.step, outcome));
    tools.signal.throwIfAborted();
    await tellExec(tools, place.step, command, outcome);
    if (outcome.kind !== 'ran') return unable(outcome, command);
    results.push({ command, ran: outcome });
    const well = outcome.exit === 0 && outcome.termination === 'exited';
    if (outcome.termination === 'wall_timeout' || (!well && command.keepGoing !== true)) break;
  }
  return { kind: 'executed', results };
}

/** Builds write and print more than a usual run; several processes may use the processor at once. */
function limitsFor(wallMs: number): Partial<Limits> {
  return {
    wallMs,
    cpuSeconds: Math.max(60, Math.ceil((wallMs * 4) / 1000)),
    outputBytes: 8 * 1024 * 1024,
    fileMiB: 512,
    workspaceMiB: 2_048,
  };
}

function outOfTime(tool: string): Impossible {
  return {
    kind: 'impossible',
    status: 'not_run',
    tool,
    cause: 'oracle_timed_out',
    reason: 'no time was left',
    remedy: 'Submit again with a greater constraints.latency_ms.',
  };
}

function unable(
  outcome: Exclude<ExecOutcome, { kind: 'ran' }>,
  { tool }: OracleCommand,
): Impossible {
  const base = { kind: 'impossible' as const, status: 'not_run' as const, tool };
  switch (outcome.kind) {
    case 'denied':
      return {
        ...base,
        cause: 'toolchain_missing',
        reason: `${outcome.tool} is not allowed: ${outcome.reason}`,
        remedy: `Allow ${outcome.tool} by TOOLS_ALLOWED.`,
      };
    case 'unavailable':
      return {
        ...base,
        cause: outcome.what === 'sandbox' ? 'sandbox_unavailable' : 'toolchain_missing',
        reason: outcome.reason,
        remedy: outcome.remedy,
      };
    default:
      return assertNever(outcome);
  }
}

/** What the policy denied before a run, or the walls of the sandbox during it. */
function denialsOf(step: string, outcome: ExecOutcome): Denial[] {
  if (outcome.kind === 'denied') {
    const { tool, reason } = outcome;
    const asked = { path: tool, target: tool, call: 'exec', comm: null, pid: null };
    return [{ kind: 'exec', step, reason, ...asked }];
  }
  if (outcome.kind !== 'ran') return [];
  const reason = 'not writable inside the sandbox';
  const written = outcome.audit.map(
    ({ comm, pid, syscall: call, path, real: target }): Denial => ({
      ...{ kind: 'write', step, comm, pid, call, path, target, reason },
    }),
  );
  const last = written.at(-1);
  if (last === undefined || outcome.auditDropped === 0) return written;
  return [...written, { ...last, reason: `${outcome.auditDropped} more are not on record` }];
}

async function tellExec(
  tools: ExecTools,
  step: string,
  command: OracleCommand,
  outcome: ExecOutcome,
): Promise<void> {
  if (outcome.kind !== 'ran') return;
  const { exit, termination, wallMs, stopped = {} } = outcome;
  const argv = [command.tool, ...command.args];
  await tools.emit({
    type: 'exec.finished',
    data: { step, argv, exit, termination, ms: Math.round(wallMs), ...stopped },
  });
}
