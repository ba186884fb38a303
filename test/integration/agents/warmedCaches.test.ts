import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { runAgentctl } from '../../../scripts/agentctl/agentctl.ts';
import { createHost } from '../../support/agentctlHost.ts';
import { file } from '../../support/modelAnswer.ts';
import { openSolveBench, type SolveBench } from '../../support/solveBench.ts';
import { type CachedProject, GO, GRADLE, JAVA, NODE, PYTHON, RUST } from './cachedProjects.ts';

const root = mkdtempSync(join(tmpdir(), 'warmed-caches-'));
const cacheDir = join(root, 'caches');
let warmed: SolveBench;
let bare: SolveBench;
let tools: ReadonlySet<string>;

beforeAll(async () => {
  [warmed, bare] = [await openSolveBench({ cacheDir }), await openSolveBench()];
  tools = new Set((await warmed.sandbox.toolchains()).map(({ tool }) => tool));
});

afterAll(() => {
  warmed.close();
  bare.close();
  rmSync(root, { recursive: true, force: true });
});

/** What tools say when there is no network, or no registry at the end of it. */
const UNREACHABLE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|Unknown host|UnknownHost|resolve host|Temporary failure|dial tcp|NewConnectionError|timed out|Could not transfer/i;

async function warm(context: TestContext, { tool, cache, tree }: CachedProject): Promise<void> {
  const project = join(root, tool);
  for (const [path, content] of Object.entries(tree)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), content);
  }
  // The tools' own configuration says where their registries are.
  const environment = { ...process.env, CACHE_DIR: cacheDir, HOME: homedir() };
  const { host, out, err } = createHost({ environment: definedIn(environment) });
  const exit = await runAgentctl(
    ['cache', 'warm', '--language', cache, '--project', project],
    host,
  );
  if (exit !== 0 && UNREACHABLE.test(err()))
    context.skip(`no registry for ${cache} can be reached`);
  expect(err()).not.toContain('error:');
  expect(out()).toContain(cacheDir);
}

/** Debian's Gradle is one that does not. */
async function readsCaches(name: string): Promise<boolean> {
  const found = (await warmed.sandbox.toolchains()).find(({ tool }) => tool === name);
  return name !== 'gradle' || !/^([1-5]|6\.[01])\./.test(`${found?.version}.`);
}

function definedIn(environment: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
}

describe.each([JAVA, GRADLE, PYTHON, NODE, GO, RUST])(
  'a $tool project with a dependency',
  (project) => {
    const { tool, runner, source, gold, language, tree } = project;
    const scene = { language, tree, expected: [source], answers: [file(source, gold)] };

    test('is verified once its cache is warm', { timeout: 400_000 }, async (context) => {
      if (!tools.has(tool)) context.skip(`${tool} is not there: install it`);
      if (!(await readsCaches(tool))) context.skip('gradle 6.2 or newer is not there: install it');
      await warm(context, project);
      const { solved } = await warmed.solve(scene);
      expect(solved).toMatchObject({
        verdict: { name: 'verified' },
        proof: { fixed: [project.fixed] },
      });
    });

    test('without that cache is unverified, with what is missing and how to fetch it', {
      timeout: 120_000,
    }, async (context) => {
      if (!tools.has(tool)) context.skip(`${tool} is not there: install it`);
      // Without its runner nothing comes as far as to miss a package.
      const missing = runner === undefined || tools.has(runner) ? project.missing : runner;
      const { solved } = await bare.solve(scene);
      expect(solved).toMatchObject({
        verdict: {
          name: 'unverified',
          reason: 'dependencies_missing',
          summary: expect.stringContaining(missing),
          remedy: expect.stringContaining(`agentctl cache warm --language ${project.cache}`),
        },
      });
    });
  },
);

test('packages that the answer brings along are not those that run the tests', async () => {
  const { solved } = await bare.solve({
    language: 'javascript',
    tree: {
      'package.json': JSON.stringify({
        scripts: { test: 'node node_modules/tap/run.js' },
        devDependencies: { tap: '1.0.0' },
      }),
      'shop.js': 'export const price = 1;\n',
    },
    expected: ['shop.js'],
    answers: [
      file('shop.js', 'export const price = 2;\n') +
        file('node_modules/tap/run.js', "console.log('ok 1 - all of them');\n"),
    ],
  });
  expect(solved).toMatchObject({
    verdict: { name: 'unverified', reason: 'dependencies_missing' },
  });
});

test("the user's own command finds what was fetched", { timeout: 120_000 }, async (context) => {
  if (!tools.has('python3')) context.skip('python3 is not there: install it');
  await warm(context, PYTHON);
  const { solved } = await warmed.solve({
    language: 'python',
    tree: {
      'requirements.txt': 'python-slugify==8.0.4\n',
      'shop.py': 'def address(name):\n    return name\n',
    },
    expected: ['shop.py'],
    answers: [file('shop.py', PYTHON.gold)],
    oracle: {
      command: ['python3', '-c', 'import shop; assert shop.address("Red Tea") == "red-tea"'],
    },
  });
  expect(solved).toMatchObject({ verdict: { name: 'verified' }, proof: { tests: 'command' } });
});
