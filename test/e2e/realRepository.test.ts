import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runAgentctl } from '../../scripts/agentctl/agentctl.ts';
import { createHost } from '../support/agentctlHost.ts';
import { git, INVOICE, makeGitRepository, REPORT, snapshotOf } from '../support/gitRepository.ts';
import { type House, openHouse } from '../support/house.ts';
import {
  type ScriptedModelServer,
  startScriptedModelServer,
} from '../support/scriptedModelServer.ts';
import { eventsOf, expectOneEnd } from '../support/watchTask.ts';

let house: House;
let server: ScriptedModelServer | undefined;
let root: string;
beforeAll(async () => {
  house = await openHouse({ LEASE_MS: '8000' });
  root = join(house.workspace, 'shop');
});
afterAll(async () => {
  await server?.close();
  await house.close();
});

const block = (path: string, content: string) => `### FILE: ${path}\n\`\`\`\n${content}\`\`\`\n`;
const passage = (search: string, replace: string) =>
  `<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`;

/** A miss, then an answer that fails the test, then one that passes it and brings a new folder along. */
const ANSWERS = [
  block('shop/billing/invoice.py', passage('    return round(sum(amount), 1)\n', '    pass\n')) +
    block('bin/report', REPORT.replace('1', '2')),
  block(
    'shop/billing/invoice.py',
    passage('    return round(sum(amounts), 1)\n', '    return round(sum(amounts), digits - 2)\n'),
  ),
  block(
    'shop/billing/invoice.py',
    passage(
      '    return round(sum(amounts), digits - 2)\n',
      '    return rounded(sum(amounts), digits)\n',
    ) +
      passage(
        '"""Totals of invoices."""\n',
        '"""Totals of invoices."""\n\nfrom shop.money.rounding import rounded\n',
      ),
  ) +
    block('shop/money/__init__.py', '') +
    block(
      'shop/money/rounding.py',
      'def rounded(amount, digits):\n    return round(amount, digits)\n',
    ),
];

async function agentctl(...argv: string[]): Promise<{ code: number; out: string }> {
  const environment = { AGENTCTL_URL: house.url, AGENTCTL_API_KEY: 'test-key' };
  const { host, out, err } = createHost({ environment });
  const code = await runAgentctl(argv, host);
  return { code, out: out() + err() };
}

async function verifiedTask(): Promise<string> {
  server = await startScriptedModelServer({ answers: ANSWERS });
  house.startWorker({ MODEL_SERVERS: `scripted=${server.url}` });
  const { task_id: taskId } = await house.client.submitTask({
    type: 'CODE',
    input: {
      language: 'python',
      repo: { path: root },
      goal: 'Totals of invoices are rounded to one digit; they must keep the digits that are asked for. Raise the number that bin/report prints.',
    },
    output_contract: { expected_files: ['shop/billing/invoice.py', 'bin/report'] },
    apply: 'never',
  });
  expect(await house.ended(taskId, 150_000)).toMatchObject({
    verdict: { name: 'verified' },
    result: {
      proof: {
        tests: 'base',
        regressed: [],
        fixed: ['tests/test_invoice.py::InvoiceTest.test_total_keeps_its_digits'],
      },
    },
  });
  expectOneEnd(await eventsOf(house.client, taskId));
  return taskId;
}

test('in a repository of 130 files a failing test leads to a verified patch, which goes in and out byte for byte', async (context) => {
  if (spawnSync('git', ['--version']).error !== undefined)
    context.skip('git is not there: install git');
  mkdirSync(root);
  makeGitRepository(root);
  const before = snapshotOf(root);
  expect(Object.keys(before).filter((path) => !path.startsWith('.git/')).length).toBeGreaterThan(
    130,
  );
  const status = git(root, 'status', '--porcelain');
  const taskId = await verifiedTask();
  expect(snapshotOf(root)).toEqual(before);
  expect(server?.requests).toHaveLength(3);

  expect(await agentctl('apply', taskId)).toMatchObject({ code: 0 });
  const applied = snapshotOf(root);
  const touched = Object.keys(applied).filter((path) => applied[path] !== before[path]);
  expect(touched.sort()).toEqual([
    'bin/report',
    'shop/billing/invoice.py',
    'shop/money',
    'shop/money/__init__.py',
    'shop/money/rounding.py',
  ]);
  expect(statSync(join(root, 'bin/report')).mode & 0o777).toBe(0o755);
  expect(readFileSync(join(root, 'shop/billing/invoice.py'), 'utf8')).toBe(
    INVOICE.replace('round(sum(amounts), 1)', 'rounded(sum(amounts), digits)').replace(
      '"""Totals of invoices."""\n',
      '"""Totals of invoices."""\n\nfrom shop.money.rounding import rounded\n',
    ),
  );
  expect(git(root, 'status', '--porcelain').split('\n').sort()).toEqual(
    [...status.split('\n'), ' M bin/report', ' M shop/billing/invoice.py', '?? shop/money/'].sort(),
  );
  git(root, 'fsck', '--strict');

  expect(await agentctl('revert', taskId)).toMatchObject({ code: 0 });
  expect(snapshotOf(root)).toEqual(before);
});
