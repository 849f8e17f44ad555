import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createTransport } from 'nodemailer'
import { Buyer } from './counterpart.fixture.ts'

/** `pool`: one connection for many letters; each new one is greeted a tenth of a second late. */
async function posted(t: TestContext, { pool = false } = {}) {
  const buyer = await Buyer.open()
  const asked = async (path: string, body?: object) => {
    const method = body === undefined ? 'GET' : 'POST'
    const told = await fetch(buyer.sandbox.url + path, {
      ...{ method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) },
    })
    return (await told.json()) as Record<string, unknown>
  }
  let url = ''
  // It opens beside the HTTP port, an instant later.
  while (url === '') url = String((await asked('/smtp/address'))['url'] ?? '')
  const post = createTransport(pool ? { url, pool, maxConnections: 1 } : { url })
  t.after(async () => {
    post.close()
    await buyer.close()
  })
  const send = (to: string, text = 'Halo') =>
    post.sendMail({ from: 'a@laju.test', to, subject: 'Kabar', text })
  const heard = async () =>
    (
      (await asked('/_sandbox/messages')) as unknown as {
        party: string
        to: string
        text: string
      }[]
    ).filter(one => one.party === 'smtp')
  return { url, asked, send, heard }
}

test('smtp: on a port of its own: what it takes is shown as a person reads it (SMS1)', async t => {
  const { url, send, heard } = await posted(t)
  match(url, /^smtp:\/\/127\.0\.0\.1:\d+$/)
  const link = `https://nokosku.test/nomor#/a=b/${'x'.repeat(120)}`
  await send('budi@contoh.id', `Halo é,\n\n${link}\n`)
  deepEqual(
    (await heard()).map(({ to, text }) => ({ to, text })),
    [{ to: 'budi@contoh.id', text: `Kabar\n\nHalo é,\n\n${link}` }],
  )
})

test('smtp: addresses that are not, not yet, and a server that is down (SMS2)', async t => {
  const { asked, send, heard } = await posted(t)
  await rejects(send('tolak@contoh.id'), /550/)
  await rejects(send('nanti@contoh.id'), /451/)
  await send('nanti@contoh.id')
  await asked('/smtp/behave', { down: true })
  await rejects(send('budi@contoh.id'), /451/)
  await asked('/smtp/behave', { down: false })
  await send('budi@contoh.id')
  deepEqual(
    (await heard()).map(({ to }) => to),
    ['nanti@contoh.id', 'budi@contoh.id'],
  )
  equal(typeof (await asked('/smtp/behave', { down: 'x' }))['wrong'], 'string')
})

test('smtp: kept: a thousand, the oldest go first; a reset forgets all (SMS3)', async t => {
  const { asked, send, heard } = await posted(t, { pool: true })
  for (let n = 0; n < 1_002; n++) await send(`orang${n}@contoh.id`)
  const messages = await heard()
  deepEqual([messages.length, messages[0]!.to], [1_000, 'orang2@contoh.id'])
  await asked('/_sandbox/reset', { party: 'smtp' })
  deepEqual(await heard(), [])
})
