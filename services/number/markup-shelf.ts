/**
 * The markup in use, compiled from its rules.
 *
 * MUG1. A rule about a word that leads to one of ours is about that one, whoever's word it was made
 *       of; of two that become rules about the same thing the newer one counts.
 */

import { z } from 'zod/v4'
import type { Changes } from '../../sql/changes.ts'
import type { DatabasePool } from '../../sql/database.ts'
import { type MarkupRow, markupTable, readMarkup } from '../../sql/number/markup.ts'
import type { MarkupPlace } from '../contract/number-admin.ts'
import { type Heard, hear } from './heard.ts'
import type { Names } from './names.ts'
import {
  compileMarkup,
  keyOf,
  type MarkupBook,
  type MarkupRule,
  type Price,
  type Rounding,
  roundings,
} from './pricing.ts'

export type MarkupShelf = Pick<Heard<unknown>, 'listen' | 'renew' | 'health' | 'stop'> & {
  /** By the book in use at this moment. */
  readonly price: Price
  readonly ruleFor: MarkupBook['ruleFor']
  /** Of what is in use; 0 while there is no rule. */
  readonly version: () => number
  readonly rules: () => readonly KeptRule[]
  /** What is named there, in our words. */
  readonly placed: (place: MarkupPlace) => MarkupPlace
}

/** A rule in force, and who made it so. */
export type KeptRule = MarkupRule &
  Pick<MarkupRow, 'version' | 'changedBy' | 'reason' | 'changedAt'>

type MarkupShelfDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly changes: Pick<Changes, 'subscribe'>
  readonly names: () => Names
}

export async function makeMarkupShelf(deps: MarkupShelfDeps): Promise<MarkupShelf> {
  const { db, changes, names } = deps
  const heard = await hear({
    ...{ name: 'number-markup', table: markupTable, changes },
    read: async () => compiled(await readMarkup(db.pool), names()),
  })
  return {
    ...heard,
    price: (...asked) => heard.value().book.price(...asked),
    ruleFor: scope => heard.value().book.ruleFor(scope),
    version: () => heard.value().version,
    rules: () => heard.value().rules,
    placed: place => placedIn(names(), place),
  }
}

const whole = z.int()
const rounding = z.enum(Object.keys(roundings) as [Rounding, ...Rounding[]])
/** What a row's `rule` holds. */
export const markupWords = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('percent'), rounding, percentBp: whole }),
  z.object({ kind: z.literal('fixed'), rounding, fixed: whole }),
  z.object({
    ...{ kind: z.literal('tiered'), rounding },
    steps: z.array(z.object({ upTo: whole.nullable(), percentBp: whole, fixed: whole })),
  }),
])

function placedIn(names: Names, { level, service, country, operator }: MarkupPlace): MarkupPlace {
  return {
    ...{ level, operator },
    service: service === '' ? '' : names.id('service', service),
    country: country === '' ? '' : names.id('country', country),
  }
}

/** Rules in force out of the newest rows of all scopes. */
function rulesIn(rows: readonly MarkupRow[], names: Names): readonly KeptRule[] {
  const newest = new Map<string, MarkupRow>()
  for (const told of rows) {
    const row = { ...told, ...placedIn(names, told) }
    if (row.version > (newest.get(keyOf(row))?.version ?? 0)) newest.set(keyOf(row), row)
  }
  return [...newest.values()]
    .filter(({ rule }) => rule !== null)
    .map(({ rule, ...row }) => ({ ...row, ...markupWords.parse(rule) }))
    .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
}

function compiled(rows: readonly MarkupRow[], names: Names) {
  const rules = rulesIn(rows, names)
  const version = Math.max(0, ...rows.map(row => row.version))
  return { rules, book: compileMarkup(rules), version }
}
