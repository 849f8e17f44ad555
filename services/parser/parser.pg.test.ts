import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import { testDatabase } from '../../deploy/testing/database.ts'
import { keyOf, shardOf } from '../../engine/ids.ts'
import { nodeConfig } from '../../moleculer.config.ts'
import type { Change, Listener } from '../../sql/changes.ts'
import { openDatabase } from '../../sql/database.ts'
import { addCatalogue } from '../../sql/topup/catalogue.ts'
import { insertCallbacks, judgeCallbacks } from '../../sql/topup/suppliers.ts'
import type { Actions, Call } from '../contract.ts'
import { pending, sceneAt } from '../engine-room.fixture.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { adapters } from '../supplier/adapters.ts'
import { makeDirectory, supplierPurpose } from '../supplier/directory.ts'
import { defaultRules } from './default-rules.ts'
import { parserService } from './parser.service.ts'
import { storedReplies } from './stored.ts'
import { UnreadReplies } from './unread.ts'

const { url, drop } = await testDatabase()
const db = await openDatabase(url)
const seal = makeSeal(newMasterKey())
const unread = new UnreadReplies()
const broker = new ServiceBroker({ ...nodeConfig({ logLevel: 'error' }), nodeID: 'parser' })
broker.createService(parserService({ db, unread }))
await broker.start()
after(async () => {
  await broker.stop()
  await db.end()
  await drop()
})

const call: Call = (action, params) => broker.call(action, params) as never
const words = { memberId: 'M1', pin: '1234', password: 'pass', callbackToken: 'jalan' }
const addSupplier = (code: string, adapter = 'otomax', credentials: object = words) =>
  addCatalogue(db.pool, {
    ...{ products: [], mappings: [], rules: [], prefixes: [] },
    suppliers: [
      {
        ...{ code, name: code, adapter, baseUrl: 'http://127.0.0.1:1' },
        credentials: seal.close(JSON.stringify(credentials), supplierPurpose(code)),
        ...{ timeoutMs: 1_000, maxInFlight: 8, recheckAfterMs: 60_000, active: true },
      },
    ],
  })
const rule = (change: object = {}) => ({
  ...{ name: 'aneh', channels: ['reply', 'callback'], priority: 1, outcome: 'pending' },
  ...{ regex: 'SEDANG ANEH (?<tujuan>\\d+)', ...change },
})
const okOf = <A extends 'parser.save' | 'parser.bench' | 'parser.rules' | 'parser.inbox'>(
  answer: Actions[A]['result'],
) => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok as Extract<Actions[A]['result'], { ok: unknown }>['ok']
}
const save = async (supplier: string, ...rules: object[]) =>
  okOf<'parser.save'>(await call('parser.save', { supplier, rules, note: 'uji', by: 'budi' }))
const bench = async (supplier: string, version: number) =>
  okOf<'parser.bench'>(await call('parser.bench', { supplier, version, by: 'budi' }))
const switchOn = async (supplier: string, version: number, id: number, acceptSuccess = false) => {
  const asked = { supplier, version, bench: id, acceptSuccess, by: 'budi' }
  const answer = await call('parser.activate', asked)
  return 'refused' in answer ? answer.refused : 'on'
}
const report = async (supplier: string, query: string, verdict: string | null) => {
  const [id] = await insertCallbacks(db.pool, [
    { supplier, receivedAt: Date.now(), headers: {}, body: Buffer.from(query) },
  ])
  if (verdict !== null) await judgeCallbacks(db.pool, [{ id: id!, verdict }])
}

test('parser: saving: what compiles is a new version, with what the lint says (PAH1)', async () => {
  await addSupplier('a')
  equal((await save('a', rule())).version, 1)
  const second = await save('a', rule(), rule({ name: 'kembar' }))
  equal(second.version, 2)
  deepEqual(second.findings, [{ rule: 'kembar', kind: 'never_wins', detail: 'aneh' }])
  const asked = { supplier: 'a', note: '', by: 'budi' }
  const bad = await call('parser.save', { ...asked, rules: [rule({ regex: '(?=x)' })] })
  ok('refused' in bad && bad.refused === 'RULES_INVALID')
  match(JSON.stringify(bad.details), /look-ahead/)
  const shapeless = await call('parser.save', { ...asked, rules: [{ name: 'x' }] })
  equal('refused' in shapeless && shapeless.refused, 'RULES_INVALID')
  const nobody = await call('parser.save', { ...asked, supplier: 'zz', rules: [rule()] })
  equal('refused' in nobody && nobody.refused, 'NOT_FOUND')
  const listed = okOf<'parser.rules'>(await call('parser.rules', { supplier: 'a' }))
  deepEqual(
    listed.versions.map(one => [one.version, one.rules, one.madeBy, one.note]),
    [
      [2, 2, 'budi', 'uji'],
      [1, 1, 'budi', 'uji'],
    ],
  )
  equal(listed.active, null)
  equal(listed.rules.length, defaultRules.length)
})

