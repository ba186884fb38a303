import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { assetPath } from '../../../kernel/assets.ts';
import { declaredRequirements, requirementName } from '../../../task/requirements.ts';
import type { CommandResult, OracleCommand, OracleSetting } from '../plan.ts';

/** Where the wheels of a project are installed; it is there only when one was. */
const SITE = '/report/site';
const RUNNER = 'install.py';
const LIST = 'requirements.txt';

/** What comes before a run of Python, and what that run needs to see of it. */
export interface Wheels {
  commands: readonly OracleCommand[];
  env: Readonly<Record<string, string>>;
}

/** Installs what the project requires from the wheels of the cache, and of `needed` what this machine lacks. */
export function installWheels(setting: OracleSetting, needed: readonly string[] = []): Wheels {
  const { tree, reportDir } = setting;
  const declared = declaredRequirements(tree);
  const names = new Set(declared.map(requirementName));
  const wanted = [
    ...declared,
    ...needed.filter((name) => !names.has(name)).map((name) => `?${name}`),
  ];
  if (wanted.length === 0) return { commands: [], env: {} };
  copyFileSync(assetPath(`lib/agents/oracle/runners/${RUNNER}`), join(reportDir, RUNNER));
  writeFileSync(join(reportDir, LIST), wanted.join('\n'));
  const args = ['-I', `/report/${RUNNER}`, `/report/${LIST}`, SITE, '/caches/pip'];
  return {
    commands: [{ tool: 'python3', args, keepGoing: true }],
    // For what the tests start by themselves.
    env: { PYTHONPATH: SITE },
  };
}

const Told = z.object({ lacking: z.array(z.string()) });

/** The requirements that are neither in the cache nor on this machine. */
export function lackingWheels(results: readonly CommandResult[]): string[] {
  const install = results.find(({ command }) => command.args.includes(`/report/${RUNNER}`));
  const line = install?.ran.stdout.trim().split('\n').at(-1) ?? '';
  return line.startsWith('{') ? (Told.safeParse(JSON.parse(line)).data?.lacking ?? []) : [];
}
