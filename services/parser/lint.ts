/**
 * What a second pair of eyes would say about a rule set, before it meets money.
 *
 * PAE1. A rule that can't be compiled is told with its reason.
 * PAE2. A rule is told when an earlier one takes everything that it could match, or its sample.
 * PAE3. A reply that two rules read differently is told with both, whichever would win.
 * PAE4. A success that names neither number nor reference is told: any order could be meant.
 * PAE5. Without any reply, texts that the rules themselves describe are read, and a conflict is
 *       told with one of them. What two rules would read side by side in one text is none: every
 *       two could be strung together.
 * PAE6. But a success is told that stands before a failure and lets anything stand between its
 *       words: with the failure in that place the text is still a success.
 * PAE7. It takes no longer than whoever asks can wait; what was not tried is told.
 */

import { type Channel, channels, type Match, type Rule, RuleSet } from './rules.ts'
import { Specimens } from './specimen.ts'

export type Finding = {
  readonly rule: string
  readonly kind:
    | 'not_compiled'
    | 'never_wins'
    | 'sample_unmatched'
    | 'conflict'
    | 'no_echo'
    | 'unfinished'
  /** The other rule, the reason, or the reply. */
  readonly detail: string
}

type Sample = { readonly channel: Channel; readonly text: string }

const findingsMax = 500
/** For the texts that rules describe: somebody waits for the answer. */
const usualMsMax = 5_000

export function lint(
  rules: readonly Rule[],
  samples: readonly Sample[] = [],
  { msMax = usualMsMax }: { readonly msMax?: number } = {},
): readonly Finding[] {
  const set = new RuleSet(rules)
  const findings: Finding[] = []
  const tell = (rule: string, kind: Finding['kind'], detail: string): void => {
    const isNew = !findings.some(
      one => one.rule === rule && one.kind === kind && one.detail === detail,
    )
    if (isNew && findings.length < findingsMax) findings.push({ rule, kind, detail })
  }

  for (const { rule, problem } of set.problems) tell(rule, 'not_compiled', problem)
  const broken = new Set(set.problems.map(({ rule }) => rule))
  const sound = rules.filter(({ name }) => !broken.has(name))
  for (const rule of sound) {
    const eater = sound.find(other => isBefore(other, rule, sound) && takesAll(other, rule))
    if (eater !== undefined) tell(rule.name, 'never_wins', eater.name)
    if (rule.outcome === 'success' && !namesAnOrder(rule)) {
      tell(rule.name, 'no_echo', 'no group names a number or a reference')
    }
    if (rule.sample !== '') judgeSample(set, rule, tell)
  }
  const own = sound.flatMap(({ channels: at, sample: text }) =>
    text === '' ? [] : at.map(channel => ({ channel, text })),
  )
  const pairs = new Set<string>()
  const judge = ({ channel, text }: Sample, isMade: boolean): void => {
    const finding = conflictIn(set.matches(channel, text), text, isMade ? pairs : new Set())
    if (finding === null) return
    pairs.add(finding.pair)
    tell(finding.rule, finding.kind, finding.detail)
  }
  for (const sample of [...own, ...samples]) judge(sample, false)
  const endsAt = performance.now() + msMax
  for (const sample of madeOf(sound)) {
    if (performance.now() >= endsAt) {
      tell('', 'unfinished', 'not all texts that the rules describe were tried')
      break
    }
    judge(sample, true)
  }
  return findings
}

/** Failures for different reasons contradict nobody. */
const meaningOf = ({ outcome }: Rule): string =>
  outcome === 'wrong_number' || outcome === 'no_balance' ? 'failed' : outcome

/** What the rules describe, and what can be hidden in it, in turns. */
function* madeOf(rules: readonly Rule[]): Generator<Sample> {
  const made = new Map(rules.map(rule => [rule, new Specimens(rule)]))
  const turns = new Set([described(made), hidden(made)])
  while (turns.size > 0) {
    for (const samples of turns) {
      const { value, done } = samples.next()
      if (done === true) turns.delete(samples)
      else yield value
    }
  }
}

type Made = ReadonlyMap<Rule, Specimens>

/** A text of each rule, then another one of each. */
function* described(made: Made): Generator<Sample> {
  const turns = new Map([...made].map(([rule, specimens]) => [rule, specimens.texts()]))
  while (turns.size > 0) {
    for (const [rule, texts] of turns) {
      const { value: text, done } = texts.next()
      if (done === true) turns.delete(rule)
      else for (const channel of rule.channels) yield { channel, text }
    }
  }
}

