import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EpochMs } from '../../../lib/kernel/clock.ts';
import { shieldOnEcs } from '../../../lib/presence/adapters/ecsShield.ts';
import type { Presence, WorkerRecord } from '../../../lib/presence/presence.ts';

let agent: Server;
let agentUri: string;
/** What the agent of ECS was told. */
let told: unknown[];
let status: number;
let now: number;
let warnings: string[];
let announced: number;

beforeEach(async () => {
  told = [];
  status = 200;
  now = 0;
  warnings = [];
  announced = 0;
  agent = createServer(async (request, response) => {
    told.push([request.method, request.url, JSON.parse(await text(request))]);
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"protection":{}}');
  });
  await new Promise<void>((resolve) => agent.listen(0, '127.0.0.1', resolve));
  agentUri = `http://127.0.0.1:${(agent.address() as AddressInfo).port}/api/abc`;
});
afterEach(() => new Promise((resolve) => agent.close(resolve)));

function shielded(): Presence {
  const presence: Presence = {
    announce: async () => {
      announced += 1;
    },
    withdraw: async () => undefined,
    liveWorkers: async () => [],
    countUse: async () => ({ used: 0, remaining: 0, resetsAt: 0 as EpochMs }),
    takeGpu: async () => ({ kind: 'full', roomMiB: 0, leases: [] }),
    gpuRoom: async () => ({ roomMiB: 0, leases: [] }),
    renewGpu: async () => 'lost',
    returnGpu: async () => undefined,
    gpuLeases: async () => [],
    keepSpeed: async () => undefined,
    speedsOf: async () => ({}),
    close: () => undefined,
  };
  const quiet = () => undefined;
  const logger = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (message: string) => {
      warnings.push(message);
    },
    with: () => logger,
  };
  const clock = { now: () => now as EpochMs };
  return shieldOnEcs(presence, { agentUri, clock, logger });
}

/** Only the number of running tasks matters here. */
function record(running: number): WorkerRecord {
  return {
    workerId: 'one',
    host: 'here',
    pid: 1,
    startedAt: 0 as EpochMs,
    concurrency: 2,
    running,
    gpu: { kind: 'none', why: 'test', ramFreeMiB: 1 },
    models: [],
    sandbox: { tier: 'none', detail: 'test' },
    toolchains: {},
  };
}

const url = '/api/abc/task-protection/v1/state';
const ON = ['PUT', url, { ProtectionEnabled: true, ExpiresInMinutes: 10 }];
const OFF = ['PUT', url, { ProtectionEnabled: false }];

test('a worker is protected while it has tasks, and says so once', async () => {
  const presence = shielded();
  for (const running of [0, 1, 2, 1, 0, 0]) await presence.announce(record(running), 1_000);
  expect(told).toEqual([ON, OFF]);
  expect(announced).toBe(6);
});

test('protection is renewed before it runs out', async () => {
  const presence = shielded();
  await presence.announce(record(1), 1_000);
  now = 4 * 60_000;
  await presence.announce(record(1), 1_000);
  expect(told).toEqual([ON]);
  now = 5 * 60_000;
  await presence.announce(record(1), 1_000);
  expect(told).toEqual([ON, ON]);
});

test('a worker that withdraws gives its protection back', async () => {
  const presence = shielded();
  await presence.announce(record(1), 1_000);
  await presence.withdraw('one');
  expect(told).toEqual([ON, OFF]);
});

test('an agent that refuses is asked again, and the worker is announced all the same', async () => {
  const presence = shielded();
  status = 500;
  await presence.announce(record(1), 1_000);
  expect(announced).toBe(1);
  expect(warnings).toEqual(['ECS was not told whether tasks are running']);
  status = 200;
  await presence.announce(record(1), 1_000);
  expect(told).toEqual([ON, ON]);
});
