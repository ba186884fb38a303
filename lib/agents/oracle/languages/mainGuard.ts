import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { assetPath } from '../../../kernel/assets.ts';
import type { TestCase } from '../../../task/verdict.ts';
import { readReport } from '../judgedTree.ts';
import { caseName, type OracleSetting } from '../plan.ts';
import { isTestModule } from '../testFiles.ts';

/** A test program that tells whether it was started, and how its main ended. */
export interface GuardedTest {
  /** Of its source. */
  path: string;
  /** Name of its report below the report folder. */
  mark: string;
  secret: string;
}

const HEADERS = ['mainGuard.h', 'exitGuard.h'];
const FOLDER = 'mains';

/** Puts the guard into every test source of the copy that has a main; into none where the guard cannot work. */
export function guardMains(setting: OracleSetting): GuardedTest[] {
  const { tree, reportDir } = setting;
  if (!canGuard(setting)) return [];
  for (const name of HEADERS) {
    copyFileSync(assetPath(`lib/agents/oracle/runners/${name}`), join(reportDir, name));
  }
  mkdirSync(join(reportDir, FOLDER), { recursive: true });
  return tree.files
    .filter((path) => isTestModule('cpp', path))
    .flatMap((path, position) => {
      const text = tree.read(path);
      if (text === undefined || !HAS_MAIN.test(text)) return [];
      const test = { path, mark: `${FOLDER}/${position}`, secret: randomBytes(16).toString('hex') };
      writeFileSync(join(reportDir, `${test.mark}.secret`), test.secret);
      writeFileSync(join(tree.root, path), guarded(text, test));
      return [test];
    });
}

export const HAS_MAIN = /^[ \t]*(?:int|auto)[ \t]+main[ \t]*\(/m;

function guarded(text: string, { mark }: GuardedTest): string {
  const lines = text.split('\n');
  const at = afterIncludes(lines);
  const exits = at === 0 ? [] : ['#include "/report/exitGuard.h"', `#line ${at + 1}`];
  const asserts = /\bassert\s*\(/.test(text) ? ['#define ORACLE_ASSERTS 1'] : [];
  return [
    ...lines.slice(0, at),
    ...exits,
    ...lines.slice(at),
    `#define ORACLE_MARK "/report/${mark}"`,
    ...asserts,
    '#include "/report/mainGuard.h"\n',
  ].join('\n');
}

/** Lines up to the last include that stands under no condition. */
function afterIncludes(lines: readonly string[]): number {
  let depth = 0;
  let last = 0;
  lines.forEach((line, at) => {
    if (/^\s*#\s*if/.test(line)) depth += 1;
    if (/^\s*#\s*endif/.test(line)) depth -= 1;
    if (depth === 0 && /^\s*#\s*include\b/.test(line)) last = at + 1;
  });
  return last;
}

const Report = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });

/** It needs the dynamic C library of GNU with dlsym in it (2.34): the sandbox shows the one of this machine. */
function canGuard({ tree }: OracleSetting): boolean {
  const version = Report.safeParse(process.report.getReport()).data?.header.glibcVersionRuntime;
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number);
  const builds = tree.files.filter((path) => BUILD_FILE.test(path));
  const isStatic = builds.some((path) => /(^|\s)-static\b/m.test(tree.read(path) ?? ''));
  return (major > 2 || (major === 2 && minor >= 34)) && !isStatic;
}

const BUILD_FILE = /(^|\/)((GNUm|[Mm])akefile|CMakeLists\.txt)$/;

/** A case for each program that was run. */
export function readMains(
  { reportDir }: OracleSetting,
  tests: readonly GuardedTest[],
): { ran: TestCase[]; unseen: GuardedTest[] } {
  const ran: TestCase[] = [];
  const unseen: GuardedTest[] = [];
  for (const test of tests) {
    const lines = (readReport(reportDir, test.mark) ?? '').split('\n');
    const words = lines.filter((line) => line.startsWith(`${test.secret} `));
    if (words.length === 0) unseen.push(test);
    else ran.push({ name: caseName(test.path, 'main'), outcome: outcomeOf(words) });
  }
  return { ran, unseen };
}

function outcomeOf(words: readonly string[]): TestCase['outcome'] {
  const told = words.map((line) => line.split(' ').slice(1));
  const count = (...names: string[]) => told.filter(([word = '']) => names.includes(word)).length;
  if (count('bent') > 0) return 'errored';
  // Assertions that are switched off look at nothing.
  if (count('idle') > 0) return 'skipped';
  if (told.some(([word = '', code]) => ENDS.includes(word) && code !== '0')) return 'failed';
  return count(...ENDS) < count('started') ? 'failed' : 'passed';
}

const ENDS = ['returned', 'exited'];
