import {
  noticeLines,
  type ScaffoldRequest,
  type SourceFile,
  snakeCase,
  stemOf,
} from './sourceFile.ts';

/** TypeScript that Node runs by itself, by stripping types; JSX it cannot. */
const RUNNABLE = /(?<!\.d)\.(?:[cm]?ts|[cm]?js)$/;
const MODULE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const TEST = /(?:^|\/)(?:tests?|__tests__)\/|\.(?:test|spec)\./;

/** Modules of TypeScript or JavaScript, and one node:test for each that loads it. */
export function scriptFiles(request: ScaffoldRequest): SourceFile[] {
  const modules = request.missing.filter((path) => MODULE.test(path));
  const loaded = modules.filter((path) => RUNNABLE.test(path) && !TEST.test(path));
  return [
    ...modules.map((path) => ({ path, content: skeleton(path, request.goal) })),
    ...smokeTest(loaded, request),
    ...packageFile(request),
  ];
}

/** Plain `.js` may be read as either kind of module: it holds nothing that only one of them allows. */
function skeleton(path: string, goal: string): string {
  const notice = noticeLines('//', goal);
  return /\.(?:jsx?|cjs|cts)$/.test(path) ? notice : `${notice}export {};\n`;
}

function smokeTest(modules: readonly string[], { existingFiles }: ScaffoldRequest): SourceFile[] {
  const [first] = modules;
  if (first === undefined) return [];
  const path = `test/${snakeCase(stemOf(first))}.smoke.test.mjs`;
  if (existingFiles.includes(path)) return [];
  const urls = modules.map((module) => `  ${JSON.stringify(`../${module}`)},\n`).join('');
  const content = `// Proves that the skeleton can be loaded, not that the goal was met.
import assert from 'node:assert/strict';
import test from 'node:test';

const modules = [
${urls}];

for (const path of modules) {
  test(\`\${path} loads\`, async () => {
    assert.ok(await import(path));
  });
}
`;
  return [{ path, content }];
}

function packageFile({ nonNegotiables, existingFiles, missing }: ScaffoldRequest): SourceFile[] {
  const path = 'package.json';
  const isAsked = nonNegotiables.build_tool === 'npm' || missing.includes(path);
  if (!isAsked || existingFiles.includes(path)) return [];
  const manifest = {
    name: 'scaffold',
    version: '0.1.0',
    private: true,
    type: 'module',
    scripts: { test: 'node --test' },
  };
  return [{ path, content: `${JSON.stringify(manifest, null, 2)}\n` }];
}
