/**
 * The catalogue as a client of one level sees it. The list is printed once per change, not once per
 * asker; who has it already is told so.
 *
 *   level ─▶ shelf { rows, version, prints } ── older than fresh ─▶ asked anew behind the scenes
 *
 * GP1. One list per level is prepared and shared; the version is a digest of what it says.
 * GP2. The version is the ETag: a client that has it gets 304 and no list.
 * GP3. When the catalogue can't be asked, the last list serves for a while rather than none.
 * GP4. A list that was asked anew and says the same keeps its prints; another one has its own.
 * KAR1. A client who pays by rules of its own gets a list of its own; few of them are kept at once.
 */

import { hash } from 'node:crypto'
import { z } from 'zod/v4'
import type { ProductRow } from '../../services/contract/catalogue.ts'
import { json, okHead, okTail, type Visit } from '../answer.ts'
import type { Client, Edge } from '../edge.ts'
import { Printed } from '../printed.ts'
import { readQuery } from '../reading.ts'
import { catalogueOkText } from '../text/catalogue.id.ts'

export type Shelf = {
  readonly rows: readonly ProductRow[]
  readonly version: string
  /** What is made of the rows, by name, once. */
  readonly prints: Map<string, Printed>
  readonly at: number
}

export function printOf({ prints }: Shelf, name: string, print: () => string): Printed {
  const printed = prints.get(name) ?? new Printed(print())
  prints.set(name, printed)
  return printed
}

const freshMs = 3_000
const staleMsMax = 60_000
const ownListsMax = 32

export class Shelves {
  readonly #edge: Pick<Edge, 'call' | 'now'>
  readonly #shelves = new Map<string, Shelf>()
  readonly #filling = new Map<string, Promise<Shelf>>()
  #own: { readonly at: number; readonly ids: Promise<ReadonlySet<string>> } | null = null

  constructor(edge: Pick<Edge, 'call' | 'now'>) {
    this.#edge = edge
  }

  async of(level: number, userId?: string): Promise<Shelf> {
    const isOwn = userId !== undefined && (await this.#owners()).has(userId)
    const asked = isOwn ? { level, userId } : { level }
    const key = isOwn ? `${level} ${userId}` : String(level)
    const shelf = this.#shelves.get(key)
    const age = shelf === undefined ? Number.POSITIVE_INFINITY : this.#edge.now() - shelf.at
    if (age < freshMs) return shelf!
    const filling = this.#filling.get(key) ?? this.#fill(key, asked)
    if (age >= staleMsMax) return filling
    filling.catch(() => undefined)
    return shelf!
  }

  /** Who they were the last time that anybody could say. */
  #owners(): Promise<ReadonlySet<string>> {
    const known = this.#own
    if (known !== null && this.#edge.now() - known.at < freshMs) return known.ids
    const ids = this.#edge
      .call('catalogue.ownPrices', {})
      .then(list => new Set(list))
      .catch(() => known?.ids ?? new Set<string>())
    this.#own = { at: this.#edge.now(), ids }
    return ids
  }

  #fill(key: string, asked: { level: number; userId?: string }): Promise<Shelf> {
    const filling = this.#edge
      .call('catalogue.products', asked)
      .then(rows => {
        const known = this.#shelves.get(key)
        const shelf = {
          ...(known?.rows === rows ? known : madeOf(rows, known)),
          at: this.#edge.now(),
        }
        this.#shelves.delete(key)
        this.#shelves.set(key, shelf)
        if (asked.userId !== undefined) this.#forgetOldest()
        return shelf
      })
      .finally(() => this.#filling.delete(key))
    this.#filling.set(key, filling)
    return filling
  }

  /** Only of those that are one client's: the key of a level has no space. */
  #forgetOldest() {
    const own = [...this.#shelves.keys()].filter(key => key.includes(' '))
    for (const key of own.slice(0, Math.max(0, own.length - ownListsMax))) this.#shelves.delete(key)
  }
}

export const filtering = z.object({
  category: z.string().max(64).optional(),
  brand: z.string().max(64).optional(),
})

/** The headers of the request that say what the client has, and what it takes. */
type Asking = { readonly etag: string; readonly accept: string }

export function readProducts(edge: Edge, shelves: Shelves, { etag, accept }: Asking) {
  return (visit: Visit, { level, userId }: Client) => {
    const asked = readQuery(visit, filtering)
    if (asked === undefined) return
    shelves.of(level, userId).then(
      shelf => {
        const headers = { ETag: `"${shelf.version}"`, 'Cache-Control': 'private, no-cache' }
        if (etag.includes(headers.ETag)) return visit.send(304, 'application/json', '', headers)
        if (asked.category === undefined && asked.brand === undefined) {
          const whole = printOf(shelf, 'rest', () => head(shelf.version, print(shelf.rows)))
          const { body, headers: how } = whole.with(`}${okTail(visit.id)}`, accept)
          return visit.send(200, json, body, { ...headers, ...how })
        }
        const list = print(shelf.rows.filter(row => isLike(row, asked)))
        visit.ok(catalogueOkText.products, `{"version":"${shelf.version}","rows":${list}}`, headers)
      },
      error => {
        edge.onFault(error, visit.id)
        visit.refuse('UNREACHABLE')
      },
    )
  }
}

function madeOf(rows: readonly ProductRow[], known: Shelf | undefined): Omit<Shelf, 'at'> {
  const list = print(rows)
  const version = hash('sha256', list, 'hex').slice(0, 16)
  if (known?.version === version) return { rows, version, prints: known.prints }
  return { rows, version, prints: new Map([['rest', new Printed(head(version, list))]]) }
}

const head = (version: string, list: string): string =>
  `${okHead(catalogueOkText.products)}{"version":"${version}","rows":${list}`

type Wanted = { category?: string | undefined; brand?: string | undefined }

function isLike(row: ProductRow, { category, brand }: Wanted): boolean {
  return (
    (category === undefined || row.category.toLowerCase() === category.toLowerCase()) &&
    (brand === undefined || row.brand.toLowerCase() === brand.toLowerCase())
  )
}

const print = (rows: readonly ProductRow[]): string =>
  JSON.stringify(
    rows.map(row => ({
      code: row.code,
      name: row.name,
      category: row.category,
      brand: row.brand,
      type: row.type,
      price: row.price,
      open: row.open,
      multi: row.multi,
      cut_off_start: row.cutOffStart,
      cut_off_end: row.cutOffEnd,
      ...(row.adminFee === undefined ? {} : { admin_fee: row.adminFee }),
      unlimited_stock: row.stock === undefined,
      stock: row.stock ?? 0,
    })),
  )
