/**
 * Texts that a rule reads, made out of its own expression: so that rules can be held against each
 * other before a supplier has said anything. The compiled program is walked along shortest ways,
 * so the work grows with its size and not with what it could read.
 *
 *   R#(?<trxid>\w+) .*GAGAL   ─▶   'R#1 GAGAL'   'R#aaaaaaaaaaaa GAGAL'   'R#1 …anything… GAGAL'
 *
 * PAS1. Whatever is handed out is read by its rule: what the rule does not find is left out.
 * PAS2. Every branch of the expression is gone through, while there is room.
 * PAS3. All is bounded: how many texts, how long each, how many steps of the program.
 * PAS4. Words that were asked for stand where the expression takes anything.
 */

import type { RE2JS } from 're2js'
import type { Rule } from '../wire/parser-rules.ts'
import { bounded, expressionOf, textLengthMax } from './rules.ts'

const textsMax = 60
const triesMax = 200

export class Specimens {
  readonly #rule: Rule
  readonly #expression: RE2JS
  readonly #program: Program

  /** Throws for what can't be compiled. */
  constructor(rule: Rule) {
    this.#rule = rule
    this.#expression = expressionOf(rule)
    this.#program = new Program(this.#expression)
  }

  texts(): Generator<string> {
    return this.#read(this.#program.plain())
  }

  /** With words in a place that takes anything, in each such place alone. */
  around(words: string): Generator<string> {
    return this.#read(this.#program.filled(` ${words} `))
  }

  *#read(texts: Iterable<string>): Generator<string> {
    const found = new Set<string>()
    let tries = 0
    for (const text of texts) {
      if (tries++ === triesMax || found.size === textsMax) return
      const read = readBy(this.#rule, this.#expression, text)
      if (read === null || read === '' || found.has(read)) continue
      found.add(read)
      yield read
    }
  }
}

/** With the words that the rule demands besides; null when it would not read it even so. */
function readBy({ mustContain }: Rule, expression: RE2JS, text: string): string | null {
  const small = text.toLowerCase()
  const missing = mustContain.filter(word => !small.includes(word.toLowerCase())).join(' ')
  const whole = missing === '' ? [text] : [`${text} ${missing}`, `${missing} ${text}`]
  const read = whole.find(
    one => one.length <= textLengthMax && expression.matcher(bounded(one)).find(),
  )
  return read === undefined ? null : bounded(read)
}

/** An instruction of the compiled expression: it takes a letter, branches, or just goes on. */
type Step = {
  readonly op: number
  readonly out: number
  readonly arg: number
  /** One letter, or pairs from and to. */
  readonly runes: ArrayLike<number>
}
type Road = readonly number[]

/** The numbers of the instructions, as in every RE2. */
const op = { alt: 1, altMatch: 2, fail: 5, match: 6, rune: 8, rune1: 9, any: 10, anyInLine: 11 }
/** What stands for a letter of a class; the first that fits. */
const alphabets = ['1a -', 'a1 -', '- 1a']
/** As long as a destination or a serial number. */
const timesMore = 11
/** A class of so many letters is no field of its own but takes anything. */
const wideFrom = 1_000
const gapsMax = 4

class Program {
  readonly #steps: readonly Step[]
  readonly #ways: readonly (readonly number[])[]
  readonly #from: readonly (readonly number[])[]
  readonly #start: number
  readonly #main: Road
  /** The next step of the shortest way to the end. */
  readonly #onward: Int32Array
  /** The step before it on the shortest way from the start. */
  readonly #back: Int32Array
  readonly #loops = new Map<number, Road>()

  constructor(expression: RE2JS) {
    const { inst, start } = expression.re2().prog
    const steps: readonly Step[] = inst
    const ways = steps.map(waysOf)
    const from: number[][] = steps.map(() => [])
    for (const [at, list] of ways.entries()) for (const to of list) from[to]!.push(at)
    const ends = steps.flatMap(({ op: is }, at) => (is === op.match ? [at] : []))
    this.#steps = steps
    this.#ways = ways
    this.#from = from
    this.#start = start
    this.#onward = shortest(ends, from)
    this.#back = shortest([start], ways)
    this.#main = this.#toEnd(start)
  }

  /** The shortest way in all alphabets, then a way through every branch. */
  *plain(): Generator<string> {
    for (const letters of alphabets) {
      for (const times of [0, 1, timesMore]) yield this.#written(this.#main, { letters, times })
    }
    const [digits, words] = alphabets as [string, string]
    for (const road of this.#branches()) {
      yield this.#written(road, { letters: digits, times: 0 })
      yield this.#written(road, { letters: words, times: timesMore })
    }
  }

