/**
 * The number line for its staff: figures, users, orders; what it offers is `offer.route.ts`.
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
 */

import type { Desk } from '../desk.ts'
import type { Edge } from '../edge.ts'
import type { Line } from '../lines.ts'
import { readBody, readQuery } from '../reading.ts'
import { staff } from '../router.ts'
import { said } from '../said.ts'
import { wireRow } from '../soundbox/wire.ts'
import { numberAdminText as words } from '../text/number-admin.id.ts'
import { admins, doorsOf, type Hang, helpers, payers, root } from './admin.doors.ts'
import {
  banning,
  exporting,
  orderFinding,
  profitAsking,
  reasoning,
  refunding,
  userChanging,
  userListing,
  userStanding,
} from './admin.shapes.ts'
import { movedMoney } from './moved-money.ts'
import { numberOffer } from './offer.route.ts'

const dayMs = 86_400_000
const profitDaysMax = 400

export const numberAdmin: Line = (router, edge) => {
  const hang = doorsOf(router, edge)
  figures(hang, edge)
  transactions(hang, edge)
  users(hang, edge)
  orders(hang, edge)
  hands(hang, edge)
  numberOffer(hang, edge)
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
