import { join } from 'node:path';
import { ExecaError, execa } from 'execa';
import { buildFunctions } from './build.ts';
import { deploy, TemplateRefused } from './deploy/deploy.ts';

/** `npm run deploy -- --stage <name> [--param <name>=<value> ...]`: the functions on AWS, with the schema they need. */
const root = join(import.meta.dirname, '..');
process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  const log = (line: string) => console.error(`deploy: ${line}`);
  const { functions } = await buildFunctions(root);
  log(`${functions.length} functions are bundled`);
  try {
    await deploy({ args, folder: join(root, '.serverless'), serverless, log });
    log('done');
    return 0;
  } catch (error) {
    if (error instanceof TemplateRefused) log(error.message);
    else if (!(error instanceof ExecaError)) throw error; // serverless has said what went wrong.
    return 1;
  }
}

async function serverless(args: string[]): Promise<void> {
  await execa('serverless', args, {
    cwd: root,
    preferLocal: true,
    localDir: root,
    stdio: 'inherit',
  });
}
