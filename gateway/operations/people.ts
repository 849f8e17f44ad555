/** People: in and out, and what they see of themselves. */

import { z } from 'zod/v4'
import type { Operation } from '../openapi.ts'
import { downlinePaging, loggingIn, rotating } from '../session.route.ts'
import { listOf, pageOf, time } from './answers.ts'

export const role = z.enum([
  ...(['reseller', 'admin', 'finance', 'support', 'ops', 'viewer', 'merchant'] as const),
])

const user = z.object({
  user_id: z.uuid(),
  username: z.string(),
  name: z.string(),
  role,
  level: z.int(),
})

const entered = z.object({ access_token: z.string(), expires_at: time, user })

const open = z.object({
  id: z.uuid(),
  address: z.string(),
  agent: z.string(),
  created_at: time,
  last_used_at: time,
})

const downline = z.object({
  user_id: z.uuid(),
  username: z.string(),
  name: z.string(),
  level: z.int(),
  status: z.enum(['active', 'suspended', 'closed']),
  created_at: time,
})

const away = ['RATE_LIMITED', 'OVERLOADED', 'UNREACHABLE', 'INTERNAL_ERROR'] as const

export const people: readonly Operation[] = [
  {
    at: 'post /api/v1/auth/login',
    id: 'login',
    topic: 'people',
    body: loggingIn,
    data: entered,
    refusals: [
      ...(['VALIDATION_FAILED', 'LOGIN_INVALID', 'LOGIN_LOCKED', 'CLIENT_SUSPENDED'] as const),
      ...(['ORIGIN_FORBIDDEN', 'CONTENT_TYPE_UNSUPPORTED', ...away] as const),
    ],
    example: { body: { username: 'LJ0000000001', password: 'rahasia' } },
  },
  {
    at: 'post /api/v1/auth/logout',
    id: 'logout',
    topic: 'people',
    data: z.null(),
    refusals: ['ORIGIN_FORBIDDEN', ...away],
    example: {},
  },
  {
    at: 'get /api/v1/auth/sessions',
    id: 'sessions',
    topic: 'people',
    data: listOf(open),
    example: {},
  },
  {
    at: 'del /api/v1/auth/sessions/:id',
    id: 'sessionEnd',
    topic: 'people',
    params: { id: z.uuid() },
    data: z.null(),
    example: { params: { id: '5b1c8a52-6f0e-4b5e-9a43-0d7c1f2e3a4b' } },
  },
  {
    at: 'get /api/v1/me',
    id: 'me',
    topic: 'people',
    data: user.extend({ member_id: z.string().nullable(), upline: z.string().nullable() }),
    example: {},
  },
  {
    at: 'get /api/v1/keys',
    id: 'keys',
    topic: 'people',
    data: z.object({
      api_key_hint: z.string().nullable(),
      hmac_key: z.string().nullable(),
      created_at: time.nullable(),
      allow_list: z.array(z.string()),
    }),
    example: {},
  },
  {
    at: 'post /api/v1/keys/rotate',
    id: 'keysRotate',
    topic: 'people',
    body: rotating,
    data: z.object({ api_key: z.string(), hmac_key: z.string(), hmac_secret: z.string() }),
    refusals: ['PASSWORD_WRONG', 'LOGIN_LOCKED'],
    example: { body: { password: 'rahasia' } },
  },
  {
    at: 'get /api/v1/downlines',
    id: 'downlines',
    topic: 'people',
    query: downlinePaging,
    data: pageOf(downline),
    example: { query: { limit: '10' } },
  },
]
