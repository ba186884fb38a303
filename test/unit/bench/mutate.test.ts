import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../scripts/bench/manifest.ts';
import { chooseMutants } from '../../../scripts/bench/mutants/chooseMutants.ts';
import { mutantsOf } from '../../../scripts/bench/mutants/mutate.ts';

describe('mutants', () => {
  it('change one operator, constant, condition or statement each', () => {
    const source = 'def clip(x):\n    if x > 9:\n        x = 9\n    return x\n';
    expect(
      mutantsOf('python', source).map(({ what, before, after }) => [what, before, after]),
    ).toEqual([
      ['condition', 'if x > 9:', 'if True:'],
      ['operator', '>', '>='],
      ['constant', '9', '10'],
      ['statement', 'x = 9', 'pass'],
      ['constant', '9', '10'],
      ['statement', 'return x', 'pass'],
    ]);
  });

  it('leave strings and comments alone', () => {
    expect(mutantsOf('python', 'A = "1 + 1"  # 2 > 1\n')).toEqual([]);
    expect(mutantsOf('javascript', "const a = 'x && y'; // 3\n")).toEqual([]);
  });

  it('differ from their source and from each other', () => {
    const { tasks } = readManifest('examples/proof/manifest.yaml');
    const chosen = chooseMutants(tasks, { count: 300, seed: 1 });
    expect(chosen).toHaveLength(300);
    const texts = chosen.map(({ task, mutant }) => `${task.id}\n${mutant.text}`);
    const golds = tasks.map(({ id, source, answers }) => `${id}\n${answers[0]?.files[source]}`);
    const bases = tasks.map(({ id, source, base }) => `${id}\n${base[source]}`);
    expect(texts.filter((text) => golds.includes(text) || bases.includes(text))).toEqual([]);
    expect(new Set(texts).size).toBeGreaterThan(290);
  });

  it('are the same for the same seed, and others for another', () => {
    const { tasks } = readManifest('examples/proof/manifest.yaml');
    const ids = (seed: number) =>
      chooseMutants(tasks, { count: 40, seed }).map(({ task, mutant }) => task.id + mutant.line);
    expect(ids(7)).toEqual(ids(7));
    expect(ids(7)).not.toEqual(ids(8));
  });
});
