/**
 * The number line for its staff: figures, users, orders, prices, what is not offered, settings.
 *
 *   support    reads, cancels, opens a message with a reason; sees no cost and no profit
 *   finance    reads, gives money back, sees what is earned
 *   admin      all of it; alone sets prices, settings, suppliers, and bars people
 *
 * NMA1. Whoever lacks the role is refused; what support may not see is null, not left to the page.
 * NMA2. Whatever changes something, opens a message or exports a person is in the audit log with
 *       its reason before it is answered, and is done once per Idempotency-Key.
 * NMA3. What a message says leaves by one door only, for a reason, and is kept nowhere by it.
 * NMA4. So many requests per person and minute.
 * NMA5. A change of prices or settings names the version that it was made of.
 */

import { z } from 'zod/v4'
import type { Role } from '../services/contract/identity.ts'
import type { MarkupWords } from '../services/contract/number-admin.ts'
import { type Desk, desksOf, houseEnvelope, type Work } from './desk.ts'
import type { Edge } from './edge.ts'
import type { Line } from './lines.ts'
import { movedMoney } from './moved-money.ts'
import { limitShape, readBody, readQuery, timeShape, trxIdShape } from './reading.ts'
import { type Asked, type Router, staff, type Verb } from './router.ts'
import { said } from './said.ts'
import { wireRow } from './soundbox-wire.ts'
import { numberAdminText as words } from './text/number-admin.id.ts'

const id = z.string().regex(trxIdShape)
const word = z.string().regex(/^[\x21-\x7e]{1,64}$/)
const anyWord = z.string().regex(/^[\x21-\x7e]{0,64}$/)
const reasonShape = z.string().trim().min(5).max(500)
const yes = z.enum(['true', 'false']).transform(text => text === 'true')
const level = z.int().min(0).max(99)
const version = z.int().min(0)
const number = z.string().regex(/^\d{1,15}$/)

export const userListing = z.object({
  q: z.string().trim().min(1).max(100).optional(),
  status: z.enum(['active', 'suspended', 'closed']).optional(),
  role: z.enum(['consumer', 'reseller']).optional(),
  banned: yes.optional(),
  cursor: id.optional(),
  limit: limitShape(100, 50),
})

export const userChanging = z.object({
  version: z.int().min(1),
  name: z.string().trim().min(1).max(100).optional(),
  level: level.optional(),
})

export const userStanding = z.object({
  status: z.enum(['active', 'suspended', 'closed']),
  reason: reasonShape,
})

export const banning = z.object({ reason: reasonShape, until: timeShape.nullable().default(null) })
export const reasoning = z.object({ reason: reasonShape })

const statuses = [
  ...(['processing', 'waiting', 'otp_received', 'finished'] as const),
  ...(['cancelling', 'refunded', 'expired', 'checking'] as const),
] as const

export const orderFinding = z.object({
  status: z.enum(statuses).optional(),
  open: yes.optional(),
  late: yes.optional(),
  user_id: id.optional(),
  supplier: word.optional(),
  service: word.optional(),
  country: word.optional(),
  number: z
    .string()
    .regex(/^\d{3,20}$/)
    .optional(),
  from: timeShape.optional(),
  to: timeShape.optional(),
  cursor: id.optional(),
  limit: limitShape(100, 50),
})

const bp = z.int().min(0)
const rupiah = z.int().min(0)
const rounding = z.enum(['exact', 'up_10', 'up_50', 'up_100', 'up_500', 'up_1000'])
const step = z.object({ up_to: rupiah.nullable(), percent_bp: bp, fixed: rupiah })
export const ruleShape = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), rounding, percent_bp: bp }),
  z.object({ kind: z.literal('fixed'), rounding, fixed: rupiah }),
  z.object({ kind: z.literal('tiered'), rounding, steps: z.array(step).min(1).max(20) }),
])
const place = {
  level: level.default(0),
  ...{ service: anyWord.default(''), country: anyWord.default(''), operator: anyWord.default('') },
}
export const markupPreviewing = z.object({ ...place, rule: ruleShape.nullable() })
export const markupChanging = z.object({ ...place, version, reason: reasonShape, rule: ruleShape })
export const markupRemoving = z.object({ ...place, version, reason: reasonShape })
export const numbered = z.object({
  cursor: number.transform(Number).optional(),
  limit: limitShape(100, 50),
})

