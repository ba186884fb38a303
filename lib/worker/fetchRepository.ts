import type { Source } from '../source/source.ts';
import type { EventData } from '../task/event.ts';
import type { Failure } from '../task/failure.ts';
import type { RepoSource } from '../task/repo.ts';

interface FetchOptions {
  source: Source;
  /** Where the files go; not there yet. */
  to: string;
  signal: AbortSignal;
}

export type Fetched =
  | { kind: 'found'; from: string; repository: undefined; fetched: EventData<'repo.fetched'> }
  | { kind: 'failed'; failure: Failure };

/** The state of a remote repository that a task is to work on, in a folder. There is none to write a result into. */
export async function fetchRepository(
  { url, ref }: Extract<RepoSource, { kind: 'remote' }>,
  { source, to, signal }: FetchOptions,
): Promise<Fetched> {
  const outcome = await source.fetch({ url, ref, to, signal });
  if (outcome.kind === 'fetched') {
    const fetched = { url, ref: ref ?? null, commit: outcome.commit };
    return { kind: 'found', from: to, repository: undefined, fetched };
  }
  const { kind, why: message, remedy } = outcome;
  const code = kind === 'denied' ? 'input_denied' : 'input_missing';
  return { kind: 'failed', failure: { code, message, remedy } };
}
