/**
 * A door at which persons decide about money. What it answers has the names of the wire.
 *
 * MNQ1. What was decided, or refused, stands in the audit log before it is answered, with who it
 *       was: money that is moved, lent, agreed to or turned down, and what a client may.
 */

import type { Answer } from '../../services/contract/answer.ts'
import { type Desk, desksOf, houseEnvelope, type Work } from '../desk.ts'
import type { Edge } from '../edge.ts'
import type { Asked, Door, Router, Verb } from '../router.ts'
import { moneyOkText } from '../text/wallet.id.ts'

/** What is to be asked; null: it is answered already. `about` is what the log names. */
type Question = (
  desk: Pick<Desk, 'visit' | 'client'>,
  asked: Asked,
) => { readonly call: () => Promise<Answer<object | null>>; readonly about?: string } | null

type Decide = (
  verb: Verb,
  path: string,
  work: Work & Required<Pick<Door, 'roles'>> & { readonly act: string },
  question: Question,
) => void

export function decidingAt(router: Router, edge: Edge): Decide {
  const { staff } = desksOf(router, edge, houseEnvelope)
  return (verb, path, { roles, ...work }, question) =>
    staff(
      verb,
      path,
      roles,
      (desk, asked) => {
        const asks = question(desk, asked)
        if (asks !== null) {
          desk.ask(asks.call, found => desk.give(named(found) as object, asks.about))
        }
      },
      { says: moneyOkText.desk, ...work },
    )
}

/** Names as the rest of the API writes them, and times as ISO text. */
export function snake(value: unknown): string {
  return JSON.stringify(named(value))
}

function named(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(named)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name.replaceAll(/[A-Z]/g, letter => `_${letter.toLowerCase()}`),
      name.endsWith('At') && typeof one === 'number' ? new Date(one).toISOString() : named(one),
    ]),
  )
}
