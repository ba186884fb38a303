import { execa } from 'execa';
import { beforeAll, expect, test } from 'vitest';
import { buildFunctions } from '../../scripts/build.ts';

let outdir: string;
let names: string[];

beforeAll(async () => {
  const report = await buildFunctions();
  outdir = report.outdir;
  names = report.functions.filter((name) => name !== 'worker');
});

/** Imports every bundle as Lambda's runtime would, in a bare process outside the repository's packages. */
const LOADER = `
globalThis.awslambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: { from: (stream) => stream },
};
const [outdir, ...names] = process.argv.slice(1);
for (const name of names) {
  const { handler } = await import(outdir + '/' + name + '/handler.mjs');
  console.log(name, typeof handler);
}
process.exit();
`;

test('every bundled handler loads under Node 24 and is a function', async () => {
  expect(process.version).toMatch(/^v24\./);
  const args = ['--input-type=module', '--eval', LOADER, outdir, ...names];
  const { stdout } = await execa(process.execPath, args, {
    extendEnv: false,
    env: { AWS_EMF_ENVIRONMENT: 'Local' },
    cwd: '/',
  });
  expect(stdout.split('\n')).toEqual(names.map((name) => `${name} function`));
});
