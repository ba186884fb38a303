import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { templateProblems } from './templateProblems.ts';

export interface DeployOptions {
  /** What the user asked for: `--stage prod --param network=own ...`. */
  args: readonly string[];
  /** Where the package goes, and what is deployed. */
  folder: string;
  /** Runs serverless; rejects when it fails. */
  serverless: (args: string[]) => Promise<void>;
  log: (line: string) => void;
}

/** CloudFormation would refuse the template, or take a property that it does not know for a wish. */
export class TemplateRefused extends Error {
  constructor(problems: readonly string[]) {
    super(`nothing was deployed; the template has flaws:\n${problems.join('\n')}`);
    this.name = 'TemplateRefused';
  }
}

/** Only `serverless deploy` knows these. */
const DEPLOY_ONLY = new Set(['--force']);

/**
 * Packages, checks what was packaged, deploys exactly that, and brings the schema up to date. Migrations only ever add, so
 * the functions of before go on with the new schema, and the new ones answer 503 for the seconds until it is there.
 */
export async function deploy({ args, folder, serverless, log }: DeployOptions): Promise<void> {
  const common = args.filter((argument) => !DEPLOY_ONLY.has(argument));
  log('packaging');
  await serverless(['package', '--package', folder, ...common]);
  log('checking the template');
  const problems = templateProblems(readTemplate(folder));
  if (problems.length > 0) throw new TemplateRefused(problems);
  log('deploying');
  await serverless(['deploy', '--package', folder, ...args]);
  log('migrating the database');
  await serverless(['invoke', '--function', 'migrate', ...common]);
}

const Packaged = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});

function readTemplate(folder: string): z.infer<typeof Packaged> {
  const file = join(folder, 'cloudformation-template-update-stack.json');
  return Packaged.parse(JSON.parse(readFileSync(file, 'utf8')));
}
