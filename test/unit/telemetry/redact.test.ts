import { describe, expect, it } from 'vitest';
import { redactFields, redactText } from '../../../lib/telemetry/redact.ts';

const PLANTED = 'pl4nted-Secret-0123456789abcdef';

describe('secrets inside text', () => {
  it.each([
    ['a database address', `connect postgresql://agent:${PLANTED}@localhost:5432/agent failed`],
    ['a password with an @ in it', `amqp://agent:a@${PLANTED}@host/queue`],
    ['a bearer header', `sent Authorization: Bearer ${PLANTED}`],
    ['a basic header', `Authorization: Basic ${PLANTED}`],
    ['a bare bearer token', `curl said: bearer ${PLANTED} is expired`],
    ['an API key assignment', `X-API-Key: ${PLANTED}`],
    ['an environment line', `AWS_SECRET_ACCESS_KEY=${PLANTED} node main.js`],
    ['JSON text', `{"password":"${PLANTED}","user":"x"}`],
    ['a query string', `GET /a?api_key=${PLANTED}&b=1`],
    ['a token assignment', `token=${PLANTED}`],
    ['a private key', `-----BEGIN RSA PRIVATE KEY-----\n${PLANTED}\n-----END RSA PRIVATE KEY-----`],
    ['a cut private key', `-----BEGIN PRIVATE KEY-----\n${PLANTED}`],
    ['a hosted model key', `key sk-${PLANTED}`],
  ])('are redacted in %s', (_where, text) => {
    const clean = redactText(text);
    expect(clean).not.toContain(PLANTED);
    expect(clean).toContain('[redacted]');
  });

  it('are redacted when they are AWS access key ids or JSON web tokens', () => {
    expect(redactText('using AKIAIOSFODNN7EXAMPLE now')).toBe('using [redacted] now');
    expect(redactText('eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJSMeK')).toBe('[redacted]');
  });

  it('leave the place readable', () => {
    expect(redactText('postgresql://agent:hunter2@localhost:5432/agent')).toBe(
      'postgresql://agent:[redacted]@localhost:5432/agent',
    );
  });

  it.each([
    'Main.java:3: error: unexpected token: ;',
    'see http://127.0.0.1:8080/v1/tasks and http://localhost:4566/000/queue',
    'max_tokens: 2048, prompt_tokens=17',
    'basic arithmetic works; the bearer of this message',
    '3 passed in 0.01s (test_roman.py::Numerals::test_four)',
  ])('are not seen in the ordinary line %j', (text) => {
    expect(redactText(text)).toBe(text);
  });

  it('are looked for in linear time, whatever a tool prints', () => {
    const began = performance.now();
    for (const piece of ['a', 'a-', '://', 'eyJ', 'token', ' ', 'bearer ', '@', 'authorization']) {
      redactText(piece.repeat(60_000 / piece.length));
    }
    expect(performance.now() - began).toBeLessThan(3_000);
  });
});

describe('secrets in fields', () => {
  it('are redacted by the name of the field, at any depth', () => {
    const fields = {
      apiKey: PLANTED,
      headers: { 'X-Api-Key': PLANTED, Authorization: PLANTED, 'Set-Cookie': [PLANTED] },
      database: { password: PLANTED, sessionToken: PLANTED, aws_secret_access_key: PLANTED },
    };
    expect(JSON.stringify(redactFields(fields))).not.toContain(PLANTED);
  });

  it('are redacted inside errors, their causes and their own fields', () => {
    const cause = new Error(`no route to postgres://u:${PLANTED}@h/d`);
    const error = Object.assign(new Error('failed', { cause }), { password: PLANTED });
    const clean = redactFields({ err: error });
    expect(JSON.stringify(clean)).not.toContain(PLANTED);
    expect(clean).toMatchObject({
      err: { type: 'Error', message: 'failed', cause: { type: 'Error' } },
    });
  });

  it('do not take counts and flags with them', () => {
    const fields = { max_tokens: 2048, token: 12, apiKey: false, api_key_hash: 'abc', tokens: 3 };
    expect(redactFields(fields)).toEqual(fields);
  });

  it('survive what JSON cannot hold', () => {
    const circle: Record<string, unknown> = {
      big: 12n,
      bytes: Buffer.from('abc'),
      at: new Date(0),
    };
    circle['self'] = circle;
    expect(redactFields({ circle })).toEqual({
      circle: { big: '12', bytes: '[3 bytes]', at: '1970-01-01T00:00:00.000Z', self: '[circular]' },
    });
  });
});
