import { expect, it } from 'vitest';
import { judgeModels } from '../../../lib/app/listModels.ts';
import { systemClock } from '../../../lib/kernel/clock.ts';
import { readCards } from '../../../lib/llm/readModelFiles.ts';
import { modelLines } from '../../../scripts/agentctl/commands/models.ts';
import { readingOf } from '../../support/gpuFixture.ts';
import { modelCard } from '../../support/modelCard.ts';

function known() {
  const SERVED = modelCard({ id: 'mine', context_tokens: 4_096 });
  const worker = {
    ...{ workerId: 'a', host: 'here', pid: 1, startedAt: systemClock.now(), concurrency: 2 },
    ...{ running: 0, gpu: readingOf('rtx-3060-ti-8gb.csv'), models: [SERVED], toolchains: {} },
    ...{ sandbox: { tier: 'bubblewrap', detail: '' } as const, speeds: { mine: 42.04 } },
  };
  const cards = readCards(undefined).filter(({ id }) => /coder-(7b|14b)$|next$/.test(id));
  const policy = { licences: undefined, allowCloud: false };
  return judgeModels([worker], {}, { known: cards, policy });
}

it('a table of models tells what can be used, what would fit, how fast it is, why not and how to get it', () => {
  expect(modelLines(known())).toEqual([
    'USE  FITS  MODEL                           CONTEXT  SIZE     NEEDS     SPEED     LICENCE     WHY NOT',
    'yes  yes   mine (openai-compatible)        4,096    -        -         42 tok/s  Apache-2.0',
    'no   no    qwen3-coder-next (not served)   262,144  48.5 GB  46.7 GiB  -         Apache-2.0  no model server that was found serves it; it needs 46.7 GiB at 8192 tokens of context and GPU 0 (NVIDIA GeForce RTX 3060 Ti) has 7.2 GiB free',
    'no   no    qwen2.5-coder-14b (not served)  32,768   9.0 GB   11.2 GiB  -         Apache-2.0  no model server that was found serves it; it needs 11.2 GiB at 8192 tokens of context and GPU 0 (NVIDIA GeForce RTX 3060 Ti) has 7.2 GiB free',
    'no   yes   qwen2.5-coder-7b (not served)   32,768   4.7 GB   6.1 GiB   -         Apache-2.0  no model server that was found serves it: npx agentctl models pull qwen2.5-coder-7b',
  ]);
});

it('on a screen that is too narrow for the table, why not stands below each model, folded', () => {
  expect(modelLines(known(), { live: true, columns: 80 })).toEqual([
    'USE  FITS  MODEL                           CONTEXT  SIZE     NEEDS     SPEED',
    'yes  yes   mine (openai-compatible)        4,096    -        -         42 tok/s',
    '           Apache-2.0',
    'no   no    qwen3-coder-next (not served)   262,144  48.5 GB  46.7 GiB  -',
    '           Apache-2.0 · no model server that was found serves it; it needs 46.7\n' +
      '           GiB at 8192 tokens of context and GPU 0 (NVIDIA GeForce RTX 3060 Ti)\n' +
      '           has 7.2 GiB free',
    'no   no    qwen2.5-coder-14b (not served)  32,768   9.0 GB   11.2 GiB  -',
    '           Apache-2.0 · no model server that was found serves it; it needs 11.2\n' +
      '           GiB at 8192 tokens of context and GPU 0 (NVIDIA GeForce RTX 3060 Ti)\n' +
      '           has 7.2 GiB free',
    'no   yes   qwen2.5-coder-7b (not served)   32,768   4.7 GB   6.1 GiB   -',
    '           Apache-2.0 · no model server that was found serves it: npx agentctl\n' +
      '           models pull qwen2.5-coder-7b',
  ]);
});
