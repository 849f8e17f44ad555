/**
 * Money over REST: deposit tickets, and transfers to one's own tree. What we say of a ticket is
 * what the client must pay, to the rupiah.
 *
 * MNH1. A client sees and cancels his own tickets only.
 * MNH2. A transfer needs the PIN, and is told what left and what remains.
 */

import { z } from 'zod/v4'
import type { TicketView } from '../../services/contract/deposit.ts'
import type { Visit } from '../answer.ts'
import { ask } from '../ask.ts'
import type { Edge } from '../edge.ts'
import { readBody, readQuery, refShape, rupiahShape, toIso, trxIdShape } from '../reading.ts'
import type { Router } from '../router.ts'
import { moneyOkText } from '../text/wallet.id.ts'

export const ticketing = z.object({
  amount: rupiahShape,
  account: z
    .string()
    .regex(/^[\w.-]{1,40}$/)
    .optional(),
})

export const ticketPaging = z.object({
  cursor: z.string().regex(trxIdShape).optional(),
  limit: z
    .string()
    .regex(/^[1-9]\d?$|^100$/)
    .transform(Number)
    .default(20),
})

/** Who it goes to: a username or a member id. */
export const nameShape = z.string().regex(/^[\w.@-]{1,64}$/)

export const transferring = z.object({
  to: nameShape,
  amount: rupiahShape,
  pin: z.string().min(1).max(64),
  ref_id: refShape,
})

export function deposits(router: Router, edge: Edge): void {
  router.signed('post', '/api/v1/deposits', (visit, { userId }, { body }) => {
    const wish = readBody(visit, body, ticketing)
    if (wish === undefined) return
    const { amount, account } = wish
    const params = { userId, amount, ...(account === undefined ? {} : { account }) }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('deposit.ticket', params),
      ticket => visit.ok(moneyOkText.ticket, JSON.stringify(ticketOf(ticket))),
    )
  })

  router.signed('get', '/api/v1/deposits', (visit, { userId }) => {
    const asked = readQuery(visit, ticketPaging)
    if (asked === undefined) return
    const { limit, cursor } = asked
    const params = { userId, limit, ...(cursor === undefined ? {} : { before: cursor }) }
    ask(
      edge,
      visit,
      userId,
      () => edge.call('deposit.tickets', params),
      ({ rows, next }) =>
        visit.ok(
          moneyOkText.tickets,
          JSON.stringify({ rows: rows.map(ticketOf), next_cursor: next }),
        ),
    )
  })

  router.signed('get', '/api/v1/deposits/:id', (visit, { userId }, { params: [id = ''] }) => {
    if (!trxIdShape.test(id)) return visit.refuse('NOT_FOUND')
    ask(
      edge,
      visit,
      userId,
      () => edge.call('deposit.get', { userId, id }),
      ticket => visit.ok(moneyOkText.tickets, JSON.stringify(ticketOf(ticket))),
    )
  })

  router.signed('del', '/api/v1/deposits/:id', (visit, { userId }, { params: [id = ''] }) => {
    if (!trxIdShape.test(id)) return visit.refuse('NOT_FOUND')
    ask(
      edge,
      visit,
      userId,
      () => edge.call('deposit.cancel', { userId, id }),
      ticket => visit.ok(moneyOkText.cancelled, JSON.stringify(ticketOf(ticket))),
    )
  })

  router.signed('post', '/api/v1/transfers', (visit, { userId }, { body }) => {
    const wish = readBody(visit, body, transferring)
    if (wish !== undefined) sendMoney(edge, visit, userId, wish)
  })
}

function sendMoney(edge: Edge, visit: Visit, userId: string, wish: z.infer<typeof transferring>) {
  const { ref_id: ref, ...rest } = wish
  ask(
    edge,
    visit,
    userId,
    () => edge.call('transfer.send', { userId, ref, ...rest }),
    ({ transferId, to, amount, available }) =>
      visit.ok(
        moneyOkText.transfer,
        JSON.stringify({ transfer_id: transferId, ref_id: ref, to, amount, available }),
      ),
  )
}

const ticketOf = (ticket: TicketView) => ({
  id: ticket.id,
  amount: ticket.base,
  unique_code: ticket.code,
  pay_exactly: ticket.amount,
  status: ticket.status,
  bank: {
    code: ticket.bank.code,
    name: ticket.bank.name,
    account_number: ticket.bank.number,
    account_holder: ticket.bank.holder,
  },
  created_at: toIso(ticket.createdAt),
  expires_at: toIso(ticket.expiresAt),
})
