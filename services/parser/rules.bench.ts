/**
 * A million replies, made from the published ones with other numbers, other cases, cut ends and
 * misleading words behind them, read by the rules that we ship; beside it the same rules on
 * JavaScript's own expressions. And a reply that was made to hurt. Run by hand, or by
 * `npm run bench -- parser`: `node services/parser/rules.bench.ts [replies]`.
 *
 * BBE1. No reply is read as a success that isn't one, however it was changed.
 * BBE2. Both kinds of expressions find the same rule.
 */

import { type Findings, inTurns } from '../in-turns.bench.ts'
import { defaultRules } from './default-rules.ts'
import { bounded, type Channel, type Rule, RuleSet, rulesSchema } from './rules.ts'

type Sizes = { readonly replies: number; readonly rounds: number }
type Made = { readonly channel: Channel; readonly text: string; readonly truth: string }
type Read = (channel: Channel, text: string) => Rule | undefined

const misleading = [
  ' Trx lalu SUKSES. SN: 123456.',
  ' BERHASIL? cek',
  ' gagal/sukses',
  ' @12:01 ok',
]
/** Made as they are read: a million of them at once would be a bench of the garbage collector. */
const blockSize = 10_000
const wrongMax = 5

export function run({ replies, rounds }: Sizes): Findings {
  const rules = new RuleSet(defaultRules)
  const ours: Read = (channel, text) => rules.match(channel, text)?.rule
  const theirs = usualRules()
  const wrong: string[] = []
  const perRound = Math.ceil(replies / rounds)
  const next = { ours: 0, baseline: 0 }
  const rateOf = (side: keyof typeof next, read: Read): number => {
    let ms = 0
    for (const end = next[side] + perRound; next[side] < end; ) {
      const size = Math.min(blockSize, end - next[side])
      const made = Array.from({ length: size }, () => reply(next[side]++))
      const startedAt = performance.now()
      const found = made.map(({ channel, text }) => read(channel, text))
      ms += performance.now() - startedAt
      if (side === 'ours') wrong.push(...mistakes(made, found, theirs))
    }
    return Math.round((perRound / ms) * 1_000)
  }
  const rates = inTurns(rounds, {
    ours: () => rateOf('ours', ours),
    baseline: () => rateOf('baseline', theirs),
  })

  const hostile = hostileRules()
  return {
    figures: [
      {
        ...{ figure: 'replies read', unit: '/s', ...rates },
        baselineIs: 'the same rules as JavaScript expressions, whose time has no bound',
      },
      {
        ...{ figure: 'a reply of 24 letters made to hurt', unit: 'us' },
        baselineIs: 'the same rule as a JavaScript expression',
        ...inTurns(rounds, { ours: () => hostile.ours(24), baseline: () => hostile.baseline(24) }),
      },
      {
        ...{ figure: 'a reply of 2,048 letters made to hurt', unit: 'us', most: 50_000 },
        baselineIs: 'ours with a twentieth of the letters',
        ...inTurns(rounds, { ours: () => hostile.ours(2_048), baseline: () => hostile.ours(102) }),
      },
    ],
    wrong: wrong.slice(0, wrongMax),
  }
}

/** Every tenth reply is read a second time, in the usual way. */
function mistakes(
  made: readonly Made[],
  found: readonly (Rule | undefined)[],
  theirs: Read,
): string[] {
  const wrong: string[] = []
  let readCount = 0
  made.forEach(({ channel, text, truth }, n) => {
    const rule = found[n]
    if (rule?.outcome === truth) readCount++
    else if (rule?.outcome === 'success') wrong.push(`read as a success: ${text}`)
    const usual = n % 10 === 0 ? theirs(channel, text) : rule
    if (usual !== rule) wrong.push(`${rule?.name} and not ${usual?.name}: ${text}`)
  })
  // Half are whole and may be read: rules that read nothing would make no mistake either.
  if (readCount < made.length / 2) wrong.push(`of ${made.length} only ${readCount} were read`)
  return wrong.slice(0, wrongMax)
}

/** The nth reply, the same for ever. */
function reply(n: number): Made {
  const dice = (purpose: number, sides: number) => {
    const mixed = Math.imul(n ^ Math.imul(purpose + 1, 0x9e3779b1), 0x85ebca6b)
    return (Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35) >>> 8) % sides
  }
  const rule = defaultRules[dice(1, defaultRules.length)]!
  let text = rule.sample.replace(/\d{4,}/g, (digits, at) =>
    String((Number(digits) + dice(at, 9_000)) % 10 ** digits.length).padStart(digits.length, '0'),
  )
  if (dice(2, 5) === 0) text = text.toLowerCase()
  if (dice(3, 5) === 0) text = text.slice(0, 1 + dice(4, text.length))
  if (dice(5, 3) === 0) text += misleading[dice(6, misleading.length)]
  const channel = rule.channels[dice(7, rule.channels.length)]!
  return { channel, text, truth: rule.outcome }
}

function usualRules(): Read {
  const rules = [...defaultRules]
    .sort((a, b) => a.priority - b.priority)
    .map(rule => ({ rule, expression: new RegExp(rule.regex, rule.exactCase ? '' : 'i') }))
  return (channel, said) => {
    const text = bounded(said)
    const small = text.toLowerCase()
    return rules.find(
      ({ rule, expression }) =>
        rule.channels.includes(channel) &&
        rule.mustContain.every(word => small.includes(word.toLowerCase())) &&
        expression.test(text),
    )?.rule
  }
}

/** Repeats within repeats: what an owner writes without knowing, and a supplier's reply meets. */
function hostileRules() {
  const regex = '^(a+)+$'
  const [rule] = rulesSchema.parse([
    { name: 'hostile', channels: ['reply'], priority: 1, regex, outcome: 'pending' },
  ])
  const ours = new RuleSet([rule!])
  const theirs = new RegExp(regex, 'i')
  const text = (length: number) => `${'a'.repeat(length - 1)}!`
  const micros = (work: () => unknown) => {
    const startedAt = performance.now()
    work()
    return (performance.now() - startedAt) * 1_000
  }
  return {
    ours: (length: number) => micros(() => ours.match('reply', text(length))),
    baseline: (length: number) => micros(() => theirs.test(text(length))),
  }
}

if (import.meta.main) {
  const replies = Number(process.argv[2] ?? 1_000_000)
  run({ replies: 20_000, rounds: 1 })
  process.stdout.write(`${JSON.stringify(run({ replies, rounds: 5 }))}\n`)
}
