import type { Solved } from '../agents/solve.ts';
import type { Claim } from '../store/claim.ts';
import type { NewEvent } from '../task/event.ts';
import type { TaskResult } from '../task/view.ts';
import type { AttemptJournal } from './journal.ts';
import type { WorkerDeps } from './workerDeps.ts';
import { type WrittenBack, writeBack } from './writeBack.ts';

interface ApplyOptions {
  claim: Claim;
  /** Undefined: the code came from a URL. */
  repository: string | undefined;
  solved: Extract<Solved, { kind: 'ended' }>;
  journal: Pick<AttemptJournal, 'lastStep'>;
  signal: AbortSignal;
}

export async function applyResult(
  { applyStateDir: stateDir }: Pick<WorkerDeps, 'applyStateDir'>,
  options: ApplyOptions,
): Promise<TaskResult['apply']> {
  const { solved, claim, journal, repository, signal } = options;
  const { apply } = claim.payload;
  if (solved.patch.changes.length === 0) return notApplied('nothing was changed');
  if (repository === undefined) {
    return notApplied('the code came from a URL: `agentctl diff` has the patch');
  }
  if (apply === 'never') return notApplied('the task says apply: never');
  if (apply === 'verified' && solved.verdict.name !== 'verified') {
    return notApplied(`the verdict is ${solved.verdict.name}, and the task says apply: verified`);
  }
  return journal.lastStep({
    key: 'apply',
    title: 'Write the result into the workspace',
    input: { tree: solved.patch.tree_hash },
    run: async () => {
      const written = await writeBack({ root: repository, patch: solved.patch, stateDir, signal });
      const ok = written.kind === 'applied';
      const output = stateOf(written, `apply: ${apply}`);
      return { output, ok, tokens: 0, events: [eventOf(written)] };
    },
  });
}

function eventOf({ kind, paths, why }: WrittenBack): NewEvent {
  if (kind === 'applied') return { type: 'patch.applied', data: { paths } };
  return { type: 'patch.conflicted', data: { paths, ...(why === undefined ? {} : { why }) } };
}

function stateOf({ kind, paths, why }: WrittenBack, rule: string): TaskResult['apply'] {
  if (kind === 'applied') return { state: 'applied', why: rule, paths };
  return { state: 'conflicted', why: why ?? 'files changed in the workspace meanwhile', paths };
}

export function notApplied(why: string): TaskResult['apply'] {
  return { state: 'not_applied', why, paths: [] };
}
