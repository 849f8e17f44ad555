/** The box's page as files: what it weighs, and where its words are. */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const here = new URL('./kotak/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, here), 'utf8')
const scripts = readdirSync(here).filter(name => name.endsWith('.js') && !name.endsWith('.id.js'))

test('kotak: size: what the page needs is under 70 kB before any compression (VBK5)', () => {
  const needed = new Set(['index.html', 'kotak.css', '../base.css'])
  const add = (name: string) => {
    if (needed.has(name)) return
    needed.add(name)
    for (const [, other] of read(name).matchAll(/^import .* from '(\.[^']+)'/gm)) {
      add(other!.replace(/^\.\//, '').replace(/^(?=dom|format|grouping|text-amount)/, '../kit/'))
    }
  }
  add('kotak.js')
  ok(needed.has('mqtt.js') && needed.has('../kit/format.js'))
  equal(needed.has('../kit/qr.js'), false)
  const bytes = [...needed].reduce((sum, name) => sum + Buffer.byteLength(read(name)), 0)
  ok(bytes < 70_000, `${bytes} bytes in ${[...needed].join(', ')}`)
})

test('kotak: words: no script has a sentence of its own (VBK6)', () => {
  const found = scripts.flatMap(name => {
    const code = read(name).replace(/\/\*\*.*?\*\/|^\s*\/\/[^\n]*$|\$\{[^\n]*\}/gms, '')
    const strings = code.match(/'[^'\n]*'|`[^`\n]*`/g) ?? []
    return strings.filter(one => /[A-Z][a-z]+ [a-z]+/.test(one)).map(one => `${name}: ${one}`)
  })
  deepEqual(found, [])
  const bare = read('index.html').replace(/<title>Laju<\/title>|<noscript>.*<\/noscript>/g, '')
  equal(
    bare
      .replace(/<[^>]+>|>Rp</g, '')
      .replace('Rp', '')
      .trim(),
    '',
  )
})
