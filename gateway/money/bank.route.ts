/**
 * The cash desk over REST, for finance and admin, and the door where Moota tells what the bank did.
 *
 * MNI1. Only finance and admin decide about money; limits and accounts are the admin's.
 * MNI2. A forged webhook is 401; a genuine one is answered once it is stored.
 * MNI3. Who decided is who signed the request, never a name in it.
 * MNI4. A statement is only looked at unless `dry_run` is false, and the answer says which it was.
 * MNI5. What is changed of money's rules, bank accounts and feeds is in the audit log before it is
 *       answered, without the words that let us in.
 */

import { z } from 'zod/v4'
import type { Answer } from '../../services/contract/answer.ts'
import type { Actions } from '../../services/contract.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import { neighbour } from '../auth.ts'
import { type Client, type Edge, guarded } from '../edge.ts'
import { AddressBuckets } from '../limits.ts'
import { readBody, readQuery, refShape, rupiahShape, trxIdShape } from '../reading.ts'
import type { Asked, Router } from '../router.ts'
import { machineText } from '../text/machine.id.ts'
import { moneyOkText } from '../text/wallet.id.ts'
import { decidingAt, snake } from './deciding.ts'
import { nameShape } from './deposits.route.ts'

const desk = { roles: ['finance', 'admin'] } as const

const words = z.string().trim().min(3).max(200)
const codeShape = z.string().regex(/^[\w.-]{1,40}$/)
const limitShape = z
  .string()
  .regex(/^[1-9]\d?$|^100$/)
  .transform(Number)
  .default(50)

export const deskShapes = {
  import: z.object({
    account: codeShape,
    csv: z.string().min(1).max(60_000),
    dry_run: z.boolean().default(true),
  }),
  list: z.object({
    status: z
      .enum(['new', 'matched', 'suspense', 'waiting', 'assigned', 'credited', 'returned'])
      .default('suspense'),
    limit: limitShape,
    cursor: z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .optional(),
  }),
  assign: z.object({ to: nameShape, reason: words }),
  giveBack: z.object({ reason: words }),
  manual: z.object({ to: nameShape, amount: rupiahShape, ref_id: refShape, note: words }),
  manuals: z.object({
    status: z.enum(['waiting', 'approved', 'paid', 'rejected']).default('waiting'),
    limit: limitShape,
    cursor: z.string().regex(trxIdShape).optional(),
  }),
  account: z.object({
    bank: z.string().min(1).max(40),
    number: z.string().regex(/^[\d .-]{4,40}$/),
    holder: z.string().min(1).max(100),
    active: z.boolean().default(true),
  }),
  feed: z.object({
    base_url: z
      .url({ protocol: /^https?$/ })
      .max(200)
      .default('https://app.moota.co/api/v2'),
    token: z.string().min(8).max(4_000).optional(),
    webhook_secret: z.string().min(8).max(200).optional(),
    poll_minutes: z.int().min(1).max(1_440).default(10),
    active: z.boolean().default(true),
  }),
  rules: z.object({
    ticket_min: rupiahShape.optional(),
    ticket_max: rupiahShape.optional(),
    ticket_hours: z.int().min(1).max(168).optional(),
    cool_hours: z.int().min(24).max(720).optional(),
    manual_max: z.int().min(0).optional(),
    transfer_min: rupiahShape.optional(),
    transfer_day_max: z.int().min(0).optional(),
  }),
  limit: z.object({ day_max: z.int().min(0).nullable() }),
} as const

const admin = '/api/v1/admin'

