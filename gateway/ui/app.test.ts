/**
 * The reseller area as files: what it weighs, and where its words are.
 *
 * WUK1. What a phone needs to sign in is under 60 kB, as it goes over the line.
 * WUK2. Every sentence stands in `app/text.id.js`, in words for people.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const here = new URL('./app/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, here), 'utf8')
const scripts = readdirSync(here).filter(name => name.endsWith('.js') && name !== 'text.id.js')

test('app: size: what the sign-in page needs is under 60 kB (WUK1)', () => {
  const needed = new Set(['index.html', 'app.css'])
  const add = (name: string) => {
    if (needed.has(name)) return
    needed.add(name)
    for (const [, other] of read(name).matchAll(/from '\.\/([\w.-]+)'/g)) add(other!)
  }
  for (const name of ['main.js', 'sign-in.js']) add(name)
  ok(needed.has('text.id.js'))
  equal(needed.has('buy.js'), false)
  const bytes = [...needed].reduce((sum, name) => sum + Buffer.byteLength(read(name)), 0)
  ok(bytes < 60_000, `${bytes} bytes in ${[...needed].join(', ')}`)
})

test('app: words: no page has a sentence of its own (WUK2)', () => {
  const found = scripts.flatMap(name => {
    const code = read(name).replace(/\/\*\*.*?\*\/|^\s*\/\/[^\n]*$|\$\{[^\n]*\}/gms, '')
    const strings = code.match(/'[^'\n]*'|`[^`\n]*`/g) ?? []
    return strings.filter(one => speaks.test(one)).map(one => `${name}: ${one}`)
  })
  deepEqual(found, [])
  const bare = read('index.html').replace(/<title>Laju<\/title>|<noscript>.*<\/noscript>/g, '')
  equal(bare.replace(/<[^>]+>/g, '').trim(), '')
})

test('app: words: nothing is said in words for engineers (WUK2)', () => {
  const sentences = read('text.id.js').replace(/\/\*\*.*?\*\//gs, '')
  deepEqual(sentences.match(technical) ?? [], [])
})

/** Two words of a sentence, or one of those that every sentence of ours has. */
const speaks =
  /[A-Z][a-z]+ [a-z]+|\b(?:[Ss]aldo|[Pp]esanan|[Bb]elum|[Ss]udah|[Tt]agihan|[Kk]irim|[Ss]alin)\b/
const technical =
  /'[^'\n]*\b(?:invalid|error|exception|timeout|token tidak|null|undefined)\b[^'\n]*'/gi
