import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../../lib/config/config.ts';

/** Folders of a home that hold nothing of a task: a tool that had to be fetched, and the library that Go compiles. */
const SHARED = ['tools', 'caches/go-build'];
const SHARED_FROM = fileURLToPath(new URL('../../.agent', import.meta.url));

/** Variables of the user's own service, which another one must not touch. */
const NOT_INHERITED = ['DATABASE_URL', 'AWS_ENDPOINT_URL', 'API_KEY_FILE', 'READ_ACCESS'];

/** Variables of a service that shares nothing with any other: free ports, folders and a key of its own. */
export function separateEnvironment(
  inherited: Environment,
  { home, workspace, apiKey }: { home: string; workspace: string; apiKey: string },
): Environment {
  const kept = Object.entries(inherited).filter(([name]) => !NOT_INHERITED.includes(name));
  return {
    ...Object.fromEntries(kept),
    PROFILE: 'embedded',
    HOST: '127.0.0.1',
    PORT: '0',
    EDGE_PORT: '0',
    POSTGRES_PORT: '0',
    AGENT_HOME: home,
    WORKSPACE_ROOT: workspace,
    API_KEY: apiKey,
    // Once it is stopped nobody waits for its tasks.
    DRAIN_MS: '1000',
  };
}

/** Makes `home`, with what takes long to fetch or to compile and is the same for every home. */
export function openSeparateHome(home: string): void {
  for (const name of SHARED) {
    const shared = join(SHARED_FROM, name);
    for (const folder of [shared, dirname(join(home, name))])
      mkdirSync(folder, { recursive: true });
    symlinkSync(shared, join(home, name));
  }
}
