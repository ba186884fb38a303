import { systemClock } from '../../lib/kernel/clock.ts';
import { createDynamoPresence } from '../../lib/presence/adapters/dynamodb.ts';
import { generateRequest } from './generateRequest.ts';
import { readingOf } from './gpuFixture.ts';
import { placesOn } from './leasedModel.ts';
import { openTinyModel } from './tinyModel.ts';

/** Loads a model on a leased GPU and holds it until it is killed. Arguments: runtime, endpoint, region, table, lease ms. */
const [runtime = '', endpoint = '', region = '', tableName = '', ttlMs = ''] =
  process.argv.slice(2);
const presence = createDynamoPresence({ endpoint, region, tableName, clock: systemClock });
const findPlace = placesOn({
  ...{ presence, reading: readingOf('rtx-4090-24gb.csv'), ttlMs: Number(ttlMs) },
  holder: `pid-${process.pid}`,
});
const { provider } = openTinyModel(runtime, { sizes: [{ slots: 1, mib: 20_000 }], findPlace });
await provider.generate(generateRequest({ maxTokens: 5 }));
process.stdout.write(`${provider.pid}\n`);
