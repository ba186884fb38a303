import { setImmediate as nextTurn } from 'node:timers/promises';
import { bestLines } from '../../retrieval/excerpt.ts';
import { scoreFiles } from '../../retrieval/rankFiles.ts';
import { lineCount } from '../editForm.ts';
import { fencedFile } from '../fencedFile.ts';
import { readSmallText } from '../oracle/judgedTree.ts';
import { sourcesFor } from '../repositoryText.ts';
import type { TaskRun } from '../taskRun.ts';

export interface Found {
  query: string;
  /** Files that the model had not seen, the likeliest first. */
  paths: string[];
}

const FILES_A_QUERY = 3;
const KEY = 'plan.search';

/** Looks in the files that the model was not shown for what a planner asks about: one step of the journal. */
export function lookUp(run: TaskRun, queries: readonly string[]): Promise<Found[]> {
  return run.tools.journal.step<Found[]>({
    key: KEY,
    title: 'Look up what the plan asks for',
    input: { queries, tree: run.baseHash, shown: run.shown },
    run: async () => {
      const found: Found[] = [];
      for (const query of queries) {
        found.push({ query, paths: findUnseen(run, query) });
        // A large repository takes a while to rank: leases are kept in between.
        await nextTurn();
      }
      return { output: found, ok: true, tokens: 0, detail: tell(found) };
    },
  });
}

function findUnseen({ request, baseFiles, shown }: TaskRun, query: string): string[] {
  const seen = new Set(shown);
  const unseen = baseFiles.filter((path) => !seen.has(path));
  const read = (path: string) => readSmallText(request.baseDir, path);
  return scoreFiles(sourcesFor(request.payload, { files: unseen, read }, query), query)
    .filter(({ score }) => score > 0)
    .slice(0, FILES_A_QUERY)
    .map(({ path }) => path);
}

function tell(found: readonly Found[]): string {
  return found
    .map(({ query, paths }) => `"${query}": ${paths.join(', ') || 'nothing that was not shown'}`)
    .join('; ');
}

const EXCERPT_LINES = 60;

export interface FoundBlocks {
  query: string;
  blocks: string[];
  paths: string[];
}

/** What was found in the form of a prompt, as far as there is room: whole files, of long ones the lines that fit best. */
export function foundBlocks(
  run: TaskRun,
  found: readonly Found[],
  maxChars: number,
): FoundBlocks[] {
  let room = maxChars;
  const taken = new Set<string>();
  return found.map(({ query, paths }) => {
    const told: FoundBlocks = { query, blocks: [], paths: [] };
    for (const path of paths) {
      const block = taken.has(path) ? undefined : blockOf(run, path, { query, room });
      if (block === undefined) continue;
      room -= block.length + 2;
      taken.add(path);
      told.blocks.push(block);
      told.paths.push(path);
    }
    return told;
  });
}

function blockOf(
  { request }: TaskRun,
  path: string,
  { query, room }: { query: string; room: number },
): string | undefined {
  const content = readSmallText(request.baseDir, path);
  if (content === undefined) return undefined;
  const whole = fencedFile(path, content);
  if (lineCount(content) <= EXCERPT_LINES && whole.length < room) return whole;
  const { from, lines } = bestLines(content, query, EXCERPT_LINES);
  const to = from + lines.length - 1;
  const part = fencedFile(`${path} (lines ${from} to ${to})`, lines.join('\n'));
  return part.length < room ? part : undefined;
}
