/**
 * The process that holds one model: started by modelProcess.ts, never imported. A crash of native code ends this process
 * and nothing else, and its end gives all memory back. Plain JavaScript, because the build copies it as it is.
 */
import process from 'node:process';
import { pathToFileURL } from 'node:url';

/** @type {{ runtime: string, model: string, contextTokens: number, slots: number, threads: number, gpu: string | false }} */
const options = JSON.parse(process.argv[2] ?? '{}');
const running = new Map();
// The worker is gone: nobody would end this process any more.
process.on('disconnect', () => process.exit(0));

const llamaCpp = await import(pathToFileURL(options.runtime).href);
const loaded = await load().catch((error) => {
  send({ type: 'failed', message: messageOf(error) });
  process.exit(1);
});

process.on('message', (message) => {
  if (message.type === 'abort') running.get(message.id)?.abort();
  else void answer(message);
});
send({
  type: 'ready',
  contextTokens: loaded.context.contextSize,
  gpu: loaded.llama.gpu === false ? null : loaded.llama.gpu,
});

async function load() {
  const { gpu, threads, model: modelPath, contextTokens, slots } = options;
  const llama = await llamaCpp.getLlama({
    gpu,
    maxThreads: threads,
    // Nothing is compiled or fetched behind anybody's back.
    build: 'never',
    skipDownload: true,
    logLevel: llamaCpp.LlamaLogLevel.error,
    progressLogs: false,
  });
  const model = await llama.loadModel({ modelPath });
  // Without a number it takes 4 threads, also where there are 2 cores, which is slower by a factor of hundreds.
  const context = await model.createContext({
    contextSize: contextTokens,
    sequences: slots,
    threads,
  });
  return { llama, model, context };
}

async function answer({ id, messages, maxTokens, temperature, seed, grammar }) {
  const controller = new AbortController();
  running.set(id, controller);
  const sequence = loaded.context.getSequence();
  try {
    const session = new llamaCpp.LlamaChatSession({ contextSequence: sequence });
    // All but the last message; without it the library puts a system prompt of its own before.
    session.setChatHistory(messages.slice(0, -1).map(historyItem));
    const promptTokens = countTokens(session.chatWrapper, messages);
    const room = loaded.context.contextSize - promptTokens;
    if (room < 1) {
      send({ type: 'overflow', id, promptTokens, contextTokens: loaded.context.contextSize });
      return;
    }
    const before = sequence.tokenMeter.getState();
    const { stopReason } = await session.promptWithMeta(messages.at(-1).content, {
      // Beyond its context the library would forget the start of the conversation, in silence.
      maxTokens: Math.min(maxTokens, room),
      budgets: { thoughtTokens: Math.floor(maxTokens / 4) },
      temperature,
      seed,
      signal: controller.signal,
      stopOnAbortSignal: true,
      onTextChunk: (text) => send({ type: 'text', id, text }),
      ...(grammar ? { grammar: new llamaCpp.LlamaGrammar(loaded.llama, { grammar }) } : {}),
    });
    const { usedOutputTokens: generatedTokens } = sequence.tokenMeter.diff(before);
    const finish = stopReason === 'maxTokens' || stopReason === 'abort' ? 'length' : 'stop';
    send({ type: 'done', id, finish, promptTokens, generatedTokens });
  } catch (error) {
    send({ type: 'error', id, message: messageOf(error) });
  } finally {
    running.delete(id);
    sequence.dispose();
  }
}

/** As the model will see them, with all that its chat template puts around. */
function countTokens(chatWrapper, messages) {
  const chatHistory = [...messages.map(historyItem), { type: 'model', response: [''] }];
  const { contextText } = chatWrapper.generateContextState({ chatHistory });
  return contextText.tokenize(loaded.model.tokenizer).length;
}

function historyItem({ role, content }) {
  return role === 'assistant'
    ? { type: 'model', response: [content] }
    : { type: role, text: content };
}

function send(message) {
  if (process.connected) process.send(message);
}

function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
