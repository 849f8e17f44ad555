import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { SMTPServer } from 'smtp-server'
import { testDatabase } from '../../deploy/testing/database.ts'
import { openDatabase } from '../../sql/database.ts'
import { addMail, takeMails } from '../../sql/people/mail.ts'
import { enrol } from '../identity/enrol.ts'
import { makeSeal, newMasterKey } from '../seal.ts'
import { drawWord, sealedMail } from './outbox.ts'
import { linkPaths, Sender } from './sender.ts'
import { type MailKind, mailText } from './text.id.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const seal = makeSeal(newMasterKey())
const clock = { ms: Date.now() }
const client = await db.connect()
const person = await enrol({ db, seal, shards: 16 }, { name: 'Budi' })

/** A mail server on a real socket. What it refuses with: of an address, or whom it has heard. */
const taken: { to: string; raw: string }[] = []
let refusing: (address: string) => number | null = () => null
const server = new SMTPServer({
  ...{ authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], disableReverseLookup: true },
  onRcptTo({ address }, _, done) {
    const responseCode = refusing(address)
    done(responseCode === null ? null : Object.assign(new Error('no'), { responseCode }))
  },
  onData(stream, session, done) {
    let raw = ''
    stream.on('data', part => {
      raw += part.toString()
    })
    stream.on('end', () => {
      for (const { address } of session.envelope.rcptTo) taken.push({ to: address, raw })
      done()
    })
  },
})
await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
const address = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`
let smtpUrl: string | null = address
let isOwner = true
const problems: string[] = []
const senderOf = () =>
  new Sender({
    ...{ db, seal, from: 'Nokosku <halo@nokosku.test>', now: () => clock.ms },
    smtpUrl: async () => smtpUrl,
    publicUrl: () => 'https://nokosku.test',
    isOwner: () => isOwner,
    onError: cause => problems.push(String(cause)),
  })
const sender = senderOf()
after(async () => {
  await sender.stop()
  await new Promise<void>(resolve => server.close(() => resolve()))
  await client.end()
  await db.end()
  await database.drop()
})

let letters = 0
async function write(kind: MailKind, to = `orang${letters++}@contoh.id`, lifeMs = 86_400_000) {
  const word = drawWord()
  const mail = sealedMail(seal, {
    ...{ kind, to, word, nowMs: clock.ms, lifeMs, userId: person.userId },
  })
  await addMail(db.pool, mail, to)
  return { id: mail.id, to, word }
}
const rowOf = async (id: string) => {
  const { rows } = await client.query(
    'select state, sealed, problem, attempts from mail where id = $1',
    [id],
  )
  return rows[0]
}

test('mail: sent over SMTP: the link in it, from us, and nothing of it left (MAB3, MAA1)', async () => {
  const { id, to, word } = await write('verify')
  const before = await rowOf(id)
  equal(before.sealed.includes(word), false)
  await sender.send()
  const [mail] = taken.filter(one => one.to === to)
  const text = mail!.raw.replaceAll('=\r\n', '').replaceAll('=3D', '=')
  match(text, /^From: Nokosku <halo@nokosku\.test>/m)
  match(text, new RegExp(`^Message-ID: <${id}@nokosku\\.test>`, 'im'))
  ok(text.includes(`https://nokosku.test${linkPaths.verify}${word}\r\n`), text)
  deepEqual(await rowOf(id), { state: 'sent', sealed: null, problem: null, attempts: 1 })
})

test('mail: a server that is away: waits, is tried again, arrives once (MAB1)', async () => {
  const { id, to } = await write('reset')
  smtpUrl = 'smtp://127.0.0.1:1'
  await sender.send()
  const waiting = await rowOf(id)
  deepEqual([waiting.state, waiting.problem], ['waiting', 'ESOCKET'])
  smtpUrl = address
  refusing = () => 451
  clock.ms += 15_000
  await sender.send()
  deepEqual([(await rowOf(id)).state, (await rowOf(id)).attempts], ['waiting', 2])
  refusing = () => null
  await sender.send()
  equal((await rowOf(id)).state, 'waiting')
  clock.ms += 60_000
  await sender.send()
  equal((await rowOf(id)).state, 'sent')
  equal(taken.filter(one => one.to === to).length, 1)
})

test('mail: who took it and died: another takes it after a while (MAB1)', async () => {
  const { id } = await write('verify')
  equal((await takeMails(db.pool, { nowMs: clock.ms, leaseMs: 300_000, limit: 9 })).length, 1)
  const other = senderOf()
  await other.send()
  equal((await rowOf(id)).state, 'waiting')
  clock.ms += 300_000
  await other.send()
  equal((await rowOf(id)).state, 'sent')
  await other.stop()
})

test('mail: refused for good, or too late: given up and told, others go on (MAB2, MAB3)', async () => {
  refusing = to => (to.startsWith('tolak') ? 550 : null)
  const refused = await write('verify', 'tolak@contoh.id')
  const late = await write('reset', 'lambat@contoh.id', 0)
  const foreign = await write('reset')
  const other = makeSeal(newMasterKey()).close('{}', `mail:${foreign.id}`)
  await client.query('update mail set sealed = $1 where id = $2', [other, foreign.id])
  const good = await write('welcome')
  await sender.send()
  refusing = () => null
  const states = await Promise.all([refused, late, good].map(({ id }) => rowOf(id)))
  deepEqual(
    states.map(({ state, problem, sealed }) => [state, problem, sealed]),
    [
      ['dead', 'EENVELOPE 550', null],
      ['dead', 'too late', null],
      ['sent', null, null],
    ],
  )
  match((await rowOf(foreign.id)).problem, /lost/)
  equal(problems.length, 3)
  for (const { word, to } of [refused, late]) {
    equal(problems.join().includes(word), false)
    equal(problems.join().includes(to), false)
  }
})

test('mail: no server named, or not ours to send: it waits untouched (MAB4)', async () => {
  const { id } = await write('verify')
  smtpUrl = null
  await sender.send()
  smtpUrl = address
  isOwner = false
  await sender.send()
  isOwner = true
  deepEqual((await rowOf(id)).attempts, 0)
  await sender.send()
  equal((await rowOf(id)).state, 'sent')
})

test('mail: a server that never answers: leaving does not wait for it, and puts off (MAB5)', async () => {
  const { id, to } = await write('verify')
  const heard = Promise.withResolvers<void>()
  const lines = new Set<Socket>()
  const silent = createServer(line => {
    lines.add(line)
    heard.resolve()
  })
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  smtpUrl = `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`
  const leaving = senderOf()
  const sending = leaving.send()
  await heard.promise
  const began = performance.now()
  await leaving.stop()
  ok(performance.now() - began < 6_000)
  await sending
  const { state, problem } = await rowOf(id)
  deepEqual([state, problem], ['waiting', 'LEAVING'])
  smtpUrl = address
  clock.ms += 15_000
  await sender.send()
  equal((await rowOf(id)).state, 'sent')
  equal(taken.filter(one => one.to === to).length, 1)
  for (const line of lines) line.destroy()
  silent.close()
})

test('mail: every kind: a subject, a greeting, and its link on a line of its own', () => {
  for (const [kind, text] of Object.entries(mailText)) {
    const link = `https://nokosku.test${linkPaths[kind as MailKind]}abc`
    const told = text(link)
    ok(told.subject.length > 5 && told.text.startsWith('Halo,'), kind)
    if (kind !== 'emailMoves') ok(told.text.split('\n').includes(link), kind)
  }
})