const failures: ReadonlySet<Rule['outcome']> = new Set([
  ...(['failed', 'wrong_number', 'no_balance', 'refund'] as const),
])

/** Successes with a later failure in their midst. */
function* hidden(made: Made): Generator<Sample> {
  const rules = [...made.keys()]
  for (const failure of rules.filter(({ outcome }) => failures.has(outcome))) {
    const [words] = made.get(failure)!.texts()
    if (words === undefined) continue
    for (const success of rules) {
      if (success.outcome !== 'success' || !isBefore(success, failure, rules)) continue
      const shared = success.channels.filter(channel => failure.channels.includes(channel))
      if (shared.length === 0) continue
      for (const text of made.get(success)!.around(words)) {
        for (const channel of shared) yield { channel, text }
      }
    }
  }
}

type Tell = (rule: string, kind: Finding['kind'], detail: string) => void

function judgeSample(set: RuleSet, rule: Rule, tell: Tell): void {
  const all = rule.channels.map(channel => set.matches(channel, rule.sample))
  if (all.every(matches => !matches.some(one => one.rule === rule))) {
    tell(rule.name, 'sample_unmatched', rule.sample)
    return
  }
  const winners = all.map(([winner]) => winner?.rule)
  if (winners.every(winner => winner !== undefined && winner !== rule)) {
    tell(rule.name, 'never_wins', winners[0]!.name)
  }
}

const isBefore = (other: Rule, rule: Rule, all: readonly Rule[]): boolean =>
  other !== rule &&
  (other.priority < rule.priority ||
    (other.priority === rule.priority && all.indexOf(other) < all.indexOf(rule)))

/** Sure of it without running: the same expression, or a plain word that the other must contain. */
function takesAll(eater: Rule, rule: Rule): boolean {
  const hears = rule.channels.every(channel => eater.channels.includes(channel))
  const needed = [...rule.mustContain, ...plainWords(rule.regex)].map(word => word.toLowerCase())
  const isThere = (word: string) => needed.some(one => one.includes(word.toLowerCase()))
  if (!hears || !eater.mustContain.every(isThere)) return false
  if (eater.regex === rule.regex && eater.exactCase === rule.exactCase) return true
  if (/^(?:\.\*|\.\+)?\$?$/.test(eater.regex)) return true
  return !eater.exactCase && /^[\w :=#-]+$/.test(eater.regex) && isThere(eater.regex)
}

/** Runs of plain letters that every match contains; none when there are alternatives. */
function plainWords(regex: string): readonly string[] {
  if (regex.includes('|') || /\)[*?{]/.test(regex)) return []
  return regex
    .replace(/\\.|\[[^\]]*\]|\(\?<\w+>|\(\?:/g, '\n')
    .replace(/[\w ][*?{]/g, '\n')
    .split(/[^\w :=#-]+/)
    .filter(word => word.length > 2)
}

function namesAnOrder(rule: Rule): boolean {
  const names = [...rule.regex.matchAll(/\(\?(?:P?<|')(\w+)[>']/g)].map(([, name]) => name!)
  const known = /^(?:trxid|refid|clientid|clientidpay|ref|tujuan|msisdn|dest)$/i
  return names.some(name => {
    const field = rule.groups[name]
    return field === undefined ? known.test(name) : field === 'ref' || field === 'dest'
  })
}

/** The rule that decides about a text, and the first other one that means something else. */
export function conflictIn(
  [first, ...others]: readonly Match[],
  text: string,
  told: Pick<ReadonlySet<string>, 'has'>,
): (Finding & { readonly pair: string }) | null {
  if (first === undefined) return null
  const { name, outcome } = first.rule
  for (const { rule } of others) {
    const pair = JSON.stringify([name, rule.name])
    if (meaningOf(rule) === meaningOf(first.rule) || told.has(pair)) continue
    const detail = `${outcome} / ${rule.outcome} (${rule.name}): ${text}`.slice(0, 400)
    return { pair, rule: name, kind: 'conflict', detail }
  }
  return null
}

/** A reply whose channel nobody knows is tried in all. */
export const inAllChannels = (text: string): readonly Sample[] =>
  channels.map(channel => ({ channel, text }))