const day = z.iso.date().transform(text => Date.parse(`${text}T00:00:00+07:00`))
export const profitAsking = z.object({
  /** Days of Jakarta, both of them counted. */
  from: day,
  to: day,
  by: z.enum(['day', 'service', 'country', 'supplier', 'operator']).default('day'),
})

export const settingChanging = z.object({
  version,
  reason: reasonShape,
  name: z.string().trim().min(1).max(40).optional(),
  help_url: z
    .url({ protocol: /^https$/ })
    .max(300)
    .nullable()
    .optional(),
  wait_minutes: z.int().min(3).max(20).optional(),
  code_shown_hours: z.int().min(1).max(720).optional(),
  retention_days: z.int().min(1).max(3_650).optional(),
  refund_alone_max: rupiah.max(1_000_000_000).optional(),
})

export const refunding = z.object({
  reason: reasonShape,
  /** What became of our money at the supplier, as far as one knows. */
  supplier: z.enum(['charged', 'returned']).optional(),
})

export const exporting = z.object({
  /** On which request: who asks, its number and date. */
  reason: z.string().trim().min(10).max(500),
  /** Also what messages say, as far as they are kept. */
  with_messages: z.boolean().default(false),
})

const code = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,31}$/)
const ms = z.int().min(0).max(86_400_000).nullable()
export const supplierPutting = z.object({
  name: z.string().trim().min(1).max(100),
  kind: word,
  base_url: z.url({ protocol: /^https?$/ }).max(300),
  /** Null: as they are. */
  credentials: z.record(word, z.string().min(1).max(500)).nullable().default(null),
  unit: z.string().regex(/^\d{1,9}(?:\.\d{1,6})?$/),
  active: z.boolean(),
  terms: z
    .object({
      ...{ cancel_after_ms: ms, life_ms: ms, poll_ms: ms },
      resends: z.boolean().nullable(),
    })
    .default({ cancel_after_ms: null, life_ms: null, poll_ms: null, resends: null }),
  version,
  reason: reasonShape,
})

export const reviewListing = z.object({
  open: yes.optional(),
  cursor: number.transform(Number).optional(),
  limit: limitShape(100, 50),
})
export const reviewDeciding = z.object({
  verdict: z.enum(['clear', 'ban']),
  hours: z.int().min(1).max(8_760).default(24),
  reason: reasonShape,
})
const pattern = z.string().trim().min(1).max(60)
export const denying = z.object({ pattern, reason: reasonShape })
export const allowing = z.object({ pattern })

const nameKind = z.enum(['service', 'country'])
export const nameListing = z.object({
  kind: nameKind.default('service'),
  search: z.string().trim().max(60).default(''),
  cursor: word.optional(),
  limit: limitShape(200, 50),
})
export const naming = z.object({
  kind: nameKind,
  word,
  /** Null takes back what was said of the word. */
  id: word.nullable(),
  name: z.string().trim().min(1).max(60).nullable().default(null),
  version,
  reason: reasonShape,
})

const root = '/api/v1/admin'
const admins = ['admin'] as const
const payers = ['admin', 'finance'] as const
const helpers = ['admin', 'support'] as const
const dayMs = 86_400_000
const profitDaysMax = 400

type Serve = (desk: Desk, asked: Asked, params: readonly string[]) => void

export const numberAdmin: Line = (router, edge) => {
  const hang = doorsOf(router, edge)
  figures(hang, edge)
  transactions(hang, edge)
  users(hang, edge)
  orders(hang, edge)
  hands(hang, edge)
  markup(hang, edge)
  names(hang, edge)
  suppliers(hang, edge)
  settings(hang, edge)
  abuse(hang, edge)
}

type Hang = (
  door: `${Verb} ${string}`,
  who: readonly Role[],
  says: string,
  serve: Serve,
  work?: Work,
) => void

