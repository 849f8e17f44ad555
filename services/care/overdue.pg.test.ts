import { deepEqual, equal, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { Registry } from 'prom-client'
import { testDatabase } from '../../deploy/testing/database.ts'
import { pending, sceneAt, until } from '../engine-room.fixture.ts'
import { OverdueWatch, registerOverdue } from './overdue.ts'

const database = await testDatabase()
after(() => database.drop())

test('overdue: a line when more wait, again while any waits long, by the owner only (CRH1, CRH2, CRH3)', async t => {
  const scene = await sceneAt(t, { url: database.url, shop: { answer: pending } })
  const { call, db, clock, projector } = scene
  const userId = await scene.user(1)
  const said: { why: string; orders: number; more: number }[] = []
  const stand = { isOwner: true }
  const watch = new OverdueWatch({
    ...{ db, now: () => clock.ms, isOwner: () => stand.isOwner },
    alert: ({ oldest: _, ...words }) => said.push(words),
    onError: cause => {
      throw cause
    },
  })
  const wait = async (n: number) => {
    const wish = {
      userId,
      level: 0,
      ref: `r${n}`,
      product: 'XLD10',
      destination: `08781234123${n}`,
    }
    const placed = await call('order.place', wish)
    ok('ok' in placed)
    const { trxId } = placed.ok.order
    await call('order.hold', { trxId, by: 'cici', reason: 'look first' })
    await until(
      () => projector.idle,
      idle => idle,
    )
  }
  await watch.look()
  equal(said.length, 0)
  await wait(1)
  await wait(2)
  await watch.look()
  await watch.look()
  deepEqual(said, [{ why: 'HELD', orders: 2, more: 2 }])
  await wait(3)
  await watch.look()
  deepEqual(said.at(-1), { why: 'HELD', orders: 3, more: 1 })

  const registry = new Registry()
  registerOverdue(registry, watch)
  ok((await registry.metrics()).includes('laju_attention_reasons{reason="HELD"} 3'))

  // Held orders go on being asked about: past their deadline another reason may stand beside it.
  clock.ms += 5 * 3_600_000
  const ofHeld = () => said.filter(one => one.more === 0)
  await watch.look()
  equal(ofHeld().length > 0, true)
  const count = said.length
  stand.isOwner = false
  clock.ms += 5 * 3_600_000
  await watch.look()
  equal(said.length, count)
  deepEqual([...watch.reasons], [])
})