export function bank(router: Router, edge: Edge): void {
  takeMoota(router, edge)

  const asking =
    <T>(
      question: (visit: Visit, client: Client, asked: Asked) => (() => Promise<Answer<T>>) | null,
    ) =>
    (visit: Visit, client: Client, asked: Asked) => {
      const call = question(visit, client, asked)
      if (call === null) return
      ask(edge, visit, client.userId, call, found => visit.ok(moneyOkText.desk, snake(found)))
    }

  const deciding = decidingAt(router, edge)
  const ofAdmins = { roles: ['admin'], pace: 'staff' } as const

  router.signed(
    'post',
    `${admin}/bank-mutations/import`,
    (visit, client, asked) => {
      const wish = readBody(visit, asked.body, deskShapes.import)
      if (wish === undefined) return
      const { account, csv, dry_run: dryRun } = wish
      const by = client.userId
      const call = () => edge.call('deposit.import', { account, csv, dryRun, by })
      const sentence = dryRun ? moneyOkText.tried : moneyOkText.desk
      ask(edge, visit, by, call, found => visit.ok(sentence, snake(found)))
    },
    desk,
  )

  router.signed(
    'get',
    `${admin}/bank-mutations`,
    asking(visit => {
      const wish = readQuery(visit, deskShapes.list)
      if (wish === undefined) return null
      const { status, limit, cursor } = wish
      const params = { status, limit, ...(cursor === undefined ? {} : { before: cursor }) }
      return () => edge.call('deposit.mutations', params)
    }),
    desk,
  )

  deciding(
    'post',
    `${admin}/bank-mutations/:id/assign`,
    { ...desk, act: 'bank_mutation.assign' },
    ({ visit, client: { userId: by } }, { params: [id = ''], body }) => {
      if (!/^\d{1,15}$/.test(id)) return refused(visit)
      const wish = readBody(visit, body, deskShapes.assign)
      if (wish === undefined) return null
      const params = { id: Number(id), to: wish.to, by, why: wish.reason }
      return { call: () => edge.call('deposit.assign', params) }
    },
  )

  deciding(
    'post',
    `${admin}/bank-mutations/:id/return`,
    { ...desk, act: 'bank_mutation.return' },
    ({ visit, client: { userId: by } }, { params: [id = ''], body }) => {
      if (!/^\d{1,15}$/.test(id)) return refused(visit)
      const wish = readBody(visit, body, deskShapes.giveBack)
      if (wish === undefined) return null
      const params = { id: Number(id), by, why: wish.reason }
      return { call: () => edge.call('deposit.return', params) }
    },
  )

  deciding(
    'post',
    `${admin}/deposits`,
    { ...desk, act: 'manual_deposit.create' },
    ({ visit, client: { userId: by } }, { body }) => {
      const wish = readBody(visit, body, deskShapes.manual)
      if (wish === undefined) return null
      const { to, amount, ref_id: ref, note } = wish
      const call = () => edge.call('deposit.manual', { to, amount, ref, note, by })
      return { call, about: to }
    },
  )

  router.signed(
    'get',
    `${admin}/deposits`,
    asking(visit => {
      const wish = readQuery(visit, deskShapes.manuals)
      if (wish === undefined) return null
      const { status, limit, cursor } = wish
      const params = { status, limit, ...(cursor === undefined ? {} : { before: cursor }) }
      return () => edge.call('deposit.manuals', params)
    }),
    desk,
  )

  for (const { verb, verdict, row, manual } of [
    {
      ...({ verb: 'approve', verdict: 'approved' } as const),
      ...{ row: { act: 'bank_mutation.approve' }, manual: { act: 'manual_deposit.approve' } },
    },
    {
      ...({ verb: 'reject', verdict: 'rejected' } as const),
      ...{ row: { act: 'bank_mutation.reject' }, manual: { act: 'manual_deposit.reject' } },
    },
  ]) {
    deciding(
      'post',
      `${admin}/bank-mutations/:id/${verb}`,
      { ...desk, ...row },
      ({ visit, client: { userId: by } }, { params: [id = ''] }) => {
        if (!/^\d{1,15}$/.test(id)) return refused(visit)
        return { call: () => edge.call('deposit.judgeMutation', { id: Number(id), verdict, by }) }
      },
    )
    deciding(
      'post',
      `${admin}/deposits/:id/${verb}`,
      { ...desk, ...manual },
      ({ visit, client: { userId: by } }, { params: [id = ''] }) => {
        if (!trxIdShape.test(id)) return refused(visit)
        return { call: () => edge.call('deposit.judge', { id, verdict, by }) }
      },
    )
  }

  router.signed(
    'get',
    `${admin}/bank-accounts`,
    asking(() => () => edge.call('deposit.accounts', {})),
    desk,
  )

  deciding(
    'put',
    `${admin}/bank-accounts/:code`,
    { ...ofAdmins, act: 'bank_account.put' },
    ({ visit }, { params: [code = ''], body }) => {
      if (!codeShape.safeParse(code).success) return refused(visit)
      const wish = readBody(visit, body, deskShapes.account)
      return wish === undefined
        ? null
        : { call: () => edge.call('deposit.putAccount', { code, ...wish }) }
    },
  )

  deciding(
    'put',
    `${admin}/bank-feeds/moota`,
    { ...ofAdmins, act: 'bank_feed.put', personal: ['token', 'webhook_secret'] },
    ({ visit }, { body }) => {
      const wish = readBody(visit, body, deskShapes.feed)
      if (wish === undefined) return null
      const { base_url: baseUrl, token, webhook_secret: webhookSecret, ...rest } = wish
      const params: Actions['deposit.putFeed']['params'] = {
        baseUrl,
        pollMinutes: rest.poll_minutes,
        active: rest.active,
        ...(token === undefined ? {} : { token }),
        ...(webhookSecret === undefined ? {} : { webhookSecret }),
      }
      return { call: () => edge.call('deposit.putFeed', params) }
    },
  )

  deciding(
    'put',
    `${admin}/money-rules`,
    { ...ofAdmins, act: 'money_rules.change' },
    ({ visit }, { body }) => {
      const wish = readBody(visit, body, deskShapes.rules)
      if (wish === undefined) return null
      const params = {
        ticketMin: wish.ticket_min,
        ticketMax: wish.ticket_max,
        ticketHours: wish.ticket_hours,
        coolHours: wish.cool_hours,
        manualMax: wish.manual_max,
        transferMin: wish.transfer_min,
        transferDayMax: wish.transfer_day_max,
      }
      return { call: () => edge.call('deposit.rules', params) }
    },
  )

  deciding(
    'put',
    `${admin}/clients/:username/transfer-limit`,
    { roles: ['admin'], act: 'transfer_limit.change' },
    ({ visit }, { params: [username = ''], body }) => {
      const wish = readBody(visit, body, deskShapes.limit)
      if (wish === undefined) return null
      return { call: () => edge.call('transfer.limit', { username, dayMax: wish.day_max }) }
    },
  )

  deciding(
    'post',
    `${admin}/clients/:username/unlock-pin`,
    { roles: ['admin'], act: 'pin.unlock' },
    (_, { params: [username = ''] }) => ({
      call: () => edge.call('transfer.unlock', { username }),
    }),
  )
}

