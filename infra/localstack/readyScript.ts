import type { QueueShape, Resources, TableShape } from './resources.ts';

/** The script with which LocalStack makes the queues and tables once it is ready; ready.d/10-resources.sh holds it. */
export function readyScript(resources: Resources): string {
  const steps = [...resources.queues.map(createQueue), ...resources.tables.map(createTable)];
  return `${HEADER}\n${steps.join('\n')}`;
}

const HEADER = `#!/bin/sh
# Made from resources.json by \`node infra/localstack/writeReadyScript.ts\`; a unit test compares the two.
set -eu
`;

function createQueue(queue: QueueShape): string {
  const redrive =
    queue.deadLetterQueue === undefined
      ? {}
      : {
          RedrivePolicy: JSON.stringify({
            deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${queue.deadLetterQueue}`,
            maxReceiveCount: queue.maxReceiveCount,
          }),
        };
  const attributes = {
    VisibilityTimeout: String(queue.visibilityTimeoutSeconds),
    MessageRetentionPeriod: String(queue.retentionSeconds),
    ...redrive,
  };
  return `awslocal sqs create-queue --region us-east-1 --queue-name ${queue.name} \\
  --attributes '${JSON.stringify(attributes)}'
`;
}

function createTable({ name, partitionKey, timeToLiveAttribute }: TableShape): string {
  return `awslocal dynamodb describe-table --region us-east-1 --table-name ${name} >/dev/null 2>&1 ||
  awslocal dynamodb create-table --region us-east-1 --table-name ${name} \\
    --billing-mode PAY_PER_REQUEST \\
    --attribute-definitions AttributeName=${partitionKey},AttributeType=S \\
    --key-schema AttributeName=${partitionKey},KeyType=HASH
awslocal dynamodb wait table-exists --region us-east-1 --table-name ${name}
awslocal dynamodb update-time-to-live --region us-east-1 --table-name ${name} \\
  --time-to-live-specification Enabled=true,AttributeName=${timeToLiveAttribute}
`;
}
