/**
 * The suppliers of numbers as they stand now: rows read, kinds looked up, credentials opened, one
 * adapter each. Staff's change is in use without a restart.
 *
 * NSG1. A supplier whose row can't be used (no such kind, credentials that don't open or lack a
 *       name) is left out and said so; the others are served.
 * NSG2. One that is inactive still answers for what was bought there; it only offers nothing new.
 * NSG3. Terms of its own stand in the place of its kind's; orders keep those they were made with.
 * NSG4. A row that did not change keeps its adapter; a replaced one ends what it has under way.
 * NSG5. Whoever offers their numbers hears at once what could not be bought, and why.
 */

import { z } from 'zod/v4'
import type { Changes } from '../../sql/changes.ts'
import type { DatabasePool } from '../../sql/database.ts'
import {
  type NumberSupplierRecord,
  numberSupplierTable,
  readNumberSuppliers,
} from '../../sql/number/suppliers.ts'
import type { NumberTerms } from '../contract/number-supplier.ts'
import type { Seal } from '../seal.ts'
import { type Heard, hear } from './heard.ts'
import type { NumberAdapter, NumberKind, Purchase } from './supplier/adapter.ts'

export type NumberSupplier = {
  readonly row: NumberSupplierRecord
  readonly terms: NumberTerms
  /** Null when the row can't be used; `problem` says why. */
  readonly adapter: NumberAdapter | null
  readonly problem: string | null
}

/** One that is on, and whose row can be used. */
export type SellingSupplier = NumberSupplier & { readonly adapter: NumberAdapter }

export const isSelling = (supplier: NumberSupplier | undefined): supplier is SellingSupplier =>
  supplier?.row.active === true && supplier.adapter !== null

export type NumberSuppliers = Pick<Heard<unknown>, 'listen' | 'renew' | 'health'> & {
  readonly get: (code: string) => NumberSupplier | undefined
  readonly adapterOf: (code: string) => NumberAdapter | undefined
  readonly all: () => readonly NumberSupplier[]
  readonly hearUnbought: (told: (unbought: Unbought) => void) => void
  readonly stop: () => Promise<void>
  /** Ends the wait for answers under way. */
  readonly hurry: () => void
}

export type Unbought = {
  readonly supplier: string
  /** As the quote carried it. */
  readonly offer: string
  readonly code: Extract<Purchase, { kind: 'unbought' }>['code']
}

type NumberSuppliersDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly seal: Pick<Seal, 'open'>
  readonly changes: Pick<Changes, 'subscribe'>
  readonly kinds: ReadonlyMap<string, NumberKind>
}

/** What a supplier's credentials are sealed for. */
export const numberSupplierPurpose = (code: string): string => `number-supplier:${code}`

const ms = z.int().min(0).max(86_400_000)
/** As they stand in a row, and as staff may set them. */
export const termsShape = z.object({
  cancelAfterMs: ms.nullable().default(null),
  lifeMs: ms.min(60_000).nullable().default(null),
  pollMs: ms.min(250).max(300_000).nullable().default(null),
  resends: z.boolean().nullable().default(null),
})
export const credentialsShape = z.record(z.string(), z.string().min(1).max(500))

export async function makeNumberSuppliers(deps: NumberSuppliersDeps): Promise<NumberSuppliers> {
  let open: ReadonlyMap<string, NumberSupplier & { readonly print: string }> = new Map()
  const closing = new Set<Promise<void>>()
  const listeners: ((unbought: Unbought) => void)[] = []
  const tell = (unbought: Unbought) => {
    for (const told of listeners) told(unbought)
  }

  const close = (adapter: NumberAdapter | null) => {
    if (adapter === null) return
    const closed = adapter.close().finally(() => closing.delete(closed))
    closing.add(closed)
  }

  const heard = await hear({
    ...{ name: 'number-suppliers', table: numberSupplierTable, changes: deps.changes },
    async read() {
      const before = open
      const rows = await readNumberSuppliers(deps.db.pool)
      open = new Map(
        rows.map(row => {
          const print = JSON.stringify(row)
          const known = before.get(row.code)
          return [
            row.code,
            known?.print === print ? known : { ...openOne(row, { ...deps, tell }), print },
          ]
        }),
      )
      for (const [code, old] of before) {
        if (open.get(code)?.adapter !== old.adapter) close(old.adapter)
      }
      return open
    },
  })

  return {
    listen: heard.listen,
    renew: heard.renew,
    health() {
      const wrong = [...open.values()].filter(one => one.row.active && one.problem !== null)
      const part = heard.health()
      if (!part.ok || wrong.length === 0) return part
      const reason = wrong.map(one => `${one.row.code}: ${one.problem}`).join('; ')
      return { ...part, ok: false, reason }
    },
    get: code => open.get(code),
    adapterOf: code => open.get(code)?.adapter ?? undefined,
    all: () => [...open.values()],
    hearUnbought: told => void listeners.push(told),
    async stop() {
      heard.stop()
      for (const one of open.values()) close(one.adapter)
      open = new Map()
      await Promise.all(closing)
    },
    hurry() {
      for (const one of open.values()) one.adapter?.hurry()
    },
  }
}

type Opening = Pick<NumberSuppliersDeps, 'seal' | 'kinds'> & {
  readonly tell: (unbought: Unbought) => void
}

function openOne(row: NumberSupplierRecord, { seal, kinds, tell }: Opening): NumberSupplier {
  const terms = termsShape.parse({})
  const broken = (problem: string) => ({ row, terms, adapter: null, problem })
  const kind = kinds.get(row.kind)
  if (kind === undefined) return broken(`there is no kind ${row.kind}`)
  const own = termsShape.safeParse(row.terms)
  if (!own.success) return broken('its terms are out of range')
  const credentials = credentialsOf(row, seal)
  if (credentials === null) return broken('its credentials do not open')
  const missing = kind.card.credentials.filter(name => credentials[name] === undefined)
  if (missing.length > 0) return broken(`its credentials lack ${missing.join(', ')}`)
  try {
    const adapter = kind.open({ baseUrl: row.baseUrl, credentials, unit: row.unit })
    const { cancelAfterMs, lifeMs, pollMs, resends } = own.data
    const { card } = adapter
    const inForce = {
      ...card,
      cancelAfterMs: cancelAfterMs ?? card.cancelAfterMs,
      lifeMs: lifeMs ?? card.lifeMs,
      pollMs: pollMs ?? card.pollMs,
      resends: resends ?? card.resends,
    }
    const buy: NumberAdapter['buy'] = async wish => {
      const told = await adapter.buy(wish)
      if (told.kind === 'unbought') tell({ supplier: row.code, offer: wish.offer, code: told.code })
      return told
    }
    return { row, terms: own.data, adapter: { ...adapter, card: inForce, buy }, problem: null }
  } catch {
    return broken('its address is no address')
  }
}

function credentialsOf(
  { code, credentials }: Pick<NumberSupplierRecord, 'code' | 'credentials'>,
  seal: Pick<Seal, 'open'>,
): Readonly<Record<string, string>> | null {
  try {
    const text = seal.open(credentials, numberSupplierPurpose(code))
    return credentialsShape.parse(JSON.parse(text))
  } catch {
    return null
  }
}
