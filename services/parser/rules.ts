/**
 * What an owner writes down so that a supplier's prose becomes a verdict: a list of rules, tried in
 * their priority; the first that matches decides. Expressions are written the way server-pulsa
 * owners know them (`(?<tujuan>\d+)`), and run on an engine whose time grows with the text alone.
 *
 *   text ─▶ bounded, one line ─▶ words that must be there ─▶ expression ─▶ groups ─▶ fields
 *
 * PAA1. The lowest priority number decides; of equals, the one that stands first.
 * PAA2. A rule that is out of its channel, or whose words are not all there, never runs.
 * PAA3. Every expression takes time in proportion to the text: look-around and back-references,
 *       which no such engine can do, are refused with a sentence, and so is what grows too large.
 * PAA4. Of a text no more is looked at than what is stored of it, so that a bench sees the same.
 * PAA5. Groups are known by the names in use (kode, tujuan, sn, saldo ...), or by the rule's own.
 * PAA6. What is said of a bill that we asked for has a channel of its own: no such rule ever ends
 *       an order, and none for orders tells a bill.
 */

import { RE2JS } from 're2js'
import { type Channel, type Field, type Rule, textLengthMax } from '../wire/parser-rules.ts'

export {
  type Channel,
  channels,
  type Field,
  type Rule,
  type RuleInput,
  type RuleOutcome,
  ruleSchema,
  rulesSchema,
  textLengthMax,
} from '../wire/parser-rules.ts'

const programSizeMax = 1_500
const programSizeSumMax = 20_000

/** The names of groups that are found in the wild. */
const groupNames: Readonly<Record<string, Field>> = {
  ...{ product: 'product', kode: 'product', kodeproduk: 'product', kp: 'product' },
  ...{ tujuan: 'dest', msisdn: 'dest', dest: 'dest' },
  ...{ sn: 'sn', keterangan1: 'sn' },
  ...{ saldo: 'balance', hargabeli: 'cost', harga: 'cost' },
  ...{ trxid: 'ref', refid: 'ref', clientid: 'ref', clientidpay: 'ref', ref: 'ref' },
  ...{ serverid: 'supplierId', tid: 'supplierId' },
  ...{ alasan: 'reason', reason: 'reason' },
  ...{ tagihanasli: 'bill', amount: 'bill', admin: 'admin', tagihan: 'total', total: 'total' },
  ...{ qty: 'periods', periode: 'periods', name: 'customer', nama: 'customer' },
}

export type Match = {
  readonly rule: Rule
  readonly fields: Readonly<Partial<Record<Field, string>>>
}

/** What is wrong with a rule, in words for whoever wrote it. */
type RuleProblem = { readonly rule: string; readonly problem: string }

type Ready = {
  readonly rule: Rule
  readonly words: readonly string[]
  readonly expression: RE2JS
  readonly strip: RE2JS | null
  readonly named: readonly (readonly [group: number, field: Field])[]
}

/** Rules made ready once and used for every reply. */
export class RuleSet {
  readonly problems: readonly RuleProblem[]
  readonly #byChannel: Readonly<Record<Channel, readonly Ready[]>>

  constructor(rules: readonly Rule[]) {
    const problems: RuleProblem[] = []
    const ready: Ready[] = []
    let size = 0
    for (const rule of rules) {
      try {
        const made = readyOf(rule)
        size += made.expression.programSize()
        if (size > programSizeSumMax) throw new Error('all rules together are too large')
        ready.push(made)
      } catch (cause) {
        problems.push({ rule: rule.name, problem: (cause as Error).message })
      }
    }
    ready.sort((a, b) => a.rule.priority - b.rule.priority)
    const of = (channel: Channel) => ready.filter(({ rule }) => rule.channels.includes(channel))
    this.problems = problems
    this.#byChannel = {
      reply: of('reply'),
      status: of('status'),
      callback: of('callback'),
      inbox: of('inbox'),
      inquiry: of('inquiry'),
    }
  }

  /** What the rule that decides found, or null when none matches. */
  match(channel: Channel, said: string): Match | null {
    const text = bounded(said)
    const small = text.toLowerCase()
    for (const ready of this.#byChannel[channel]) {
      const match = matchOf(ready, text, small)
      if (match !== null) return match
    }
    return null
  }

  /** All that would match, the deciding one first. */
  matches(channel: Channel, said: string): readonly Match[] {
    const text = bounded(said)
    const small = text.toLowerCase()
    return this.#byChannel[channel].flatMap(ready => matchOf(ready, text, small) ?? [])
  }
}

