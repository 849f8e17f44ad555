import { deepEqual, equal, notEqual } from 'node:assert/strict'
import { after, test } from 'node:test'
import { databasesOfFile } from '../../deploy/testing/database.ts'
import { writeInstallation } from '../../sql/installation.ts'
import { CallbackSecret } from './callback-secret.ts'
import { deskAt, okOf, refusedOf, seal } from './soundbox.fixture.ts'

const database = databasesOfFile(after)

const day = 86_400_000

test('callback secret: a new one: those of before go on until their time is over (SAE1, SAE2)', async t => {
  const { db, clock } = await deskAt(t, await database())
  const now = () => clock.ms
  const one = new CallbackSecret({ db, seal, now })
  const other = new CallbackSecret({ db, seal, now })
  const [[first], begun] = await Promise.all([one.good(), other.good()])
  deepEqual(begun, [first])
  const { secret: second } = okOf(await one.draw(60_000))
  clock.ms += 1_000
  deepEqual(await other.good(), [second, first])
  // Whoever lost that one and draws again has not locked out who signs with the first.
  const { secret: third } = okOf(await other.draw(60_000))
  deepEqual(await other.good(), [third, second, first])
  clock.ms += 59_000
  deepEqual(await one.good(), [third, second])
  clock.ms += 1_000
  deepEqual(await one.good(), [third])
})

test('callback secret: the same request: draws once, over a crash and for a week (SAE3)', async t => {
  const { db, clock } = await deskAt(t, await database())
  const now = () => clock.ms
  const one = new CallbackSecret({ db, seal, now })
  const [first] = await one.good()
  const { secret } = okOf(await one.draw(day, 'r-1'))
  notEqual(secret, first)
  const restarted = new CallbackSecret({ db, seal, now })
  equal(okOf(await restarted.draw(day, 'r-1')).secret, secret)
  deepEqual(await restarted.good(), [secret, first])

  const { secret: another } = okOf(await one.draw(day, 'r-2'))
  notEqual(another, secret)
  clock.ms += 7 * day
  equal(okOf(await restarted.draw(day, 'r-1')).secret, null)
  equal(okOf(await restarted.draw(day, 'r-2')).secret, another)
  deepEqual(await restarted.good(), [another])
})

test('callback secret: drawn by two at once: both are good; the same request: one (SAE4, SAE3)', async t => {
  const { db, clock } = await deskAt(t, await database())
  const now = () => clock.ms
  const [one, other] = [1, 2].map(() => new CallbackSecret({ db, seal, now }))
  const [first] = await one!.good()
  const drawn = (await Promise.all([one!.draw(day), other!.draw(day)])).map(okOf)
  clock.ms += 1_000
  const good = await one!.good()
  deepEqual(good.length, 3)
  deepEqual(good.toSorted(), [first, ...drawn.map(made => made.secret)].toSorted())
  const same = (await Promise.all([one!, other!].map(mine => mine.draw(day, 'r')))).map(okOf)
  equal(same[0]!.secret, same[1]!.secret)
  clock.ms += 1_000
  equal((await other!.good()).length, 4)
})

test('callback secret: drawn again and again: ten of before are good, the next is told to wait (SAE5)', async t => {
  const { db, clock } = await deskAt(t, await database())
  const secrets = new CallbackSecret({ db, seal, now: () => clock.ms })
  const [first] = await secrets.good()
  for (let n = 0; n < 10; n++) okOf(await secrets.draw(day, `r-${n}`))
  equal(refusedOf(await secrets.draw(day, 'r-10')), 'ASKED_TOO_OFTEN')
  equal((await secrets.good()).at(-1), first)
  okOf(await secrets.draw(day, 'r-9'))
  clock.ms += day
  okOf(await secrets.draw(day, 'r-10'))
})

test('callback secret: as an older version kept it: read, and the one before goes on (SAE1)', async t => {
  const { db, clock } = await deskAt(t, await database())
  const name = 'qris.callback'
  const put = (kept: object) =>
    writeInstallation(db.pool, { name, value: seal.close(JSON.stringify(kept), name) })
  const read = () => new CallbackSecret({ db, seal, now: () => clock.ms }).good()
  await put({ secret: 'new', before: { secret: 'old', until: clock.ms + 1 } })
  deepEqual(await read(), ['new', 'old'])
  await put({ secret: 'new', before: null })
  deepEqual(await read(), ['new'])
})
