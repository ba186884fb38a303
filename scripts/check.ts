import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '..');

/** Everything that can be said of the code without running it. */
const CHECKS: Record<string, string[]> = {
  types: ['tsc', '--noEmit', '--pretty', 'false', '-p', '.'],
  style: ['biome', 'ci', '--error-on-warnings', '--diagnostic-level=warn', '--colors=off', '.'],
  boundaries: [
    'depcruise',
    '--config',
    '.dependency-cruiser.cjs',
    'lib',
    'functions',
    'scripts',
    'infra',
  ],
  'dead code': ['knip'],
};

interface Outcome {
  name: string;
  passed: boolean;
  output: string;
}

async function runCheck(name: string, [command = '', ...args]: string[]): Promise<Outcome> {
  const started = performance.now();
  const { failed, all } = await execa(command, args, {
    cwd: root,
    preferLocal: true,
    localDir: root,
    reject: false,
    all: true,
    env: { NO_COLOR: '1' },
  });
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${failed ? 'FAILED' : 'ok    '}  ${name.padEnd(10)}  ${seconds.padStart(5)} s`);
  return { name, passed: !failed, output: all };
}

const outcomes = await Promise.all(
  Object.entries(CHECKS).map(([name, command]) => runCheck(name, command)),
);
const failures = outcomes.filter(({ passed }) => !passed);
for (const { name, output } of failures) console.log(`\n== ${name}\n${output}`);
process.exitCode = failures.length === 0 ? 0 : 1;
