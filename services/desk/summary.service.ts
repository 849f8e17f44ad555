/**
 * The desk's first page: what came in today, what waits for somebody, and how the boxes are.
 *
 * DKJ1. Today is the business's day in its own zone, whatever the asker's clock says.
 * DKJ2. What was paid counts on the day on which it was booked, as in the merchant's books,
 *       whenever its QR was made; what is not paid, on the day on which it was made.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { type Counted, deskCounts } from '../../sql/desk/desk-summary.ts'
import type { DeskActions, DeskSummary } from '../contract/desk.ts'
import type { Millis } from '../contract/words.ts'
import type { Call } from '../contract.ts'
import { dayOf, dayStart } from '../day.ts'
import { faulted } from '../faults.ts'

type SummaryDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly call: Call
  readonly now: () => Millis
}

type Params<A extends keyof DeskActions> = DeskActions[A]['params']
type Result<A extends keyof DeskActions> = Promise<DeskActions[A]['result']>

export function summaryService({ db, call, now }: SummaryDeps): ServiceSchema {
  async function read({ merchantId }: Params<'summary.read'>): Result<'summary.read'> {
    const at = now()
    const [from, to] = [dayStart(dayOf(at)), at + 1]
    const whose = merchantId === undefined ? {} : { merchantId }
    const paid = await call('payment.summary', { ...whose, from, to })
    if (!('ok' in paid)) return paid
    const today = { from, rows: paid.ok.rows }
    if (merchantId !== undefined) return { ok: { today, house: null } }
    const found = await deskCounts(db.pool, { fromMs: from, toMs: to })
    return { ok: { today, house: houseOf(found) } }
  }

  return {
    name: 'summary',
    actions: { read: (ctx: Context<Params<'summary.read'>>) => read(ctx.params).catch(faulted) },
  } as ServiceSchema
}

function houseOf(found: ReadonlyMap<string, readonly Counted[]>): DeskSummary['house'] {
  const named = (what: string): Record<string, number> =>
    Object.fromEntries((found.get(what) ?? []).map(({ name, count }) => [name, count]))
  const one = (what: string): number => found.get(what)?.[0]?.count ?? 0
  return {
    merchants: named('merchants'),
    devices: { ...named('devices'), bound: one('bound'), online: one('online') },
    sound: named('sound'),
    parkedCallbacks: one('parked'),
    batches: (found.get('batches') ?? []).map(({ name, count, amount }) => ({
      ...{ status: name, count, amount },
    })),
  }
}
