import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { freePort } from '../../services/wire/free-port.fixture.ts'
import { openDatabase, sql } from '../../sql/database.ts'
import type { Json, Reseller } from '../e2e/reseller.ts'
import { atRest, type Ended, type Engine, Stage } from '../e2e/stage.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'

let stage: Stage
let database: TestDatabase
let engine: Engine
let env: Record<string, string>

before(async () => {
  database = await testDatabase()
  stage = new Stage()
  await stage.startSandbox()
  env = { DATABASE_URL: database.tcpUrl, SHARDS: '8' }
  engine = await stage.start({ env })
})
after(async () => {
  await stage.close()
  await database.drop()
})

const cli = (...args: string[]): Promise<Ended> => stage.cli(args, { env })

/** Nothing but JSON on stdout, one line of it. */
async function json(...args: string[]): Promise<{ code: number | null; told: Json }> {
  const { code, stdout } = await cli(...args, '--json')
  match(stdout, /^[^\n]+\n$/)
  return { code, told: JSON.parse(stdout) }
}

test('command line: users: made, rotated, suspended, with JSON and nothing else (DC1, DC2)', async () => {
  const made = await json('user', 'create', '--name', 'Ani', '--deposit', '50000')
  equal(made.code, 0)
  const [keys] = made.told as unknown as Json[]
  ok(keys?.['username'] && keys['hmac_secret'] && keys['api_key'])
  const username = String(keys['username'])

  const rotated = await json('user', 'rotate', '--username', username)
  equal(rotated.code, 0)
  ok(rotated.told['hmac_secret'] !== keys['hmac_secret'])
  equal(typeof rotated.told['api_key'], 'string')
  const renewed = await json('user', 'login', '--username', username)
  deepEqual([renewed.code, renewed.told['member_id']], [0, keys['member_id']])
  ok(renewed.told['password'] !== keys['password'])
  match(String(renewed.told['pin']), /^\d{6}$/)
  for (const verb of ['suspend', 'activate']) {
    const { code, told } = await json('user', verb, '--username', username)
    equal(code, 0)
    match(String(told['sentence']), new RegExp(`^${username} is now `))
  }
  const closed = await json('user', 'close', '--username', username)
  deepEqual([closed.code, closed.told['refused']], [1, 'CLIENT_HAS_MONEY'])
  equal((await json('migrate')).code, 0)
  equal((await json('rebuild')).told['done'], true)
  deepEqual((await json('closing')).told, { days: [], doubts: [] })
  const spoken = await cli('migrate')
  deepEqual([spoken.code, spoken.stdout], [0, 'Database is up to date.\n'])
})

