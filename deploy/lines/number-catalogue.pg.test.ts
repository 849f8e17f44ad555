/** Suppliers of numbers kept in the table, their catalogue from the sandbox, kept and quoted. */

import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { ServiceBroker } from 'moleculer'
import type { Answer } from '../../services/contract/answer.ts'
import type { NumberSupplierWish } from '../../services/contract/number-supplier.ts'
import type { Call } from '../../services/contract.ts'
import { until } from '../../services/engine-room.fixture.ts'
import {
  type CatalogueDeps,
  makeNumberCatalogue,
  staleAfterMs,
  unsoldAfterMs,
} from '../../services/number/catalogue.ts'
import { numberNamesService, openNames } from '../../services/number/names.service.ts'
import type { Quoted } from '../../services/number/number.service.ts'
import type { Catalogued, NumberKind, Offer } from '../../services/number/supplier/adapter.ts'
import { handlerApi } from '../../services/number/supplier/handler-api.ts'
import { numberKinds } from '../../services/number/supplier/kinds.ts'
import { numberSupplierService } from '../../services/number/supplier.service.ts'
import { makeNumberSuppliers } from '../../services/number/suppliers.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { followChanges } from '../../sql/changes.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { openSandbox } from '../sandbox/server.ts'
import { testDatabase } from '../testing/database.ts'

const okOf = <T>(answer: Answer<T>): T => {
  ok('ok' in answer, JSON.stringify(answer))
  return answer.ok
}
const so = (ask: () => Promise<boolean> | boolean) => until(ask, answer => answer)
const noTerms = { cancelAfterMs: null, lifeMs: null, pollMs: null, resends: null }
const anyone = { userId: null, level: 1 }
const wish = { level: 1, serviceId: 'whatsapp', countryId: 'indonesia', operatorId: 'any' }

/** A supplier that answers for its catalogue as it is told to. */
const script: { told: (() => Promise<Catalogued | null>) | null } = { told: null }
const scripted: NumberKind = {
  card: { ...handlerApi.card, name: 'scripted' },
  open: config => ({
    ...handlerApi.open(config),
    catalogue: () => script.told?.() ?? Promise.resolve(null),
  }),
}
const kinds = new Map([...numberKinds, ['scripted', scripted]])
const offerOf = (service: string, country: string, more: Partial<Offer> = {}): Offer => ({
  ...{ service, serviceName: service, country, countryName: country },
  ...{ theirService: `t-${service}`, theirCountry: `t-${country}`, offer: `${service}/${country}` },
  operators: [{ id: 'any', name: 'Semua operator', theirs: '' }],
  ...{ cost: 1_000, stock: 5, successRate: null, ...more },
})
const whole = { services: [], countries: [] }

