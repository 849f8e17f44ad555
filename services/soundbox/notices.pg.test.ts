import { deepEqual, ok } from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../deploy/testing/database.ts'
import { verify } from '../../deploy/verify/verify.ts'
import { decode, type JournalRecord } from '../../engine/record.ts'
import { openDatabase, sql, z } from '../../sql/database.ts'
import { until } from '../engine-room.fixture.ts'
import { boxAt, type Scene, sceneAt } from './device.fixture.ts'

const databases: (() => Promise<void>)[] = []
after(() => Promise.all(databases.map(drop => drop())))

async function newUrl(): Promise<string> {
  const database = await testDatabase()
  databases.push(database.drop)
  return database.url
}

async function linesOf(url: string, id: string): Promise<readonly JournalRecord[]> {
  const { pool, end } = await openDatabase(url)
  try {
    const bodies = await pool.anyFirst(sql.type(z.object({ body: z.string() }))`
      select body from journal order by shard, seq`)
    return bodies.map(decode).filter(record => record.id === id)
  } finally {
    await end()
  }
}

const commandsOf = (lines: readonly JournalRecord[]) => lines.map(({ command }) => command)

const heard = (scene: Scene, deviceId: string) =>
  scene.line.door.uplink({
    ...{ deviceId, session: `s${deviceId}`, at: scene.clock.ms, topic: 'ack' },
    payload: { message_id: 'm1', status: 'played' },
  })

test('notices: the word of a box answers the notice of the payment, too (DVQ1)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  const id = await scene.pay(deviceId, 1)
  await until(
    () => scene.line.devices.get(deviceId)?.waiting,
    waiting => waiting === 1,
  )
  await heard(scene, deviceId)
  await until(
    () => linesOf(scene.url, deviceId),
    lines => commandsOf(lines).at(-1) === 'proved',
  )
  const lines = await linesOf(scene.url, id)
  deepEqual(commandsOf(lines), ['create', 'pay', 'prove'])
  ok(lines.at(-1)?.cause?.startsWith(`${id}/`), 'it answers an effect of the payment')
  // A second reading of the journal agrees; nobody keeps read models here, so those are behind.
  await scene.stop()
  const { problems } = await verify({ url: scene.url })
  deepEqual(
    problems.filter(({ name }) => !/projection|view|mutation/.test(name)),
    [],
  )
})

test('notices: after a crash: handed over again, and answered at once (DVQ2)', async t => {
  const scene = await sceneAt(t, await newUrl())
  const { deviceId } = await boxAt(scene)
  const id = await scene.pay(deviceId, 1)
  await until(
    () => scene.line.devices.get(deviceId)?.waiting,
    waiting => waiting === 1,
  )
  await scene.stop()

  const again = await sceneAt(t, scene.url, scene.clock.ms)
  await until(
    () => linesOf(scene.url, id),
    lines => commandsOf(lines).at(-1) === 'noticed',
  )
  await heard(again, deviceId)
  await until(
    () => linesOf(scene.url, deviceId),
    lines => commandsOf(lines).at(-1) === 'proved',
  )
  const lines = await linesOf(scene.url, id)
  deepEqual(commandsOf(lines), ['create', 'pay', 'noticed', 'prove'])
})
