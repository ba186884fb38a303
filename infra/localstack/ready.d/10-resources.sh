#!/bin/sh
# Made from resources.json by `node infra/localstack/writeReadyScript.ts`; a unit test compares the two.
set -eu

awslocal sqs create-queue --region us-east-1 --queue-name agent-tasks-dead \
  --attributes '{"VisibilityTimeout":"30","MessageRetentionPeriod":"1209600"}'

awslocal sqs create-queue --region us-east-1 --queue-name agent-tasks \
  --attributes '{"VisibilityTimeout":"30","MessageRetentionPeriod":"345600","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:agent-tasks-dead\",\"maxReceiveCount\":5}"}'

awslocal dynamodb describe-table --region us-east-1 --table-name agent-presence >/dev/null 2>&1 ||
  awslocal dynamodb create-table --region us-east-1 --table-name agent-presence \
    --billing-mode PAY_PER_REQUEST \
    --attribute-definitions AttributeName=pk,AttributeType=S \
    --key-schema AttributeName=pk,KeyType=HASH
awslocal dynamodb wait table-exists --region us-east-1 --table-name agent-presence
awslocal dynamodb update-time-to-live --region us-east-1 --table-name agent-presence \
  --time-to-live-specification Enabled=true,AttributeName=expires_at