function takeMoota(router: Router, edge: Edge): void {
  const callers = new AddressBuckets(edge.limits.callbacksPerMin)
  router.open('post', '/api/v1/callbacks/moota', (visit, { headers, body }) => {
    if (edge.stopping) return visit.refuse('STOPPING')
    const waitMs = callers.take(neighbour(edge, visit), edge.now())
    if (waitMs > 0) return visit.refuse('RATE_LIMITED', { retryAfterMs: waitMs })
    const seat = 'bank:moota'
    if (!edge.flights.enter(seat)) return visit.refuse('OVERLOADED')
    const told = { signature: headers['signature'] ?? '', body: body.toString('base64') }
    edge.call('deposit.moota', told).then(
      ({ verdict }) => {
        edge.flights.leave(seat)
        guarded(edge, visit, () => {
          if (verdict === 'forged') visit.refuse('SIGNATURE_INVALID')
          else if (verdict === 'unknown') visit.refuse('NOT_FOUND')
          else visit.ok(machineText.callback, `{"verdict":"${verdict}"}`)
        })
      },
      error => {
        edge.flights.leave(seat)
        edge.onFault(error, visit.id)
        visit.refuse('JOURNAL_UNAVAILABLE')
      },
    )
  })
}

function refused(visit: Visit): null {
  visit.refuse('NOT_FOUND')
  return null
}