test('parser: switching on: only with a bench of these rules against those in use (PAH2)', async () => {
  await addSupplier('b')
  const { version } = await save('b', rule())
  const other = await save('b', rule({ outcome: 'failed' }))
  const done = await bench('b', version)
  equal(await switchOn('b', version, done.id + 1_000), 'BENCH_MISMATCH')
  equal(await switchOn('b', other.version, done.id), 'BENCH_MISMATCH')
  equal(await switchOn('a', 1, done.id), 'BENCH_MISMATCH')
  equal(await switchOn('b', 99, done.id), 'NOT_FOUND')
  const earlier = await bench('b', other.version)
  equal(await switchOn('b', version, done.id), 'on')
  // The rules in use are others now than those that this bench compared with.
  equal(await switchOn('b', other.version, earlier.id), 'BENCH_MISMATCH')
  equal(await switchOn('b', other.version, (await bench('b', other.version)).id), 'on')
  const { active, history } = okOf<'parser.rules'>(await call('parser.rules', { supplier: 'b' }))
  equal(active, other.version)
  deepEqual(
    history.map(one => [one.version, one.by]),
    [
      [other.version, 'budi'],
      [version, 'budi'],
    ],
  )
})

test('parser: bench: reports that would become a success need a word (PAH3)', async () => {
  await addSupplier('c')
  await report('c', 'refid=L1&pesan=SEDANG ANEH 0812', 'garbled: no_rule')
  await report('c', 'refid=L1&pesan=lain', 'accepted')
  await report('c', 'refid=L1&pesan=SEDANG ANEH 0813', 'forged')
  const { version } = await save(
    'c',
    rule({ regex: 'refid=(?<refid>\\w+)&pesan=SEDANG ANEH (?<tujuan>\\d+)', outcome: 'success' }),
  )
  const done = await bench('c', version)
  deepEqual([done.replies, done.changed, done.toSuccess, done.complete], [2, 1, 1, true])
  const [change] = done.changes
  deepEqual([change!.channel, change!.before], ['callback', 'unknown no_rule'])
  match(change!.after, /^success sn= cost=null balance=null ref=L1$/)
  equal(await switchOn('c', version, done.id), 'APPROVAL_NEEDED')
  equal(await switchOn('c', version, done.id, true), 'on')
})

