import { equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { sceneAt, until } from '../engine-room.fixture.ts'

const database = await testDatabase()
after(() => database.drop())

test('orders: a supplier that counts requests: they wait in line, and all are sold (EP1)', async t => {
  const at = await sceneAt(t, { url: database.url, ratePerMin: 60 })
  const userId = await at.user(1)
  const order = (n: number) => ({
    ...{ userId, level: 0, product: 'XLD10', ref: `R-${n}` },
    destination: `08781234000${n}`,
  })
  const trxIds: string[] = []
  for (let n = 0; n < 4; n++) {
    const placed = await at.call('order.place', order(n))
    ok('ok' in placed, JSON.stringify(placed))
    trxIds.push(placed.ok.order.trxId)
  }
  const statuses = async () => {
    const answers = await Promise.all(trxIds.map(trxId => at.call('order.get', { userId, trxId })))
    return answers.map(answer => 'ok' in answer && answer.ok.status)
  }
  for (let sold = 1; sold <= 4; sold++) {
    const seen = await until(statuses, all => all.filter(one => one === 'SUCCESS').length === sold)
    equal(seen.filter(one => one === 'PROCESSING').length, 4 - sold)
    equal(at.asked.length, sold)
    at.clock.ms += 1_000
  }
  equal(at.room.engine.host.outbox.waiting, 0)
})
