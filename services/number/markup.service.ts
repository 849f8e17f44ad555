/**
 * Markup for staff: the rules and who made them, what a change would do, and the change.
 *
 * MUC1. A change names the version of the rules that it was made of; of two, one is refused. What
 *       can't be a rule is refused with its reason, and leaves no row.
 * MUC2. Who changed what, when and why stands in the row itself; nothing is edited or taken out.
 * MUC3. The preview says what the change says: the same rules compiled with it, over the offers of
 *       this moment, for every level that somebody has.
 * MUC4. However many offers there are, the preview lets others work in between, looks at so many at
 *       most, and runs once at a time.
 */

import { setImmediate as turn } from 'node:timers/promises'
import type { Context, ServiceSchema } from 'moleculer'
import type { DatabasePool } from '../../sql/database.ts'
import { addMarkup, type MarkupRow, markupHistory } from '../../sql/number/markup.ts'
import { peopleByLevel } from '../../sql/number/people.ts'
import type { Answer } from '../contract/answer.ts'
import type { MarkupMove, MarkupPlace, MarkupWish, MarkupWords } from '../contract/number-admin.ts'
import type { Rupiah } from '../contract/words.ts'
import type { Actions } from '../contract.ts'
import { refuse } from '../refusal.ts'
import { type KeptRule, type MarkupShelf, markupWords } from './markup-shelf.ts'
import { compileMarkup, keyOf, type MarkupRule, usualRule, wrongInMarkup } from './pricing.ts'

/** One thing on sale, as far as its price goes. */
export type PricedOffer = {
  readonly service: string
  readonly serviceName: string
  readonly country: string
  readonly countryName: string
  readonly operator: string
  readonly cost: Rupiah
}

type MarkupDeps = {
  readonly db: { readonly pool: DatabasePool }
  readonly shelf: MarkupShelf
  /** What is on sale at this moment. */
  readonly offers: () => Iterable<PricedOffer>
}

type Params<A extends keyof Actions> = Actions[A]['params']
type Result<A extends keyof Actions> = Promise<Actions[A]['result']>

const rulesMax = 2_000
const offersMax = 200_000
const offersPerTurn = 2_000
const movesMax = 20

export function markupService({ db, shelf, offers }: MarkupDeps): ServiceSchema {
  const { pool } = db
  let isLooking = false

  async function history(params: Params<'markup.history'>): Result<'markup.history'> {
    const { before = Number.MAX_SAFE_INTEGER, limit } = params
    const found = await markupHistory(pool, { before, limit: limit + 1 })
    const rows = found.slice(0, limit)
    const next = found.length > limit ? rows.at(-1)!.version : null
    return { ok: { rows: rows.map(row => ({ ...noteOf(row), ...wishOf(row) })), next } }
  }

  async function change(params: Params<'markup.change'>): Result<'markup.change'> {
    const { place, rule, version, by, reason, expects } = params
    const isThere = shelf.rules().some(one => keyOf(one) === keyOf(place))
    if (expects === 'none' && isThere) return refuse('ALREADY_EXISTS')
    if (expects === 'one' && !isThere) return refuse('NOT_FOUND')
    const problem = problemOf(params, shelf.rules())
    if (problem !== null) return problem
    const isRight = (rows: readonly MarkupRow[]) =>
      version === Math.max(0, ...rows.map(row => row.version))
    const made = await addMarkup(pool, { ...place, rule, by, reason }, isRight)
    if (made === null) return refuse('STALE_VERSION')
    await shelf.renew()
    return { ok: { version: made } }
  }

  async function preview(params: Params<'markup.preview'>): Result<'markup.preview'> {
    const problem = problemOf(params, shelf.rules())
    if (problem !== null) return problem
    if (isLooking) return { fault: 'OVERLOADED', retryAfterMs: 1_000, moneyEffect: 'none' }
    isLooking = true
    try {
      return { ok: await look(params) }
    } finally {
      isLooking = false
    }
  }

  async function look({ place, rule }: MarkupWish) {
    const version = shelf.version()
    const [before, after] = [shelf.rules(), changed(shelf.rules(), { place, rule })]
    const [old, fresh] = [compileMarkup(before), compileMarkup(after)]
    const people = await peopleByLevel(pool)
    const levels =
      place.level > 0
        ? [place.level]
        : [...new Set([0, ...people.keys(), ...before.map(one => one.level)])]
    const moved = new Set<number>()
    const moves: MarkupMove[] = []
    let [looked, told, raised, lowered] = [0, 0, 0, 0]
    for (const offer of offers()) {
      if (!isAbout(place, offer)) continue
      if (++looked % offersPerTurn === 0) await turn()
      const { service, country, operator, cost } = offer
      let isMoved = false
      for (const level of levels) {
        const was = old.price(level, service, country, operator, cost)
        const becomes = fresh.price(level, service, country, operator, cost)
        if (was === becomes) continue
        isMoved = true
        moved.add(level)
        if (becomes > was) raised++
        else lowered++
        keepLargest(moves, { ...offer, level, was, becomes })
      }
      if (isMoved) told++
      if (looked >= offersMax) break
    }
    const all = [...moved].toSorted((one, other) => one - other)
    return {
      ...{ version, offers: told, looked, raised, lowered, levels: all, moves },
      people: all.reduce((sum, level) => sum + (people.get(level) ?? 0), 0),
    }
  }

  const placed = <P extends MarkupWish>(params: P): P => ({
    ...params,
    place: shelf.placed(params.place),
  })

  return {
    name: 'markup',
    actions: {
      rules: (): Answer<object> => ({
        ok: {
          version: shelf.version(),
          usual: wordsOf(usualRule),
          rules: shelf.rules().map(rule => ({
            ...{ ...noteOf(rule), place: placeOf(rule), rule: wordsOf(rule) },
          })),
        },
      }),
      history: (ctx: Context<Params<'markup.history'>>) => history(ctx.params),
      preview: (ctx: Context<Params<'markup.preview'>>) => preview(placed(ctx.params)),
      change: (ctx: Context<Params<'markup.change'>>) => change(placed(ctx.params)),
    },
  } as ServiceSchema
}

