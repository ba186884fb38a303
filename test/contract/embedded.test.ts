import { afterAll, beforeEach, describe } from 'vitest';
import { openTinyModel, requireRuntime, type TinyModel } from '../support/tinyModel.ts';
import { modelProviderContract } from './modelProvider.ts';

describe('embedded', () => {
  let runtime: string;
  /** One for all: its process is started again after a test that has ended it. */
  let model: TinyModel | undefined;
  beforeEach((ctx) => {
    runtime = requireRuntime(ctx);
  });
  afterAll(() => model?.close());

  modelProviderContract(async () => {
    model ??= openTinyModel(runtime, { slots: 2 });
    return { provider: model.provider, answerable: {} };
  });
});
