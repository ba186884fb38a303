import { relative } from 'node:path';
import { styleText } from 'node:util';
import type { ServerTrouble } from '../../lib/task/serverTrouble.ts';
import { fold } from '../agentctl/render/fold.ts';
import type { System } from './system.ts';

const DEFAULT_URL = 'http://127.0.0.1:8080';
const DEVELOPMENT_KEY = 'dev-local';

export interface Ready {
  system: Pick<System, 'url' | 'config'>;
  /** How long the start took. */
  seconds: number;
  /** Of the terminal; undefined where there is none, and no line is broken. */
  columns: number | undefined;
  /** What somebody without a language model should know; absent where one answers. */
  firstModel?: { looked: string; could: string; next: string };
  /** Model servers that cannot be used. */
  troubles: readonly ServerTrouble[];
}

/** Two spaces, a label and two more. */
const INDENT = 13;

/** What a user needs once everything runs. */
export function banner({ system: { url, config }, seconds, columns, ...models }: Ready): string {
  const { firstModel: advice, troubles } = models;
  const bold = (text: string) => styleText('bold', text);
  const isOwnKey = !config.apiKeys.includes(DEVELOPMENT_KEY);
  const target = `${url === DEFAULT_URL ? '' : `AGENTCTL_URL=${url} `}${isOwnKey ? 'AGENTCTL_API_KEY=... ' : ''}`;
  const rows = [
    ['API', `${bold(url)}  (described in ${url}/openapi.json)`],
    ...(isAnywhere(config.host)
      ? [['open to', `every address of this machine (HOST=${config.host})`]]
      : []),
    ['key', `${isOwnKey ? 'yours' : DEVELOPMENT_KEY}, in the header X-API-Key`],
    ['workspace', fromHere(config.workspaceRoot)],
    ['data', fromHere(config.agentHome)],
    ['logs', `${fromHere(config.agentHome)}/logs`],
    // Without a model the line of the models names every server.
    ...(advice === undefined
      ? troubles.map(({ server, problem }) => [
          'not used',
          styleText('yellow', `${server}: ${problem}`),
        ])
      : [
          ['models', `${styleText('yellow', advice.looked)}; tasks get skeletons`],
          ['machine', advice.could],
          ['get one', bold(advice.next)],
        ]),
    [
      advice === undefined ? 'next' : 'then',
      bold(`${target}npx agentctl submit examples/python-roman-numerals.json`),
    ],
    // A skeleton fails the example: it changes no file that is there.
    ...(advice === undefined
      ? []
      : [['or', `${bold('npm run demo')}  (scripted answers, all else is real)`]]),
    ['stop', 'Ctrl-C'],
  ];
  const lines = rows
    .map(([name = '', text]) => `  ${styleText('dim', name.padEnd(INDENT - 2))}${text}`)
    .map((line) => (columns === undefined ? line : fold(line, columns, INDENT)));
  const title = styleText(['bold', 'green'], `Ready after ${seconds.toFixed(1)} s`);
  return ['', `  ${title}`, '', ...lines, ''].join('\n');
}

function fromHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') || short === '' ? path : `./${short}`;
}

function isAnywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
