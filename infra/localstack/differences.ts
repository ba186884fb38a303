import * as z from 'zod';
import file from './differences.json' with { type: 'json' };

/** The embedded edge and the emulators that `npm run test:localstack` knows. */
const EmulatorName = z.enum(['embedded', 'localstack', 'ministack', 'moto']);

const Probe = z.enum([
  'account',
  'queueUrl',
  'deadPoll',
  'traceHeader',
  'moveTask',
  'timeToLive',
  'transaction',
  'partiql',
  'webPage',
  'health',
]);

const Difference = z.strictObject({
  /** How a test finds out: see test/support/edgeProbes.ts. */
  probe: Probe,
  behaviour: z.string(),
  /** What the probe finds; absent where the emulator has no such service here. */
  found: z.partialRecord(EmulatorName, z.string()),
});

const Differences = z.strictObject({
  /** What was looked at, with its version. */
  emulators: z.record(EmulatorName, z.string()),
  differences: z.array(Difference),
});

export type EmulatorName = z.infer<typeof EmulatorName>;
export type Probe = z.infer<typeof Probe>;
export type Difference = z.infer<typeof Difference>;

/** Where the emulators answer differently; an integration test asks whichever one it runs against. */
export const { emulators: EMULATORS, differences: DIFFERENCES } = Differences.parse(file);

/** What is recorded of an emulator; undefined for one that is not recorded, or has no such service. */
export function recorded(probe: Probe, emulator: string): string | undefined {
  const name = EmulatorName.safeParse(emulator);
  if (!name.success) return undefined;
  return DIFFERENCES.find((difference) => difference.probe === probe)?.found[name.data];
}

/** The page that differences.md holds. */
export function differencesPage(): string {
  const names = EmulatorName.options;
  const rows = [
    ['behaviour', ...names.map((name) => EMULATORS[name])],
    ...DIFFERENCES.map(({ behaviour, found }) => [
      behaviour,
      ...names.map((name) => found[name] ?? 'not run'),
    ]),
  ];
  return `${HEADER}\n${table(rows).join('\n')}\n${FOOTER}`;
}

function table(rows: string[][]): string[] {
  const [head = []] = rows;
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [first = '', ...rest] = rows.map(line);
  return [first, line(widths.map((width) => '-'.repeat(width))), ...rest];
}

const HEADER = `# Where the emulators differ

Made from differences.json by \`node infra/localstack/writeDifferences.ts\`; a unit test compares the two, and an
integration test asks every emulator that it runs against (\`npm run test:integration\`, \`npm run test:localstack\`).
`;

const FOOTER = `
What the service needs (rings, receive counts, redrive, conditional writes, counters, sets) is the same on all of them:
the contract suites of doorbell and presence pass on each, but for what is said below. It does without everything in
this table.

- moto answers in threads without a lock around an item: of a hundred clients that add to one counter at once some are
  lost, now and then. Tests of contention are skipped there.
- LocalStack 4.14 in host mode runs SQS only: its DynamoDB is Amazon's DynamoDB Local, a Java program that it downloads
  with a Java 21 at the first request, from places that a package index does not replace.
- LocalStack 4.14 listens on every address whatever GATEWAY_LISTEN says of IPv4; \`emulators/localstackOnLoopback.py\`
  corrects that. MiniStack does so without BIND_HOST.
- LocalStack 4.14 needs Python 3.13 though its package says 3.10, and older versions of cbor2, plux, pyOpenSSL and
  localstack-twisted than it asks for: the whole set is pinned in \`emulators/localstack.txt\`.
`;
