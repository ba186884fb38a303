import { systemClock } from '../../lib/kernel/clock.ts';
import { createDynamoPresence } from '../../lib/presence/adapters/dynamodb.ts';
import { holdGpu } from '../../lib/presence/holdGpu.ts';

/** Holds most of a GPU until it is killed. Arguments: endpoint, region, table, milliseconds of the lease. */
const [endpoint = '', region = '', tableName = '', ttlMs = ''] = process.argv.slice(2);
const presence = createDynamoPresence({ endpoint, region, tableName, clock: systemClock });
const gpu = { host: 'host-1', id: 'GPU-1', totalMiB: 24_000, freeMiB: 24_000 };
const claim = { gpu, holder: `pid-${process.pid}`, model: 'large', mib: 20_000 };
const hold = await holdGpu({
  presence,
  claim,
  ttlMs: Number(ttlMs),
  onError: () => process.exit(2),
});
process.stdout.write(`${hold.kind}\n`);
