import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';

/** `npm test`: the checks, then every test; the last line counts what the runner reported. */
const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  success: z.boolean(),
});

/** Without the long chaos run, which is `npm run test:chaos`. */
const ALL = ['unit', 'integration', 'e2e'].map((name) => `--project=${name}`);
const REPORTERS = ['default', 'json', './scripts/test/skipReasons.ts'].map(
  (reporter) => `--reporter=${reporter}`,
);
const inherit = { stdio: 'inherit', reject: false, preferLocal: true } as const;
const folder = mkdtempSync(join(tmpdir(), 'agent-test-'));
const reportFile = join(folder, 'report.json');

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const checks = await execa('node', ['scripts/check.ts'], inherit);
    if (checks.exitCode !== 0) return 1;
    const reporters = [...REPORTERS, `--outputFile.json=${reportFile}`];
    const given = process.argv.slice(2);
    const asked = given.some((each) => each.startsWith('--project')) ? given : [...ALL, ...given];
    const tests = await execa('vitest', ['run', ...reporters, ...asked], inherit);
    const report = Report.parse(JSON.parse(readFileSync(reportFile, 'utf8')));
    console.log(closingLine(report));
    return tests.exitCode === 0 && report.success ? 0 : 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function closingLine(report: z.infer<typeof Report>): string {
  const skipped = report.numPendingTests > 0 ? `, ${report.numPendingTests} skipped` : '';
  return `${report.numPassedTests} passed, ${report.numFailedTests} failed${skipped}`;
}