function doorsOf(router: Router, edge: Edge): Hang {
  const desks = desksOf(router, edge, houseEnvelope)
  return (door, who, says, serve, work = {}) => {
    const [verb, path] = door.split(' ') as [Verb, string]
    const served = (desk: Desk, asked: Asked) => serve(desk, asked, asked.params)
    desks.staff(verb, path, who, served, { ...work, says, pace: 'staff' })
  }
}

const seesMoney = ({ client: { role } }: Desk): boolean => role !== 'support'

/** The same without what it cost us, for whoever may not see it. */
const costless =
  (desk: Desk) =>
  <T extends { cost: unknown }>(row: T): object =>
    wireRow(seesMoney(desk) ? row : { ...row, cost: null })

function figures(hang: Hang, edge: Edge) {
  hang(`get ${root}/stats`, staff, words.stats, desk =>
    desk.ask(
      () => edge.call('numberDesk.stats', {}),
      ({ today, week, days, ...stats }) => {
        const plain = seesMoney(desk)
        const hide = (one: object) =>
          wireRow(plain ? one : { ...one, ...('base' in one ? { base: null } : {}), profit: null })
        const { countedAt, users: count, open } = stats
        desk.give({
          ...wireRow({ countedAt, users: count, open }),
          ...{ today: hide(today), week: hide(week), days: days.map(hide) },
        })
      },
    ),
  )

  hang(`get ${root}/profit-analytics`, payers, words.profit, desk => {
    const asked = readQuery(desk.visit, profitAsking)
    if (asked === undefined) return
    const { from, by } = asked
    const to = asked.to + dayMs
    if (to <= from || to - from > profitDaysMax * dayMs) {
      const fields = [{ field: 'to', problem: 'out_of_range' }]
      return desk.visit.refuse('VALIDATION_FAILED', { details: { fields } })
    }
    desk.ask(
      () => edge.call('numberDesk.profit', { from, to, by }),
      ({ rows, total }) => desk.give({ rows: rows.map(wireRow), total: wireRow(total) }),
    )
  })
}