/** One line, no more of it than is stored. */
export function bounded(said: string): string {
  const head = said.length > textLengthMax ? said.slice(0, textLengthMax) : said
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must go
  return head.replace(/[\x00-\x1f\x7f]+/g, ' ')
}

function matchOf({ rule, words, expression, strip, named }: Ready, text: string, small: string) {
  for (const word of words) if (!small.includes(word)) return null
  const matcher = expression.matcher(text)
  if (!matcher.find()) return null
  const found: Partial<Record<Field, string>> = {}
  for (const [group, field] of named) {
    const value = matcher.group(group)?.trim()
    if (value !== undefined && value !== '') found[field] ??= value
  }
  if (found.sn !== undefined && strip !== null) {
    found.sn = strip.matcher(found.sn).replaceAll('').trim()
  }
  return { rule, fields: found }
}

/** Throws with a sentence for whoever wrote it. */
export const expressionOf = ({ regex, exactCase }: Rule): RE2JS => compile(regex, exactCase)

function readyOf(rule: Rule): Ready {
  const expression = expressionOf(rule)
  const named = Object.entries(expression.namedGroups()).map(([name, group]) => {
    const field = rule.groups[name] ?? groupNames[name.toLowerCase()]
    if (field === undefined) {
      throw new Error(`group "${name}" has no known name: say in "groups" what it is`)
    }
    return [group, field] as const
  })
  return {
    rule,
    words: rule.mustContain.map(word => word.toLowerCase()),
    expression,
    strip: rule.sn.strip === '' ? null : compile(rule.sn.strip, true),
    named,
  }
}

const impossible: readonly (readonly [RegExp, string])[] = [
  [/\(\?(?:=|!|<=|<!)/, 'look-ahead and look-behind'],
  [/\\[1-9]|\\k[<'{]/, 'back-references'],
  [/\(\?>/, 'atomic groups'],
  [/\(\?\(/, 'conditions'],
  [/\(\?<\w*-\w+>/, 'balancing groups'],
  [/[*+?}]\+/, 'possessive repeats'],
]

/** .NET and JavaScript write named groups alike; .NET's other way is turned into it. */
function compile(source: string, exactCase: boolean): RE2JS {
  const bare = withoutEscapes(source)
  for (const [shape, name] of impossible) {
    const where = shape.source.startsWith('\\\\') ? source.replaceAll('\\\\', '_') : bare
    if (shape.test(where)) throw new Error(`${name} can't be used: write the rule without them`)
  }
  const translated = source.replace(/\(\?'(\w+)'/g, '(?<$1>')
  let expression: RE2JS
  try {
    expression = RE2JS.compile(translated, exactCase ? 0 : RE2JS.CASE_INSENSITIVE)
  } catch (cause) {
    throw new Error((cause as Error).message.replace('error parsing regexp: ', ''), { cause })
  }
  if (expression.programSize() > programSizeMax) throw new Error('the expression is too large')
  return expression
}

/** What is escaped or stands in a class is no syntax, but something stands there. */
const withoutEscapes = (source: string): string =>
  source.replace(/\\(?:[pPx]\{[^}]*\}|.)/g, '_').replace(/\[(?:\^?\])?[^\]]*\]/g, '_')
