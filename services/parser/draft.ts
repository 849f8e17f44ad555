/**
 * Makes a rule out of a reply that nobody could read: what looks like our reference, the product
 * and number, a serial or an amount becomes a named group, everything else stays as it is. An owner
 * says what it means and corrects it.
 *
 * PAF1. Replies that differ in digits only have one shape.
 * PAF2. A draft matches the reply that it was made of, and never claims success.
 * PAF3. Each name is given once: the first place that fits.
 */

import { bounded, type Channel, type RuleInput } from './rules.ts'

const shapeLengthMax = 300
/** What a rule can hold once it is escaped. */
const saidLengthMax = 300

/** Digits collapsed; our references hold letters, too. */
export const shapeOf = (text: string): string =>
  bounded(text)
    .replace(/\bL[0-9a-f]{32}-\d{1,2}\b/gi, '#ref')
    .replace(/\d+(?:[.,:/-]\d+)*/g, '#')
    .slice(0, shapeLengthMax)

const reference = 'L[0-9a-f]{32}-\\d{1,2}'

/** In the order of their certainty. */
const kinds: readonly (readonly [names: readonly string[], shape: RegExp, groups: string])[] = [
  [['trxid'], new RegExp(`\\b${reference}\\b`, 'gi'), '(?<trxid>[\\w-]+)'],
  [
    ['kode', 'tujuan'],
    /\b[A-Za-z]\w{0,19}\.(?:\+?62|0)\d{7,13}\b/g,
    '(?<kode>\\w+)\\.(?<tujuan>\\d+)',
  ],
  [['tujuan'], /\b(?:62|0)8\d{7,12}\b/g, '(?<tujuan>\\d+)'],
  [['sn'], /(?<=\bSN(?:\/Ref)?[:=] ?)[\w/-]+(?:\.[\w/-]+)*/gi, '(?<sn>.+?)'],
  [['saldo'], /(?<=\bsaldo[:= ]{1,2})\d[\d.,]*\d/gi, '(?<saldo>[\\d.,]+)'],
  [['hargabeli'], /(?<=\b(?:harga|hrg|price)[:= ]{1,2})\d[\d.,]*\d/gi, '(?<hargabeli>[\\d.,]+)'],
  [['tid'], /(?<=\b(?:T#|TRXID: ?))\d+/gi, '(?<tid>\\d+)'],
]

type Place = { readonly from: number; readonly to: number; readonly groups: string }

export function draftOf({ channel, text }: { channel: Channel; text: string }): RuleInput {
  const said = bounded(text).slice(0, saidLengthMax)
  const places: Place[] = []
  const given = new Set<string>()
  for (const [names, shape, groups] of kinds) {
    if (names.some(name => given.has(name))) continue
    const found = [...said.matchAll(shape)].find(({ index, 0: word }) =>
      places.every(({ from, to }) => index + word.length <= from || index >= to),
    )
    if (found === undefined) continue
    places.push({ from: found.index, to: found.index + found[0].length, groups })
    for (const name of names) given.add(name)
  }
  places.sort((a, b) => a.from - b.from)
  let regex = ''
  let at = 0
  for (const { from, to, groups } of places) {
    regex += literal(said.slice(at, from)) + groups
    at = to
  }
  regex += literal(said.slice(at))
  return {
    name: `draf: ${said.slice(0, 60)}`,
    channels: [channel],
    priority: 1_000,
    mustContain: wordsOf(said),
    regex,
    outcome: 'ignore',
    sample: bounded(text),
  }
}

/** As it stands, but other digits fit as well. */
const literal = (said: string): string =>
  said.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replace(/\d+/g, '\\d+')

function wordsOf(said: string): string[] {
  const words = said.match(/\b[A-Z]{4,}\b/g) ?? []
  return [...new Set(words)].slice(0, 3)
}
