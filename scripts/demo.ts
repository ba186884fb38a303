import { createClient } from '../lib/client/createClient.ts';
import { choosePalette, type Palette } from './agentctl/render/palette.ts';
import { count, duration } from './agentctl/render/text.ts';
import { closingLines } from './demo/closing.ts';
import { type Stage, setStage } from './demo/demoSystem.ts';
import { seedExamples } from './demo/examples.ts';
import { disappointment } from './demo/outcome.ts';
import { type Played, playExample } from './demo/playExample.ts';
import { StartRefused } from './start/startRefused.ts';
import { startSystem } from './start/system.ts';

/** `npm run demo`: a whole system of its own takes the shipped examples, live, and is gone again. */
const DETACHED = 130;

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => stopping.abort());
}
// Postgres and the children are processes of their own: they must be stopped before we go.
let fault: unknown;
for (const name of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(name, (error: unknown) => {
    fault ??= error;
    stopping.abort();
  });
}
process.exit(await main());

async function main(): Promise<number> {
  const palette = choosePalette(process.stdout.isTTY === true && !process.env['NO_COLOR']);
  try {
    const played = await perform(palette);
    for (const line of closingLines(played, palette)) console.log(line);
    return played.every(({ task }) => disappointment(task) === undefined) ? 0 : 1;
  } catch (error) {
    if (stopping.signal.aborted && fault === undefined) {
      console.log('Stopped; nothing is left behind.');
      return DETACHED;
    }
    console.error(error instanceof StartRefused ? `\n${error.message}\n` : (fault ?? error));
    return 1;
  }
}

/** What it started and made is gone when it returns, however it ends. */
async function perform(palette: Palette): Promise<Played[]> {
  const dim = (line: string): void => console.log(`  ${palette.dim(line)}`);
  const began = performance.now();
  await using undo = new AsyncDisposableStack();
  const stage = await setStage(process.env);
  undo.defer(() => stage.remove());
  console.log(palette.bold('Starting a system of its own, on free ports and in temporary folders'));
  const system = await startSystem({ env: stage.env, log: dim, signal: stopping.signal });
  undo.defer(() => system.stop());
  dim(`Answers on ${system.url} after ${duration(performance.now() - began)}`);
  // Awaited here: the system must outlive it.
  return await playAll(stage, system.url, palette);
}

async function playAll(stage: Stage, url: string, palette: Palette): Promise<Played[]> {
  const client = createClient({ url, apiKey: stage.apiKey });
  const examples = seedExamples(stage.workspace);
  console.log(palette.bold(`\n${count(examples.length, 'example')}, submitted at once`));
  if (!stage.hasModel) {
    console.log(
      palette.yellow(
        "  No language model was found. The small examples get a scripted answer, not a model's; the Java one gets\n" +
          '  the built-in skeleton. Sandbox, oracles and verdicts are real.',
      ),
    );
  }
  const signal = stopping.signal;
  const print = (line: string): void => console.log(`  ${line}`);
  return Promise.all(
    examples.map((example) => playExample(example, { client, palette, signal, print })),
  );
}
