import type { ServerTrouble } from '../task/serverTrouble.ts';
import type { FoundServer } from './findServers.ts';

/** A web page that answers in a server's place is told by its beginning. */
const LONGEST = 200;

/** The servers of a look that cannot be used, for whoever may ask: a key that stands in an address is not told. */
export function troublesOf(servers: readonly FoundServer[]): ServerTrouble[] {
  return servers.flatMap(({ name, url, problem }) => {
    if (problem === undefined) return [];
    const told = problem.replaceAll(url, url.replace(/\/\/[^/@]*@/, '//'));
    return [
      { server: name, problem: told.length > LONGEST ? `${told.slice(0, LONGEST)}...` : told },
    ];
  });
}
