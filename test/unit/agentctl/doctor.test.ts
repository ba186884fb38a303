import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { HealthAnswer } from '../../../lib/task/answers.ts';
import { checkLines } from '../../../scripts/agentctl/commands/doctor.ts';
import { fail, ok, warn } from '../../../scripts/agentctl/doctor/check.ts';
import { type Machine, machineChecks } from '../../../scripts/agentctl/doctor/machineChecks.ts';
import { findLocalRuntime, runtimeCheck } from '../../../scripts/agentctl/doctor/runtimeCheck.ts';
import {
  keyCheck,
  portCheck,
  serviceChecks,
} from '../../../scripts/agentctl/doctor/serviceChecks.ts';
import { PLAIN } from '../../../scripts/agentctl/render/palette.ts';
import { modelCard } from '../../support/modelCard.ts';

const bare: Machine = {
  sandbox: { tier: 'none', detail: 'no user namespaces', remedy: 'enable them', proved: [] },
  toolchains: [],
  gpu: { kind: 'none', why: 'nvidia-smi is not there', ramFreeMiB: 1_000 },
  models: [],
  troubles: [],
};

const well: HealthAnswer = {
  status: 'ok',
  database: { ok: true },
  queue: { ok: true, dead: 0 },
  workers: { ok: true, alive: 1, slots: 2, running: 1 },
  sandbox: { ok: true, tier: 'bubblewrap' },
  models: { ok: true, runtimes: [], troubles: [] },
};

