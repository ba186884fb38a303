import { resolve } from 'node:path';
import { findPython } from './localstack/findPython.ts';
import { installEmulator } from './localstack/installEmulator.ts';
import { hasFailed, type Outcome, outcomeTable } from './localstack/outcomeTable.ts';
import { type EmulatorPlan, PLANS } from './localstack/plans.ts';
import { runSuite } from './localstack/runSuite.ts';
import { startEmulator } from './localstack/startEmulator.ts';

/**
 * `npm run test:localstack [-- localstack ministack moto]`: the tests of SQS and DynamoDB against the embedded edge, then
 * against emulators that pip installs below AGENT_HOME. What this machine lacks is told and skipped.
 */
const HOME = resolve(process.env['AGENT_HOME'] || '.agent', 'emulators');
const INTERRUPTED = 130;

const leaving = new AbortController();
// For good: execa passes a signal on and dies of it when nobody else listens.
process.on('SIGINT', () => leaving.abort());
process.on('SIGTERM', () => leaving.abort());

process.exitCode = await main(process.argv.slice(2));

async function main(asked: readonly string[]): Promise<number> {
  const unknown = asked.filter((name) => !PLANS.some((plan) => plan.name === name));
  if (unknown.length > 0) {
    const known = PLANS.map(({ name }) => name).join(', ');
    console.error(`No emulator is called ${unknown.join(', ')}; there are ${known}.`);
    return 2;
  }
  const plans = PLANS.filter(({ name }) => asked.length === 0 || asked.includes(name));
  const runs = [embedded, ...plans.map((plan) => () => emulated(plan))];
  const outcomes: Outcome[] = [];
  for (const run of runs) {
    outcomes.push(await run());
    if (leaving.signal.aborted) return INTERRUPTED;
  }
  console.log(`\n${outcomeTable(outcomes)}`);
  return outcomes.some(hasFailed) ? 1 : 0;
}

async function embedded(): Promise<Outcome> {
  const title = 'embedded edge';
  return await told(title, () => tested(title, undefined));
}

async function emulated(plan: EmulatorPlan): Promise<Outcome> {
  return await told(plan.title, async (log) => {
    const { title } = plan;
    if (process.platform === 'win32') {
      return { title, kind: 'unavailable', why: 'it is for Linux and macOS' };
    }
    const found = await findPython(plan.oldestPython);
    if (found.kind === 'none') return { title, kind: 'unavailable', why: found.why };
    const place = { plan, home: HOME, signal: leaving.signal };
    const installed = await installEmulator({ ...place, python: found.python, log });
    if (installed.kind === 'unavailable') return { title, ...installed };
    const emulator = await startEmulator({ ...place, interpreter: installed.interpreter });
    try {
      log(`runs on Python ${found.python.version} at ${emulator.endpoint}`);
      return await tested(title, emulator.endpoint);
    } finally {
      await emulator.stop();
    }
  });
}

async function tested(title: string, endpoint: string | undefined): Promise<Outcome> {
  const result = await runSuite(endpoint, leaving.signal);
  if (!result.succeeded) console.log(result.output);
  return { title, kind: 'ran', result };
}

type Log = (line: string) => void;

/** Says what happens; one broken emulator does not keep the others from their turn. */
async function told(title: string, work: (log: Log) => Promise<Outcome>): Promise<Outcome> {
  console.log(title);
  const log: Log = (line) => console.log(`  ${line}`);
  try {
    const outcome = await work(log);
    log(outcome.kind === 'ran' ? `${outcome.result.passed} tests passed` : outcome.why);
    return outcome;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    log(leaving.signal.aborted ? 'interrupted' : why);
    return { title, kind: 'broken', why };
  }
}
