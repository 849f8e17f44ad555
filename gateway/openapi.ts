/**
 * The API described for programs: an OpenAPI 3.1 document made from the zod shapes that requests
 * are read with, so that the description can not say anything else than the code does. Who may come
 * is read from the gateway's own table.
 *
 * GN1. Every shape of the document is generated; none is written by hand.
 * GN2. Every refusal that is named has the status that it is answered with.
 * OAC1. What anybody may hear at any such door is written once, and pointed at.
 */

import { z } from 'zod/v4'
import { type Code, meanings } from './answer.ts'
import type { Access, Hung, Verb } from './router.ts'
import { codeText } from './text/codes.id.ts'
import { docsText, topicText } from './text/docs.id.ts'
import { operationText } from './text/operations.id.ts'

/** A row's door, as the gateway hangs it in: `get /api/v1/deposits/:id`. */
export type Door = `${Verb} ${string}`

/** What is said of one door; the rest the gateway's table knows. */
export type Operation = {
  readonly at: Door
  readonly id: keyof typeof operationText
  /** Which of several doors of one kind. */
  readonly of?: string
  readonly topic: keyof typeof topicText
  /** Shapes of what stands in the places of `:name`; any text where none is said. */
  readonly params?: Readonly<Record<string, z.ZodType>>
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** JSON unless it says otherwise. */
  readonly bodyType?: string
  /** What stands under `data` in the envelope of a success. */
  readonly data?: z.ZodType
  /** The whole answer, where it has no envelope of ours. */
  readonly told?: Told
  /** Those that only this door has. */
  readonly refusals?: readonly Code[]
  readonly example: Example
}

/** `example` is what the example is answered with, where a shape does not say it. */
type Told = { readonly type: string; readonly shape: z.ZodType; readonly example?: string }

/** A request that works in a fresh demo, but for names and ids that are others there. */
export type Example = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>> | string
}

/** A row and its door. */
export type Described = Operation & { readonly verb: Verb; readonly path: string } & Access

/** In the order of the rows; those that have no door here are left out. */
export function describedOf(
  operations: readonly Operation[],
  table: readonly Hung[],
): readonly Described[] {
  const doors = new Map(table.map(({ verb, path, access }) => [`${verb} ${path}`, access]))
  return operations.flatMap(one => {
    const access = doors.get(one.at)
    return access === undefined ? [] : [{ ...one, ...access, ...placeOf(one.at) }]
  })
}

function placeOf(at: Door): { verb: Verb; path: string } {
  const [verb, path] = at.split(' ') as [Verb, string]
  return { verb, path: path.replaceAll(/:(\w+)/g, '{$1}') }
}

export const methodOf = (verb: Verb): string => (verb === 'del' ? 'delete' : verb)

export const nameOf = ({ id, of }: Operation): string => (of === undefined ? id : `${id}-${of}`)

export const summaryOf = ({ id, of }: Operation): string =>
  of === undefined ? operationText[id] : `${of}: ${operationText[id]}`

type Json = { readonly [name: string]: unknown }

export function documentOf(
  described: readonly Described[],
  { url, version }: { readonly url: string; readonly version: string },
): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const one of described) {
    const ofPath = (paths[one.path] ??= {})
    ofPath[methodOf(one.verb)] = operationOf(one)
  }
  const topics = [...new Set(described.map(one => one.topic))]
  return {
    openapi: '3.1.0',
    info: { title: docsText.title, description: docsText.intro, version },
    servers: [{ url }],
    tags: topics.map(topic => ({ name: topic, description: topicText[topic] })),
    paths,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        timestamp: { type: 'apiKey', in: 'header', name: 'X-Timestamp' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Signature',
          description: docsText.signing,
        },
      },
      schemas: { Refusal: schemaOf(refusal, 'output') },
      responses: Object.fromEntries(
        [...byStatus(usual)].map(([http, codes]) => [`Usual${http}`, refusalOf(codes)]),
      ),
    },
  }
}

