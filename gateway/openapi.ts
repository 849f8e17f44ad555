/**
 * The API described for programs: an OpenAPI 3.1 document made from the zod shapes that requests
 * are read with, so that the description can not say anything else than the code does.
 *
 * GN1. Every shape of the document is generated; none is written by hand.
 * GN2. Every refusal that is named has the status that it is answered with.
 */

import { z } from 'zod/v4'
import { type Code, meanings } from './answer.ts'
import { codeText, operationText } from './text.id.ts'

export type Operation = {
  readonly id: keyof typeof operationText
  readonly method: 'get' | 'post' | 'put' | 'delete'
  /** With `{name}` for what stands in `params`. */
  readonly path: string
  readonly tag: string
  readonly access: 'signed' | 'open'
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  readonly body?: z.ZodType
  /** What stands under `data` in the envelope of a success. */
  readonly data: z.ZodType
  readonly refusals: readonly Code[]
  readonly example: Example
}

/** A request that works in a fresh demo. */
export type Example = {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Readonly<Record<string, unknown>>
}

type Json = { readonly [name: string]: unknown }

export function documentOf(
  operations: readonly Operation[],
  { url, version }: { readonly url: string; readonly version: string },
): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const operation of operations) {
    const ofPath = (paths[operation.path] ??= {})
    ofPath[operation.method] = described(operation)
  }
  return {
    openapi: '3.1.0',
    info: { title: operationText.title, description: operationText.intro, version },
    servers: [{ url }],
    paths,
    components: {
      securitySchemes: {
        key: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
        timestamp: { type: 'apiKey', in: 'header', name: 'X-Timestamp' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Signature',
          description: operationText.signing,
        },
      },
      schemas: { Refusal: schemaOf(refusal, 'output') },
    },
  }
}

function described(operation: Operation): Json {
  const { id, tag, access, params, query, body, data, refusals, example } = operation
  const parameters = [
    ...parametersOf('path', params, example.params),
    ...parametersOf('query', query, example.query),
  ]
  return {
    operationId: id,
    summary: operationText[id],
    tags: [tag],
    security: access === 'signed' ? [{ key: [], timestamp: [], signature: [] }] : [],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: schemaOf(body, 'input'), example: example.body },
            },
          },
        }),
    responses: { 200: answerOf(data), ...refusalsOf(refusals) },
  }
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

const answerOf = (data: z.ZodType): Json => ({
  description: 'success',
  content: { 'application/json': { schema: schemaOf(successOf(data), 'output') } },
})

/** The envelope of a success, as every answer of 200 has it. */
export const successOf = (data: z.ZodType) =>
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

function refusalsOf(refusals: readonly Code[]): Json {
  const byStatus = new Map<number, Code[]>()
  for (const code of refusals) {
    const { http } = meanings[code]
    byStatus.set(http, [...(byStatus.get(http) ?? []), code])
  }
  const told = [...byStatus].map(([http, codes]) => [
    String(http),
    {
      description: codes.map(code => `${code}: ${codeText[code]}`).join('\n'),
      content: { 'application/json': { schema: { $ref: '#/components/schemas/Refusal' } } },
    },
  ])
  return Object.fromEntries(told)
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' })
  return schema
}