test('parser: inbox: unread replies with drafts, until a rule reads them (PAH4)', async () => {
  await addSupplier('d')
  const said = 'SEDANG ANEH 082211112222 sisa saldo 12.500'
  unread.note({ supplier: 'd', channel: 'reply', text: said })
  unread.note({ supplier: 'd', channel: 'reply', text: said.replace('12.500', '9.000') })
  unread.note({ supplier: 'd', channel: 'reply', text: 'entah' })
  await report('d', 'tanpa=nama', 'garbled: no_rule')
  const rows = async () =>
    okOf<'parser.inbox'>(await call('parser.inbox', { supplier: 'd', limit: 10 }))
  const [first, ...others] = await rows()
  deepEqual([first!.count, first!.channel, others.length], [2, 'reply', 2])
  match(String(first!.draft['regex']), /\(\?<tujuan>/)
  const { version, findings } = await save('d', first!.draft)
  deepEqual(findings, [])
  equal(await switchOn('d', version, (await bench('d', version)).id), 'on')
  deepEqual(
    (await rows()).map(({ sample }) => sample),
    ['entah', 'tanpa=nama'],
  )
})

test('parser: directory: rules and templates are in use once they are switched on (PAN1)', async t => {
  await addSupplier('e')
  await addSupplier('g', 'generic', { kunci: 'rahasia' })
  const listeners = new Set<Listener>()
  const changes = {
    subscribe: (listener: Listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
  const directory = await makeDirectory({ db, seal, changes, adapters, testing: true })
  t.after(() => directory.stop())
  equal(directory.get('g'), undefined)
  match(directory.health().reason!, /g: no request template yet/)
  const asked = { ref: 'L1-1', sku: 'S5', dest: '0812', maxPrice: 1, testing: true }
  const read = () => {
    const { adapter, credentials } = directory.get('e')!
    const answer = { kind: 'answer', status: 200, body: 'SEDANG ANEH 0812', ms: 1 } as never
    return adapter.read(answer, asked, 'purchase', credentials).outcome
  }
  equal(read(), 'unknown')
  const { version } = await save('e', rule())
  equal(await switchOn('e', version, (await bench('e', version)).id), 'on')
  const template = {
    card: {
      ...{ recheck: 'repeat_purchase', recheckAfterMs: 60_000, recheckWithinMs: 3_600_000 },
      clientReference: true,
    },
    purchase: { method: 'GET', path: '/beli/{ref}', query: { kunci: '{cred.kunci}' } },
    reply: { by: 'rules' },
  }
  const put = (code: string, given: unknown) =>
    call('parser.template', { supplier: code, template: given, by: 'budi' })
  const saved = await put('g', template)
  equal('ok' in saved && saved.ok.version, 1)
  for (const tables of ['parser_activation', 'supplier_template']) {
    const change: Change = { table: tables, key: null }
    for (const listener of listeners) listener.change(change)
  }
  await directory.reload()
  equal(read(), 'pending')
  const { adapter, credentials } = directory.get('g')!
  equal(adapter.purchase(asked, credentials).path, '/beli/L1-1?kunci=rahasia')
  const noDigit = await put('g', { ...template, purchase: { method: 'GET', path: '/{apa}' } })
  ok('refused' in noDigit && noDigit.refused === 'RULES_INVALID')
  equal('refused' in (await put('e', template)), true)
})

test('parser: a template: checked whole, kept in versions (PAH5)', async () => {
  const answer = await call('parser.template', { supplier: 'g', template: {}, by: 'budi' })
  ok('refused' in answer)
  match(JSON.stringify(answer.details), /card|purchase/)
})

test('parser: a price list alone: for who speaks OtomaX, and for nobody else (PAH5, RSN1)', async () => {
  const put = (supplier: string, template: object) =>
    call('parser.template', { supplier, template, by: 'budi' })
  const priceList = {
    request: { method: 'GET', path: '/pricelist' },
    reply: { by: 'json', sku: 'kode', cost: 'harga' },
  }
  ok('ok' in (await put('e', { priceList })))
  const elsewhere = await put('g', { priceList })
  equal('refused' in elsewhere && elsewhere.refused, 'NOT_FOUND')
  const bad = await put('e', {
    priceList: { ...priceList, request: { method: 'GET', path: '/{sku}' } },
  })
  equal('refused' in bad && bad.refused, 'RULES_INVALID')
})

test('parser: words for bills alone: for who speaks OtomaX (PAH5, PLA2)', async () => {
  const put = (template: object) => call('parser.template', { supplier: 'e', template, by: 'budi' })
  ok('ok' in (await put({ bills: { inquiry: 'INQ', pay: 'PAY' } })))
  const same = await put({ bills: { inquiry: 'PLN', pay: 'pln' } })
  equal('refused' in same && same.refused, 'RULES_INVALID')
})

test('parser: stored replies: what was said about this supplier’s attempts (PAP1)', async t => {
  const scene = await sceneAt(t, { url, shop: { answer: pending } })
  const userId = await scene.user(1)
  const placed = await scene.call('order.place', {
    ...{ userId, level: 0, ref: 'r1', product: 'XLD10', destination: '087800001111' },
  })
  ok('ok' in placed)
  const { trxId } = placed.ok.order
  const replies = async (supplier: string) => {
    const found = []
    for await (const page of storedReplies(url, supplier)) found.push(...page)
    return found
  }
  let found = await replies('digi')
  while (found.length === 0) found = await replies('digi')
  const [first] = found
  equal(first!.channel, 'reply')
  equal(first!.where, trxId)
  equal(first!.asked!.dest, '087800001111')
  match(first!.text, /"status":"Pending"/)
  deepEqual(await replies('diva'), [])
  ok(keyOf(trxId) !== '' && shardOf(trxId) >= 0)
})

test('parser: stored replies: forged reports are left out (PAP2)', async () => {
  const texts = []
  for await (const page of storedReplies(url, 'c')) texts.push(...page.map(({ text }) => text))
  deepEqual(texts, ['refid=L1&pesan=SEDANG ANEH 0812', 'refid=L1&pesan=lain'])
})

test('parser: trying out: which rules match, what it means, and a draft (PAH1)', async () => {
  const tried = await call('parser.test', { rules: [rule()], sample: 'SEDANG ANEH 0812' })
  ok('ok' in tried)
  const [reply, status] = tried.ok.channels
  deepEqual([reply!.matches, reply!.fields], [['aneh'], { dest: '0812' }])
  deepEqual(status!.matches, [])
})
