import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openSandbox } from '../../lib/composeWorker.ts';
import { loadConfig } from '../../lib/config/config.ts';
import { LIMIT_TOOLS, showLimits } from './sandboxLimits.ts';

/**
 * `node scripts/bench/sandboxOverhead.ts [rounds]`: what isolation costs beside a bare spawn, all in turn within one run; then what
 * a user is told at every limit.
 */
const TOOL = 'true';
const rounds = Number(process.argv[2] ?? 40);
const workspace = mkdtempSync(join(tmpdir(), 'sandbox-overhead-'));
const config = loadConfig({
  ...process.env,
  TOOLS_ALLOWED: [TOOL, ...LIMIT_TOOLS].join(','),
  LOG_LEVEL: 'error',
});
const sandbox = await openSandbox(config);
const { tier, detail } = sandbox.status();
const bwrap = detail.split(',')[0] ?? '';
const run = promisify(execFile);
const BARE = [
  '--ro-bind',
  '/',
  '/',
  '--unshare-all',
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--',
  '/usr/bin/true',
];

const ways: Record<string, () => Promise<unknown>> = {
  'bare spawn': () => run('/usr/bin/true'),
  ...(tier === 'bubblewrap' ? { 'bare bwrap': () => run(bwrap, BARE) } : {}),
  [`the sandbox (${tier})`]: async () => {
    const outcome = await sandbox.exec({
      tool: TOOL,
      args: [],
      workspace,
      signal: new AbortController().signal,
    });
    if (outcome.kind !== 'ran' || outcome.exit !== 0) throw new Error(JSON.stringify(outcome));
  },
};

const taken = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
try {
  for (let round = 0; round < rounds; round++)
    for (const [name, work] of Object.entries(ways)) {
      const startedAt = performance.now();
      await work();
      taken.get(name)?.push(performance.now() - startedAt);
    }
} finally {
  rmSync(workspace, { recursive: true, force: true });
}
console.log(detail);
for (const [name, all] of taken) {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  console.log(`${name.padEnd(28)} least ${at(0)} ms, median ${at(0.5)} ms, p95 ${at(0.95)} ms`);
}
await showLimits(sandbox);
