import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { kindOfPath, type ModelSpeech, SPEECHES } from './modelSpeech.ts';

/** A chat request as it arrived, in any of the dialects. */
export interface ChatRequestBody {
  model?: string;
  messages?: { role: string; content: string }[];
  stream?: boolean;
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  seed?: number;
  stream_options?: { include_usage?: boolean };
  system?: string;
  options?: Record<string, unknown>;
}

export interface RecordedRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: ChatRequestBody;
  /** True once the client went away before the answer was complete. */
  aborted: boolean;
}

export interface ScriptedAnswer {
  text?: string;
  reasoning?: string;
  finish?: 'stop' | 'length';
  /** Null: the server reports no usage. */
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  /** Characters a piece of the stream; 4 when absent. */
  pieceSize?: number;
  pieceDelayMs?: number;
  /** The answer begins when this settles. */
  after?: Promise<unknown>;
  /** What comes after the text: an orderly end, silence, or a cut connection. */
  ending?: 'done' | 'stall' | 'cut';
  /** An HTTP error instead of an answer. */
  status?: number;
  headers?: Record<string, string>;
  error?: string;
  /** Sent word for word instead of an answer, with `contentType`. */
  raw?: string;
  contentType?: string;
}

type Answer = string | ScriptedAnswer;
type AnswerFunction = (request: RecordedRequest, call: number) => Answer | Promise<Answer>;

export interface ScriptedModelServerOptions {
  /** One for each chat request in order, the last one again and again; or made from the request. */
  answers: readonly Answer[] | AnswerFunction;
  /** Names that `/v1/models` lists. */
  models?: readonly string[];
  port?: number;
}

export interface ScriptedModelServer {
  /** Base of the API: `http://127.0.0.1:<port>/v1`. */
  url: string;
  /** Chat requests in the order of their arrival; requests for the list of models are not among them. */
  requests: RecordedRequest[];
  /** Paths of the requests for the list of models, and their headers. */
  listed: string[];
  listHeaders: IncomingMessage['headers'][];
  close(): Promise<void>;
}

const USAGE = { prompt_tokens: 11, completion_tokens: 7 };

/**
 * A model server on loopback whose answers are scripted: real HTTP, real streams. It speaks OpenAI's, Ollama's and
 * Anthropic's dialect, each under its own path.
 */
export async function startScriptedModelServer(
  options: ScriptedModelServerOptions,
): Promise<ScriptedModelServer> {
  const requests: RecordedRequest[] = [];
  const listed: string[] = [];
  const listHeaders: IncomingMessage['headers'][] = [];
  const models = options.models ?? ['scripted-model'];
  const server = createServer((request, response) => {
    serve(request, response).catch((cause: unknown) => {
      response.destroy(cause instanceof Error ? cause : new Error(String(cause)));
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    const list = path.endsWith('/api/tags') ? SPEECHES.ollama : SPEECHES.chat;
    if (list === SPEECHES.ollama || path.endsWith('/models')) {
      listed.push(path);
      listHeaders.push(request.headers);
      return sendJson(response, 200, list.modelList(models));
    }
    const kind = kindOfPath(path);
    if (kind === undefined) return sendError(response, { status: 404 });
    const record = await recordOf(request);
    response.on('close', () => {
      record.aborted = !response.writableFinished;
    });
    requests.push(record);
    const answer = await chooseAnswer(options.answers, record, requests.length);
    await answer.after;
    if (!response.destroyed) await send(response, SPEECHES[kind], record.body, answer);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return {
    url: `http://127.0.0.1:${address.port}/v1`,
    requests,
    listed,
    listHeaders,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function recordOf(request: IncomingMessage): Promise<RecordedRequest> {
  let text = '';
  request.setEncoding('utf8');
  for await (const piece of request) text += piece;
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: text === '' ? {} : JSON.parse(text),
    aborted: false,
  };
}

async function chooseAnswer(
  answers: readonly Answer[] | AnswerFunction,
  record: RecordedRequest,
  call: number,
): Promise<ScriptedAnswer> {
  const answer =
    typeof answers === 'function'
      ? await answers(record, call)
      : (answers[Math.min(call, answers.length) - 1] ?? {
          status: 500,
          error: 'no scripted answer',
        });
  return typeof answer === 'string' ? { text: answer } : answer;
}

async function send(
  response: ServerResponse,
  speech: ModelSpeech,
  body: ChatRequestBody,
  answer: ScriptedAnswer,
): Promise<void> {
  if (answer.status !== undefined) return sendError(response, answer);
  if (answer.raw !== undefined) return sendRaw(response, speech, answer);
  if (body.stream !== true) return sendWhole(response, body, answer);
  await sendStream(response, speech, body, answer);
}

function sendError(response: ServerResponse, answer: ScriptedAnswer): void {
  const status = answer.status ?? 500;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.raw !== undefined) {
    response.writeHead(status, { 'content-type': answer.contentType ?? 'text/plain' });
    response.end(answer.raw);
    return;
  }
  const message = answer.error ?? `scripted status ${status}`;
  sendJson(response, status, { error: { message, type: 'scripted', code: status } });
}

function sendRaw(response: ServerResponse, speech: ModelSpeech, answer: ScriptedAnswer): void {
  response.writeHead(200, { 'content-type': answer.contentType ?? speech.contentType });
  response.end(answer.raw);
}

function sendWhole(response: ServerResponse, body: ChatRequestBody, answer: ScriptedAnswer) {
  const message = {
    role: 'assistant',
    content: answer.text ?? '',
    reasoning_content: answer.reasoning,
  };
  sendJson(response, 200, {
    ...envelope(body, 'chat.completion'),
    choices: [{ index: 0, finish_reason: answer.finish ?? 'stop', message }],
    ...(answer.usage === null ? {} : { usage: answer.usage ?? USAGE }),
  });
}

async function sendStream(
  response: ServerResponse,
  speech: ModelSpeech,
  body: ChatRequestBody,
  answer: ScriptedAnswer,
): Promise<void> {
  const usage = usageOf(speech, body, answer);
  response.writeHead(200, { 'content-type': speech.contentType, 'cache-control': 'no-cache' });
  response.write(speech.opening(body, usage));
  if (answer.reasoning !== undefined) response.write(speech.reasoning(answer.reasoning));
  for (const piece of piecesOf(answer.text ?? '', answer.pieceSize ?? 4)) {
    if (response.destroyed) return;
    response.write(speech.piece(piece));
    if (answer.pieceDelayMs !== undefined) await delay(answer.pieceDelayMs);
  }
  if (answer.ending === 'stall') return;
  if (answer.ending === 'cut') return cut(response);
  response.end(speech.closing(answer.finish ?? 'stop', usage));
}

function usageOf(speech: ModelSpeech, body: ChatRequestBody, { usage = USAGE }: ScriptedAnswer) {
  const asked = speech !== SPEECHES.chat || body.stream_options?.include_usage === true;
  return asked ? usage : null;
}

/** Ends the connection in the middle of the chunked body, once what was written is on its way. */
function cut(response: ServerResponse): void {
  response.write('\n\n', () => response.destroy());
}

function envelope(body: ChatRequestBody, object: string) {
  return { id: 'scripted', object, created: 1, model: body.model };
}

function piecesOf(text: string, size: number): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(text.slice(at, at + size));
  return pieces;
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
