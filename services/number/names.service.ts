/**
 * What apps and countries are called, for staff: which words suppliers use, where each leads, and
 * who says so; and a word that leads elsewhere from now on.
 *
 * NNB1. A change names the version that it was made of; of two, one is refused.
 * NNB2. Who changed what, when and why stands in the row itself; what is taken back is as it was.
 * NNB3. A change is in use without a restart: in lists, in what is sought, in prices.
 * NNB4. Prices, and what is ordered, stay with each offer: only where it stands in lists changes.
 */

import type { Context, ServiceSchema } from 'moleculer'
import type { Changes } from '../../sql/changes.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { addName, type NameRow, namesTable, readNames } from '../../sql/number/names.ts'
import type { Actions } from '../contract.ts'
import { refuse } from '../refusal.ts'
import { type Heard, hear } from './heard.ts'
import { makeNames, type Names, partsOf, soughtIn } from './names.ts'
import type { OfferedWord } from './shelf.ts'

type NamesKept = Pick<Heard<unknown>, 'listen' | 'renew' | 'health' | 'stop'> & {
  /** As they are at this moment. */
  readonly names: () => Names
  readonly rows: () => readonly NameRow[]
}

type KeptDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly changes: Pick<Changes, 'subscribe'>
}

export async function openNames({ db, changes }: KeptDeps): Promise<NamesKept> {
  const heard = await hear({
    ...{ name: 'number-names', table: namesTable, changes },
    async read() {
      const rows = await readNames(db.pool)
      const said = rows.flatMap(({ id, ...row }) => (id === null ? [] : [{ ...row, id }]))
      return { rows, names: makeNames(said) }
    },
  })
  return { ...heard, names: () => heard.value().names, rows: () => heard.value().rows }
}

type NamesDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly kept: NamesKept
  /** What is on sale at this moment. */
  readonly words: () => readonly OfferedWord[]
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const correctedMax = 2_000

export function numberNamesService({ db, kept, words }: NamesDeps): ServiceSchema {
  const version = () => Math.max(0, ...kept.rows().map(row => row.version))

  function list({ kind, search, after, limit }: Params<'numberNames.list'>) {
    const said = new Map(kept.rows().flatMap(row => (row.kind === kind ? [[row.word, row]] : [])))
    const offered = new Map(words().flatMap(one => (one.kind === kind ? [[one.word, one]] : [])))
    const parts = partsOf(search)
    const rows = [...new Set([...offered.keys(), ...said.keys()])]
      .filter(word => word > after && (offered.has(word) || said.get(word)!.id !== null))
      .toSorted()
      .map(word => {
        const { told = word, suppliers = [] } = offered.get(word) ?? {}
        const { id, name, by } = kept.names().of(kind, word, told)
        const row = by === 'staff' ? said.get(word) : undefined
        const note = { reason: row?.reason ?? null, at: row?.changedAt ?? null }
        return { kind, word, told, suppliers, id, name, by, who: row?.changedBy ?? null, ...note }
      })
      .filter(({ word, told, id, name }) => {
        const text = soughtIn([word, told, id, name])
        return parts.every(part => text.includes(part))
      })
    const page = rows.slice(0, limit)
    const next = rows.length > limit ? page.at(-1)!.word : null
    return { ok: { version: version(), rows: page, next } }
  }

  async function put(params: Params<'numberNames.put'>): Result<'numberNames.put'> {
    const { kind, word, id, name, version, by, reason } = params
    const said = kept.rows().filter(row => row.id !== null)
    const isSaid = said.some(row => row.kind === kind && row.word === word)
    if (id === null && !isSaid) return refuse('NOT_FOUND')
    if (id !== null && !isSaid && said.length >= correctedMax) {
      return refuse('RULES_INVALID', { problem: 'too_many_names', most: correctedMax })
    }
    const row = { kind, word, id, name: id === null ? null : name, changedBy: by, reason }
    const made = await addName(db.pool, row, version)
    if (made === null) return refuse('STALE_VERSION')
    await kept.renew()
    return { ok: { version: made } }
  }

  return {
    name: 'numberNames',
    actions: {
      list: (ctx: Context<Params<'numberNames.list'>>) => list(ctx.params),
      put: (ctx: Context<Params<'numberNames.put'>>) => put(ctx.params),
    },
  }
}