async function stage(t: TestContext) {
  const sandbox = (await openSandbox({ port: 0 }))!
  for (const name of ['handler_api', 'rumahotp', 'handler_api2']) {
    const party = sandbox.parties.get(name)!
    party.openAccount({ username: 'toko', api_key: 'kunci-toko', balance: 500_000 })
  }
  const faults = async (party: string, more: object = {}) => {
    const body = JSON.stringify({ party, latency: 0, ...more })
    await fetch(`${sandbox.url}/_sandbox/faults`, { method: 'POST', body })
  }
  for (const name of ['handler_api', 'rumahotp', 'handler_api2']) await faults(name)
  const database = await testDatabase()
  const db = await openDatabase(database.url)
  const changes = await followChanges(database.url)
  const seal = makeSeal(newMasterKey())
  const denied = new Set<string>()
  const errors: unknown[] = []
  const clock = { ms: Date.now() }
  const enginePart = { isOwner: true }

  async function open() {
    const suppliers = await makeNumberSuppliers({ db, seal, changes, kinds })
    const kept = await openNames({ db, changes })
    const deps: CatalogueDeps = {
      ...{ db, suppliers, denies: id => denied.has(id), now: () => clock.ms },
      price: (level, _service, _country, operator, cost) =>
        cost + level * 1_000 + (operator === 'any' ? 0 : 500),
      isOwner: () => enginePart.isOwner,
      names: kept.names,
      onError: cause => errors.push(cause),
    }
    const catalogue = makeNumberCatalogue(deps)
    const broker = new ServiceBroker({ logger: false })
    const service = numberSupplierService({ db, seal, suppliers, catalogue, kinds })
    broker.createService(service)
    broker.createService(numberNamesService({ db, kept, words: catalogue.words }))
    kept.listen(catalogue.renamed)
    await broker.start()
    await catalogue.start()
    const call: Call = (action, params) => broker.call(action, params) as never
    const stop = async () => {
      await broker.stop()
      await catalogue.stop()
      await suppliers.stop()
      kept.stop()
    }
    return { suppliers, catalogue, call, stop }
  }

  const first = await open()
  t.after(async () => {
    await first.stop()
    await changes.stop()
    await db.end()
    await database.drop()
    await sandbox.close()
  })
  const wishOf = (code: string, more: Partial<NumberSupplierWish> = {}): NumberSupplierWish => ({
    ...{ code, name: code, kind: code.replace(/\d$/, ''), unit: '1', active: true, version: 0 },
    ...{ baseUrl: `${sandbox.url}/${code}`, credentials: { api_key: 'kunci-toko' } },
    ...{ terms: noTerms, by: 'ani', reason: 'pemasok baru', ...more },
  })
  const put = (code: string, more?: Partial<NumberSupplierWish>) =>
    first.call('numberSupplier.put', wishOf(code, more))
  const quoted = (more: object = {}, from = first): Quoted => {
    const quote = from.catalogue.quote({ ...wish, maxPrice: null, ...more })
    ok(!('refused' in quote), JSON.stringify(quote))
    return quote
  }
  const refusal = (more: object = {}) => {
    const quote = first.catalogue.quote({ ...wish, maxPrice: null, ...more })
    return 'refused' in quote ? quote.refused : quote
  }
  const refresh = async (code: string) => okOf(await first.call('numberSupplier.refresh', { code }))
  return {
    ...{ ...first, sandbox, faults, db, open, put, wishOf, quoted, refusal, refresh, denied },
    ...{ errors, clock, enginePart },
  }
}

test('suppliers: one made, tried, changed: in use when answered; secrets stay inside (NSS1, NSS3, NSS4)', async t => {
  const { put, call, suppliers, db } = await stage(t)
  equal(okOf(await put('handler_api')).version, 1)
  equal(okOf(await call('numberSupplier.test', { code: 'handler_api' })).balance, 500_000)
  const change = { version: 1, credentials: null, terms: { ...noTerms, pollMs: 9_000 } }
  equal(okOf(await put('handler_api', change)).version, 2)
  equal(suppliers.adapterOf('handler_api')?.card.pollMs, 9_000)
  equal(okOf(await call('numberSupplier.test', { code: 'handler_api' })).balance, 500_000)
  const list = okOf(await call('numberSupplier.list', {}))
  equal(JSON.stringify(list).includes('kunci-toko'), false)
  const [row] = list.suppliers
  deepEqual([row?.changedBy, row?.terms.pollMs, row?.problem], ['ani', 9_000, null])
  const kept = await db.pool.one(sql.type(z.object({ credentials: z.string() }))`
    select credentials from number_supplier`)
  match(kept.credentials, /^s1\./)
})

test('suppliers: what can not be: refused by its field, and nothing changes (NSS1, NSS2)', async t => {
  const { put, call, suppliers } = await stage(t)
  const field = async (more: Partial<NumberSupplierWish>) => {
    const answer = await put('handler_api', more)
    ok('refused' in answer)
    return answer.details?.['field'] ?? answer.refused
  }
  equal(await field({ code: 'Not A Code' }), 'code')
  equal(await field({ baseUrl: 'ftp://x' }), 'baseUrl')
  equal(await field({ baseUrl: 'http://user:pass@x' }), 'baseUrl')
  equal(await field({ unit: '1,5' }), 'unit')
  equal(await field({ unit: '0' }), 'unit')
  equal(await field({ kind: 'nobody' }), 'kind')
  equal(await field({ credentials: { other: 'x' } }), 'credentials')
  equal(await field({ credentials: null }), 'credentials')
  equal(await field({ terms: { ...noTerms, pollMs: 1 } }), 'terms.pollMs')
  equal(await field({ reason: ' ' }), 'reason')
  equal(await field({ version: 3 }), 'NOT_FOUND')
  equal(suppliers.all().length, 0)
  okOf(await put('handler_api'))
  equal(await field({}), 'ALREADY_EXISTS')
  equal(await field({ version: 1, kind: 'rumahotp' }), 'kind')
  okOf(await put('handler_api', { version: 1 }))
  equal(await field({ version: 1 }), 'STALE_VERSION')
  const unknown = await call('numberSupplier.test', { code: 'x' })
  equal('refused' in unknown && unknown.refused, 'NOT_FOUND')
})

