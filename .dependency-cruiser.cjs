/** Floors, lowest first: a file may import its own floor and those below. The composition root stands on the top one. */
const floors = [
  ['kernel', 'config'],
  ['task'],
  ['models', 'router', 'retrieval', 'client'],
  ['db', 'queue', 'presence', 'sandbox', 'llm', 'gpu', 'source', 'telemetry'],
  ['store', 'events'],
  ['agents'],
  ['app', 'worker'],
  ['http'],
];

/** A port is lib/<room>/<room>.ts, its adapters lie in lib/<room>/adapters/. */
const ports = 'db|queue|presence|sandbox|llm|gpu|source|telemetry|events';

/** What the API is made of, and what the worker has besides. */
const composition = '^lib/compose(Worker)?\\.ts$';

const rooms = (list) => `^lib/(${list.join('|')})/`;
const packages = (list) => `(^|node_modules/)(${list.join('|')})(/|$)`;
const core = (list) => `^(node:)?(${list.join('|')})(/|$)`;
const forbid = (name, from, to) => ({ name, severity: 'error', from, to });

const stairs = floors.slice(0, -1).map((floor, at) =>
  forbid(
    `down-the-stairs:${floor.join('+')}`,
    { path: rooms(floor) },
    {
      path: [rooms(floors.slice(at + 1).flat()), composition],
      // What a GPU probe read is an input of the pure VRAM arithmetic; the rule below lets in the type alone.
      ...(floor.includes('models') ? { pathNot: '^lib/gpu/gpu\\.ts$' } : {}),
    },
  ),
);

/** Packages that only these rooms may import. */
const home = (name, list, where) =>
  forbid(
    `one-home:${name}`,
    { path: '^(lib|functions)/', pathNot: rooms(where) },
    { path: packages(list) },
  );

const adapterRules = [
  forbid(
    'only-compose-picks-adapters',
    {
      path: '^(lib|functions|scripts|infra)/',
      pathNot: [composition, '^lib/[^/]+/adapters/'],
    },
    { path: '^lib/[^/]+/adapters/' },
  ),
  forbid(
    'adapters-keep-apart',
    { path: '^lib/([^/]+)/adapters/' },
    { path: '^lib/[^/]+/adapters/', pathNot: '^lib/$1/adapters/' },
  ),
  forbid(
    'readings-are-types',
    { path: rooms(['models', 'router', 'retrieval', 'client']) },
    { path: '^lib/gpu/gpu\\.ts$', dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'ports-promise-only',
    { path: `^lib/(${ports})/\\1\\.ts$` },
    { dependencyTypesNot: ['type-only'] },
  ),
];

const roomRules = [
  forbid(
    'kernel-stands-alone',
    { path: '^lib/kernel/' },
    { path: '^lib/', pathNot: '^lib/kernel/' },
  ),
  forbid(
    'pure-rooms-do-no-io',
    { path: rooms(['kernel', 'task', 'models', 'router', 'retrieval']) },
    {
      path: core([
        'fs',
        'child_process',
        'net',
        'tls',
        'http',
        'http2',
        'https',
        'dns',
        'dgram',
        'worker_threads',
      ]),
    },
  ),
  forbid(
    'client-does-http-only',
    { path: '^lib/client/' },
    { path: core(['fs', 'child_process']) },
  ),
  forbid(
    'client-is-a-stranger',
    { path: '^lib/client/' },
    { path: '^lib/', pathNot: rooms(['client', 'kernel', 'task']) },
  ),
  forbid(
    'agents-work-anywhere',
    { path: '^lib/agents/' },
    { path: rooms(['store', 'events', 'queue', 'presence', 'db', 'config', 'worker']) },
  ),
  forbid('lib-looks-inward', { path: '^lib/' }, { path: '^(functions|scripts|infra)/' }),
  forbid('tests-are-no-part', { path: '^(lib|functions|scripts|infra)/' }, { path: '^test/' }),
];

const doorRules = [
  forbid(
    'functions-are-doors',
    { path: '^functions/', pathNot: '^functions/worker/' },
    {
      path: '^lib/',
      pathNot: ['^lib/compose(Worker)?\\.ts$', rooms(['http', 'app', 'kernel', 'task'])],
    },
  ),
  forbid(
    'the-worker-is-a-door',
    { path: '^functions/worker/' },
    {
      path: '^lib/',
      pathNot: [composition, rooms(['worker', 'kernel', 'task', 'config'])],
    },
  ),
  forbid(
    'functions-keep-apart',
    { path: '^functions/([^/]+)/' },
    { path: '^functions/', pathNot: '^functions/$1/' },
  ),
  forbid(
    'functions-use-no-packages',
    { path: '^functions/' },
    { dependencyTypes: ['npm', 'npm-dev', 'npm-optional'], dependencyTypesNot: ['type-only'] },
  ),
  forbid(
    'outsiders-use-the-front',
    // Mutants are judged by the agents themselves, hundreds of them, without a service around each; and the fit table
    // compares the arithmetic itself.
    { path: '^(scripts|infra)/', pathNot: '^scripts/bench/(mutants|fit)' },
    {
      path: '^lib/',
      pathNot: [
        composition,
        '^lib/db/migrate\\.ts$',
        rooms(['config', 'client', 'kernel', 'task']),
      ],
    },
  ),
];

module.exports = {
  forbidden: [
    ...stairs,
    ...adapterRules,
    ...roomRules,
    ...doorRules,
    home('postgres', ['pg', 'node-pg-migrate'], ['db']),
    home('sqs', ['@aws-sdk/client-sqs'], ['queue']),
    home('dynamodb', ['@aws-sdk/client-dynamodb', '@aws-sdk/util-dynamodb'], ['presence']),
    home('middy', ['@middy'], ['http']),
    home(
      'telemetry',
      ['@opentelemetry', 'prom-client', 'aws-embedded-metrics', 'pino'],
      ['telemetry'],
    ),
    home('child-processes', ['execa'], ['sandbox', 'gpu', 'llm', 'source']),
    forbid(
      'one-home:node-child-processes',
      { path: '^(lib|functions)/', pathNot: rooms(['sandbox', 'gpu', 'llm', 'source']) },
      { path: core(['child_process', 'cluster']) },
    ),
    forbid('no-cycles', {}, { circular: true }),
    forbid(
      'shipped-code-needs-shipped-packages',
      { path: '^(lib|functions)/' },
      { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    ),
    forbid(
      'resolvable',
      { path: '^(lib|functions|scripts|infra)/' },
      // Types without a module of that name.
      { couldNotResolve: true, pathNot: '^aws-lambda$' },
    ),
  ],
  options: {
    // Never `exclude`: the rules about packages would then hold for nothing.
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
