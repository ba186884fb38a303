import fs from 'node:fs';
import path from 'node:path';
import type { Mount } from '../run/launch.ts';

/** What was fetched before, shown to a tool read-only: nothing is fetched during a run. */
export interface ToolCaches {
  mounts: Mount[];
  environment: Record<string, string>;
}

interface Cache {
  /** Folder below the folder of all caches, or a link to one that is elsewhere; inside it is /caches/<name>. */
  name: string;
  tools: readonly string[];
  environment: (inside: string) => Record<string, string>;
}

const CACHES: readonly Cache[] = [
  {
    name: 'm2',
    tools: ['mvn'],
    environment: (inside) => ({ MAVEN_OPTS: `-Dmaven.repo.local=${inside}` }),
  },
  {
    name: 'gradle',
    tools: ['gradle', 'gradlew'],
    environment: (inside) => ({ GRADLE_RO_DEP_CACHE: inside }),
  },
  {
    name: 'npm',
    tools: ['npm'],
    environment: (inside) => ({ npm_config_cache: inside, npm_config_logs_max: '0' }),
  },
  {
    name: 'pip',
    tools: ['python3', 'pytest'],
    environment: (inside) => ({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: inside }),
  },
  {
    name: 'cargo',
    tools: ['cargo'],
    environment: (inside) => ({ CARGO_HOME: inside }),
  },
  {
    name: 'go-modules',
    tools: ['go'],
    environment: (inside) => ({ GOMODCACHE: inside }),
  },
  {
    // The compiled standard library: without it each run compiles it anew.
    name: 'go-build',
    tools: ['go'],
    // Go writes its index of modules into this cache and, unlike with compiled packages, fails where it cannot.
    environment: (inside) => ({ GOCACHE: inside, GODEBUG: 'goindex=0' }),
  },
];

/** The caches of a tool that have been filled, below the folder of all caches. */
export function cachesOf(tool: string, cacheDir: string): ToolCaches {
  const filled = CACHES.filter(({ tools }) => tools.includes(tool)).flatMap((cache) => {
    const folder = path.join(cacheDir, cache.name);
    return fs.existsSync(folder) ? [{ cache, source: fs.realpathSync(folder) }] : [];
  });
  return {
    mounts: filled.map(({ cache, source }) => ({ source, destination: inside(cache) })),
    environment: Object.assign({}, ...filled.map(({ cache }) => cache.environment(inside(cache)))),
  };
}

function inside({ name }: Cache): string {
  return `/caches/${name}`;
}