test('suppliers: a row that can not be used: left out and said; the others served (NSG1, NSG4)', async t => {
  const { put, suppliers, db, call } = await stage(t)
  okOf(await put('handler_api'))
  const kept = suppliers.adapterOf('handler_api')
  await db.pool.query(sql.type(z.object({}))`
    insert into number_supplier (code, name, kind, base_url, credentials, changed_by, reason)
    values ('broken', 'x', 'handler_api', 'http://127.0.0.1', 's1.none.x', 'x', 'x'),
           ('nobody', 'x', 'nobody', 'http://127.0.0.1', 'x', 'x', 'x')`)
  await so(() => suppliers.all().length === 3)
  equal(suppliers.adapterOf('broken'), undefined)
  equal(suppliers.adapterOf('handler_api'), kept)
  const { ok: isWell, reason } = suppliers.health()
  equal(isWell, false)
  match(reason ?? '', /broken: its credentials do not open; nobody: there is no kind nobody/)
  const { suppliers: rows } = okOf(await call('numberSupplier.list', {}))
  equal(rows.find(one => one.code === 'handler_api')?.problem, null)
})

test('suppliers: one that is inactive, with terms of its own: still answers, sells nothing (NSG2, NSG3)', async t => {
  const { put, refresh, suppliers, quoted, refusal } = await stage(t)
  okOf(await put('handler_api'))
  await refresh('handler_api')
  const { terms } = quoted()
  equal(terms.cancelAfterMs, 120_000)
  const own = { ...noTerms, cancelAfterMs: 300_000, resends: false }
  okOf(await put('handler_api', { version: 1, terms: own }))
  deepEqual(quoted().terms, { ...terms, ...{ cancelAfterMs: 300_000, resends: false } })
  okOf(await put('handler_api', { version: 2, active: false }))
  await so(() => refusal() === 'SERVICE_UNKNOWN')
  equal(await suppliers.adapterOf('handler_api')?.balance(), 500_000)
})

test('catalogue: a new supplier: offered soon, with prices of the level (NSC3, NSC4)', async t => {
  const { put, catalogue, quoted, refusal, suppliers } = await stage(t)
  const first = { ...anyone, search: '', limit: 5, after: '' }
  deepEqual(okOf(await catalogue.services(first)), { services: [], next: null, asOf: null })
  equal(refusal(), 'SERVICE_UNKNOWN')
  okOf(await put('handler_api', { terms: { ...noTerms, lifeMs: 900_000 } }))
  await so(() => catalogue.standOf('handler_api').offers > 0)
  const page = okOf(await catalogue.services(first))
  equal(page.services.length, 5)
  ok(page.asOf !== null && page.asOf > 0)
  const more = { ...anyone, search: '', limit: 100, after: page.next! }
  const rest = okOf(await catalogue.services(more)).services
  equal(new Set([...page.services, ...rest].map(one => one.serviceId)).size, 5 + rest.length)
  const [found] = okOf(
    await catalogue.services({ ...anyone, search: ' whats', limit: 5, after: '' }),
  ).services
  const { countries } = okOf(await catalogue.countries({ ...anyone, serviceId: 'whatsapp' }))
  equal(found?.fromPrice, countries[0]?.price)
  const row = countries.find(one => one.countryId === 'indonesia')!
  deepEqual([row.stale, row.successRate], [false, null])
  const quote = quoted()
  deepEqual([quote.price, quote.cost + 1_000], [row.price, row.price])
  deepEqual(
    [quote.supplier, quote.terms.lifeMs, quote.serviceName],
    ['handler_api', 900_000, 'WhatsApp'],
  )
  equal(quoted({ level: 3 }).price, quote.cost + 3_000)
  const asked = { ...anyone, serviceId: 'whatsapp', countryId: 'indonesia' }
  const { operators } = okOf(await catalogue.operators(asked))
  deepEqual([operators[0]?.operatorId, operators[0]?.price], ['any', quote.price])
  equal(operators.find(one => one.operatorId === 'telkomsel')?.price, quote.price + 500)
  const purchase = await suppliers.adapterOf('handler_api')!.buy({
    ...{ offer: quoted({ operatorId: 'telkomsel' }).offer, maxCost: quote.cost, ref: 'o' },
  })
  equal(purchase.kind, 'bought')
})

