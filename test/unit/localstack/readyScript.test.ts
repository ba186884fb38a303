import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readyScript } from '../../../infra/localstack/readyScript.ts';
import { RESOURCES, renamedResources } from '../../../infra/localstack/resources.ts';

const committed = readFileSync('infra/localstack/ready.d/10-resources.sh', 'utf8');

describe('the list of resources', () => {
  it('is what the script of LocalStack creates', () => {
    expect(committed).toBe(readyScript(RESOURCES));
  });

  it('gives a task five receives of thirty seconds before it is set aside', () => {
    expect(committed).toContain('--queue-name agent-tasks \\');
    expect(committed).toContain('"VisibilityTimeout":"30"');
    expect(committed).toContain('agent-tasks-dead\\",\\"maxReceiveCount\\":5}');
    expect(committed).toContain('Enabled=true,AttributeName=expires_at');
  });

  it('keeps its shapes under other names', () => {
    const renamed = renamedResources({
      queueName: 'mine',
      deadLetterQueueName: 'mine-dead',
      presenceTable: 'who',
    });
    expect(renamed.queues.map((queue) => queue.name)).toEqual(['mine-dead', 'mine']);
    expect(renamed.queues.find((queue) => queue.name === 'mine')).toMatchObject({
      deadLetterQueue: 'mine-dead',
      maxReceiveCount: 5,
      visibilityTimeoutSeconds: 30,
    });
    expect(renamed.tables).toEqual([
      { name: 'who', partitionKey: 'pk', timeToLiveAttribute: 'expires_at' },
    ]);
  });
});