/** Of the last week, where nobody says from when on. */
function transactions(hang: Hang, edge: Edge) {
  hang(`get ${root}/number-transactions`, payers, words.transactions, desk => {
    const question = movedMoney(edge, desk.visit)
    if (question === undefined) return
    desk.ask(question, ({ rows, next }) =>
      desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
}

function users(hang: Hang, edge: Edge) {
  const one = `${root}/users/:id`
  hang(`get ${root}/users`, staff, words.users, desk => {
    const asked = readQuery(desk.visit, userListing)
    if (asked === undefined) return
    desk.ask(
      () => edge.call('numberDesk.users', said(asked)),
      ({ rows, next }) => desk.give({ rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  hang(`get ${one}`, staff, words.user, (desk, _, [userId = '']) =>
    desk.ask(
      () => edge.call('numberDesk.user', { userId }),
      ({ orders: newest, ...file }) =>
        desk.give({ ...wireRow(file), orders: newest.map(costless(desk)) }),
    ),
  )
  hang(
    `put ${one}`,
    admins,
    words.userChanged,
    (desk, { body }, [userId = '']) => {
      const wish = readBody(desk.visit, body, userChanging)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberDesk.change', { userId, by: desk.actor.name, ...said(wish) }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-user.change', personal: ['name'] },
  )
  hang(
    `put ${one}/status`,
    admins,
    words.userChanged,
    (desk, { body }, [userId = '']) => {
      const wish = readBody(desk.visit, body, userStanding)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberDesk.status', { userId, by: desk.actor.name, ...wish }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-user.status' },
  )
  hang(
    `post ${one}/ban`,
    admins,
    words.banned,
    (desk, { body }, [userId = '']) => {
      const wish = readBody(desk.visit, body, banning)
      if (wish === undefined) return
      if (wish.until !== null && wish.until <= edge.now()) {
        const fields = [{ field: 'until', problem: 'past' }]
        return desk.visit.refuse('VALIDATION_FAILED', { details: { fields } })
      }
      desk.ask(
        () => edge.call('numberDesk.ban', { userId, by: desk.actor.name, ...wish }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-user.ban' },
  )
  hang(
    `post ${one}/unban`,
    admins,
    words.unbanned,
    (desk, { body }, [userId = '']) => {
      const wish = readBody(desk.visit, body, reasoning)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberDesk.unban', { userId, by: desk.actor.name, ...wish }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-user.unban' },
  )
  hang(
    `post ${one}/export`,
    admins,
    words.exported,
    (desk, { body }, [userId = '']) => {
      const wish = readBody(desk.visit, body, exporting)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberDesk.export', { userId, withMessages: wish.with_messages }),
        told => desk.giveSecret({ user_id: userId }, wireRow(told)),
      )
    },
    { act: 'number-user.export' },
  )
}

function orders(hang: Hang, edge: Edge) {
  const one = `${root}/orders/:id`
  hang(`get ${root}/orders`, staff, words.orders, desk => {
    const asked = readQuery(desk.visit, orderFinding)
    if (asked === undefined) return
    const { user_id: userId, ...rest } = asked
    desk.ask(
      () => edge.call('numberDesk.orders', said({ ...rest, userId })),
      ({ rows, next }) => desk.give({ rows: rows.map(costless(desk)), next_cursor: next }),
    )
  })
  hang(`get ${one}`, staff, words.order, (desk, _, [orderId = '']) =>
    desk.ask(
      () => edge.call('numberDesk.order', { orderId }),
      ({ order, profit, messages, timeline }) =>
        desk.give({
          order: costless(desk)(order),
          ...wireRow({ messages, timeline }),
          profit: seesMoney(desk) ? profit.map(wireRow) : null,
        }),
    ),
  )
  hang(
    `post ${one}/reveal`,
    helpers,
    words.revealed,
    (desk, { body }, [orderId = '']) => {
      if (readBody(desk.visit, body, reasoning) === undefined) return
      desk.ask(
        () => edge.call('numberDesk.reveal', { orderId }),
        told => desk.giveSecret({ order_id: orderId }, wireRow(told)),
      )
    },
    { act: 'number-order.reveal' },
  )
}

const handOf = ({ client: { userId }, actor: { name } }: Desk) => ({ userId, name })

function hands(hang: Hang, edge: Edge) {
  const one = `${root}/orders/:id`
  hang(
    `post ${one}/cancel`,
    helpers,
    words.cancelled,
    (desk, { body }, [orderId = '']) => {
      if (readBody(desk.visit, body, reasoning) === undefined) return
      desk.ask(
        () => edge.call('numberHand.cancel', { orderId, by: handOf(desk) }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-order.cancel' },
  )
  hang(
    `post ${one}/refund`,
    payers,
    words.refunded,
    (desk, { body }, [orderId = '']) => {
      const wish = readBody(desk.visit, body, refunding)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberHand.refund', { orderId, by: handOf(desk), ...said(wish) }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-order.refund' },
  )
  hang(
    `post ${one}/charge`,
    payers,
    words.charged,
    (desk, { body }, [orderId = '']) => {
      const wish = readBody(desk.visit, body, reasoning)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberHand.charge', { orderId, by: handOf(desk), ...wish }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-order.charge' },
  )
  hang(`get ${root}/number-refunds`, payers, words.refunds, desk =>
    desk.ask(
      () => edge.call('numberHand.refunds', {}),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  hang(
    `post ${root}/number-refunds/:id/reject`,
    payers,
    words.rejected,
    (desk, { body }, [number = '']) => {
      if (readBody(desk.visit, body, reasoning) === undefined) return
      if (!/^[1-9]\d{0,14}$/.test(number)) return desk.visit.refuse('NOT_FOUND')
      desk.ask(
        () => edge.call('numberHand.reject', { id: Number(number), by: handOf(desk) }),
        told => desk.give(told),
      )
    },
    { act: 'number-refund.reject' },
  )
}

function suppliers(hang: Hang, edge: Edge) {
  const one = `${root}/number-suppliers/:code`
  hang(`get ${root}/number-suppliers`, payers, words.suppliers, desk =>
    desk.ask(
      () => edge.call('numberDesk.suppliers', {}),
      ({ suppliers, kinds }) =>
        desk.give({ rows: suppliers.map(wireRow), kinds: kinds.map(wireRow) }),
    ),
  )
  hang(
    `put ${one}`,
    admins,
    words.supplierChanged,
    (desk, asked, [name = '']) => {
      const wish = readBody(desk.visit, asked.body, supplierPutting)
      if (wish === undefined) return
      if (!code.safeParse(name).success) return desk.visit.refuse('NOT_FOUND')
      const { base_url: baseUrl, terms, ...rest } = wish
      const { cancel_after_ms: cancelAfterMs, life_ms: lifeMs, poll_ms: pollMs, resends } = terms
      const wanted = { ...rest, baseUrl, terms: { cancelAfterMs, lifeMs, pollMs, resends } }
      desk.ask(
        () => edge.call('numberSupplier.put', { ...wanted, code: name, by: desk.actor.name }),
        told => desk.give(told),
      )
    },
    { act: 'number-supplier.change' },
  )
  hang(`post ${one}/test`, payers, words.supplierTested, (desk, _, [name = '']) =>
    desk.ask(
      () => edge.call('numberSupplier.test', { code: name }),
      told => desk.give(told),
    ),
  )
  hang(
    `post ${one}/refresh`,
    payers,
    words.supplierRefreshed,
    (desk, _, [name = '']) =>
      desk.ask(
        () => edge.call('numberSupplier.refresh', { code: name }),
        told => desk.give(wireRow(told)),
      ),
    { act: 'number-supplier.refresh' },
  )
}

type Place = z.infer<typeof markupRemoving>
const placeOf = ({ level, service, country, operator }: Omit<Place, 'version' | 'reason'>) => ({
  ...{ level, service, country, operator },
})

function ruleOf(rule: z.infer<typeof ruleShape>): MarkupWords {
  switch (rule.kind) {
    case 'percent':
      return { kind: rule.kind, rounding: rule.rounding, percentBp: rule.percent_bp }
    case 'fixed':
      return rule
    case 'tiered':
      return {
        ...{ kind: rule.kind, rounding: rule.rounding },
        steps: rule.steps.map(one => ({
          ...{ upTo: one.up_to, percentBp: one.percent_bp, fixed: one.fixed },
        })),
      }
  }
}

function markup(hang: Hang, edge: Edge) {
  hang(`get ${root}/markup`, payers, words.rules, desk =>
    desk.ask(
      () => edge.call('markup.rules', {}),
      told => desk.give(wireRow(told)),
    ),
  )
  hang(`get ${root}/markup/history`, payers, words.history, desk => {
    const asked = readQuery(desk.visit, numbered)
    if (asked === undefined) return
    const { cursor: before, limit } = asked
    desk.ask(
      () => edge.call('markup.history', said({ before, limit })),
      ({ rows, next }) =>
        desk.give({ rows: rows.map(wireRow), next_cursor: next === null ? null : String(next) }),
    )
  })
  hang(`post ${root}/markup/preview`, payers, words.preview, (desk, { body }) => {
    const wish = readBody(desk.visit, body, markupPreviewing)
    if (wish === undefined) return
    const rule = wish.rule === null ? null : ruleOf(wish.rule)
    desk.ask(
      () => edge.call('markup.preview', { place: placeOf(wish), rule }),
      told => desk.give(wireRow(told)),
    )
  })
  for (const [verb, expects] of [
    ['post', 'none'],
    ['put', 'one'],
  ] as const) {
    hang(
      `${verb} ${root}/markup`,
      admins,
      words.changed,
      (desk, { body }) => {
        const wish = readBody(desk.visit, body, markupChanging)
        if (wish === undefined) return
        const { version, reason } = wish
        const note = { version, reason, by: desk.actor.name, expects }
        desk.ask(
          () =>
            edge.call('markup.change', {
              ...{ place: placeOf(wish), rule: ruleOf(wish.rule), ...note },
            }),
          told => desk.give(told, subjectOf(wish)),
        )
      },
      { act: 'number-markup.change' },
    )
  }
  hang(
    `del ${root}/markup`,
    admins,
    words.changed,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, markupRemoving)
      if (wish === undefined) return
      const { version, reason } = wish
      const note = { version, reason, by: desk.actor.name }
      desk.ask(
        () => edge.call('markup.change', { place: placeOf(wish), rule: null, ...note }),
        told => desk.give(told, subjectOf(wish)),
      )
    },
    { act: 'number-markup.remove' },
  )
}

function names(hang: Hang, edge: Edge) {
  hang(`get ${root}/number-names`, payers, words.names, desk => {
    const asked = readQuery(desk.visit, nameListing)
    if (asked === undefined) return
    const { kind, search, cursor: after = '', limit } = asked
    desk.ask(
      () => edge.call('numberNames.list', { kind, search, after, limit }),
      ({ version, rows, next }) =>
        desk.give({ version, rows: rows.map(wireRow), next_cursor: next }),
    )
  })
  hang(
    `put ${root}/number-names`,
    admins,
    words.named,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, naming)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('numberNames.put', { ...wish, by: desk.actor.name }),
        told => desk.give(told, `${wish.kind}/${wish.word}`),
      )
    },
    { act: 'number-name.change' },
  )
}

const subjectOf = ({ level, service, country, operator }: Omit<Place, 'version' | 'reason'>) =>
  [level, service || '*', country || '*', operator || '*'].join('/')

function settings(hang: Hang, edge: Edge) {
  hang(`get ${root}/number-settings`, staff, words.settings, desk =>
    desk.ask(
      () => edge.call('numberDesk.settings', {}),
      told => desk.give(wireRow(told)),
    ),
  )
  hang(
    `put ${root}/number-settings`,
    admins,
    words.set,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, settingChanging)
      if (wish === undefined) return
      const { version, reason, name, help_url: helpUrl, wait_minutes: waitMinutes } = wish
      const { code_shown_hours: codeShownHours, refund_alone_max: refundAloneMax } = wish
      const { retention_days: retentionDays } = wish
      const hours = { waitMinutes, codeShownHours, retentionDays }
      const wanted = said({ name, helpUrl, refundAloneMax, ...hours })
      const note = { version, reason, by: desk.actor.name }
      desk.ask(
        () => edge.call('numberDesk.set', { ...note, settings: wanted }),
        told => desk.give(wireRow(told)),
      )
    },
    { act: 'number-settings.change' },
  )
}

function abuse(hang: Hang, edge: Edge) {
  hang(`get ${root}/abuse`, staff, words.reviews, desk => {
    const asked = readQuery(desk.visit, reviewListing)
    if (asked === undefined) return
    const { open = null, cursor = null, limit } = asked
    desk.ask(
      () => edge.call('abuse.reviews', { open, cursor, limit }),
      ({ rows, next }) =>
        desk.give({ rows: rows.map(reviewOf), next_cursor: next === null ? null : String(next) }),
    )
  })
  hang(
    `post ${root}/abuse/:id/decide`,
    admins,
    words.decided,
    (desk, { body }, [number = '']) => {
      const wish = readBody(desk.visit, body, reviewDeciding)
      if (wish === undefined) return
      if (!/^[1-9]\d{0,14}$/.test(number)) return desk.visit.refuse('NOT_FOUND')
      desk.ask(
        () => edge.call('abuse.decide', { id: Number(number), by: desk.actor.name, ...wish }),
        told => desk.give(reviewOf(told)),
      )
    },
    { act: 'number-abuse.decide' },
  )
  hang(`get ${root}/denied-services`, staff, words.denied, desk =>
    desk.ask(
      () => edge.call('abuse.denied', {}),
      ({ rows }) => desk.give({ rows: rows.map(wireRow) }),
    ),
  )
  hang(
    `post ${root}/denied-services`,
    admins,
    words.deny,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, denying)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('abuse.deny', { ...wish, by: desk.actor.name }),
        told => desk.give(wireRow(told), wish.pattern),
      )
    },
    { act: 'number-service.deny' },
  )
  hang(
    `del ${root}/denied-services`,
    admins,
    words.allow,
    (desk, { body }) => {
      const wish = readBody(desk.visit, body, allowing)
      if (wish === undefined) return
      desk.ask(
        () => edge.call('abuse.allow', { ...wish, by: desk.actor.name }),
        () => desk.give({ pattern: wish.pattern }, wish.pattern),
      )
    },
    { act: 'number-service.allow' },
  )
}

const reviewOf = ({ bannedUntil, ...row }: { bannedUntil: number | null }): object =>
  wireRow({ ...row, banEndsAt: bannedUntil })
