/** The style guide, as far as a machine can read it. Each ban names what to use instead. */

import { deepEqual } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'

type File = { readonly path: string; readonly text: string }

const root = join(import.meta.dirname, '..')
const files: readonly File[] = sources(root).filter(file => file.path !== 'engine/tidy.test.ts')

/** Who may import whom, by folder; a folder may always import itself. Tests may look further. */
const below: Readonly<Record<string, readonly string[]>> = {
  gateway: [],
  broker: [],
  services: ['actors', 'engine', 'sql'],
  actors: ['engine'],
  engine: ['sql'],
  sql: [],
  bench: [],
  'deploy/sandbox': [],
  deploy: ['gateway', 'broker', 'services', 'actors', 'engine', 'sql', 'deploy/sandbox', 'bench'],
}

/** What the edges and the services have in common: the tables of actions, and words on the wire. */
const isCommon = (path: string): boolean =>
  path === 'services/contract.ts' || /^services\/(contract|wire)\//.test(path)

const banned: readonly (readonly [word: RegExp, where: RegExp, instead: string])[] = [
  [/\bDate\.now\(|new Date\(\)/, /^(actors|engine)\//, 'the `now` or `at` that was given'],
  [/\bMath\.random\(|randomUUID\(/, /^(actors|engine)\//, 'an id or dice passed in'],
  [/\bsetTimeout\(|\bsetInterval\(/, /^actors\//, 'a row in `timers`'],
  [/\bFIXME\b|\bTODO\b/, /./, 'the fix'],
  [/\bparseFloat\(|\.toFixed\(/, /^(actors|engine)\//, 'whole rupiah'],
  [/\bconsole\.log\(/, /^(actors|engine|services|gateway|broker|sql)\/(?!.*bench)/, 'the logger'],
  [/^ +(private|protected) (readonly )?(?!constructor)\w+[:(]/m, /\.ts$/, '`#fields`'],
  [/@ts-ignore|@ts-nocheck/, /./, '`@ts-expect-error` with a reason'],
  [/\btest\.only\(|\bdescribe\.only\(/, /\.test\.ts$/, 'the whole file'],
  [/^export default (?!defineConfig)/m, /^(actors|engine|sql)\//, 'a name'],
  [/\/tmp\/|\/work\/|\/root\//, /^(actors|engine|services|gateway|broker|sql)\//, 'a setting'],
]

/** A string that the formatter can not break either: titles, sentences, addresses. */
const sentence = /'[^']{50,}|"[^"]{50,}|`[^`]{50,}/

const unnamed = /(^|\/)(index|utils|helpers|common|types)\.ts$/

test('tidy: imports point downwards', () => {
  const upward = files.flatMap(({ path, text }) =>
    importsOf(path, text)
      .filter(target => !mayImport(path, target))
      .map(target => `${path} -> ${target}`),
  )
  deepEqual(upward, [])
})

test('tidy: what the edges import of services are types', () => {
  const values = files.flatMap(({ path, text }) =>
    /^(gateway|broker)\//.test(path)
      ? [
          ...text.matchAll(/^import (?!type\b)[^']*? from '([^']*services\/(?!wire\/)[^']*)'/gm),
        ].map(match => `${path}: ${match[1]}`)
      : [],
  )
  deepEqual(values, [])
})

test('tidy: words on the wire bring no code of ours but the bound of an amount', () => {
  const brought = files.flatMap(({ path, text }) =>
    /^services\/wire\//.test(path) && !isTest(path)
      ? importsOf(path, text).filter(target => !/^services\/wire\/|^engine\/money/.test(target))
      : [],
  )
  deepEqual(brought, [])
})

test('tidy: banned words', () => {
  const found = files.flatMap(({ path, text }) =>
    banned
      .filter(([word, where]) => where.test(path) && word.test(text))
      .map(([word, , instead]) => `${path}: ${word.source}: use ${instead}`),
  )
  deepEqual(found, [])
})

test('tidy: files are nouns', () => {
  deepEqual(
    files.map(({ path }) => path).filter(path => unnamed.test(path)),
    [],
  )
})

test('tidy: every numbered rule is named by a test', () => {
  const titles = files
    .filter(({ path }) => isTest(path))
    .map(({ text }) => text)
    .join('\n')
  const named = new Set(titles.match(/\b[A-Z]{1,3}\d+\b/g))
  deepEqual(
    rules().filter(({ rule }) => !named.has(rule)),
    [],
  )
})

test('tidy: a rule’s number belongs to one file', () => {
  const homes = new Map<string, string[]>()
  for (const { path, rule } of rules()) homes.set(rule, [...(homes.get(rule) ?? []), path])
  deepEqual(
    [...homes].filter(([, paths]) => paths.length > 1),
    [],
  )
})

test('tidy: lines fit in a hundred columns', () => {
  const long = files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        line.length > 100 && !sentence.test(line) ? [`${path}:${index + 1}`] : [],
      ),
  )
  deepEqual(long, [])
})

/** Numbered rules stand in the header of the file that keeps them. */
function rules(): { path: string; rule: string }[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(/^ (?:\*|\/\/|#) {1,2}([A-Z]{1,3}\d+)\. /gm)].map(match => ({
      path,
      rule: match[1]!,
    })),
  )
}

/** Relative imports, as paths from the root. */
function importsOf(path: string, text: string): string[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(match =>
    new URL(match[1]!, `file:///${path}`).pathname.slice(1),
  )
}

function mayImport(path: string, target: string): boolean {
  const from = roomOf(path)
  const to = roomOf(target)
  if (from === undefined || to === undefined || from === to) return true
  if (below[from]!.includes(to)) return true
  if (isCommon(target) && (from === 'gateway' || from === 'broker')) return true
  // A test that needs Postgres or whole processes may bring them up, from wherever it stands.
  return isTest(path) && to === 'deploy'
}

function roomOf(path: string): string | undefined {
  return Object.keys(below).find(room => path.startsWith(`${room}/`))
}

function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.includes('/sim/') || path.endsWith('.test.js')
}

function sources(folder: string): File[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.name === 'node_modules' || entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return sources(path)
    if (!/\.(ts|mjs|js)$/.test(entry.name)) return []
    return [{ path: relative(root, path), text: readFileSync(path, 'utf8') }]
  })
}
