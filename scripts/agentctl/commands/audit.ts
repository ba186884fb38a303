import type { Command } from 'commander';
import { type AuditEntry, brokenAt } from '../../../lib/task/audit.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { oneLine, table } from '../render/text.ts';

const EXAMPLES = `Examples:
  agentctl audit 01978f3e-1111-7abc-8def-0123456789ab
  agentctl audit 01978f3e-1111-7abc-8def-0123456789ab --verify
  agentctl audit 01978f3e-1111-7abc-8def-0123456789ab --json | jq -r .target
`;

export function addAudit(program: Command, run: Runner): void {
  program
    .command('audit')
    .summary('show what a task was denied')
    .description('Show what a task was denied: who tried what, where it leads, and when.')
    .addHelpText('before', EXAMPLES)
    .argument('<id>', 'of the task')
    .option('--verify', 'recompute the chain of hashes; exit 1 when it does not hold')
    .action((taskId: string, flags: { verify?: boolean }, command: Command) =>
      run(command, (context) => audit(context, taskId, flags.verify === true)),
    );
}

async function audit(context: Context, taskId: string, verify: boolean): Promise<ExitCode> {
  const entries = await context.client.auditTask(taskId);
  const { out, err } = context.terminal;
  if (context.json) for (const entry of entries) out(`${JSON.stringify(entry)}\n`);
  else if (entries.length === 0) err('nothing was denied\n');
  else out(`${auditLines(entries).join('\n')}\n`);
  if (!verify) return EXIT.done;
  const broken = brokenAt(entries);
  if (broken !== undefined) {
    err(
      `error: the chain does not hold at entry ${broken}\n  next: compare with a backup of the database\n`,
    );
    return EXIT.unexpected;
  }
  err(`${entries.length} entries, the chain holds; head ${entries.at(-1)?.hash ?? '-'}\n`);
  return EXIT.done;
}

/** One line an entry, whatever bytes its names hold. */
export function auditLines(entries: readonly AuditEntry[]): string[] {
  const rows = entries.map((entry) => [
    `${entry.seq}`,
    new Date(entry.at).toISOString(),
    entry.step,
    entry.comm === null ? '-' : oneLine(`${entry.comm}[${entry.pid}]`, 24),
    entry.call,
    oneLine(entry.path, 60),
    oneLine(entry.target, 60),
    oneLine(entry.reason, 80),
  ]);
  return table([['#', 'TIME', 'STEP', 'PROCESS', 'CALL', 'PATH', 'LEADS TO', 'REASON'], ...rows]);
}
