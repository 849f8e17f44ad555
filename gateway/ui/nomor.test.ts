/** The number pages as files: where their words are, and that these are words for people. */

import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { readPages } from '../pages.ts'
import { numberRefusalText } from '../text/number.id.ts'

const here = new URL('./nomor/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, here), 'utf8')
const scripts = readdirSync(here).filter(name => name.endsWith('.js') && !name.endsWith('.id.js'))

type Words = {
  readonly left: (ms: number) => string
  readonly sayings: Readonly<Record<string, string>>
}
const catalogue = (await import(new URL('text.id.js', here).href)) as Words

/** Everything that these import, themselves included. */
function importsOf(...begin: readonly string[]): ReadonlySet<string> {
  const found = new Set<string>()
  const follow = (address: string) => {
    if (found.has(address)) return
    found.add(address)
    const code = readFileSync(new URL(`..${address}`, import.meta.url), 'utf8')
    for (const [, name] of code.matchAll(/^(?:import|export) [^'"]*?from '(\.[^']+)'/gms)) {
      follow(new URL(name!, `file://${address}`).pathname)
    }
  }
  for (const address of begin) follow(address)
  return found
}
const firstView = importsOf('/ui/nomor/main.js', '/ui/nomor/home.js')

test('nomor: first view: all that it imports is named in the page, and nothing else (WNA5)', () => {
  const page = read('index.html')
  const named = [...page.matchAll(/<(?:link rel="modulepreload" href|script .*src)="([^"]+)"/g)]
  deepEqual(
    named.map(([, address]) => address!).sort(),
    [...firstView, '/ui/nomor/ahead.js'].sort(),
  )
})

test('nomor: ahead: what a page imports beyond the first view is named, and nothing else (WNU1)', () => {
  const pages = [
    ...read('main.js').matchAll(/^ {4}'?([\w-]+)'?: \(\) => import\('\.\/([^']+)'\)/gm),
  ]
  const wanted: [string, string][] = pages.map(([, word, file]) => [word!, file!])
  ok(wanted.length > 15)
  const named = (word: string, isIn: boolean): readonly string[] => {
    const hrefs: string[] = []
    runInNewContext(read('ahead.js'), {
      localStorage: { getItem: () => (isIn ? '1' : null) },
      location: { hash: `#/${word}` },
      document: {
        createElement: () => ({}),
        head: { append: ({ rel, href }: Link) => rel === 'modulepreload' && hrefs.push(href) },
      },
    })
    return hrefs.sort()
  }
  const beyond = (file: string) =>
    [...importsOf(`/ui/nomor/${file}`)].filter(address => !firstView.has(address)).sort()
  for (const [word, file] of wanted) deepEqual(named(word, true), beyond(file), word)
  for (const word of ['', 'beranda']) {
    deepEqual(named(word, false), [])
    deepEqual(named(word, true), beyond('own.js'))
  }
})
type Link = { readonly rel: string; readonly href: string }

test('nomor: words: all of them stand in one catalogue (WNA2)', () => {
  const found = scripts.flatMap(name => {
    const code = read(name).replace(/\/\*\*.*?\*\/|^\s*\/\/[^\n]*$|\$\{[^\n]*\}/gms, '')
    const strings = code.match(/'[^'\n]*'|`[^`\n]*`/g) ?? []
    return strings
      .filter(one => /[A-Z][a-z]+ [a-z]+|\b(?:[Ss]aldo kamu|[Bb]elum|[Ss]udah)\b/.test(one))
      .map(one => `${name}: ${one}`)
  })
  deepEqual(found, [])
  const bare = read('index.html').replace(/<title>Nokosku<\/title>|<noscript>.*<\/noscript>/g, '')
  equal(bare.replace(/<[^>]+>/g, '').trim(), '')
})

test('nomor: words: nothing in it is said in words for engineers (WNA2)', () => {
  const sentences = read('text.id.js')
    .replace(/\/\*\*.*?\*\//gs, '')
    .match(/'[^'\n]*'|`[^`\n]*`/g)!
  ok(sentences.length > 200)
  const technical =
    /\b(?:invalid|error|exception|token|server|timeout|request|session|submit|API)\b/i
  deepEqual(
    sentences.filter(one => technical.test(one)),
    [],
  )
})

test('nomor: words: what the line refuses with has a sentence of ours (WNB3)', () => {
  const faults = /^(?:UNREACHABLE|JOURNAL|NOT_THE|STOPPING|INTERNAL|TOKEN|DUPLICATE)/
  const unsaid = Object.keys(numberRefusalText).filter(
    code => !faults.test(code) && catalogue.sayings[code] === undefined,
  )
  deepEqual(unsaid, [])
})

test('nomor: words: how long there still is, in words (WNC2)', () => {
  const minute = 60_000
  deepEqual([14.4 * minute, 15 * minute, 55_000, 20_000, 0, 200 * minute].map(catalogue.left), [
    'sekitar 14 menit lagi',
    'sekitar 15 menit lagi',
    'sekitar 1 menit lagi',
    'kurang dari semenit lagi',
    'sebentar lagi habis',
    'sekitar 3 jam lagi',
  ])
})

test('pages: worker: it begins with the names of what it keeps, and another file is another worker (GU3)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'laju-pages-'))
  const put = (name: string, content: string) => {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  const worker = () => {
    const page = readPages(folder, 'http://localhost').find(one => one.path === '/nomor-worker.js')!
    match(page.headers['Content-Security-Policy']!, /default-src 'none'/)
    const [first = '', ...rest] = page.bytes.toString().split('\n')
    equal(rest.join('\n').trim(), 'work()')
    return JSON.parse(first.replace('const shell = ', '')) as { version: string; files: string[] }
  }
  try {
    for (const name of ['nomor/index.html', 'kit/dom.js', 'app/buy.js']) put(name, 'one')
    put('nomor/worker.js', 'work()')
    const one = worker()
    deepEqual(one.files, [
      ...['/nomor', '/nomor/', '/ui/kit/dom.js'],
      ...['/ui/lib/qrcode.mjs', '/ui/nomor/index.html'],
    ])
    put('app/buy.js', 'two')
    equal(worker().version, one.version)
    put('kit/dom.js', 'two')
    notEqual(worker().version, one.version)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
