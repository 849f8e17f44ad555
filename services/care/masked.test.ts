import { deepEqual, equal, ok } from 'node:assert/strict'
import { test } from 'node:test'
import type { Adapter } from '../supplier/adapter.ts'
import { adapters } from '../supplier/adapters.ts'
import { requestAgain } from './masked.ts'

const asked = {
  ...{ ref: 'L1-1', sku: 'xld10', dest: '087800000001', maxPrice: 10_500, testing: false },
}
/** Long and unlike anything else that stands in a request. */
const secretsOf = (adapter: Adapter, letter: string) =>
  Object.fromEntries(adapter.card.credentials.map(name => [name, `${name}-${letter.repeat(9)}`]))

test('masked: every kind of supplier: no credential and nothing made of one is shown (KLE1)', () => {
  let shown = 0
  for (const adapter of adapters.values()) {
    const name = adapter.card.name
    const [one, other] = ['x', 'y'].map(letter =>
      requestAgain({ adapter, credentials: secretsOf(adapter, letter) }, asked),
    )
    deepEqual(one, other, name)
    if (one == null) continue
    shown++
    ok(JSON.stringify(one).includes('***'), name)
    ok(`${one.path}${one.body}`.includes(asked.dest), name)
  }
  ok(shown >= 3, `${shown} kinds were shown`)
})

const adapterOf = (purchase: Adapter['purchase']): Adapter => ({
  ...adapters.get('digiflazz')!,
  purchase,
})
const credentials = { pin: '1234', key: 'k' }

test('masked: a path, headers and a body: word by word, the rest as it was (KLE1)', () => {
  const adapter = adapterOf(({ dest }, { pin, key }) => ({
    method: 'GET',
    path: `/trx/${key}?dest=${dest}&pin=${pin}&sign=${key}-${pin}`,
    headers: { Authorization: `Bearer ${key}`, Accept: 'text/plain' },
    body: `<m><pin>${pin}</pin><to>${dest}</to></m>`,
  }))
  deepEqual(requestAgain({ adapter, credentials }, asked), {
    method: 'GET',
    path: '/trx/***?dest=087800000001&pin=***&sign=***',
    headers: { Authorization: 'Bearer ***', Accept: 'text/plain' },
    body: '<m><pin>***</pin><to>087800000001</to></m>',
  })
})

test('masked: a text that falls apart differently, an adapter that trips: nothing shown (KLE1)', () => {
  const odd = adapterOf((_, { pin }) => ({
    method: 'GET',
    path: pin?.startsWith('a') ? '/a b/c' : '/b',
  }))
  equal(requestAgain({ adapter: odd, credentials }, asked)?.path, '***')
  const broken = adapterOf(() => {
    throw new Error('no key')
  })
  equal(requestAgain({ adapter: broken, credentials }, asked), null)
})