function operationOf(described: Described): Json {
  const { topic, signed, roles, query, body, bodyType = 'application/json', example } = described
  const parameters = [
    ...parametersOf('path', paramsOf(described), example.params),
    ...parametersOf('query', query, example.query),
  ]
  return {
    operationId: nameOf(described),
    summary: summaryOf(described),
    tags: [topic],
    security: signed ? [{ key: [], timestamp: [], signature: [] }, { bearer: [] }] : [],
    ...(roles === undefined ? {} : { 'x-roles': roles }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { [bodyType]: { schema: schemaOf(body, 'input'), example: example.body } },
          },
        }),
    responses: { 200: answerOf(described), ...responsesOf(refusalsOf(described)) },
  }
}

function paramsOf({ path, params = {} }: Described): z.ZodObject | undefined {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return names.length === 0
    ? undefined
    : z.object(Object.fromEntries(names.map(name => [name, params[name] ?? z.string()])))
}

function parametersOf(
  place: 'path' | 'query',
  shape: z.ZodObject | undefined,
  example: Readonly<Record<string, string>> = {},
): Json[] {
  if (shape === undefined) return []
  const { properties = {}, required = [] } = schemaOf(shape, 'input') as {
    properties?: Record<string, Json>
    required?: readonly string[]
  }
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema,
    ...(example[name] === undefined ? {} : { example: example[name] }),
  }))
}

/** The whole answer of a success. */
export const toldOf = ({ data = z.null(), told }: Operation): Told =>
  told ?? { type: 'application/json', shape: successOf(data) }

function answerOf(operation: Operation): Json {
  const { type, shape, example } = toldOf(operation)
  const schema = schemaOf(shape, 'output')
  const content = { [type]: { schema, ...(example === undefined ? {} : { example }) } }
  return { description: 'success', content }
}

/** The envelope of a success, as every answer of 200 has it. */
const successOf = (data: z.ZodType) =>
  z.object({
    code: z.literal(200),
    status: z.literal('success'),
    message: z.string(),
    data,
    request_id: z.string(),
  })

/** The envelope of everything else. */
export const refusal = z.object({
  code: z.int(),
  status: z.literal('error'),
  error_code: z.enum(Object.keys(meanings) as [Code, ...Code[]]),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
  money_effect: z.enum(['none', 'held', 'charged', 'refunded']).optional(),
  retryable: z.boolean(),
  request_id: z.string(),
  timestamp: z.iso.datetime(),
})

/** What anybody who signs may hear. */
export const usual: readonly Code[] = [
  ...(['SIGNATURE_INVALID', 'TIMESTAMP_SKEWED', 'NONCE_REUSED', 'KEY_UNKNOWN'] as const),
  ...(['TOKEN_INVALID', 'TOKEN_EXPIRED'] as const),
  ...(['FORBIDDEN', 'CLIENT_SUSPENDED', 'RATE_LIMITED', 'INTERNAL_ERROR'] as const),
  ...(['OVERLOADED', 'UNREACHABLE', 'JOURNAL_UNAVAILABLE', 'NOT_THE_OWNER', 'STOPPING'] as const),
]

/** All that this door may refuse with. A dialect says no in its own words. */
export function refusalsOf(described: Described): readonly Code[] {
  const { signed, path, query, body, told, refusals = [] } = described
  if (!signed) return told === undefined ? [...new Set(refusals)] : []
  return [
    ...new Set<Code>([
      ...(query === undefined && body === undefined ? [] : (['VALIDATION_FAILED'] as const)),
      ...(path.includes('{') ? (['NOT_FOUND'] as const) : []),
      ...(body === undefined ? [] : (['BODY_TOO_LARGE', 'BODY_TIMEOUT'] as const)),
      ...refusals,
      ...usual,
    ]),
  ]
}

function responsesOf(refusals: readonly Code[]): Json {
  const atEveryDoor = byStatus(usual)
  const told = [...byStatus(refusals)].map(([http, codes]) => {
    const isUsual = codes.join() === atEveryDoor.get(http)?.join()
    const said = isUsual ? { $ref: `#/components/responses/Usual${http}` } : refusalOf(codes)
    return [String(http), said]
  })
  return Object.fromEntries(told)
}

const refusalOf = (codes: readonly Code[]): Json => ({
  description: codes.map(code => `${code}: ${codeText[code]}`).join('\n'),
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
})

function byStatus(codes: readonly Code[]): Map<number, Code[]> {
  const found = new Map<number, Code[]>()
  for (const code of codes) {
    const { http } = meanings[code]
    found.set(http, [...(found.get(http) ?? []), code])
  }
  return found
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' })
  return schema
}
