/** How the machine is, for whoever stands in front of it. */

import { z } from 'zod/v4'
import type { Operation } from '../openapi.ts'

const part = z.object({
  name: z.string(),
  ok: z.boolean(),
  ms: z.number(),
  reason: z.string().nullable(),
})

export const health: readonly Operation[] = [
  {
    at: 'get /health',
    id: 'health',
    topic: 'health',
    data: z.object({ alive: z.literal(true) }),
    example: {},
  },
  {
    at: 'get /api/v1/health',
    id: 'healthOfApi',
    topic: 'health',
    data: z.object({ alive: z.literal(true) }),
    example: {},
  },
  {
    at: 'get /health/ready',
    id: 'ready',
    topic: 'health',
    told: {
      type: 'application/json',
      shape: z.object({
        code: z.literal(200),
        status: z.literal('success'),
        message: z.string(),
        data: z.object({ ready: z.boolean(), parts: z.array(part) }),
        request_id: z.string(),
        timestamp: z.iso.datetime(),
      }),
    },
    example: {},
  },
]
