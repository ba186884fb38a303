import type { Context } from 'aws-lambda';

/** The context of one invocation; its clock counts down from `limitMs`. */
export function lambdaContext(functionName: string, requestId: string, limitMs: number): Context {
  const deadline = performance.now() + limitMs;
  const unused = (): never => {
    throw new Error('done, fail and succeed are gone since Node 24 on Lambda: return a promise');
  };
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '1024',
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local',
    getRemainingTimeInMillis: () => Math.max(0, Math.floor(deadline - performance.now())),
    done: unused,
    fail: unused,
    succeed: unused,
  };
}
