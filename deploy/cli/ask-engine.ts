/**
 * Whatever would change the journal is asked of the engine that runs: a row with the request, and
 * one with its answer.
 *
 * DC4. Where no engine holds the shards, nobody waits a minute for one: it is said after a few
 *      seconds, and what was asked is taken back.
 */

import { setTimeout as pause } from 'node:timers/promises'
import { askControl, isEngineThere, readResult, takeBack } from '../../sql/control.ts'
import { Misuse, print, type Tools } from './words.ts'

/** One that stands by looks every second whether the other is gone, and then takes over. */
const engineAwayMs = 5_000
const engineLookMs = 500

/** Hands a request to the running engine and waits for its answer. */
export async function askEngine(
  { db }: Tools,
  verb: string,
  params: object,
  {
    quiet = false,
    show = (answer: object) => answer,
  }: { readonly quiet?: boolean; readonly show?: (answer: object) => object } = {},
): Promise<number> {
  const id = await askControl(db.pool, verb, params)
  const until = Date.now() + 60_000
  let seenAt = Date.now()
  let lookAt = seenAt + engineLookMs
  for (;;) {
    const result = (await readResult(db.pool, id)) as Record<string, unknown> | null
    if (result !== null) {
      const answers = (result['answers'] ?? [result['answer'] ?? result]) as object[]
      const bad = answers.find(one => 'refused' in one || 'fault' in one || 'failed' in one)
      if (!quiet || bad !== undefined) print(bad ?? show(answers.at(-1)!))
      return bad === undefined ? 0 : 1
    }
    if (Date.now() > until) {
      throw new Misuse('No engine answered within a minute: start it with npm start and ask again.')
    }
    if (Date.now() > lookAt) {
      if (await isEngineThere(db.pool)) seenAt = Date.now()
      else if (Date.now() - seenAt > engineAwayMs && (await takeBack(db.pool, id))) {
        throw new Misuse(
          'No engine runs on this database, so nothing was done: start it with npm start and ask again.',
        )
      }
      lookAt = Date.now() + engineLookMs
    }
    await pause(20)
  }
}