test('command line: people of the desk: made once, and let in with what was shown (DC1)', async () => {
  const email = 'ani@laju.test'
  const made = await json('person', 'create', '--email', email, '--name', 'Ani', '--role', 'ops')
  deepEqual([made.code, made.told['role'], made.told['merchant_id']], [0, 'ops', null])
  const login = async (password: unknown) => {
    const answer = await fetch(`${engine.http}/admin/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    })
    return [answer.status, ((await answer.json()) as Json)['role'] ?? null]
  }
  deepEqual(await login(made.told['password']), [200, 'ops'])
  const again = await json('person', 'create', '--email', email, '--name', 'Ani', '--role', 'ops')
  deepEqual([again.code, again.told['refused']], [1, 'ALREADY_EXISTS'])
  const fresh = await json('person', 'rotate', '--email', email)
  deepEqual(await login(made.told['password']), [401, null])
  deepEqual(await login(fresh.told['password']), [200, 'ops'])
  const odd = await cli('person', 'create', '--email', email, '--name', 'A', '--role', 'king')
  equal(odd.code, 2)
})

test('command line: a deposit: paid once under its reference, or refused with 1 (DC1)', async () => {
  const [shop] = (await stage.resellers(engine, { count: 2, deposit: 10_000 }, { env })) as [
    Reseller,
  ]
  const { username } = shop.keys
  const pay = (...more: string[]) =>
    cli('deposit', '--username', username, '--ref', 'cash-1', ...more)
  equal((await pay('--amount', '7000')).code, 0)
  equal((await pay('--amount', '7000')).code, 0)
  equal((await shop.balance())['available'], 17_000)
  const other = await pay('--amount', '8000')
  equal(other.code, 1)
  equal(JSON.parse(other.stdout).refused, 'DUPLICATE_REF')
  equal((await shop.balance())['available'], 17_000)
})

test('command line: an order that is not there: 1, and why (DC1)', async () => {
  const verdict = ['--verdict', 'failed', '--reason', 'called them']
  const { code, stdout } = await cli(
    'order',
    'resolve',
    '01a1fb59-1d36-7003-a924-4c3f336078df',
    ...verdict,
  )
  equal(code, 1)
  equal(JSON.parse(stdout).refused, 'NOT_FOUND')
})

test('command line: misused: 2, said on stderr without a stack, nothing on stdout (DC1, DC3, DC5)', async () => {
  const misuses: readonly (readonly [args: readonly string[], said: RegExp])[] = [
    [[], /npm run laju -- <verb>/],
    [['dance'], /npm run laju -- <verb>/],
    [['user'], /npm run laju -- <verb>/],
    [['user', 'dance'], /npm run laju -- <verb>/],
    [['constructor'], /npm run laju -- <verb>/],
    [['verify', '--loudly'], /Unknown option '--loudly'/],
    [['user', 'create', '--name'], /--name/],
    [['migrate', 'extra'], /migrate takes no "extra"\./],
    [['export', 'journal', 'orders'], /export takes no "orders"\./],
    [['order', 'hold', 'x', 'y', '--reason', 'r'], /order hold takes no "y"\./],
    [['device', 'acl-check', 'a', 'b'], /device acl-check takes no "b"\./],
    [['user', 'create', '--level', '99'], /--level is 0 to 9, not 99\./],
    [['user', 'create', '--count', 'many'], /--count must be a whole number, not many\./],
    [['user', 'suspend'], /--username is missing\./],
    [['person', 'totp'], /person totp takes --email\./],
    [['user', 'suspend', '--username', 'nobody'], /There is no user nobody\./],
    [
      ['deposit', '--username', 'nobody', '--amount', '5', '--ref', 'r'],
      /There is no user nobody\./,
    ],
    ...['1', '2026-02-31', '2026-01-31T00:00:00', 'kemarin'].map(
      time => [['export', 'orders', '--from', time], /--from is a day such as/] as const,
    ),
    [['export', 'journal', '--username', 'nobody'], /The journal knows no clients/],
    [['order', 'resolve'], /are all needed\./],
    [
      ['order', 'resolve', 'x', '--verdict', 'maybe', '--reason', 'r'],
      /--verdict maybe is none of success/,
    ],
  ]
  for (const [args, said] of misuses) {
    const { code, stdout, stderr } = await cli(...args)
    deepEqual([code, stdout], [2, ''], args.join(' '))
    match(stderr, said)
    equal(/^\s+at /m.test(stderr), false, stderr)
  }
  const help = await cli('--help')
  deepEqual([help.code, help.stdout], [0, ''])
})

test('command line: nothing to work on: 2, and what to do about it (DC1)', async () => {
  const closed = `postgres://laju@127.0.0.1:${await freePort()}/laju`
  for (const [other, said] of [
    [{ DATABASE_URL: closed }, /^Can't reach the database at .*\.$/],
    [{ SHARDS: 'many' }, /^SHARDS is "many" but must be a whole number from 1 to 4096: .*\.$/],
  ] as const) {
    const { code, stdout, stderr } = await stage.cli(['verify'], { env: { ...env, ...other } })
    deepEqual([code, stdout], [2, ''])
    match(stderr.trim(), said)
  }
})

test('command line: no engine: said within seconds, and what was asked is taken back (DC4)', async () => {
  const quiet = await testDatabase()
  try {
    const own = { ...env, DATABASE_URL: quiet.tcpUrl }
    const begun = Date.now()
    const { code, stdout, stderr } = await stage.cli(['rebuild'], { env: own })
    deepEqual([code, stdout], [2, ''])
    match(stderr, /^No engine runs on this database, so nothing was done: .+ ask again\.$/m)
    ok(Date.now() - begun < 40_000)
    const db = await openDatabase(quiet.tcpUrl)
    deepEqual(await db.pool.any(sql.unsafe`select id from control`), [])
    await db.end()
  } finally {
    await quiet.drop()
  }
})

test('command line: verify: 0 while all is well, 1 when a line was changed (DC1, DC2)', async () => {
  await atRest(engine.http)
  const well = await json('verify')
  deepEqual([well.code, well.told['ok']], [0, true])
  const { url } = database
  const [line] = await stage.sql<{ shard: number; seq: string }>(
    'select shard, seq from journal order by shard, seq limit 1',
    [],
    url,
  )
  const place = [line!.shard, line!.seq]
  const change = `update journal set body = body || ' ' where shard = $1 and seq = $2`
  await stage.sql(change, place, url)
  const spoilt = await json('verify')
  deepEqual([spoilt.code, spoilt.told['ok']], [1, false])
  equal((await cli('verify')).code, 1)
  await stage.sql(`update journal set body = rtrim(body) where shard = $1 and seq = $2`, place, url)
  equal((await cli('verify')).code, 0)
})

test('command line: devices: provisioned and rotated, the secret told once (DC1, DC2)', async () => {
  const model = ['--vendor', 'Laju', '--name', 'V1', '--serial', 'SN-1']
  const made = await json('device', 'provision', ...model)
  equal(made.code, 0, JSON.stringify(made.told))
  const { device_id: deviceId, secret, generation } = made.told
  equal(generation, 1)
  match(String(secret), /^[\w-]{43}$/)
  const twin = await json('device', 'provision', ...model)
  deepEqual([twin.code, twin.told['refused']], [1, 'ALREADY_EXISTS'])
  const rotated = await json('device', 'rotate', '--device', String(deviceId), '--grace', '60')
  deepEqual([rotated.code, rotated.told['generation']], [0, 2])
  ok(rotated.told['secret'] !== secret)
  equal((await cli('device', 'rotate')).code, 2)
})

test('command line: acl-check: a file that lets a box read the street ends with 1 (DC1)', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'laju-acl-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'acl')
  const own = 'pattern write devices/%u/uplink/#\npattern read devices/%u/downlink/#\n'
  writeFileSync(file, own)
  equal((await cli('device', 'acl-check', file)).code, 0)
  writeFileSync(file, `${own}pattern read devices/+/downlink/#\n`)
  const bad = await cli('device', 'acl-check', file)
  equal(bad.code, 1)
  match(bad.stdout, /^line 3: names no owner/)
  equal((await cli('device', 'acl-check', join(folder, 'none'))).code, 2)
})
