/** People: in and out, and what they see of themselves. */

import { z } from 'zod/v4'
import { paging } from '../money/wallet.route.ts'
import type { Operation } from '../openapi.ts'
import {
  activityQuery,
  confirming,
  emailChanging,
  enrolling,
  erasing,
  mailing,
  profileChanging,
  proving,
  registering,
  resetting,
} from '../people.route.ts'
import { downlinePaging, loggingIn, rotating } from '../session.route.ts'
import { id, listOf, pageOf, time } from './answers.ts'
import { balance, mutationPage } from './wallet.ts'

export const role = z.enum([
  ...(['reseller', 'admin', 'finance', 'support', 'ops', 'viewer', 'merchant'] as const),
  'consumer',
])

const user = z.object({
  user_id: z.uuid(),
  username: z.string(),
  name: z.string(),
  role,
  level: z.int(),
})

const entered = z.object({
  access_token: z.string(),
  expires_at: time,
  /** Only for who logs in by e-mail. */
  refresh_token: z.string().optional(),
  user,
})

const profile = z.object({
  user_id: z.uuid(),
  name: z.string(),
  email: z.string().nullable(),
  email_verified: z.boolean(),
  next_email: z.string().nullable(),
  phone: z.string().nullable(),
  role,
  created_at: time,
})

const act = z.object({
  ...{ id, user_id: z.uuid(), username: z.string(), what: z.string(), address: z.string() },
  details: z.record(z.string(), z.unknown()),
  at: time,
})

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
const strange = [
  ...(['VALIDATION_FAILED', 'CONTENT_TYPE_UNSUPPORTED', 'ASKED_TOO_OFTEN'] as const),
  ...(['OVERLOADED', 'UNREACHABLE', 'INTERNAL_ERROR'] as const),
] as const
const proven = [
  ...(['LOGIN_INVALID', 'LOGIN_LOCKED', 'CLIENT_SUSPENDED'] as const),
  ...(['SECOND_FACTOR_REQUIRED', 'SECOND_FACTOR_WRONG'] as const),
] as const
const own = ['NOT_FOUND', 'FORBIDDEN'] as const
const guarded = ['PASSWORD_WRONG', 'LOGIN_LOCKED'] as const
const someWord = 'wQ3xkTq0v8m2y5Zr7Lc9Nd1Pf4Hs6Jb_AeGiKoUu-tY'

export const people: readonly Operation[] = [
  {
    at: 'post /api/v1/auth/login',
    id: 'login',
    topic: 'people',
    body: loggingIn,
    data: entered,
    refusals: [
      ...(['VALIDATION_FAILED', 'LOGIN_INVALID', 'LOGIN_LOCKED', 'CLIENT_SUSPENDED'] as const),
      ...(['CLIENT_BANNED', 'SECOND_FACTOR_REQUIRED', 'SECOND_FACTOR_WRONG'] as const),
      'SECOND_FACTOR_UNSET',
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
  {
    at: 'post /api/v1/auth/register',
    id: 'register',
    topic: 'people',
    body: registering,
    data: z.object({ email: z.string() }),
    refusals: strange,
    example: { body: { name: 'Budi', email: 'budi@contoh.id', password: 'rahasia-sekali' } },
  },
  {
    at: 'post /api/v1/auth/verify-email',
    id: 'verifyEmail',
    topic: 'people',
    body: proving,
    data: z.null(),
    refusals: [...strange, 'LINK_INVALID'],
    example: { body: { token: someWord } },
  },
  {
    at: 'post /api/v1/auth/resend-verification',
    id: 'resendVerification',
    topic: 'people',
    body: mailing,
    data: z.null(),
    refusals: strange,
    example: { body: { email: 'budi@contoh.id' } },
  },
  {
    at: 'post /api/v1/auth/forgot-password',
    id: 'forgotPassword',
    topic: 'people',
    body: mailing,
    data: z.null(),
    refusals: strange,
    example: { body: { email: 'budi@contoh.id' } },
  },
  {
    at: 'post /api/v1/auth/reset-password',
    id: 'resetPassword',
    topic: 'people',
    body: resetting,
    data: z.null(),
    refusals: [...strange, 'LINK_INVALID'],
    example: { body: { token: someWord, password: 'rahasia-sekali' } },
  },
  {
    at: 'post /api/v1/auth/totp/enrol',
    id: 'totpEnrol',
    topic: 'people',
    body: enrolling,
    data: z.object({ secret: z.string(), uri: z.string() }),
    refusals: [...strange, ...proven],
    example: { body: { username: 'admin@contoh.id', password: 'rahasia' } },
  },
  {
    at: 'post /api/v1/auth/totp/confirm',
    id: 'totpConfirm',
    topic: 'people',
    body: confirming,
    data: z.object({ recovery_codes: z.array(z.string()) }),
    refusals: [...strange, ...proven, 'STATUS_INVALID'],
    example: { body: { username: 'admin@contoh.id', password: 'rahasia', code: '123456' } },
  },
  {
    at: 'get /api/v1/auth/totp',
    id: 'totpStanding',
    topic: 'people',
    data: z.object({ enabled: z.boolean(), required: z.boolean(), recovery_codes_left: z.int() }),
    example: {},
  },
  {
    at: 'post /api/v1/admin/clients/:username/totp/reset',
    id: 'totpReset',
    topic: 'people',
    data: z.null(),
    refusals: ['CLIENT_UNKNOWN', 'OWN_ACCOUNT', 'STATUS_INVALID'],
    example: { params: { username: 'budi' } },
  },
  {
    at: 'get /api/v1/user/profile',
    id: 'userProfile',
    topic: 'people',
    data: profile,
    refusals: ['NOT_FOUND'],
    example: {},
  },
  {
    at: 'put /api/v1/user/profile',
    id: 'userChange',
    topic: 'people',
    body: profileChanging,
    data: profile,
    refusals: [...own, ...guarded],
    example: { body: { name: 'Budi', phone: '081234567890' } },
  },
  {
    at: 'post /api/v1/user/email',
    id: 'userEmail',
    topic: 'people',
    body: emailChanging,
    data: profile,
    refusals: [...own, ...guarded, 'EMAIL_TAKEN', 'ASKED_TOO_OFTEN'],
    example: { body: { email: 'baru@contoh.id', password: 'rahasia-sekali' } },
  },
  {
    at: 'post /api/v1/user/erase',
    id: 'userErase',
    topic: 'people',
    body: erasing,
    data: z.object({ status: z.enum(['closed', 'suspended']) }),
    refusals: [...own, ...guarded, 'CLIENT_HAS_MONEY'],
    example: { body: { password: 'rahasia-sekali' } },
  },
  {
    at: 'get /api/v1/user/balance',
    id: 'userBalance',
    topic: 'people',
    data: balance,
    example: {},
  },
  {
    at: 'get /api/v1/user/transactions',
    id: 'userTransactions',
    topic: 'people',
    query: paging,
    data: mutationPage,
    example: { query: { limit: '10' } },
  },
  {
    at: 'get /api/v1/admin/activity',
    id: 'activity',
    topic: 'people',
    query: activityQuery,
    data: pageOf(act),
    refusals: ['NOT_FOUND'],
    example: { query: { limit: '10' } },
  },
]
