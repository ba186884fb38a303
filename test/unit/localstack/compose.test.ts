import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { PLANS } from '../../../scripts/localstack/plans.ts';

const Service = z.object({
  image: z.string(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  profiles: z.array(z.string()).default([]),
});
const { services } = z
  .object({ services: z.record(z.string(), Service) })
  .parse(
    parse(
      readFileSync(
        join(import.meta.dirname, '../../../infra/localstack/docker-compose.yml'),
        'utf8',
      ),
    ),
  );

test.each(['localstack', 'ministack'])(
  '%s runs in a container in the version that the tests know, with the same queues and table',
  (name) => {
    const version = PLANS.find((plan) => plan.name === name)
      ?.title.split(' ')
      .at(-1);
    expect(services[name]).toMatchObject({
      image: expect.stringMatching(new RegExp(`:${version?.replaceAll('.', '\\.')}$`)),
      ports: ['127.0.0.1:4566:4566'],
      volumes: ['./ready.d:/etc/localstack/init/ready.d:ro'],
    });
  },
);

test('only one of them is started unasked', () => {
  const unasked = Object.entries(services).filter(([, { profiles }]) => profiles.length === 0);
  expect(unasked.map(([name]) => name)).toEqual(['localstack', 'postgres']);
});
