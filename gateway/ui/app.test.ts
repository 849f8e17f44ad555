/**
 * Our areas as files: what they weigh, and where their words are.
 *
 * WUK1. What a phone needs to sign in weighs so much and no more, as it goes over the line; in the
 *       areas of the soundbox line that is with the first page.
 * WUK2. Every sentence stands in a `text*.id.js` of its area or of the kit, in words for people; a
 *       merchant reads no word that only engineers know.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { test } from 'node:test'

const here = new URL('./', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, here), 'utf8')
const filesOf = (area: string): string[] =>
  readdirSync(new URL(`${area}/`, here)).map(name => `${area}/${name}`)
const scripts = (area: string): string[] =>
  filesOf(area).filter(name => name.endsWith('.js') && !name.endsWith('.id.js'))

/** By area: what its first view needs, and what it must not need. */
const firstViews = {
  app: { begins: ['main.js', 'sign-in.js'], later: 'app/buy.js', most: 73_000 },
  toko: { begins: ['main.js', 'sign-in.js', 'today.js'], later: 'kit/qr.js', most: 78_000 },
  kantor: {
    begins: ['main.js', 'sign-in.js', 'dashboard.js'],
    later: 'kantor/device.js',
    most: 91_000,
  },
}

for (const [area, { begins, later, most }] of Object.entries(firstViews)) {
  test(`${area}: size: what the first view needs is within its budget (WUK1)`, () => {
    const page = read('kit/area.html').replaceAll('{area}', area)
    const sheets = [...page.matchAll(/href="\/ui\/([\w./-]+\.css)"/g)].map(([, name]) => name!)
    const needed = new Set(['kit/area.html', ...sheets])
    const add = (name: string) => {
      if (needed.has(name)) return
      needed.add(name)
      for (const [, other] of read(name).matchAll(/from '(\.\.?\/[\w./-]+)'/g)) {
        add(posix.join(posix.dirname(name), other!))
      }
    }
    for (const name of begins) add(`${area}/${name}`)
    ok(needed.has(`${area}/text.id.js`) && needed.has('kit/kit.css'))
    equal(needed.has(later), false)
    const bytes = [...needed].reduce((sum, name) => sum + Buffer.byteLength(read(name)), 0)
    ok(bytes < most, `${bytes} bytes in ${[...needed].join(', ')}`)
  })
}

for (const area of ['kit', ...Object.keys(firstViews)]) {
  test(`${area}: words: no page has a sentence of its own (WUK2)`, () => {
    const found = scripts(area).flatMap(name => {
      const code = read(name).replace(/\/\*\*.*?\*\/|^\s*\/\/[^\n]*$|\$\{[^\n]*\}/gms, '')
      const strings = code.match(/'[^'\n]*'|`[^`\n]*`/g) ?? []
      return strings.filter(one => speaks.test(one)).map(one => `${name}: ${one}`)
    })
    deepEqual(found, [])
    if (area === 'kit') return
    const bare = read('kit/area.html')
      .replace(/<title>Laju<\/title>|<noscript>.*<\/noscript>/g, '')
      .replace(/<[^>]+>/g, '')
    equal(bare.trim(), '')
  })

  test(`${area}: words: nothing is said in words for engineers (WUK2)`, () => {
    const sentences = filesOf(area)
      .filter(name => name.endsWith('.id.js'))
      .map(read)
      .join('\n')
      .replace(/\/\*\*.*?\*\//gs, '')
    deepEqual(sentences.match(technical) ?? [], [])
    if (area === 'toko') deepEqual(sentences.match(unheardOf) ?? [], [])
  })
}

/** Two words of a sentence, or one of those that every sentence of ours has. */
const speaks =
  /[A-Z][a-z]+ [a-z]+|\b(?:[Ss]aldo|[Pp]esanan|[Bb]elum|[Ss]udah|[Tt]agihan|[Kk]irim|[Ss]alin)\b/
const technical =
  /'[^'\n]*\b(?:invalid|error|exception|timeout|token tidak|null|undefined)\b[^'\n]*'/gi
/** What a merchant at a counter need not know. */
const unheardOf =
  /[:>] ['`][^'`\n]*\b(?:MQTT|callback|acquirer|webhook|API|server|firmware|terminal_id|JSON)\b[^'`\n]*['`]/gi

test('kantor: words: whatever the audit log keeps has words', async () => {
  const { deeds } = await import(new URL('kantor/text-audit.id.js', here).href)
  const gateway = new URL('../', here)
  const kept = readdirSync(gateway, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.route.ts'))
    .flatMap(name => [
      ...readFileSync(new URL(name, gateway), 'utf8').matchAll(/\bact: '([^']+)'/g),
    ])
    .map(([, act]) => act!)
  ok(kept.includes('settlement.create'))
  deepEqual(
    kept.filter(act => deeds[act] === undefined && !act.startsWith('sample.')),
    [],
  )
})

type Amounts = {
  readonly amountMax: number
  amountIn(typed: string): number | null
  grouped(typed: string, caret: number, isForward?: boolean): { value: string; caret: number }
}
const amounts = async (): Promise<Amounts> => ({
  ...(await import(new URL('kit/grouping.js', here).href)),
  ...(await import(new URL('kit/format.js', here).href)),
})

test('kit: an amount as people type it: whole rupiah, or nothing; too much is not nothing', async () => {
  const { amountIn, amountMax } = await amounts()
  const told = {
    ...{ '50.000': 50_000, 'Rp 50000': 50_000, '25.000,00': 25_000, '25.000,-': 25_000 },
    ...{ '25,000': 25_000, '5.0000': 50_000, '': null, rupiah: null, [`${10 ** 12}`]: 10 ** 12 },
  }
  for (const [typed, amount] of Object.entries(told)) equal(amountIn(typed), amount, typed)
  ok(amountIn('999.999.999.999')! <= amountMax && amountIn('1.000.000.000.000')! > amountMax)
})

test('kit: an amount is grouped while it is typed: the caret stays between its digits', async () => {
  const { grouped } = await amounts()
  /** `|` is the caret. */
  const typing = (text: string, isForward = false): string => {
    const { value, caret } = grouped(text.replace('|', ''), text.indexOf('|'), isForward)
    return `${value.slice(0, caret)}|${value.slice(caret)}`
  }
  const told = {
    ...{ '1000|': '1.000|', '1.|00.000': '1|00.000', '1.2|00.000': '1.2|00.000' },
    ...{ '|.500.000': '|500.000', '|.000': '|000', '2|000': '2|.000', '|': '|', 'ab|': '|' },
    ...{ '50.000,00|': '50.000|', '1|500': '1|.500' },
  }
  for (const [before, after] of Object.entries(told)) equal(typing(before), after, before)
  equal(typing('1|500', true), '1.|500')
})
