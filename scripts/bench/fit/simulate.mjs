/**
 * Asks llama.cpp what contexts of models would take, from the heads of their files: it allocates nothing. Started by
 * simulateFit.ts with {runtime, files, contexts} as its argument; writes one line of JSON for each file.
 */
import { pathToFileURL } from 'node:url';

const { runtime, files, contexts } = JSON.parse(process.argv[2] ?? '{}');
const { getLlama, readGgufFileInfo, GgufInsights, LlamaLogLevel } = await import(
  pathToFileURL(runtime).href
);
const llama = await getLlama({
  gpu: false,
  maxThreads: 1,
  build: 'never',
  skipDownload: true,
  logLevel: LlamaLogLevel.disabled,
  progressLogs: false,
});
for (const { id, path } of files) console.log(JSON.stringify({ id, ...(await simulated(path)) }));
await llama.dispose();

async function simulated(path) {
  try {
    const insights = await GgufInsights.from(await readGgufFileInfo(path), llama);
    const bytes = [];
    for (const contextSize of contexts) {
      // The public method falls back to a guess of its own when the simulation fails, and does not say so.
      const { cpuRam, gpuVram } = await insights._simulateContextResourceUsage({
        contextSize,
        modelGpuLayers: insights.totalLayers,
        batchSize: 512,
        sequences: 1,
        flashAttention: true,
      });
      bytes.push(cpuRam + gpuVram);
    }
    return { bytes };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}