test('catalogue: what can not be had: each with its reason (NSC2, NSC3)', async t => {
  const { put, catalogue, refresh, refusal, quoted, denied } = await stage(t)
  okOf(await put('handler_api'))
  await refresh('handler_api')
  equal(refusal({ serviceId: 'nobody' }), 'SERVICE_UNKNOWN')
  equal(refusal({ countryId: 'x' }), 'COUNTRY_UNKNOWN')
  equal(refusal({ operatorId: 'x' }), 'OPERATOR_UNKNOWN')
  equal(refusal({ maxPrice: 1_000 }), 'PRICE_ABOVE_MAX')
  equal(quoted({ maxPrice: quoted().price }).supplier, 'handler_api')
  equal(quoted({ serviceId: 'wa', countryId: '6' }).service, 'whatsapp')
  denied.add('whatsapp')
  equal(refusal(), 'SERVICE_BLOCKED')
  const { services } = okOf(
    await catalogue.services({ ...anyone, search: '', limit: 100, after: '' }),
  )
  equal(
    services.some(one => one.serviceId === 'whatsapp'),
    false,
  )
  const hidden = await catalogue.countries({ ...anyone, serviceId: 'whatsapp' })
  equal('refused' in hidden && hidden.refused, 'NOT_FOUND')
})

test('catalogue: several suppliers: the one with the cheapest code; within the limit (NSC3, NSC4, NSC5)', async t => {
  const { put, refresh, quoted, refusal, catalogue } = await stage(t)
  const names = ['handler_api', 'handler_api2', 'rumahotp'] as const
  const quotes: Record<string, Quoted> = {}
  for (const name of names) {
    okOf(await put(name))
    await refresh(name)
    quotes[name] = quoted()
    if (name !== 'rumahotp') {
      okOf(await put(name, { version: 1, active: false }))
      await so(() => refusal() === 'SERVICE_UNKNOWN')
    }
  }
  for (const name of names.slice(0, 2)) okOf(await put(name, { version: 2 }))
  await so(() => [...catalogue.priced()].length > 0 && quoted().supplier !== '')
  const { countries } = okOf(await catalogue.countries({ ...anyone, serviceId: 'whatsapp' }))
  const best = quoted()
  ok(best.chosen!.of >= 2 && best.chosen!.rate > 0)
  equal(countries.find(one => one.countryId === 'indonesia')?.price, best.price)
  const cheapest = Math.min(...Object.values(quotes).map(one => one.price))
  await so(() => quoted({ maxPrice: cheapest }).price === cheapest)
  equal(refusal({ maxPrice: cheapest - 1 }), 'PRICE_ABOVE_MAX')
})

