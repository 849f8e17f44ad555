import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, type TestContext, test } from 'node:test'
import { by, okOf, sceneAt, t1, t2 } from '../../services/soundbox/device.fixture.ts'
import { openDatabase } from '../../sql/database.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { prepareDemoDevices } from './device.ts'

const databases: TestDatabase[] = []
after(() => Promise.all(databases.map(one => one.drop())))

async function newUrl(): Promise<string> {
  const database = await testDatabase()
  databases.push(database)
  return database.url
}

async function demoAt(t: TestContext) {
  const scene = await sceneAt(t, await newUrl())
  const dataDir = mkdtempSync(join(tmpdir(), 'laju-demo-device-'))
  const db = await openDatabase(scene.url)
  t.after(async () => {
    await db.end()
    rmSync(dataDir, { recursive: true })
  })
  const prepare = () =>
    prepareDemoDevices({ db, call: scene.call, dataDir }, { terminalId: t1, staticTerminalId: t2 })
  const shown = (name = 'device') =>
    JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8'))[name]
  const login = ({ id, secret }: { id: string; secret: string }) =>
    scene.call('device.login', { deviceId: id, secret, address: '' })
  return { ...scene, dataDir, prepare, shown, login }
}

test('demo device: made once, bound to the till, and named in demo.json (DVJ1, DVJ2)', async t => {
  const demo = await demoAt(t)
  const first = await demo.prepare()
  deepEqual(demo.shown(), first)
  equal(okOf(await demo.login(first)).terminalId, t1)
  deepEqual(await demo.prepare(), first)
  okOf(await demo.call('device.unbind', { deviceId: first.id, by }))
  await demo.prepare()
  equal(okOf(await demo.call('device.get', { deviceId: first.id })).binding, null)
})

test('demo device: the printed QR: has a box of its own, or keeps the one it has (DVJ1, DVJ2)', async t => {
  const demo = await demoAt(t)
  await demo.prepare()
  const printed = demo.shown('printed_device')
  equal(okOf(await demo.login(printed)).terminalId, t2)
  await demo.prepare()
  deepEqual(demo.shown('printed_device'), printed)

  const model = { vendor: 'Owner', name: 'Own', acks: 'played', adapter: 'laju' } as const
  const other = await demoAt(t)
  const { device } = okOf(await other.call('device.provision', { model, by }))
  const { deviceId } = device
  okOf(await other.call('device.bind', { deviceId, terminalId: t2, swap: false, by }))
  await other.prepare()
  equal(okOf(await other.call('device.get', { deviceId })).binding?.terminalId, t2)
  equal('refused' in (await other.login(other.shown('printed_device'))), false)
})

test('demo device: a secret that was lost is replaced (DVJ2)', async t => {
  const demo = await demoAt(t)
  const first = await demo.prepare()
  rmSync(join(demo.dataDir, 'demo.json'))
  const second = await demo.prepare()
  equal(second.id, first.id)
  notEqual(second.secret, first.secret)
  okOf(await demo.login(demo.shown()))
})
