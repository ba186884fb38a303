import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Template } from '../../scripts/deploy/templateProblems.ts';

const root = join(import.meta.dirname, '../..');

/**
 * What `serverless package` makes for a stage, below `folder`/`stage`. Runs without credentials and with proxies to nowhere:
 * packaging must need neither. The functions have to be built.
 */
export async function packageStage(
  folder: string,
  stage: string,
  parameters: string[] = [],
): Promise<Template> {
  const target = join(folder, stage);
  const service = serviceIn(folder, stage);
  const asked = parameters.flatMap((parameter) => ['--param', parameter]);
  await execa('serverless', ['package', '--stage', stage, '--package', target, ...asked], {
    cwd: service,
    preferLocal: true,
    localDir: root,
    extendEnv: false,
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      HTTPS_PROXY: 'http://127.0.0.1:9',
      HTTP_PROXY: 'http://127.0.0.1:9',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
  });
  return JSON.parse(readFileSync(join(target, TEMPLATE_FILE), 'utf8'));
}

/** Every run of serverless begins by emptying `.serverless` beside serverless.yml: two at once need two places. */
function serviceIn(folder: string, stage: string): string {
  const service = join(folder, `service-${stage}`);
  rmSync(service, { recursive: true, force: true });
  mkdirSync(service);
  for (const name of ['infra', 'node_modules', 'package.json', 'package-lock.json']) {
    symlinkSync(join(root, name), join(service, name));
  }
  for (const name of ['serverless.yml', 'dist']) {
    cpSync(join(root, name), join(service, name), { recursive: true });
  }
  return service;
}

export const TEMPLATE_FILE = 'cloudformation-template-update-stack.json';
