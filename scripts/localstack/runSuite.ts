import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import * as z from 'zod';

export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Why tests were skipped, with how many of them. */
  reasons: Map<string, number>;
  ms: number;
  succeeded: boolean;
  /** What the runner printed. */
  output: string;
}

/** What is said of SQS and DynamoDB, not of the embedded edge. */
const FILES = [
  'test/contract/sqsDoorbell.test.ts',
  'test/contract/dynamodbPresence.test.ts',
  'test/integration/localstack/sqs.test.ts',
  'test/integration/localstack/dynamoDb.test.ts',
  'test/integration/localstack/differences.test.ts',
];

const TIMEOUT_MS = 300_000;

/** Runs the tests against the endpoint, or against an embedded edge of their own. Throws when they could not be run. */
export async function runSuite(
  endpoint: string | undefined,
  signal: AbortSignal,
): Promise<SuiteResult> {
  const folder = mkdtempSync(join(tmpdir(), 'agent-emulator-'));
  const reportFile = join(folder, 'report.json');
  const began = performance.now();
  try {
    const { all, exitCode, timedOut } = await execa(
      'vitest',
      [
        ...['run', '--project', 'integration', ...FILES],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`],
      ],
      {
        all: true,
        reject: false,
        preferLocal: true,
        timeout: TIMEOUT_MS,
        cancelSignal: signal,
        env: { AWS_ENDPOINT_URL: endpoint, NO_COLOR: '1' },
      },
    );
    signal.throwIfAborted();
    if (timedOut) throw new Error(`the tests had not ended after ${TIMEOUT_MS} ms:\n${all}`);
    const ms = performance.now() - began;
    return { ...readReport(reportFile, all), ms, succeeded: exitCode === 0, output: all };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const Test = z.object({
  status: z.string(),
  meta: z.looseObject({ skipped: z.string().optional() }),
});

const Report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  testResults: z.array(z.object({ assertionResults: z.array(Test) })),
});

function readReport(file: string, output: string) {
  const report = Report.parse(JSON.parse(read(file, output)));
  const reasons = new Map<string, number>();
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
  for (const { meta } of tests) {
    if (meta.skipped === undefined) continue;
    reasons.set(meta.skipped, (reasons.get(meta.skipped) ?? 0) + 1);
  }
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests,
    reasons,
  };
}

function read(file: string, output: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Error(`the tests were not run:\n${output.slice(-2_000)}`, { cause });
  }
}
