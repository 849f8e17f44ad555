import { deepEqual, equal, rejects } from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CallbackSecret } from '../../services/soundbox/callback-secret.ts'
import { deskAt, okOf, seal } from '../../services/soundbox/soundbox.fixture.ts'
import { StartFailure } from '../start-failure.ts'
import { databasesOfFile } from '../testing/database.ts'
import { prepareDemoSoundbox, registerAcquirerAtSandbox } from './soundbox.ts'

const database = databasesOfFile(after)

test('demo: the merchant: made once, shown in demo.json beside the rest (SAF1, SAF2)', async t => {
  const { db, call, clock, registry } = await deskAt(t, await database())
  const dataDir = mkdtempSync(join(tmpdir(), 'laju-demo-soundbox-'))
  t.after(() => rmSync(dataDir, { recursive: true }))
  const file = join(dataDir, 'demo.json')
  writeFileSync(file, JSON.stringify({ admin: 1, callback_secrets: { digiflazz: 'd' } }))
  const now = () => clock.ms
  const callbackSecret = new CallbackSecret({ db, seal, now })
  const deps = { db, seal, call, callbackSecret, dataDir, now }
  const first = await prepareDemoSoundbox(deps)
  const by = 'the owner'
  const { merchantId, terminalId } = first
  okOf(await call('merchant.change', { merchantId, by, fields: { name: 'Toko Saya' } }))
  deepEqual(await prepareDemoSoundbox(deps), first)
  equal(registry.size.merchants, 1)
  equal(registry.merchant(merchantId)?.name, 'Toko Saya')
  equal(registry.terminal(terminalId)?.kind, 'dynamic')
  const shown = JSON.parse(readFileSync(file, 'utf8'))
  equal(shown.merchant.merchant_id, merchantId)
  equal(shown.merchant.terminal_id, terminalId)
  deepEqual(shown.acquirer, { api_key: seal.keyFor('demo acquirer').toString('hex') })
  deepEqual(shown.callback_secrets, { digiflazz: 'd', qris: first.secret })
  equal(shown.admin, 1)
})

test('demo: the acquirer of the sandbox: told secret and address, or the start fails (SAF3)', async t => {
  const bodies: unknown[] = []
  let status = 200
  const server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    bodies.push(JSON.parse(text))
    response.writeHead(status).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const sandboxUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const where = { sandboxUrl, publicUrl: 'http://127.0.0.1:3000', seal }
  await registerAcquirerAtSandbox({ secret: 'a secret' }, where)
  deepEqual(bodies, [
    {
      ...{ party: 'acquirer', username: 'laju', webhook_secret: 'a secret' },
      api_key: seal.keyFor('demo acquirer').toString('hex'),
      webhook_url: 'http://127.0.0.1:3000/integrations/qris/callback',
    },
  ])
  status = 500
  await rejects(registerAcquirerAtSandbox({ secret: 'a secret' }, where), StartFailure)
})
