/**
 * Runs a changed rule set over what suppliers really said, beside the rules in use, and lists each
 * reply whose verdict would be another one. A rule that is wrong in one of ten thousand replies is
 * found here, before it meets money.
 *
 * PAO1. Both rule sets are asked with the same words: the reply as stored, and what was asked.
 * PAO2. All changes are counted; the first ones are kept, those that would become a success first.
 * PAO3. Some of the replies are shown to all new rules: two that read one differently are told,
 *       each two once.
 */

import type { Asked } from '../supplier/adapter.ts'
import { conflictIn, type Finding } from './lint.ts'
import type { Channel, RuleSet } from './rules.ts'
import { readAnswer, readClaim } from './verdict.ts'

export type StoredReply = {
  readonly channel: Channel
  readonly text: string
  /** Of replies to our calls; reports name their order themselves. */
  readonly asked: Asked | null
  /** The order, or the number of the report. */
  readonly where: string
}

export type Change = {
  readonly where: string
  readonly channel: Channel
  readonly reply: string
  readonly before: string
  readonly after: string
}

const changesMax = 200
const replyLengthMax = 500
const conflictsMax = 50
/** One in so many, and all of the first ones: it takes as long as a verdict. */
const shownEvery = 8
const shownFirst = 1_000

export class RuleBench {
  readonly #before: RuleSet
  readonly #after: RuleSet
  readonly #toSuccess: Change[] = []
  readonly #others: Change[] = []
  readonly #conflicts = new Map<string, Finding>()
  replies = 0
  changed = 0
  toSuccess = 0

  constructor({ before, after }: { readonly before: RuleSet; readonly after: RuleSet }) {
    this.#before = before
    this.#after = after
  }

  take(reply: StoredReply): void {
    if (this.replies < shownFirst || this.replies % shownEvery === 0) this.#show(reply)
    this.replies++
    const [before, after] = [verdictOf(this.#before, reply), verdictOf(this.#after, reply)]
    if (before === after) return
    this.changed++
    const isDelicate = after.startsWith('success') && !before.startsWith('success')
    if (isDelicate) this.toSuccess++
    const list = isDelicate ? this.#toSuccess : this.#others
    if (list.length >= changesMax) return
    const { where, channel, text } = reply
    list.push({ where, channel, reply: text.slice(0, replyLengthMax), before, after })
  }

  #show({ channel, text }: StoredReply): void {
    if (this.#conflicts.size >= conflictsMax) return
    const found = conflictIn(this.#after.matches(channel, text), text, this.#conflicts)
    if (found === null) return
    const { pair, ...finding } = found
    this.#conflicts.set(pair, finding)
  }

  get conflicts(): readonly Finding[] {
    return [...this.#conflicts.values()]
  }

  get changes(): readonly Change[] {
    return [...this.#toSuccess, ...this.#others].slice(0, changesMax)
  }
}

/** All that the engine would act on, in one line. */
function verdictOf(rules: RuleSet, { channel, text, asked }: StoredReply): string {
  if (asked === null) {
    const claim = readClaim(rules, { text })
    if (claim.verdict === 'report') return `${inWords(claim.reading)} ref=${claim.ref}`
    return claim.verdict === 'garbled' ? `unknown ${claim.why}` : claim.verdict
  }
  return inWords(readAnswer(rules, { channel, text, asked }))
}

function inWords(reading: ReturnType<typeof readAnswer>): string {
  switch (reading.outcome) {
    case 'success':
      return `success sn=${reading.sn} cost=${reading.cost} balance=${reading.balance}`
    case 'failed':
      return `failed ${reading.code}${reading.retryable ? ' retryable' : ''}`
    case 'pending':
      return 'pending'
    case 'unknown':
      return `unknown ${reading.why}`
  }
}
