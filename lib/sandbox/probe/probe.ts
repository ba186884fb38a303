import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import type { Tier } from '../launch/tier.ts';
import { FIXED_ENVIRONMENT } from '../policy/environment.ts';
import { memoryEnvironment } from '../policy/tools.ts';
import { type Runner, runCommand } from '../run/runner.ts';
import type { SandboxStatus } from '../sandbox.ts';
import { TOOLCHAIN } from '../toolchain/ownTools.ts';
import { ATTEMPTS, SHOW_DESCRIPTORS } from './attempts.ts';

export type Probed =
  | { kind: 'ran'; proved: SandboxStatus['proved'] }
  | { kind: 'failed'; reason: string };

const Findings = z.object({
  workspace: z.boolean(),
  outside: z.boolean(),
  network: z.boolean(),
  processes: z.int(),
  home: z.boolean(),
  environment: z.array(z.string()),
  capabilities: z.string(),
  privileges: z.string(),
  filter: z.string(),
});
type Findings = z.infer<typeof Findings> & { passedOn: string[] };

const PROBE_MS = 20_000;

/** Tries to break out of a tier in every way it must hold against, from inside, with a real run. Takes `folder` away. */
export async function probe(runner: Runner, tier: Tier, folder: string): Promise<Probed> {
  const listener = await listen();
  try {
    const canary = path.join(folder, 'canary');
    fs.writeFileSync(canary, '', { mode: 0o666 });
    const workspace = path.join(folder, 'workspace');
    fs.mkdirSync(workspace);
    const attempts = [ATTEMPTS, canary, `${listener.port}`, os.homedir()];
    const ran = await runCommand(runner, {
      words: ['/bin/sh', '-c', SHOW_DESCRIPTORS, 'sh', `${TOOLCHAIN}/bin/node`, '-e', ...attempts],
      tools: [],
      workspace,
      limits: { wallMs: PROBE_MS },
      signal: new AbortController().signal,
    });
    if (ran.kind === 'not_set_up') return { kind: 'failed', reason: lastLine(ran.stderr) };
    if (ran.exit !== 0)
      return { kind: 'failed', reason: `${ran.termination}: ${lastLine(ran.stderr)}` };
    const findings = findingsIn(ran.stdout);
    const untouched = fs.statSync(canary).size === 0 && listener.connections === 0;
    return { kind: 'ran', proved: claims(findings, untouched, tier) };
  } finally {
    listener.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function findingsIn(output: string): Findings {
  const lines = output.trim().split('\n');
  const found: unknown = JSON.parse(lines.pop() ?? '');
  return { ...Findings.parse(found), passedOn: lines.filter(isPassedOn) };
}

/** Beyond stdin, stdout and stderr there may be /dev/null, which stands for what was inherited. */
function isPassedOn(line: string): boolean {
  const [, descriptor, link] = / (\d+) -> (.*)$/.exec(line) ?? [];
  return Number(descriptor) > 2 && link !== '/dev/null';
}

function claims(findings: Findings, untouched: boolean, tier: Tier): SandboxStatus['proved'] {
  const allowed = new Set([
    'PATH',
    'PWD',
    ...Object.keys(FIXED_ENVIRONMENT),
    ...Object.keys(memoryEnvironment(1)),
  ]);
  const noPower = /^0+$/.test(findings.capabilities) && findings.privileges === '1';
  const filter = { claim: 'system calls are filtered', held: findings.filter === '2' };
  return [
    { claim: 'the workspace can be written', held: findings.workspace },
    { claim: 'nothing outside the workspace can be written', held: findings.outside && untouched },
    { claim: 'the network of the host is out of reach', held: findings.network && untouched },
    // The init, the command and, with the second tier, nothing else.
    { claim: 'processes of the host are not visible', held: findings.processes <= 3 },
    { claim: 'the home of the service is not visible', held: findings.home },
    {
      claim: 'the environment of the service is not passed on',
      held: findings.environment.every((name) => allowed.has(name)),
    },
    { claim: 'no open file of the service is passed on', held: findings.passedOn.length === 0 },
    { claim: 'no capability is left', held: noPower },
    ...(tier.seccompFile === undefined ? [] : [filter]),
  ];
}

interface Listener {
  port: number;
  readonly connections: number;
  close(): void;
}

/** A door on the loopback of the host, to see that nobody comes through. */
async function listen(): Promise<Listener> {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the listener has no port');
  return {
    port: address.port,
    get connections() {
      return connections;
    },
    close: () => server.close(),
  };
}

function lastLine(text: string): string {
  return text.trim() || 'it said nothing';
}
