import type { Palette } from '../../agentctl/render/palette.ts';
import { duration, table } from '../../agentctl/render/text.ts';
import type { MutantReport } from './judgeMutants.ts';

export function mutantLines(report: MutantReport, palette: Palette): string[] {
  const rows = table([
    ['mutants', String(report.mutants), 'judged by the agents in the sandbox, without the server'],
    ['killed', String(report.killed), "by the project's own tests, run directly"],
    ['refuted', String(report.refuted), 'of the killed'],
    ['endless', String(report.timedOut), 'never verified'],
    ['verified', String(report.killedButVerified), 'though killed or endless'],
    ['time', duration(report.ms), ''],
  ]);
  const wrong = report.wrong.map(({ task, line, before, after, ended, summary }) =>
    palette.red(`  ${task}, line ${line}: ${before} > ${after}: ${ended}. ${summary}`),
  );
  return [palette.bold('\nMutants of the right answers'), ...rows, ...wrong];
}
