import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { loadConfig } from '../../../lib/config/config.ts';
import { usage } from '../complaint.ts';
import type { Context, Runner } from '../context.ts';
import { EXIT, type ExitCode } from '../exitCode.ts';
import { hashOf, readRecordedHash } from '../pull/recordedHash.ts';
import { table } from '../render/text.ts';

const EXAMPLES = `Examples:
  agentctl models verify
  agentctl models verify qwen2.5-coder-7b-instruct-q4_k_m.gguf --json
`;

export function addVerify(models: Command, run: Runner): void {
  models
    .command('verify')
    .summary('compare the models here with their recorded sha256')
    .description(
      'Read the models in AGENT_HOME/models and compare each with the sha256 that was recorded when it was fetched. ' +
        'Exits with 1 when one is another file now.',
    )
    .addHelpText('before', EXAMPLES)
    .argument('[file]', 'the name of one file; without it all of them')
    .action((file: string | undefined, _flags: object, command: Command) =>
      run(command, (context) => verify(context, file)),
    );
}

interface Verified {
  file: string;
  sha256: string;
  /** Null: none was recorded, or the record holds no hash. */
  recorded: string | null;
  state: 'unchanged' | 'changed' | 'not_recorded';
}

async function verify(context: Context, wanted: string | undefined): Promise<ExitCode> {
  const { host, terminal, json } = context;
  const folder = join(loadConfig({ ...host.environment }).agentHome, 'models');
  const found: Verified[] = [];
  for (const name of namesIn(folder, wanted)) {
    if (terminal.live && !json) terminal.err(`reading ${name} ...\n`);
    found.push(await verifyOne(join(folder, name), host.interrupted));
  }
  const isChanged = found.some(({ state }) => state === 'changed');
  if (json) terminal.out(`${JSON.stringify({ ok: !isChanged, files: found })}\n`);
  else if (found.length === 0) terminal.err(`no model is in ${folder}\n`);
  else terminal.out(`${verifiedLines(found).join('\n')}\n`);
  if (isChanged && !json) {
    terminal.err('a file was changed since it was fetched: do not use it\n');
    terminal.err('  next: remove the file, then agentctl models pull NAME\n');
  }
  return isChanged ? EXIT.unexpected : EXIT.done;
}

function namesIn(folder: string, wanted: string | undefined): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const models = names.filter((name) => /\.gguf$/i.test(name)).toSorted();
  if (wanted === undefined) return models;
  if (models.includes(wanted)) return [wanted];
  const there = models.length === 0 ? 'no model is there' : `there is ${models.join(', ')}`;
  throw usage(`no file ${JSON.stringify(wanted)} in ${folder}`, there, 'agentctl models verify');
}

async function verifyOne(file: string, signal: AbortSignal): Promise<Verified> {
  const sha256 = await hashOf(file, signal);
  const record = readRecordedHash(file);
  if (typeof record !== 'object') return { file, sha256, recorded: null, state: 'not_recorded' };
  const state = record.sha256 === sha256 ? 'unchanged' : 'changed';
  return { file, sha256, recorded: record.sha256, state };
}

const WORDS: Readonly<Record<Verified['state'], string>> = {
  unchanged: 'unchanged since it was fetched',
  changed: 'CHANGED since it was fetched',
  not_recorded: 'nothing was recorded: compare the sha256 with that of its publisher',
};

function verifiedLines(found: readonly Verified[]): string[] {
  return table([
    ['FILE', 'SHA256', 'STATE'],
    ...found.map(({ file, sha256, state }) => [file, sha256, WORDS[state]]),
  ]);
}
