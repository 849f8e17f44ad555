/**
 * The catalogue on the mesh: the price list of a level. Orders are quoted in the process that hosts
 * them, straight from the book (`shelf.book()` and `quote`): no call stands between an order and
 * its price.
 *
 * C23. The list of a level is made once per book and minute, however often it is asked for.
 * KAQ2. The list says what is left of counted stock: at once when something is gone or back, and
 *       otherwise as of half a minute ago at most, for no sale may cost a list.
 * KAQ1. Who pays by rules of its own is listed, and gets a list of its own.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { ProductRow } from '../contract/catalogue.ts'
import type { Stocks } from '../routing/stocks.ts'
import { type LeftOf, levels, listProducts } from './book.ts'
import type { Shelf } from './shelf.ts'

type CatalogueDeps = {
  readonly shelf: Pick<Shelf, 'book' | 'version'>
  /** Without them all are unlimited. */
  readonly stocks?: Pick<Stocks, 'of' | 'shown'>
  readonly now?: () => number
}

const leftIn =
  (stocks: CatalogueDeps['stocks']): LeftOf =>
  (product, supplier) =>
    stocks?.of(product, supplier)?.leftLast ?? Number.POSITIVE_INFINITY

export function catalogueService(deps: CatalogueDeps): ServiceSchema {
  const productsOf = makePriceLists(deps)
  return {
    name: 'catalogue',
    actions: {
      products: ({ params: { level, userId } }: Context<{ level: number; userId?: string }>) =>
        userId === undefined || !deps.shelf.book().clients.has(userId)
          ? productsOf(level)
          : listProducts(deps.shelf.book(), level, (deps.now ?? Date.now)(), {
              ...{ userId, leftOf: leftIn(deps.stocks) },
            }),
      ownPrices: () => [...deps.shelf.book().clients.keys()],
    },
  }
}

/** At most one list per level is kept. `open` depends on the minute of the day. */
export function makePriceLists({ shelf, stocks, now = Date.now }: CatalogueDeps) {
  type List = {
    readonly version: number
    readonly minute: number
    readonly shown: number
    readonly rows: readonly ProductRow[]
  }
  const lists = new Map<number, List>()

  return (level: number): readonly ProductRow[] => {
    const column = Number.isInteger(level) && level >= 0 && level < levels ? level : 0
    const version = shelf.version()
    const minute = Math.floor(now() / 60_000)
    const shown = stocks?.shown(now()) ?? 0
    const kept = lists.get(column)
    const isSame = kept?.version === version && kept.minute === minute && kept.shown === shown
    if (isSame) return kept.rows
    const rows = listProducts(shelf.book(), column, now(), { leftOf: leftIn(stocks) })
    lists.set(column, { version, minute, shown, rows })
    return rows
  }
}
