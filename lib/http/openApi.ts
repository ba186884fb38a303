import * as z from 'zod';
import {
  ApplyBody,
  FeedbackAnswer,
  HealthAnswer,
  LiveAnswer,
  ModelsAnswer,
  MoveAnswer,
  PatchAnswer,
  ProblemBody,
  ResumeBody,
  SubmitAnswer,
  TaskPage,
  ValidatedAnswer,
} from '../task/answers.ts';
import { AuditEntry, AuditPage } from '../task/audit.ts';
import { TaskEventShape } from '../task/event.ts';
import { FeedbackBody } from '../task/feedback.ts';
import { TaskPayload } from '../task/payload.ts';
import { TaskSummary, TaskView } from '../task/view.ts';
import { type AnswerShape, OPERATIONS, type Operation } from './operations.ts';

type JsonObject = Record<string, unknown>;

/** What clients send: fields with a default may be left out. */
const SENT = { TaskPayload, FeedbackBody, ResumeBody, ApplyBody };
/** What they get: every default is filled in. */
const GIVEN = {
  Task: TaskView,
  TaskSummary,
  TaskPage,
  TaskEvent: TaskEventShape,
  Submitted: SubmitAnswer,
  Validated: ValidatedAnswer,
  Moved: MoveAnswer,
  PatchRequested: PatchAnswer,
  AuditEntry,
  AuditPage,
  FeedbackStored: FeedbackAnswer,
  Models: ModelsAnswer,
  Health: HealthAnswer,
  Live: LiveAnswer,
  Problem: ProblemBody,
};

/** The API as OpenAPI 3.1, from the schemas that the functions parse with. */
export function openApi(): JsonObject {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Multi-Agent Code System',
      version: '1.1.0',
      description: 'Takes coding tasks, works on them in a sandbox and proves the result.',
    },
    servers: [{ url: '/' }],
    paths: pathsOf(OPERATIONS),
    components: {
      schemas: { ...schemasOf(SENT, 'input'), ...schemasOf(GIVEN, 'output') },
      securitySchemes: {
        apiKey: {
          type: 'apiKey',
          in: 'header',
          name: 'X-API-Key',
          description: 'Reads need none where READ_ACCESS is open.',
        },
      },
    },
  };
}

function pathsOf(operations: readonly Operation[]): JsonObject {
  const paths: Record<string, JsonObject> = {};
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) };
  }
  return paths;
}

function describe(operation: Operation): JsonObject {
  const { id, summary, access, body } = operation;
  return {
    operationId: id,
    summary,
    security: securityOf(access),
    parameters: parametersOf(operation),
    ...(body === undefined
      ? {}
      : { requestBody: { required: body.required, content: contentOf(body.schema) } }),
    responses: responsesOf(operation),
  };
}

function securityOf(access: Operation['access']): JsonObject[] {
  if (access === 'none') return [];
  return access === 'key' ? [{ apiKey: [] }] : [{ apiKey: [] }, {}];
}

function parametersOf({ path, query, headers = {} }: Operation): JsonObject[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
  return [
    ...inPath.map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
      name,
      in: 'query',
      required: false,
      schema: withoutDialect(z.toJSONSchema(schema, { io: 'input' })),
    })),
    ...Object.entries(headers).map(([name, description]) => ({
      name,
      in: 'header',
      required: false,
      description,
      schema: { type: 'string' },
    })),
  ];
}

function responsesOf({ answers, problems }: Operation): JsonObject {
  const good = Object.entries(answers).map(([status, answer]) => [status, responseOf(answer)]);
  const bad = [...problems, 500, 503]
    .filter((status) => answers[status] === undefined)
    .map((status) => [String(status), problemResponse()]);
  return Object.fromEntries([...good, ...bad]);
}

function responseOf({ description, schema, mediaType }: AnswerShape): JsonObject {
  if (schema === undefined && mediaType === undefined) return { description };
  return { description, content: contentOf(schema, mediaType) };
}

function problemResponse(): JsonObject {
  return {
    description: 'Problem details (RFC 9457)',
    content: contentOf(ProblemBody, 'application/problem+json'),
  };
}

function contentOf(schema: z.ZodType | undefined, mediaType = 'application/json'): JsonObject {
  return { [mediaType]: schema === undefined ? {} : { schema: referenceTo(schema) } };
}

/** Every schema of an operation has a name; a union of named ones is spelled out. */
function referenceTo(schema: z.ZodType): JsonObject {
  const named = Object.entries({ ...SENT, ...GIVEN }).find(([, known]) => known === schema);
  if (named !== undefined) return { $ref: `#/components/schemas/${named[0]}` };
  if (schema instanceof z.ZodUnion) {
    return { anyOf: schema.options.map((option) => referenceTo(option as z.ZodType)) };
  }
  throw new Error('a schema of an operation has no name in the document');
}

function schemasOf(named: Record<string, z.ZodType>, io: 'input' | 'output'): JsonObject {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { io, uri });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [id, withoutDialect(schema)]),
  );
}

/** OpenAPI 3.1 speaks this dialect anyway, and finds its schemas by place, not by `$id`. */
function withoutDialect(schema: object): JsonObject {
  const { $schema: _dialect, $id: _id, ...rest } = schema as JsonObject;
  return rest;
}
