import type { Solved } from '../agents/solve.ts';
import { applyPatch } from '../sandbox/workspace/apply.ts';
import type { Claim } from '../store/claim.ts';
import type { TaskResult } from '../task/view.ts';
import type { AttemptJournal } from './journal.ts';
import type { WorkerDeps } from './workerDeps.ts';

interface ApplyOptions {
  claim: Claim;
  /** Undefined: the code came from a URL. */
  repository: string | undefined;
  solved: Extract<Solved, { kind: 'ended' }>;
  journal: AttemptJournal;
}

export async function applyResult(
  deps: WorkerDeps,
  options: ApplyOptions,
): Promise<TaskResult['apply']> {
  const { solved, claim, journal, repository } = options;
  const { apply } = claim.payload;
  if (solved.patch.changes.length === 0) return notApplied('nothing was changed');
  if (repository === undefined) {
    return notApplied('the code came from a URL: `agentctl diff` has the patch');
  }
  if (apply === 'never') return notApplied('the task says apply: never');
  if (apply === 'verified' && solved.verdict.name !== 'verified') {
    return notApplied(`the verdict is ${solved.verdict.name}, and the task says apply: verified`);
  }
  return journal.step({
    key: 'apply',
    title: 'Write the result into the workspace',
    input: { tree: solved.patch.tree_hash },
    run: async () => {
      const stateDir = deps.applyStateDir;
      const outcome = await applyPatch({ root: repository, patch: solved.patch, stateDir });
      const { paths } = outcome;
      const applied = outcome.kind === 'applied';
      await journal.emit({ type: applied ? 'patch.applied' : 'patch.conflicted', data: { paths } });
      const output = applied
        ? { state: 'applied' as const, why: `apply: ${apply}`, paths }
        : { state: 'conflicted' as const, why: 'files changed in the workspace meanwhile', paths };
      return { output, ok: applied, tokens: 0 };
    },
  });
}

export function notApplied(why: string): TaskResult['apply'] {
  return { state: 'not_applied', why, paths: [] };
}