describe('doctor', () => {
  it('fails a machine without isolation and warns of what is only missing', () => {
    const checks = machineChecks(bare);
    expect(checks.filter(({ level }) => level === 'FAIL')).toEqual([
      { area: 'sandbox', level: 'FAIL', detail: 'none: no user namespaces', fix: 'enable them' },
    ]);
    expect(checks.filter(({ level }) => level === 'OK')).toEqual([]);
    for (const check of checks) expect(check.fix).toMatch(/\S/);
  });

  it('tells who has no model what was looked for, what would run, and the one command', () => {
    const firstModel = { looked: 'looked for x', could: 'room for y', next: 'get y' };
    expect(machineChecks({ ...bare, firstModel }).slice(-2)).toEqual([
      ok('machine', 'room for y'),
      warn('models', 'looked for x', 'get y'),
    ]);
  });

  it('names the model servers that cannot be used while another answers', () => {
    const troubles = [{ server: 'box', problem: 'no answer in 2000 ms' }];
    const told = warn(
      'servers',
      'box is not used: no answer in 2000 ms',
      'start it, or correct MODEL_SERVERS',
    );
    const models = [modelCard({})];
    expect(machineChecks({ ...bare, models, troubles }).at(-1)).toEqual(told);
    const health = { ...well, models: { ...well.models, troubles } };
    expect(serviceChecks('http://x', health).at(-1)).toEqual(told);
  });

  it.each([
    [{ installed: false, accelerator: undefined, models: 0 }, 'gpus', []],
    [
      { installed: false, accelerator: undefined, models: 2 },
      'none',
      [
        warn(
          'runtime',
          '2 models in AGENT_HOME/models and nothing that runs them',
          'agentctl models runtime install',
        ),
      ],
    ],
    [
      { installed: true, accelerator: undefined, models: 1 },
      'none',
      [ok('runtime', 'llama.cpp for the processor')],
    ],
    [
      { installed: true, accelerator: undefined, models: 1 },
      'gpus',
      [
        warn(
          'runtime',
          'llama.cpp for the processor: it does not use the GPU',
          'agentctl models runtime install --gpu auto',
        ),
      ],
    ],
    [
      { installed: true, accelerator: 'cuda', models: 1 },
      'gpus',
      [ok('runtime', 'llama.cpp for cuda')],
    ],
  ] as const)('of what runs the models here tells what is missing: %j', (runtime, kind, checks) => {
    expect(runtimeCheck(runtime, { kind })).toEqual(checks);
  });

  it('finds the runtime, what it was made for, and the models, by what lies there', () => {
    const root = mkdtempSync(join(tmpdir(), 'agent-doctor-'));
    const nothing = { installed: false, accelerator: undefined, models: 0 };
    expect(findLocalRuntime(root, root)).toEqual(nothing);
    mkdirSync(join(root, 'models'));
    for (const name of ['a.gguf', 'a.gguf.sha256', 'b.gguf.part']) {
      writeFileSync(join(root, 'models', name), '');
    }
    mkdirSync(join(root, 'node_modules/node-llama-cpp/dist'), { recursive: true });
    writeFileSync(join(root, 'node_modules/node-llama-cpp/dist/index.js'), '');
    mkdirSync(join(root, 'node_modules/@node-llama-cpp/linux-x64-vulkan'), { recursive: true });
    const found = { installed: true, accelerator: 'vulkan', models: 1 };
    expect(findLocalRuntime(root, root)).toEqual(found);
    rmSync(root, { recursive: true });
  });

  it('fails on a claim of the sandbox that did not hold when it was tried', () => {
    const proved = [
      { claim: 'no network', held: true },
      { claim: 'no writing outside', held: false },
    ];
    const sandbox = { tier: 'bubblewrap' as const, detail: 'ok', proved };
    const levels = machineChecks({ ...bare, sandbox })
      .slice(0, 3)
      .map(({ level }) => level);
    expect(levels).toEqual(['OK', 'OK', 'FAIL']);
  });

  it('tells who holds a run to its limits, and how the kernel comes to do it', () => {
    const sandbox = { tier: 'bubblewrap' as const, detail: 'ok', proved: [] };
    const told = (limits: NonNullable<Machine['sandbox']['limits']>) =>
      machineChecks({ ...bare, sandbox: { ...sandbox, limits } })[1];
    expect(told({ by: 'cgroup', detail: 'by the kernel' })).toEqual(
      ok('sandbox', 'limits: by the kernel'),
    );
    const remedy = 'systemd-run ...';
    expect(told({ by: 'watchdog', detail: 'by a look', remedy })).toEqual({
      ...ok('sandbox', 'limits: by a look'),
      fix: remedy,
    });
  });

  it('reports a service that is down as a warning that names the start', () => {
    expect(serviceChecks('http://x', 'refused')).toEqual([warn('service', 'refused', 'npm start')]);
  });

  it('fails when the database is away or no worker is alive', () => {
    const broken: HealthAnswer = {
      ...well,
      status: 'unavailable',
      database: { ok: false, detail: 'connection refused' },
      workers: { ok: false, alive: 0, slots: 0, running: 0 },
    };
    const failed = serviceChecks('http://x', broken).filter(({ level }) => level === 'FAIL');
    expect(failed.map(({ area }) => area)).toEqual(['service', 'database', 'workers']);
    expect(serviceChecks('http://x', well).every(({ level }) => level === 'OK')).toBe(true);
  });

  it('tells a refused key from a refused payload', () => {
    expect(keyCheck(422, 'API_KEY')).toEqual(ok('key', 'accepted (API_KEY)'));
    expect(keyCheck(401, 'API_KEY').level).toBe('FAIL');
  });

  it('shows how to start beside a port that is taken', () => {
    const check = portCheck({ variable: 'PORT', port: 8080 }, false);
    expect(check).toEqual(
      fail(
        'port',
        '8080 is taken by another program (PORT)',
        'stop that program, or: PORT=0 npm start',
      ),
    );
  });

  it('puts every fix below its line', () => {
    expect(checkLines([ok('node', '24'), fail('port', 'taken', 'free it')], PLAIN)).toEqual([
      'OK    node  24',
      'FAIL  port  taken',
      '      fix: free it',
    ]);
  });
});
