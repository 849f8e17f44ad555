/** What uplines earn of the orders below them, and who decides about it. */

import { z } from 'zod/v4'
import { commissionRule } from '../../services/wire/commission-rule.ts'
import {
  commissionPaging,
  historyQuery,
  previewBody,
  uplineBody,
} from '../money/commission.route.ts'
import type { Operation } from '../openapi.ts'
import { pageOf, rupiah, someId, time } from './answers.ts'
import { historyRow, ofKind } from './catalogue.ts'

const earned = z.object({
  id: z.string(),
  trx_id: z.string(),
  level: z.int(),
  from: z.string(),
  product_code: z.string(),
  amount: rupiah,
  status: z.enum(['due', 'paid', 'reversed']),
  kept_for_debt: rupiah,
  still_owed: rupiah,
  created_at: time,
})

const preview = z.object({
  price: rupiah,
  cost: rupiah,
  margin: rupiah,
  rule_id: z.int().nullable(),
  shares: z.array(z.object({ level: z.int(), username: z.string(), amount: rupiah })),
  total: rupiah,
})

const admin = '/api/v1/admin'
const topic = 'commission'

export const commission: readonly Operation[] = [
  {
    at: 'get /api/v1/commission',
    id: 'earned',
    topic,
    query: commissionPaging,
    data: pageOf(earned).extend({ debt: rupiah }),
    example: { query: { limit: '20' } },
  },
  ...ofKind('commission-rules', {
    ...{ path: `${admin}/commission/rules`, key: ':id', removable: true, topic },
  }),
  {
    at: `get ${admin}/commission/history`,
    id: 'commissionHistory',
    topic,
    query: historyQuery,
    data: pageOf(historyRow),
    example: { query: { limit: '20' } },
  },
  {
    at: `post ${admin}/commission/preview`,
    id: 'commissionPreview',
    topic,
    body: previewBody.extend({ rule: commissionRule.optional() }),
    data: preview,
    refusals: ['NOT_FOUND', 'ORDER_BUSY', 'FIELDS_INVALID'],
    example: { body: { trx_id: someId } },
  },
  {
    at: `put ${admin}/clients/:username/upline`,
    id: 'upline',
    topic,
    body: uplineBody,
    data: z.object({ username: z.string(), upline: z.string().nullable() }),
    refusals: ['CLIENT_UNKNOWN', 'UPLINE_RING'],
    example: { params: { username: 'reseller' }, body: { upline: null } },
  },
]
