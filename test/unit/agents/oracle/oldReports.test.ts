import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { planGradle } from '../../../../lib/agents/oracle/languages/gradle.ts';
import { planMaven } from '../../../../lib/agents/oracle/languages/maven.ts';
import type { OracleSetting } from '../../../../lib/agents/oracle/plan.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'agent-reports-'));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function settingWith(files: string[]): OracleSetting {
  for (const path of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '<testsuite/>');
  }
  const gradle = { tool: 'gradle', path: '/usr/bin/gradle', version: 'Gradle 8.5' };
  return {
    phase: 'smoke',
    tree: { root, files, read: () => undefined },
    project: { language: 'java', tool: 'maven', root: '.' },
    baseTests: new Set(),
    reportDir: root,
    tools: new Map([['gradle', gradle]]),
    nonNegotiables: {},
  };
}

test.each([
  ['Maven', planMaven, 'target/surefire-reports/TEST-AppTest.xml'],
  ['Gradle', planGradle, 'build/test-results/test/TEST-AppTest.xml'],
])('%s reads no report that an answer brought along', (_name, plan, report) => {
  const setting = settingWith(['src/test/java/AppTest.java', report]);
  expect(plan(setting).kind).toBe('runnable');
  expect(existsSync(join(root, report))).toBe(false);
  expect(existsSync(join(root, 'src/test/java/AppTest.java'))).toBe(true);
});
