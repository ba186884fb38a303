import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cruise, type ICruiseOptions, type ICruiseResult } from 'dependency-cruiser';
import extractOptions from 'dependency-cruiser/config-utl/extract-depcruise-options';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const trees = ['functions', 'infra', 'lib', 'scripts'];

/** Every rule, and an import that breaks it: the file that imports, what it imports, and as what. */
const planted: [rule: string, file: string, imported: string, kind?: 'type'][] = [
  ['down-the-stairs:kernel+config', 'lib/config/planted.ts', 'lib/task/event.ts'],
  ['down-the-stairs:task', 'lib/task/planted.ts', 'lib/models/card.ts', 'type'],
  ['down-the-stairs:models+router+retrieval+client', 'lib/router/planted.ts', 'lib/store/store.ts'],
  [
    'down-the-stairs:db+queue+presence+sandbox+llm+gpu+source+telemetry',
    'lib/queue/planted.ts',
    'lib/store/store.ts',
  ],
  ['down-the-stairs:store+events', 'lib/store/planted.ts', 'lib/agents/solve.ts'],
  ['down-the-stairs:agents', 'lib/agents/planted.ts', 'lib/app/submitTask.ts'],
  ['down-the-stairs:app+worker', 'lib/app/planted.ts', 'lib/compose.ts'],
  ['kernel-stands-alone', 'lib/kernel/planted.ts', 'lib/config/config.ts'],
  ['only-compose-picks-adapters', 'lib/db/planted.ts', 'lib/db/adapters/pg.ts'],
  ['only-compose-picks-adapters', 'scripts/planted.ts', 'lib/db/adapters/pg.ts'],
  ['adapters-keep-apart', 'lib/db/adapters/planted.ts', 'lib/queue/adapters/sqs.ts'],
  ['readings-are-types', 'lib/router/gpu.ts', 'lib/gpu/gpu.ts'],
  ['ports-promise-only', 'lib/queue/queue.ts', 'lib/kernel/clock.ts'],
  ['pure-rooms-do-no-io', 'lib/router/reads.ts', 'node:fs'],
  ['client-does-http-only', 'lib/client/reads.ts', 'node:fs'],
  ['client-is-a-stranger', 'lib/client/planted.ts', 'lib/config/config.ts'],
  ['agents-work-anywhere', 'lib/agents/stores.ts', 'lib/store/store.ts', 'type'],
  ['lib-looks-inward', 'lib/http/planted.ts', 'scripts/build.ts'],
  ['tests-are-no-part', 'scripts/tests.ts', 'test/support/house.ts'],
  ['functions-are-doors', 'functions/getTask/planted.ts', 'lib/store/store.ts'],
  ['the-worker-is-a-door', 'functions/worker/planted.ts', 'lib/store/store.ts'],
  ['functions-keep-apart', 'functions/getTask/other.ts', 'functions/cancel/handler.ts'],
  ['functions-use-no-packages', 'functions/getTask/zod.ts', 'zod'],
  ['outsiders-use-the-front', 'infra/planted.ts', 'lib/store/store.ts'],
  ['one-home:postgres', 'lib/store/driver.ts', 'pg'],
  ['one-home:sqs', 'lib/worker/driver.ts', '@aws-sdk/client-sqs'],
  ['one-home:dynamodb', 'lib/worker/table.ts', '@aws-sdk/client-dynamodb'],
  ['one-home:middy', 'lib/app/middy.ts', '@middy/core'],
  ['one-home:telemetry', 'lib/app/spans.ts', '@opentelemetry/api'],
  ['one-home:child-processes', 'lib/agents/runs.ts', 'execa'],
  ['one-home:node-child-processes', 'lib/agents/spawns.ts', 'node:child_process'],
  ['shipped-code-needs-shipped-packages', 'lib/app/checks.ts', 'fast-check'],
  ['resolvable', 'lib/app/missing.ts', './nowhere.ts'],
];

async function cruiseFrom(baseDir: string, folders: string[]): Promise<ICruiseResult> {
  const options: ICruiseOptions = await extractOptions(join(root, '.dependency-cruiser.cjs'));
  const { output } = await cruise(folders, { ...options, baseDir });
  if (typeof output === 'string') throw new Error('expected a result, not a report');
  return output;
}

function found(result: ICruiseResult): string[] {
  return result.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} > ${to}`);
}

function plantTree(): string {
  const tree = mkdtempSync(join(tmpdir(), 'boundaries-'));
  symlinkSync(join(root, 'node_modules'), join(tree, 'node_modules'));
  writeFileSync(join(tree, 'package.json'), packageJson);
  writeFileSync(join(tree, 'tsconfig.json'), '{}');
  for (const [, , imported] of planted) {
    if (/^(lib|functions|scripts|test)\//.test(imported)) write(tree, imported, 'export {};\n');
  }
  for (const [, file, imported, kind] of planted)
    write(tree, file, importLine(file, imported, kind));
  return tree;
}

const packageJson = JSON.stringify({
  type: 'module',
  dependencies: {
    '@aws-sdk/client-dynamodb': '*',
    '@aws-sdk/client-sqs': '*',
    '@middy/core': '*',
    '@opentelemetry/api': '*',
    execa: '*',
    pg: '*',
    zod: '*',
  },
  devDependencies: { 'fast-check': '*' },
});

function importLine(file: string, imported: string, kind?: 'type'): string {
  const isOurs = /^(lib|functions|scripts|test)\//.test(imported);
  const specifier = isOurs ? `${dirname(file).replace(/[^/]+/g, '..')}/${imported}` : imported;
  return `import ${kind === 'type' ? 'type ' : ''}* as it from '${specifier}';\nexport type It = typeof it;\nexport const used = ${kind === 'type' ? '0' : 'it'};\n`;
}

function write(tree: string, file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), text);
}

test('the house has no forbidden doors', async () => {
  const result = await cruiseFrom(root, trees);
  expect(found(result)).toEqual([]);
  // A cruise that reads nothing finds nothing: typescript 7, for one, makes dependency-cruiser do that.
  const ours = result.modules.filter(({ source }) =>
    /^(functions|infra|lib|scripts)\//.test(source),
  );
  expect(ours.length).toBeGreaterThan(200);
});

test('every kind of forbidden door is seen where it is planted', async () => {
  const tree = plantTree();
  const violations = await cruiseFrom(tree, trees).finally(() =>
    rmSync(tree, { recursive: true, force: true }),
  );
  const seen = violations.summary.violations.map(({ rule, from }) => `${rule.name}: ${from}`);
  for (const [rule, file] of planted) expect(seen).toContain(`${rule}: ${file}`);
});

test('a cycle is seen', async () => {
  const tree = plantTree();
  write(tree, 'lib/app/one.ts', "import { two } from './two.ts';\nexport const one = () => two;\n");
  write(tree, 'lib/app/two.ts', "import { one } from './one.ts';\nexport const two = () => one;\n");
  const result = await cruiseFrom(tree, ['lib/app']).finally(() =>
    rmSync(tree, { recursive: true, force: true }),
  );
  expect(found(result).filter((line) => line.startsWith('no-cycles'))).not.toEqual([]);
});

test('every rule has a planted violation', async () => {
  const options: ICruiseOptions = await extractOptions(join(root, '.dependency-cruiser.cjs'));
  const rules = (options.ruleSet?.forbidden ?? []).map(({ name }) => name ?? '');
  const proved = new Set([...planted.map(([rule]) => rule), 'no-cycles']);
  expect(rules.filter((name) => !proved.has(name))).toEqual([]);
});