test('catalogue: what could not be bought: others are taken until it was asked again (NSG5, NSO1, NSO2)', async t => {
  const { put, refresh, quoted, refusal, suppliers, faults, catalogue, sandbox } = await stage(t)
  okOf(await put('handler_api'))
  okOf(await put('rumahotp'))
  await refresh('handler_api')
  await refresh('rumahotp')
  const first = quoted()
  const { supplier } = first
  const adapter = suppliers.adapterOf(supplier)!
  const fail = async (more: object, wished: Quoted) => {
    await faults(supplier, more)
    const { offer, cost } = wished
    const told = await adapter.buy({ offer, maxCost: cost, ref: 'o' })
    await faults(supplier)
    return told.kind === 'unbought' ? told.code : told.kind
  }
  equal(await fail({ refuse: 1 }, first), 'NO_NUMBERS')
  const second = quoted()
  ok(second.offer !== first.offer)
  // The first may be one that was under way before.
  const refreshAnew = async () => {
    await refresh(supplier)
    await refresh(supplier)
  }
  await refreshAnew()
  deepEqual(quoted(), first)
  equal(await fail({ drained: true }, first), 'SUPPLIER_BALANCE')
  ok(quoted().supplier !== supplier)
  ok(quoted({ serviceId: 'telegram' }).supplier !== supplier)
  const other = supplier === 'rumahotp' ? 'handler_api' : 'rumahotp'
  okOf(await put(other, { version: 1, active: false }))
  await so(() => refusal() === 'NUMBER_SOLD_OUT')
  equal(refusal({ maxPrice: 1 }), 'NUMBER_SOLD_OUT')
  const { countries } = okOf(await catalogue.countries({ ...anyone, serviceId: 'whatsapp' }))
  deepEqual(countries, [])
  await refreshAnew()
  deepEqual({ ...quoted(), chosen: null }, { ...first, chosen: null })
  const party = sandbox.parties.get(supplier)!
  party.openAccount({ username: 'toko', api_key: 'kunci-toko', balance: first.cost - 1 })
  await refresh(supplier)
  equal(catalogue.standOf(supplier).balance, first.cost - 1)
  const now = catalogue.quote({ ...wish, maxPrice: null })
  ok('refused' in now ? now.refused === 'NUMBER_SOLD_OUT' : now.cost < first.cost)
  party.openAccount({ username: 'toko', api_key: 'kunci-toko', balance: first.cost })
  await refresh(supplier)
  equal(quoted().offer, first.offer)
})

test('catalogue: a supplier that is silent: what was known stays, stale, then unsold (NSC1, NOS2, NOS3)', async t => {
  const { put, refresh, faults, catalogue, clock, quoted, refusal } = await stage(t)
  okOf(await put('handler_api'))
  await refresh('handler_api')
  const before = quoted()
  await faults('handler_api', { http500: 1, mishaps_befall: ['price-list'] })
  clock.ms += staleAfterMs + 1_000
  const { refreshedAt } = await refresh('handler_api')
  equal(refreshedAt, clock.ms - staleAfterMs - 1_000)
  deepEqual(quoted(), before)
  const row = async () =>
    okOf(await catalogue.countries({ ...anyone, serviceId: 'whatsapp' })).countries.find(
      one => one.countryId === 'indonesia',
    )
  equal((await row())?.stale, true)
  equal(catalogue.health().ok, false)
  clock.ms += unsoldAfterMs
  equal(refusal(), 'CATALOGUE_STALE')
  equal(await row(), undefined)
  await faults('handler_api')
  await refresh('handler_api')
  equal((await row())?.stale, false)
  equal(catalogue.health().ok, true)
})

test('catalogue: a restart: what was known at once, with its age, nobody asked (NOS1)', async t => {
  const { put, refresh, open, quoted, faults, clock, enginePart, catalogue, sandbox } =
    await stage(t)
  okOf(await put('handler_api'))
  okOf(await put('rumahotp'))
  await refresh('handler_api')
  await refresh('rumahotp')
  const before = quoted()
  // Whatever the first began by itself is over before the clock goes on.
  await catalogue.stop()
  enginePart.isOwner = false
  for (const name of ['handler_api', 'rumahotp']) await faults(name, { reset: 1 })
  clock.ms += staleAfterMs + 1
  const second = await open()
  t.after(() => second.stop())
  deepEqual(quoted({}, second), before)
  const asked = { ...anyone, serviceId: 'whatsapp' }
  deepEqual(okOf(await second.catalogue.countries(asked)), okOf(await catalogue.countries(asked)))
  equal(okOf(await second.catalogue.countries(asked)).countries[0]?.stale, true)
  equal(sandbox.parties.get('handler_api')!.sales.size, 0)
})

test('catalogue: a new supplier that did not answer: asked again in no time, and alone (NOS4)', async t => {
  const { put, call, clock } = await stage(t)
  const standOf = async (code: string) =>
    okOf(await call('numberSupplier.list', {})).suppliers.find(row => row.code === code)!
  await put('handler_api')
  await so(async () => (await standOf('handler_api')).offers > 0)
  const { refreshedAt } = await standOf('handler_api')
  let asked = 0
  // From its first question on: nobody else is asked for this one's sake.
  script.told = async () => {
    if (++asked === 1) clock.ms += 1_000
    return asked < 3 ? null : { offers: [offerOf('wa', 'id')], missed: whole }
  }
  await put('scripted')
  await so(async () => (await standOf('scripted')).offers === 1)
  equal(asked, 3)
  equal((await standOf('handler_api')).refreshedAt, refreshedAt)
})

