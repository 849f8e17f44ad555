import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ProductRow } from '../../services/contract/catalogue.ts'
import { keyCard, Stage, send } from '../scripted.fixture.ts'

const product = (price: number): ProductRow => ({
  ...{ code: 'XLD10', name: 'XL 10.000', category: 'Pulsa', brand: 'XL', type: 'prepaid' },
  ...{ price, open: true, multi: false, cutOffStart: '00:00', cutOffEnd: '00:00' },
})
let now = Date.now()
let caller = 'special'
let owners: readonly string[] | null = ['special']
const stage = await Stage.open(
  {
    'identity.key': () => keyCard({ userId: caller, level: 2 }),
    'catalogue.ownPrices': () => {
      if (owners === null) throw new Error('nobody there')
      return owners
    },
    'catalogue.products': ({ userId }) => [product(userId === undefined ? 10_500 : 10_100)],
  },
  { now: () => now, limits: { keyFreshMs: 0 } },
)
after(() => stage.close())

async function priceFor(userId: string): Promise<unknown> {
  caller = userId
  now += 10_000
  const timestamp = String(Math.floor(now / 1_000))
  const { body } = await send(stage, { path: '/api/v1/products', timestamp })
  return body['data']!['rows']![0]!['price']
}

test('own prices: the client with rules of its own, and everybody else (KAR1)', async () => {
  deepEqual([await priceFor('special'), await priceFor('plain')], [10_100, 10_500])
  deepEqual(stage.askedOf('catalogue.products'), [{ level: 2, userId: 'special' }, { level: 2 }])
})

test('own prices: nobody can say who has some: those who had keep theirs (KAR1)', async () => {
  owners = null
  equal(await priceFor('special'), 10_100)
  equal(await priceFor('plain'), 10_500)
})

test('own prices: very many of them: only the latest lists are kept (KAR1)', async () => {
  owners = Array.from({ length: 40 }, (_, n) => `own-${n}`)
  for (const userId of owners) equal(await priceFor(userId), 10_100)
  const asked = stage.askedOf('catalogue.products').length
  // A list that is kept serves while a fresh one is asked for; one that was forgotten is asked for.
  caller = 'own-39'
  const timestamp = String(Math.floor(now / 1_000))
  await send(stage, { path: '/api/v1/products', timestamp })
  equal(stage.askedOf('catalogue.products').length, asked)
  caller = 'own-0'
  await send(stage, { path: '/api/v1/products', timestamp })
  equal(stage.askedOf('catalogue.products').length, asked + 1)
})
