import { equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { after, test } from 'node:test'
import { curlOf, docsPage, shellOf } from './docs-page.ts'
import { type Described, describedOf, documentOf, nameOf } from './openapi.ts'
import { answers } from './operations.fixture.ts'
import { operations } from './operations.ts'
import { keyCard, plain, Stage } from './scripted.fixture.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

async function stageOf(): Promise<Stage> {
  const stage = await Stage.open({ ...answers, 'identity.key': () => keyCard({ role: 'admin' }) })
  stages.push(stage)
  return stage
}

test('docs: served: the page and the document, with what every page has (GY1)', async () => {
  const stage = await stageOf()
  const page = await plain(stage, { path: '/docs' })
  match(page.text, /Membuat transaksi/)
  match(page.headers.get('content-security-policy') ?? '', /default-src 'none'/)
  const document = await plain(stage, { path: '/api/v1/openapi.json' })
  equal(document.body['openapi'], '3.1.0')
  const etag = document.headers.get('etag')!
  const again = await plain(stage, { path: '/docs', headers: { 'if-none-match': etag } })
  equal(again.status, 200)
  const same = { path: '/api/v1/openapi.json', headers: { 'if-none-match': etag } }
  equal((await plain(stage, same)).status, 304)
})

test('docs: signs that mean something in HTML: shown as themselves (GY1)', () => {
  const odd: Described = {
    ...operations[0]!,
    ...{ verb: 'post', path: '/<b>&"', of: '<i>', signed: true },
    example: { body: { a: '<u>' } },
  }
  const url = 'http://x'
  const page = docsPage([odd], documentOf([odd], { url, version: '1' }), url)
  for (const raw of ['<b>&"', '<i>', '<u>']) ok(!page.includes(raw), raw)
  ok(page.includes('&lt;b&gt;&amp;&quot;'))
})

const paths = (process.env['PATH'] ?? '').split(delimiter)
const absent = ['bash', 'curl', 'openssl'].filter(
  tool => !paths.some(path => existsSync(join(path, tool))),
)
const skip = absent.length > 0 && `not on this machine: ${absent.join(', ')}`

/** What a terminal answers to these lines. */
async function typed(lines: readonly string[]): Promise<string> {
  const child = spawn('bash', ['-c', lines.join('\n')])
  let out = ''
  child.stdout.on('data', chunk => (out += chunk))
  child.stderr.on('data', chunk => (out += chunk))
  await new Promise(resolve => child.once('close', resolve))
  return out
}

test('docs: what may be copied: works in a terminal as it stands (OAF1)', { skip }, async () => {
  const stage = await stageOf()
  const { keyId, secret } = keyCard()
  const shell = shellOf(stage.url)
    .replace("LAJU_KEY='…'", `LAJU_KEY='${keyId}'`)
    .replace("LAJU_SECRET='…'", `LAJU_SECRET='${secret}'`)
  const wanted = ['place', 'find', 'mutations', 'ticketCancel', 'webhookChange', 'health']
  const rows = describedOf(operations, stage.table)
  const some = [...wanted, 'csvIn-products', 'webhookRotate'].map(
    name => rows.find(row => nameOf(row) === name)!,
  )
  for (const row of some) {
    const text = await typed([shell, curlOf(row, stage.url)])
    ok(text.startsWith('{"code":200,'), `${nameOf(row)}: ${text}`)
  }
})

test('docs: an apostrophe in an example: does not end the word of the shell (OAF1)', {
  skip,
}, async () => {
  const row = { ...operations[0]!, verb: 'post', path: '/x', signed: true } as const
  const line = curlOf({ ...row, example: { body: "it's" } }, 'http://x')
  equal(await typed(['laju() { printf "%s" "$3"; }', line]), "it's")
})
