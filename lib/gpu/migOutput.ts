import { SaxesParser } from 'saxes';

/** A MIG instance: a part of a GPU with memory of its own, in MiB. */
export interface MigSlice {
  gpuId: string;
  /** Number among the slices of its GPU. */
  index: number;
  gpuInstance: string;
  computeInstance: string;
  totalMiB: number | null;
  freeMiB: number | null;
}

/**
 * The MIG instances in the XML of `nvidia-smi -q -x`; the CSV knows only their parents. Undefined when it is no such XML.
 */
export function parseMigOutput(xml: string): MigSlice[] | undefined {
  const slices: MigSlice[] = [];
  let gpu: OpenGpu = { id: '', slices: [] };
  let fields = new Map<string, string>();
  try {
    eachElement(xml, {
      open: (path) => {
        if (path === GPU) gpu = { id: '', slices: [] };
        if (path === SLICE) fields = new Map();
      },
      close: (path, text) => {
        if (path === `${GPU}/uuid`) gpu.id = text;
        if (path.startsWith(`${SLICE}/`)) fields.set(path.slice(SLICE.length + 1), text);
        if (path === SLICE) gpu.slices.push(sliceOf(fields));
        // The UUID of a GPU stands behind its slices.
        if (path === GPU) slices.push(...gpu.slices.map((slice) => ({ ...slice, gpuId: gpu.id })));
      },
    });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  return slices;
}

interface OpenGpu {
  id: string;
  slices: Omit<MigSlice, 'gpuId'>[];
}

const GPU = 'nvidia_smi_log/gpu';
const SLICE = `${GPU}/mig_devices/mig_device`;

interface Visitor {
  open(path: string): void;
  close(path: string, text: string): void;
}

/** Throws `SyntaxError` for what is no XML. */
function eachElement(xml: string, visitor: Visitor): void {
  const path: string[] = [];
  let text = '';
  const parser = new SaxesParser();
  parser.on('error', (error) => {
    throw new SyntaxError(error.message);
  });
  parser.on('opentag', ({ name }) => {
    path.push(name);
    text = '';
    visitor.open(path.join('/'));
  });
  parser.on('text', (piece) => {
    text += piece;
  });
  parser.on('closetag', () => {
    visitor.close(path.join('/'), text.trim());
    path.pop();
    text = '';
  });
  parser.write(xml).close();
}

function sliceOf(fields: ReadonlyMap<string, string>): Omit<MigSlice, 'gpuId'> {
  return {
    index: Number(fields.get('index') ?? 0),
    gpuInstance: fields.get('gpu_instance_id') ?? '?',
    computeInstance: fields.get('compute_instance_id') ?? '?',
    totalMiB: mebibytes(fields.get('fb_memory_usage/total')),
    freeMiB: mebibytes(fields.get('fb_memory_usage/free')),
  };
}

function mebibytes(field: string | undefined): number | null {
  const [, number] = /^(\d{1,9}) MiB$/.exec(field ?? '') ?? [];
  return number === undefined ? null : Number(number);
}
