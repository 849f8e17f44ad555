/**
 * What a second pair of eyes would say about a rule set, before it meets money.
 *
 * PAE1. A rule that can't be compiled is told with its reason.
 * PAE2. A rule is told when an earlier one takes everything that it could match, or its sample.
 * PAE3. A reply that two rules read differently is told with both, whichever would win.
 * PAE4. A success that names neither number nor reference is told: any order could be meant.
 */

import { type Channel, channels, type Rule, RuleSet } from './rules.ts'

export type Finding = {
  readonly rule: string
  readonly kind: 'not_compiled' | 'never_wins' | 'sample_unmatched' | 'conflict' | 'no_echo'
  /** The other rule, the reason, or the reply. */
  readonly detail: string
}

export type Sample = { readonly channel: Channel; readonly text: string }

const findingsMax = 500

export function lint(rules: readonly Rule[], samples: readonly Sample[] = []): readonly Finding[] {
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
  for (const { channel, text } of [...own, ...samples]) {
    const [first, ...others] = set.matches(channel, text)
    const other = others.find(({ rule }) => meaningOf(rule) !== meaningOf(first!.rule))
    if (other === undefined) continue
    const words = `${first!.rule.outcome} / ${other.rule.outcome} (${other.rule.name}): ${text}`
    tell(first!.rule.name, 'conflict', words.slice(0, 400))
  }
  return findings
}

/** Failures for different reasons contradict nobody. */
const meaningOf = ({ outcome }: Rule): string =>
  outcome === 'wrong_number' || outcome === 'no_balance' ? 'failed' : outcome

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

/** A reply whose channel nobody knows is tried in all. */
export const inAllChannels = (text: string): readonly Sample[] =>
  channels.map(channel => ({ channel, text }))
