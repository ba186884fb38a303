import type { Serverless } from './serverless.ts';

/** What of serverless asks a running stack whether it has the layer already. */
interface LayerCompiler {
  compareWithLastLayer(layerName: string): Promise<void>;
}

/**
 * Packaging asks nobody: serverless would want credentials and the network to find out whether the layer can be left
 * where the last deployment put it. So it is uploaded with every deployment, as the functions are.
 */
export default class PackagePlugin {
  readonly hooks: Record<string, () => void>;

  constructor({ pluginManager }: Serverless) {
    this.hooks = {
      'before:package:compileLayers': () => {
        const compiler = pluginManager.plugins.find(compilesLayers);
        if (compiler === undefined) {
          throw new Error(
            'this version of serverless compiles layers in another way: see packagePlugin.ts',
          );
        }
        compiler.compareWithLastLayer = () => Promise.resolve();
      },
    };
  }
}

function compilesLayers(plugin: object): plugin is LayerCompiler {
  return 'compareWithLastLayer' in plugin;
}
