import { Refusal } from '../kernel/errors.ts';
import type { TaskPayload } from '../task/payload.ts';
import { hostOf } from '../task/repo.ts';

/** Nothing is fetched that the operator has not allowed, and there is no workspace to write the result into. */
export function requireFetchable(
  url: string,
  apply: TaskPayload['apply'],
  hosts: readonly string[],
): void {
  const host = hostOf(url);
  if (hosts.length === 0) {
    throw refusal('repo_url_off', '/input/repo/url', {
      detail: 'this service fetches no repositories: REPO_HOSTS is not set',
      remedy: `set REPO_HOSTS=${host} for the service and its workers, or give repo.path`,
    });
  }
  if (!hosts.includes(host)) {
    throw refusal('repo_host_not_allowed', '/input/repo/url', {
      detail: `${host} is not among the hosts that repositories may come from: ${hosts.join(', ')}`,
      remedy: `add ${host} to REPO_HOSTS of the service and its workers, or give repo.path`,
    });
  }
  if (apply === 'always') {
    throw refusal('no_workspace', '/apply', {
      detail: 'what comes from a URL has no folder in the workspace that a result could go to',
      remedy: 'leave apply out, and take the patch from links.diff when the task has ended',
    });
  }
}

function refusal(code: string, pointer: string, said: { detail: string; remedy: string }): Refusal {
  const { detail, remedy } = said;
  return new Refusal('invalid', detail, { code, remedy, errors: [{ pointer, detail }] });
}
