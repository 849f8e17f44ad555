/**
 * Everything that runs rules which nobody has used yet, away from the threads that serve orders
 * (Piscina): looking them over, trying them on a sample, and the bench over all stored replies.
 */

import { type Change, RuleBench } from './bench.ts'
import { defaultRules } from './default-rules.ts'
import { draftOf } from './draft.ts'
import { type Finding, inAllChannels, lint } from './lint.ts'
import { type Channel, channels, type Rule, RuleSet } from './rules.ts'
import { storedReplies } from './stored.ts'
import { readMatch } from './verdict.ts'

export type Work =
  | { readonly type: 'lint'; readonly rules: readonly Rule[]; readonly samples: readonly string[] }
  | { readonly type: 'try'; readonly rules: readonly Rule[]; readonly sample: string }
  | {
      readonly type: 'bench'
      readonly url: string
      readonly supplier: string
      /** Null for the rules that we ship. */
      readonly before: readonly Rule[] | null
      readonly after: readonly Rule[]
      readonly msMax: number
    }

export type Tried = {
  readonly findings: readonly Finding[]
  readonly channels: readonly {
    readonly channel: Channel
    /** All rules that match, the deciding one first. */
    readonly matches: readonly string[]
    readonly fields: Readonly<Record<string, string>>
    readonly verdict: object | null
  }[]
  readonly draft: object
}

export type Benched = {
  readonly replies: number
  readonly changed: number
  readonly toSuccess: number
  readonly changes: readonly Change[]
  /** Not all there are: some of the replies are looked at. */
  readonly conflicts: readonly Finding[]
  readonly complete: boolean
  readonly ms: number
}

export type Result = { lint: readonly Finding[]; try: Tried; bench: Benched }

export default async function work(asked: Work): Promise<Result[Work['type']]> {
  switch (asked.type) {
    case 'lint':
      return lint(asked.rules, asked.samples.flatMap(inAllChannels))
    case 'try':
      return tried(asked.rules, asked.sample)
    case 'bench':
      return await bench(asked)
  }
}

function tried(rules: readonly Rule[], sample: string): Tried {
  const set = new RuleSet(rules)
  return {
    findings: lint(rules, inAllChannels(sample)),
    channels: channels.map(channel => {
      const matches = set.matches(channel, sample)
      const [first] = matches
      return {
        channel,
        matches: matches.map(({ rule }) => rule.name),
        fields: { ...first?.fields },
        verdict: first === undefined ? null : readMatch(first, ''),
      }
    }),
    draft: draftOf({ channel: 'reply', text: sample }),
  }
}

async function bench(asked: Extract<Work, { type: 'bench' }>): Promise<Benched> {
  const startedAt = performance.now()
  const run = new RuleBench({
    before: new RuleSet(asked.before ?? defaultRules),
    after: new RuleSet(asked.after),
  })
  let complete = true
  for await (const page of storedReplies(asked.url, asked.supplier)) {
    for (const reply of page) run.take(reply)
    if (performance.now() - startedAt > asked.msMax) {
      complete = false
      break
    }
  }
  const { replies, changed, toSuccess, changes, conflicts } = run
  const ms = Math.round(performance.now() - startedAt)
  return { replies, changed, toSuccess, changes, conflicts, complete, ms }
}
