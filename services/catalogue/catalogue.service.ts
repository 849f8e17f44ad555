/**
 * The catalogue on the mesh: the price list of a level. Orders are quoted in the process that hosts
 * them, straight from the book (`shelf.book()` and `quote`): no call stands between an order and
 * its price.
 *
 * C23. The list of a level is made once per book and minute, however often it is asked for.
 * KAQ1. Who pays by rules of its own is listed, and gets a list of its own.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { ProductRow } from '../contract.ts'
import { levels, listProducts } from './book.ts'
import type { Shelf } from './shelf.ts'

export type CatalogueDeps = {
  readonly shelf: Pick<Shelf, 'book' | 'version'>
  readonly now?: () => number
}

export function catalogueService(deps: CatalogueDeps): ServiceSchema {
  const productsOf = makePriceLists(deps)
  return {
    name: 'catalogue',
    actions: {
      products: ({ params: { level, userId } }: Context<{ level: number; userId?: string }>) =>
        userId === undefined || !deps.shelf.book().clients.has(userId)
          ? productsOf(level)
          : listProducts(deps.shelf.book(), level, (deps.now ?? Date.now)(), userId),
      ownPrices: () => [...deps.shelf.book().clients.keys()],
    },
  }
}

/** At most one list per level is kept. `open` depends on the minute of the day. */
export function makePriceLists({ shelf, now = Date.now }: CatalogueDeps) {
  type List = {
    readonly version: number
    readonly minute: number
    readonly rows: readonly ProductRow[]
  }
  const lists = new Map<number, List>()

  return (level: number): readonly ProductRow[] => {
    const column = Number.isInteger(level) && level >= 0 && level < levels ? level : 0
    const version = shelf.version()
    const minute = Math.floor(now() / 60_000)
    const kept = lists.get(column)
    if (kept?.version === version && kept.minute === minute) return kept.rows
    const rows = listProducts(shelf.book(), column, now())
    lists.set(column, { version, minute, rows })
    return rows
  }
}