test('catalogue: a part not answered for: stays and grows old; what is gone is gone (NOS2)', async t => {
  const { put, refresh, catalogue, clock, quoted, refusal, open, enginePart } = await stage(t)
  const [wa, tg] = [offerOf('wa', 'id'), offerOf('tg', 'id')]
  const abroad = offerOf('wa', 'my', { cost: 900 })
  script.told = async () => ({ offers: [wa, tg, abroad, wa], missed: whole })
  okOf(await put('scripted'))
  await refresh('scripted')
  const at = (serviceId: string, countryId: string) => ({ serviceId, countryId })
  equal(quoted(at('wa', 'my')).cost, 900)
  const missed = { services: [], countries: ['t-my'] }
  script.told = async () => ({ offers: [{ ...wa, cost: 1_100 }], missed })
  clock.ms += staleAfterMs + 1
  await refresh('scripted')
  equal(quoted(at('wa', 'id')).cost, 1_100)
  equal(quoted(at('wa', 'my')).cost, 900)
  equal(refusal(at('tg', 'id')), 'SERVICE_UNKNOWN')
  const stale = async (from: Pick<typeof catalogue, 'countries'>) =>
    okOf(await from.countries({ ...anyone, serviceId: 'wa' })).countries.map(one => [
      ...[one.countryId, one.stale],
    ])
  const expected = [
    ['malaysia', true],
    ['indonesia', false],
  ]
  deepEqual(await stale(catalogue), expected)
  enginePart.isOwner = false
  const second = await open()
  t.after(() => second.stop())
  deepEqual(await stale(second.catalogue), expected)
})

test('catalogue: one thing under two words: one row, found by any name, each offer as it was (NSC6, NNB4)', async t => {
  const { put, refresh, catalogue, quoted, denied } = await stage(t)
  script.told = async () => ({
    offers: [
      offerOf('wa', 'amerika-serikat', { cost: 700, offer: 'a' }),
      offerOf('wa', 'id', { cost: 1_000_000, offer: 'b' }),
    ],
    missed: whole,
  })
  okOf(await put('scripted'))
  await refresh('scripted')
  const alone = quoted({ serviceId: 'wa', countryId: 'usa' })
  okOf(await put('handler_api'))
  await refresh('handler_api')
  for (const search of ['wa', 'WHATSAPP', 'whats-app']) {
    const asked = { ...anyone, search, limit: 5, after: '' }
    const [first, ...others] = okOf(await catalogue.services(asked)).services
    deepEqual([first?.serviceId, others], ['whatsapp', []], search)
  }
  const { countries } = okOf(await catalogue.countries({ ...anyone, serviceId: 'whatsapp' }))
  const row = countries.find(one => one.countryId === 'united-states')!
  deepEqual([row.name, row.english, row.price], ['Amerika Serikat', 'United States', 1_700])
  ok(row.also.includes('america'))
  equal(countries.filter(({ name }) => /Amerika|USA/.test(name)).length, 1)
  for (const countryId of ['usa', 'united-states', 'amerika-serikat', '187']) {
    const { country, offer, cost, price } = quoted({ countryId })
    deepEqual([country, offer, cost], ['united-states', alone.offer, 700], countryId)
    equal(price, alone.price)
  }
  // Whoever is dearer is there as well, with its own offer and price.
  const there = quoted({ countryId: 'indonesia' })
  deepEqual([there.supplier, there.chosen!.of], ['handler_api', 2])
  deepEqual(catalogue.idsOf({ serviceId: 'wa', countryId: 'nowhere' }), {
    ...{ service: 'whatsapp', country: 'nowhere' },
  })
  // A word that was denied stays denied, whoever else has it.
  denied.add('wa')
  equal('refused' in catalogue.quote({ ...wish, maxPrice: null }), true)
})

