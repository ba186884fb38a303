import { expect, test } from 'vitest';
import { usedExports } from '../../../scripts/build/usedExports.ts';

const used = (bundles: string[], ...packages: string[]) =>
  Object.fromEntries(
    [...usedExports(bundles, (name) => `/layer/${name}.mjs`, packages)].map(([name, exported]) => [
      name,
      [...exported],
    ]),
  );

test('what bundles import is collected over all of them, by the name that the package gives it', () => {
  const one = 'import { Client, Server as Server2 } from "/layer/net.mjs";\nServer2();';
  const two =
    'import { Client as Client3 } from "/layer/net.mjs";\nimport {\n  Pool\n} from "/layer/db.mjs";';
  expect(used([one, two], 'net', 'db')).toEqual({ net: ['Client', 'Server'], db: ['Pool'] });
});

test('a default import and its companions are found', () => {
  expect(used(['import pg2, { types } from "/layer/pg.mjs";'], 'pg')).toEqual({
    pg: ['default', 'types'],
  });
  expect(used(['import middy from "/layer/middy.mjs";'], 'middy')).toEqual({ middy: ['default'] });
});

test('of a namespace the members count that somebody asks for', () => {
  const bundle =
    'import * as z2 from "/layer/zod.mjs";\nvar A = z2.object({ b: z2.string().z3() }), z = { z2: a.z2.nothing };';
  expect(used([bundle], 'zod')).toEqual({ zod: ['object', 'string'] });
});

test('other imports are nobody of the layer', () => {
  expect(used(['import { join } from "node:path";\nimport "./chunk.mjs";'], 'zod')).toEqual({
    zod: [],
  });
});
