import { once } from 'node:events';
import { request } from 'node:http';

/** A long poll of 20 s whose socket the test holds: the AWS client would not let it die. */
export async function startLongPoll(endpoint: string, QueueUrl: string) {
  const poll = request(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'AmazonSQS.ReceiveMessage',
      authorization: 'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/sqs/aws4_request',
    },
  });
  // Being cut off is what this poll is for.
  poll.on('error', () => undefined);
  poll.end(JSON.stringify({ QueueUrl, WaitTimeSeconds: 20 }));
  await once(poll, 'finish');
  return poll;
}
