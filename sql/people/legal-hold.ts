/**
 * What is disputed is kept for its proof, also of somebody who was forgotten: by no name, only as
 * what was sold and what it received.
 *
 * LGH1. An order is held while something may come of it, while it is complained about, while a
 *       refund of it waits for a second person, and for a month after its owner asked for help.
 * LGH2. A deposit is held while money of it stands in suspense, or may still come.
 */

import { type DatabasePool, sql, z } from '../database.ts'

type Read = Pick<DatabasePool, 'any'>

const helpDays = 30

/** On `v`, a row of number_view. */
export const isHeld = sql.fragment`
  (v.is_open
   or exists (select from complaint c
               where c.trx_id = v.id and c.state in ('open', 'answered'))
   or exists (select from number_refund r where r.order_id = v.id and r.status = 'waiting')
   or exists (select from activity a
               where a.client_id = v.user_id and a.what = 'help.opened'
                 and a.details ->> 'about' = v.id::text
                 and a.at > now() - make_interval(days => ${helpDays})))`

const orderRow = z.object({ id: z.string() })
const depositRow = z.object({ id: z.string(), suspended: z.number() })

export type Holds = {
  readonly orders: readonly string[]
  readonly deposits: readonly string[]
  /** Rupiah of his that stand in suspense. */
  readonly suspended: number
}

/** Plan: number_view_user and deposit_intent_user, each row looked up in small tables. */
export async function holdsOf(read: Read, userId: string): Promise<Holds> {
  const orders = await read.any(sql.type(orderRow)`
    select v.id from number_view v where v.user_id = ${userId} and ${isHeld} order by v.id`)
  const deposits = await read.any(sql.type(depositRow)`
    select id, suspended from deposit_intent
     where user_id = ${userId}
       and (suspended > 0 or status in ('asking', 'doubt', 'pending', 'processing'))
     order by id`)
  return {
    orders: orders.map(({ id }) => id),
    deposits: deposits.map(({ id }) => id),
    suspended: deposits.reduce((sum, one) => sum + one.suspended, 0),
  }
}
