import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import { until } from '../../services/engine-room.fixture.ts'
import { enrol } from '../../services/identity/enrol.ts'
import { makeSeal, newMasterKey } from '../../services/seal.ts'
import { listActivity } from '../../sql/people/activity.ts'
import { testDatabase } from '../testing/database.ts'
import { counterAt, okOf, refusedOf, shards } from './deposit.fixture.ts'

const database = await testDatabase()
after(() => database.drop())

test('deposit: what its user did: made, given up, had at once, each once (GWJ7)', async t => {
  const at = await counterAt(t, database.url)
  const deps = { db: at.db, seal: makeSeal(newMasterKey()), shards }
  const { userId } = await enrol(deps, { name: 'Sari', role: 'consumer' })
  const wish = { userId, amount: 20_000, method: 'qris_atlantic', address: '10.0.x.x' }
  const create = async (ref: string) => okOf(await at.call('intent.create', { ...wish, ref }))

  const first = await create('satu')
  equal((await create('satu')).intentId, first.intentId)
  const refused = await at.call('intent.create', { ...wish, method: 'emas', ref: 'emas' })
  equal(refusedOf(refused), 'METHOD_UNKNOWN')
  const asked = { userId, id: first.intentId, address: '10.0.x.x' }
  for (let n = 0; n < 2; n++) await at.call('intent.cancel', asked)

  const second = await create('dua')
  await at.oracle('pay', { deposit_id: second.depositId, processing: true })
  await until(
    async () => okOf(await at.call('intent.get', { userId, id: second.intentId })),
    ({ status }) => status === 'processing',
  )
  const drawing = { userId, id: second.intentId, address: '10.0.x.x' }
  const quoted = okOf(await at.call('intent.instant', { ...drawing, action: 'quote' }))
  for (let n = 0; n < 2; n++) okOf(await at.call('intent.instant', { ...drawing, action: 'take' }))

  const rows = await listActivity(at.db.pool, { userId, what: null, before: null, limit: 10 })
  const made = { method: 'qris_atlantic', amount: 20_000 }
  const { fee, received } = quoted
  deepEqual(
    rows.toReversed().map(({ what, address, details }) => [what, address, details]),
    [
      ['deposit.created', '10.0.x.x', { deposit: first.intentId, ...made }],
      ['deposit.cancelled', '10.0.x.x', { deposit: first.intentId }],
      ['deposit.created', '10.0.x.x', { deposit: second.intentId, ...made }],
      ['deposit.drawn', '10.0.x.x', { deposit: second.intentId, fee, received }],
    ],
  )
  deepEqual(at.errors, [])
})