test('names: what staff says: of a version, in use at once, taken back (NNB1, NNB2, NNB3)', async t => {
  const { put, refresh, catalogue, call } = await stage(t)
  script.told = async () => ({
    offers: [offerOf('kedai', 'id'), offerOf('kedai-kopi', 'id', { cost: 900 })],
    missed: whole,
  })
  okOf(await put('scripted'))
  await refresh('scripted')
  const asked = { ...anyone, search: 'kedai', limit: 5, after: '' }
  const shown = async () =>
    okOf(await catalogue.services(asked)).services.map(({ serviceId, name }) => [serviceId, name])
  const list = async (more: object = {}) =>
    okOf(
      await call('numberNames.list', {
        ...{ kind: 'service', search: '', after: '', limit: 1, ...more },
      }),
    )
  const say = (id: string | null, version: number, name: string | null = null) =>
    call('numberNames.put', {
      ...{ kind: 'service', word: 'kedai-kopi', id, name, version },
      ...{ by: 'ani', reason: 'satu aplikasi' },
    })
  equal((await shown()).length, 2)
  const first = await list()
  deepEqual([first.rows[0]!.word, first.rows[0]!.by, first.next], ['kedai', 'supplier', 'kedai'])
  deepEqual((await list({ after: first.next! })).rows[0]!.suppliers, ['scripted'])
  const taken = await say(null, first.version)
  equal('refused' in taken && taken.refused, 'NOT_FOUND')

  const { version } = okOf(await say('kedai', first.version, 'Kedai Kita'))
  const late = await say('kedai', first.version)
  equal('refused' in late && late.refused, 'STALE_VERSION')
  await so(async () => (await shown()).length === 1)
  const [row] = (await list({ search: 'kopi' })).rows
  deepEqual([row!.id, row!.name, row!.by, row!.who], ['kedai', 'Kedai Kita', 'staff', 'ani'])
  okOf(await say(null, version))
  await so(async () => (await shown()).length === 2)
  deepEqual((await list({ search: 'kopi' })).rows[0]!.by, 'supplier')
  equal((await list({ kind: 'country' })).rows[0]!.id, 'indonesia')
})

test('catalogue: a supplier that hangs: asked once at a time, and holds up nobody (NOS3, NOS4)', async t => {
  const { put, refresh, call, catalogue, quoted } = await stage(t)
  const hanging = Promise.withResolvers<Catalogued | null>()
  let times = 0
  script.told = () => {
    times++
    return hanging.promise
  }
  okOf(await put('scripted'))
  await so(() => times > 0)
  okOf(await put('handler_api'))
  await so(() => catalogue.standOf('handler_api').offers > 0)
  const refreshed = call('numberSupplier.refresh', { code: 'scripted' })
  await refresh('handler_api')
  equal(quoted().supplier, 'handler_api')
  hanging.resolve({ offers: [offerOf('wa', 'id')], missed: whole })
  equal(okOf(await refreshed).offers, 1)
  equal(times, 1)
  equal(catalogue.health().ok, true)
})

test('catalogue: our own figures: weigh in the choice and are shown when they are enough (NSC3)', async t => {
  const { db, put, catalogue } = await stage(t)
  await db.pool.query(sql.type(z.object({}))`
    insert into number_view (id, seq, user_id, ref, phase, status, money_effect, is_open, service,
                             service_name, country, country_name, operator, operator_name, supplier,
                             their_id, price, cost, codes, dies_at, wait_until, placed_at,
                             updated_at)
    select gen_random_uuid(), n, gen_random_uuid(), n::text, 'refunded', 'refunded', 'refunded',
           false, 'whatsapp', 'WhatsApp', 'indonesia', 'Indonesia', 'any', 'Any', 'handler_api',
           n::text, 1, 1, case when n <= 15 then 1 else 0 end, now(), now(), now(), now()
      from generate_series(1, 30) as n`)
  okOf(await put('handler_api'))
  await so(async () => {
    const told = await catalogue.countries({ ...anyone, serviceId: 'whatsapp' })
    const rows = 'ok' in told ? told.ok.countries : []
    return rows.find(one => one.countryId === 'indonesia')?.successRate === 55
  })
  const { services } = okOf(
    await catalogue.services({ ...anyone, search: '', limit: 1, after: '' }),
  )
  equal(services[0]?.serviceId, 'whatsapp')
})
