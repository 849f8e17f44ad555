/**
 * The documents, as far as a machine can check them against the program.
 *
 * DOC1. Every relative link, every heading that a link names, and every path in backticks is there.
 * DOC2. Every command that is mentioned exists, with the words and options that the program knows.
 * DOC3. Every name in capitals is a setting, a code, a status or one of a few words of others.
 * DOC4. The signatures that are given for comparison are right.
 * DOC5. Every rule that is named exists.
 * DOC6. What is copied out of the README is run by `deploy/readme.e2e.test.ts`.
 */

import { deepEqual, equal, ok } from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createHash, createHmac } from 'node:crypto'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { meanings } from '../gateway/answer.ts'
import { attentions } from '../gateway/office/care.route.ts'
import { usualGrammar } from '../services/chat/grammar.ts'
import { settingNames } from './settings.ts'

type Document = { readonly name: string; readonly text: string }

const root = join(import.meta.dirname, '..')
const read = (name: string): string => readFileSync(join(root, name), 'utf8')
const documents: readonly Document[] = ['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md'].map(
  name => ({ name, text: read(name) }),
)
const readme = read('README.md')

/** What stands in backticks within a line, fenced blocks left out. */
function* quoted({ text }: Document): Iterable<string> {
  for (const [, word] of text.replace(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)) yield word!
}

function missing(words: (document: Document) => Iterable<string>): string[] {
  return documents.flatMap(document =>
    [...words(document)].map(word => `${document.name}: ${word}`).sort(),
  )
}

test('docs: links: files and headings are there (DOC1)', () => {
  const broken = missing(function* ({ name, text }) {
    for (const [, target] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue
      const [path = '', heading] = target!.split('#')
      const file = path === '' ? join(root, name) : join(root, dirname(name), path)
      if (!existsSync(file)) yield target!
      else if (heading !== undefined && !headingsOf(readFileSync(file, 'utf8')).has(heading)) {
        yield target!
      }
    }
  })
  deepEqual(broken, [])
})

test('docs: paths: what is named in backticks is there (DOC1)', () => {
  const folder = /^(engine|actors|services|gateway|broker|sql|deploy|bench)\//
  const file = /^[\w.-]+\.(ts|mjs|sql|md)$/
  const broken = missing(function* (document) {
    for (const word of quoted(document)) {
      if (!folder.test(word) && !file.test(word)) continue
      if (globSync(word, { cwd: root }).length === 0) yield word
    }
  })
  deepEqual(broken, [])
})

test('docs: commands: scripts, verbs and options exist (DOC2)', () => {
  const scripts = Object.keys(JSON.parse(read('package.json')).scripts)
  const help = spawnSync(process.execPath, [
    join(root, 'deploy/cli/cli.ts'),
    '--help',
  ]).stderr.toString()
  const verbs = verbsOf(help)
  const options = new Set(['--help', ...(help.match(/--[a-z-]+/g) ?? [])])
  ok(verbs.length > 5, `the help lists verbs: ${help}`)
  const broken = missing(function* ({ text }) {
    for (const [all, script] of text.matchAll(/\bnpm run ([\w-]+)/g)) {
      if (!scripts.includes(script!)) yield all
    }
    for (const [all, script] of text.matchAll(/\bnpm (start|test)\b/g)) {
      if (!scripts.includes(script!)) yield all
    }
    for (const [all, verb] of text.matchAll(/npm run laju -- ([a-z][a-z ]*[a-z])/g)) {
      if (!verbs.includes(verb!)) yield all
    }
    for (const [option] of text.matchAll(/(?<=`)--[a-z-]+/g)) {
      if (!options.has(option)) yield option
    }
  })
  deepEqual(broken, [])
})

test('docs: settings and codes: each name in capitals is known (DOC3)', () => {
  const statuses = ['PROCESSING', 'SUCCESS', 'FAILED', 'REFUND']
  const others = ['SEED', 'SEEDS', 'COPY', 'GET', 'POST', 'METHOD']
  const codes = [...Object.keys(meanings), ...attentions]
  const typed = Object.values(usualGrammar.words).flat()
  const known = new Set([...settingNames, ...codes, ...statuses, ...others, ...typed])
  const unknown = missing(function* (document) {
    for (const word of quoted(document)) {
      const name = /^([A-Z][A-Z0-9_]{2,})(=.*)?$/.exec(word)?.[1]
      if (name !== undefined && !known.has(name)) yield name
    }
    for (const [, name] of document.text.matchAll(/\$\{([A-Z_]+):-/g)) {
      if (!settingNames.includes(name!)) yield name!
    }
  })
  deepEqual(unknown, [])
})

test('docs: signatures: the README’s examples are right (DOC4)', () => {
  const signed = /^secret +(\S+)\nsigned +(\S+)\nX-Signature +([0-9a-f]{64})$/gm
  const examples = [...readme.matchAll(signed)]
  equal(examples.length, 2)
  for (const [, secret, text, signature] of examples) {
    equal(createHmac('sha256', secret!).update(text!).digest('hex'), signature)
  }
  const [, text, sign] = /^md5 of +(\S+)\nsign +([0-9a-f]{32})$/m.exec(readme) ?? []
  equal(createHash('md5').update(text!).digest('hex'), sign)
})

test('docs: rules: those that are named exist where the row says (DOC5)', () => {
  const wrong = [...read('ARCHITECTURE.md').matchAll(/^\| \*\*\d.*\|(.*)\|(.*)\|$/gm)].flatMap(
    ([, where, rules]) => {
      const files = [...where!.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, path]) => path!)
      const headers = files.map(read).join('\n')
      return namesOf(rules!).filter(rule => !new RegExp(` {1,2}${rule}\\. `).test(headers))
    },
  )
  deepEqual(wrong, [])
})

test('docs: commands to copy: they stand in sh blocks, which are run (DOC6)', () => {
  const kinds = [...readme.matchAll(/^```(\w*)$.*?^```$/gms)].map(([, kind]) => kind!)
  ok(kinds.filter(kind => kind === 'sh').length >= 2)
  deepEqual(
    kinds.filter(kind => !['sh', 'text', 'console'].includes(kind)),
    [],
  )
})

/** GitHub's names for headings. */
function headingsOf(text: string): ReadonlySet<string> {
  return new Set(
    [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\w\s-]/g, '')
        .trim()
        .replace(/\s/g, '-'),
    ),
  )
}

/** `user suspend|activate` is two verbs; a verb ends where its options or arguments begin. */
function verbsOf(help: string): string[] {
  return [...help.matchAll(/^ {2}([a-z][a-z|]*(?: [a-z][a-z|]*)?)/gm)].flatMap(([, verb]) => {
    const [first = '', second] = verb!.split(' ')
    return second === undefined ? [first] : second.split('|').map(word => `${first} ${word}`)
  })
}

/** `H1 to H4` names four. */
function namesOf(text: string): string[] {
  return [...text.matchAll(/([A-Z]+)(\d+)(?: to [A-Z]+(\d+))?/g)].flatMap(
    ([, letters, from, to]) => {
      const first = Number(from)
      const count = Number(to ?? from) - first + 1
      return Array.from({ length: count }, (_, index) => `${letters}${first + index}`)
    },
  )
}
