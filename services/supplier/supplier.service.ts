/** Suppliers, as the rest of the system sees them. Nothing is decided here. */

import type { Context, ServiceSchema } from 'moleculer'
import type { Database } from '../../sql/database.ts'
import { insertCallbacks, judgeCallbacks, unreadCallbacks } from '../../sql/topup/suppliers.ts'
import type { Actions } from '../contract.ts'
import { Inbox } from '../inbox.ts'
import { Callbacks, type Submit } from './callbacks.ts'
import type { SupplierAccess } from './caller.ts'
import type { Flights } from './flight.ts'

type SupplierDeps = {
  readonly db: Pick<Database, 'pool'>
  readonly supplierOf: (code: string) => SupplierAccess | undefined
  readonly submit: Submit
  readonly flights?: Pick<Flights, 'hear'>
  readonly now?: () => number
}

/** A callback that is younger may still be on its first way. */
const unreadAgeMs = 30_000
const unreadMax = 200
const readAgainMs = 30_000

export function makeCallbacks(deps: SupplierDeps): Callbacks {
  const { db, supplierOf, submit, flights, now = Date.now } = deps
  return new Callbacks({
    supplierOf,
    submit,
    now,
    ...(flights === undefined ? {} : { hear: (code, hint) => flights.hear(code, hint) }),
    inbox: new Inbox({
      insert: entries => insertCallbacks(db.pool, entries),
      judge: judgements => judgeCallbacks(db.pool, judgements),
    }),
    unread: after =>
      unreadCallbacks(db.pool, { before: now() - unreadAgeMs, after, limit: unreadMax }),
  })
}

export function supplierService(
  deps: SupplierDeps,
  callbacks: Callbacks = makeCallbacks(deps),
): ServiceSchema {
  let timer: NodeJS.Timeout | undefined
  let reading: Promise<unknown> | undefined

  const readAgain = (): void => {
    // A database that is away now is asked again at the next beat.
    reading ??= callbacks
      .readAgain()
      .catch(() => 0)
      .finally(() => {
        reading = undefined
      })
  }

  return {
    name: 'supplier',
    actions: {
      callback: (ctx: Context<Actions['supplier.callback']['params']>) =>
        callbacks.receive(ctx.params),
    },
    async started() {
      readAgain()
      timer = setInterval(readAgain, readAgainMs).unref()
    },
    async stopped() {
      clearInterval(timer)
      await reading
      await callbacks.rest()
    },
  }
}