  *filled(between: string): Generator<string> {
    const gaps = [...new Set(this.#main)].filter(at => this.#isGap(at)).slice(0, gapsMax)
    for (const gap of gaps) {
      yield this.#written(this.#main, { letters: alphabets[0]!, times: 0, gap, between })
    }
  }

  *#branches(): Generator<Road> {
    for (const [at, ways] of this.#ways.entries()) {
      const isReached = at === this.#start || this.#back[at] !== nowhere
      if (ways.length < 2 || !isReached) continue
      const here = this.#toStart(at)
      for (const way of ways) {
        const rest = this.#toEnd(way)
        if (rest.length > 0) yield [...here, ...rest]
      }
    }
  }

  #written(
    road: Road,
    how: {
      readonly letters: string
      readonly times: number
      readonly gap?: number
      readonly between?: string
    },
  ): string {
    const { letters, times, gap, between = '' } = how
    const seen = new Set<number>()
    let text = ''
    for (const at of road) {
      text += letterOf(this.#steps[at]!, letters)
      if (seen.has(at)) continue
      seen.add(at)
      if (at === gap) text += between
      if (times === 0 || this.#ways[at]!.length < 2) continue
      const more = this.#loop(at).map(one => letterOf(this.#steps[one]!, letters))
      text += more.join('').repeat(times)
      if (text.length > textLengthMax) break
    }
    return text
  }

  #isGap(at: number): boolean {
    const taken = this.#loop(at)
      .map(one => this.#steps[one]!)
      .filter(isLetter)
    return this.#ways[at]!.length > 1 && taken.length === 1 && isWide(taken[0]!)
  }

  /** The shortest way from a branch back to itself; empty when there is none. */
  #loop(at: number): Road {
    const known = this.#loops.get(at)
    if (known !== undefined) return known
    const home = shortest([at], this.#from)
    const roads = this.#ways[at]!.flatMap(way => {
      const road: number[] = []
      for (let one = way; one !== nowhere; one = home[one]!) road.push(one)
      return road.at(-1) === at ? [road] : []
    })
    const [road = []] = roads.toSorted((a, b) => a.length - b.length)
    this.#loops.set(at, road)
    return road
  }

  #toEnd(at: number): Road {
    const road: number[] = []
    for (let one = at; one !== nowhere; one = this.#onward[one]!) road.push(one)
    return this.#steps[road.at(-1)!]!.op === op.match ? road : []
  }

  #toStart(at: number): Road {
    const road: number[] = []
    for (let one = at; one !== nowhere; one = this.#back[one]!) road.unshift(one)
    return road
  }
}

const nowhere = -1

/** For each step, the next one on its shortest way to one of these. */
function shortest(to: readonly number[], nextOf: readonly (readonly number[])[]): Int32Array {
  const next = new Int32Array(nextOf.length).fill(nowhere)
  const reached = new Set(to)
  for (const at of reached) {
    for (const one of nextOf[at]!) {
      if (reached.has(one)) continue
      reached.add(one)
      next[one] = at
    }
  }
  return next
}

function waysOf({ op: is, out, arg }: Step): readonly number[] {
  if (is === op.match || is === op.fail) return []
  return is === op.alt || is === op.altMatch ? [out, arg] : [out]
}

const isLetter = ({ op: is }: Step): boolean => is >= op.rune && is <= op.anyInLine

function isWide({ op: is, runes }: Step): boolean {
  if (is >= op.any) return true
  let size = 0
  for (let at = 0; at + 1 < runes.length; at += 2) size += runes[at + 1]! - runes[at]! + 1
  return size >= wideFrom
}

function letterOf(step: Step, letters: string): string {
  if (!isLetter(step)) return ''
  const { op: is, runes } = step
  if (is >= op.any) return letters[0]!
  if (runes.length === 1) return String.fromCodePoint(runes[0]!)
  const isIn = (code: number): boolean => {
    for (let at = 0; at + 1 < runes.length; at += 2) {
      if (code >= runes[at]! && code <= runes[at + 1]!) return true
    }
    return false
  }
  const usual = [...letters].find(letter => isIn(letter.codePointAt(0)!))
  if (usual !== undefined) return usual
  for (let code = 0x20; code < 0x7f; code++) if (isIn(code)) return String.fromCharCode(code)
  return String.fromCodePoint(runes[0] ?? 0x20)
}