function problemOf({ place, rule }: MarkupWish, rules: readonly KeptRule[]) {
  const isThere = rules.some(one => keyOf(one) === keyOf(place))
  if (rule === null) return isThere ? null : refuse('NOT_FOUND')
  if (!isThere && rules.length >= rulesMax) {
    return refuse('RULES_INVALID', { problem: 'too_many_rules', most: rulesMax })
  }
  const problem = wrongInMarkup({ ...place, ...rule })
  return problem === null ? null : refuse('RULES_INVALID', { problem })
}

function changed(rules: readonly MarkupRule[], { place, rule }: MarkupWish): MarkupRule[] {
  const others = rules.filter(one => keyOf(one) !== keyOf(place))
  return rule === null ? others : [...others, { ...place, ...rule }]
}

const isAbout = ({ service, country, operator }: MarkupPlace, offer: PricedOffer): boolean =>
  (service === '' || service === offer.service) &&
  (country === '' || country === offer.country) &&
  (operator === '' || operator === offer.operator)

const sizeOf = ({ was, becomes }: MarkupMove) => Math.abs(becomes - was)

function keepLargest(moves: MarkupMove[], move: MarkupMove): void {
  if (moves.length === movesMax && sizeOf(move) <= sizeOf(moves.at(-1)!)) return
  const place = moves.findIndex(one => sizeOf(one) < sizeOf(move))
  moves.splice(place < 0 ? moves.length : place, 0, move)
  if (moves.length > movesMax) moves.pop()
}

const placeOf = ({ level, service, country, operator }: MarkupPlace): MarkupPlace => ({
  ...{ level, service, country, operator },
})

const noteOf = ({ version, changedBy, reason, changedAt }: Omit<MarkupRow, 'rule'>) => ({
  ...{ version, by: changedBy, reason, at: changedAt },
})

function wishOf(row: MarkupRow): MarkupWish {
  return { place: placeOf(row), rule: row.rule === null ? null : markupWords.parse(row.rule) }
}

function wordsOf(rule: MarkupRule): MarkupWords {
  const { rounding } = rule
  switch (rule.kind) {
    case 'percent':
      return { kind: rule.kind, rounding, percentBp: rule.percentBp }
    case 'fixed':
      return { kind: rule.kind, rounding, fixed: rule.fixed }
    case 'tiered':
      return { kind: rule.kind, rounding, steps: rule.steps }
  }
}
