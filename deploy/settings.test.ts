import { deepEqual, doesNotMatch, equal, match, notEqual, ok, throws } from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { loadSettings, masterKey, parseSettings, settingNames } from './settings.ts'
import { StartFailure } from './start-failure.ts'

const secret = '00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0'
const production = { MODE: 'production', MASTER_KEY: secret }

function problemsOf(env: Record<string, string>): readonly string[] {
  try {
    parseSettings(env)
  } catch (error) {
    ok(error instanceof StartFailure)
    return error.problems
  }
  return []
}

test('settings: nothing set: the demo with its defaults', () => {
  deepEqual(parseSettings({}), {
    mode: 'demo',
    port: 3000,
    publicUrl: 'http://127.0.0.1:3000',
    callbackBase: null,
    trustedProxies: 0,
    mqttPort: 1883,
    mqttsPort: null,
    mqttWsPort: null,
    tls: null,
    deviceToken: null,
    sandboxPort: 4000,
    sandboxUrl: null,
    dataDir: resolve('.data'),
    natsUrl: null,
    redisUrl: null,
    databaseUrl: null,
    shards: 256,
    masterKey: null,
    smtpUrl: null,
    mailFrom: 'Nokosku <halo@nokosku.test>',
    isTotpRequired: false,
    logLevel: 'info',
    retention: {
      ...{ callbacks: 180, flights: 120, chat: 365 },
      ...{ webhooks: 30, unread: 90, catalogue: 730, serials: 180, bulk: 180, bank: 365 },
      ...{ sounds: 180, activity: 365 },
    },
    traces: null,
    notices: [],
  })
})

test('settings: empty strings: as if not set, but no sandbox and no broker for empty ports (D30)', () => {
  const empty = Object.fromEntries(settingNames.map(name => [name, '']))
  deepEqual(parseSettings(empty), { ...parseSettings({}), sandboxPort: null, mqttPort: null })
})

test('settings: a sandbox elsewhere: none of our own (D30)', () => {
  const settings = parseSettings({ SANDBOX_URL: 'http://127.0.0.1:4444/' })
  equal(settings.sandboxPort, null)
  equal(settings.sandboxUrl, 'http://127.0.0.1:4444')
})

test('settings: a free port: the public address waits for it', () => {
  equal(parseSettings({ PORT: '0' }).publicUrl, null)
  equal(parseSettings({ PORT: '0', PUBLIC_URL: 'https://a.id/' }).publicUrl, 'https://a.id')
})

test('settings: an address that is only a guess: no supplier is told it', () => {
  equal(parseSettings({ PUBLIC_URL: 'https://a.id/laju/' }).callbackBase, 'https://a.id/laju')
  equal(parseSettings({ PORT: '3000' }).callbackBase, null)
})

test('settings: proxies in front: as many as are said, none by default (D31)', () => {
  equal(parseSettings({ TRUSTED_PROXIES: '2' }).trustedProxies, 2)
  deepEqual(problemsOf({ TRUSTED_PROXIES: '10.0.0.1' }), [
    'TRUSTED_PROXIES is "10.0.0.1" but must be how many proxies of yours stand in front, ' +
      'from 0 to 9: correct it or unset it.',
  ])
})

test('settings: several mistakes: one sentence each, all at once (D31)', () => {
  deepEqual(problemsOf({ PORT: '99999', MODE: 'prod', SHARDS: '0', LOG_LEVEL: 'loud' }), [
    'MODE is "prod" but must be one of demo, production: correct it or unset it.',
    'PORT is "99999" but must be a port number from 0 to 65535: correct it or unset it.',
    'SHARDS is "0" but must be a whole number from 1 to 4096: correct it or unset it.',
    'LOG_LEVEL is "loud" but must be one of fatal, error, warn, info, debug, trace: correct it or unset it.',
  ])
})

test('settings: retention: days by kind, 0 for ever, never less than is safe (RSK1)', () => {
  const usual = {
    ...{ callbacks: 180, flights: 120, chat: 365 },
    ...{ webhooks: 30, unread: 90, catalogue: 730, serials: 180, bulk: 180, bank: 365 },
    ...{ sounds: 180, activity: 365 },
  }
  deepEqual(parseSettings({}).retention, usual)
  deepEqual(parseSettings({ RETENTION: 'chat=90, flights=0,' }).retention, {
    ...usual,
    ...{ chat: 90, flights: 0 },
  })
  const [few, strange, ...none] = problemsOf({ RETENTION: 'flights=90,orders=1' })
  match(few!, /^RETENTION is .* must keep flights for at least 100 days, or 0 for ever: /)
  match(strange!, /must be like "chat=365,flights=120", of callbacks, flights, chat, /)
  deepEqual(none, [])
})

test('settings: two doors on one port: refused with both names (D31)', () => {
  deepEqual(problemsOf({ PORT: '4000' }), [
    'SANDBOX_PORT and PORT are both 4000: change one of them.',
  ])
  deepEqual(problemsOf({ PORT: '0', MQTT_PORT: '0', SANDBOX_PORT: '0' }), [])
})

test('settings: a bad address: told without the password in it (D31)', () => {
  const [problem] = problemsOf({ DATABASE_URL: 'mysql://root:hunter2@db/laju' })
  match(
    problem ?? '',
    /^DATABASE_URL is "mysql:\/\/…@db\/laju" but must be an address like postgres:/,
  )
})

test('settings: a bad master key: never shown (D31)', () => {
  const [problem] = problemsOf({ MASTER_KEY: 'hunter2' })
  match(problem ?? '', /^MASTER_KEY is not a key but must be 32 bytes/)
  equal(problem?.includes('hunter2'), false)
})

test('settings: MQTT over TLS: needs certificate and key (D31)', () => {
  equal(problemsOf({ MQTTS_PORT: '8883' }).length, 2)
  const settings = parseSettings({ MQTTS_PORT: '8883', TLS_CERT_FILE: '/c', TLS_KEY_FILE: '/k' })
  deepEqual(settings.tls, { certFile: '/c', keyFile: '/k' })
})

test('settings: a token for all boxes: off, told when it is on, and never shown', () => {
  const token = 'a-token-for-all-the-boxes-of-old'
  equal(parseSettings({}).deviceToken, null)
  equal(parseSettings({ DEVICE_TOKEN: '' }).deviceToken, null)
  const { deviceToken, notices } = parseSettings({ DEVICE_TOKEN: token })
  equal(deviceToken, token)
  ok(notices.some(text => text.startsWith('DEVICE_TOKEN is set')))
  const [problem = ''] = problemsOf({ DEVICE_TOKEN: 'short' })
  match(problem, /^DEVICE_TOKEN is not such a token but must be 32 to 200/)
  equal(problem.includes('short'), false)
})

test('settings: production: MQTT without TLS is worth a notice', () => {
  const about = (env: Record<string, string>) =>
    parseSettings({ ...production, ...env }).notices.filter(one => one.startsWith('MQTT_PORT'))
  equal(about({}).length, 1)
  equal(about({ MQTT_PORT: '' }).length, 0)
})

test('settings: production: no sandbox, not even by default (D32)', () => {
  const settings = parseSettings(production)
  equal(settings.sandboxPort, null)
  equal(settings.masterKey?.toString('hex'), secret)
  for (const sandbox of [{ SANDBOX_PORT: '4000' }, { SANDBOX_URL: 'http://127.0.0.1:4000' }]) {
    match(problemsOf({ ...production, ...sandbox })[0] ?? '', /^SANDBOX_\w+ is set, but MODE=prod/)
  }
  deepEqual(problemsOf({ ...production, SANDBOX_PORT: '' }), [])
})

test('settings: production: a missing or guessable master key is refused (D32)', () => {
  match(problemsOf({ MODE: 'production' })[0] ?? '', /^MASTER_KEY is missing/)
  for (const weak of ['0'.repeat(64), 'deadbeef'.repeat(8)]) {
    match(problemsOf({ ...production, MASTER_KEY: weak })[0] ?? '', /^MASTER_KEY is too regular/)
  }
})

test('settings: production: embedded Postgres is allowed and told', () => {
  match(parseSettings(production).notices[0] ?? '', /^DATABASE_URL is not set.*back up/)
  const full = {
    ...{ DATABASE_URL: 'postgres://u:p@db/laju', PUBLIC_URL: 'https://laju.id' },
    SMTP_URL: 'smtps://u:p@mail.example.id:465',
  }
  deepEqual(parseSettings({ ...production, ...full, MQTT_PORT: '' }).notices, [])
})

test('settings: production: a folder of demo data is refused (D32)', t => {
  const folder = temporary(t)
  writeFileSync(join(folder, 'demo.json'), '{}')
  throws(() => loadSettings(folder, { ...production, DATA_DIR: folder }), /demo\.json/)
  equal(loadSettings(folder, { DATA_DIR: folder }).mode, 'demo')
})

test('settings: mail and second factors: as the mode has it, or as set (D31)', () => {
  deepEqual(parseSettings({}).isTotpRequired, false)
  deepEqual(parseSettings(production).isTotpRequired, true)
  deepEqual(parseSettings({ ...production, STAFF_TOTP: 'optional' }).isTotpRequired, false)
  deepEqual(parseSettings({ STAFF_TOTP: 'required' }).isTotpRequired, true)
  match(problemsOf({ STAFF_TOTP: 'yes' })[0] ?? '', /^STAFF_TOTP is "yes" but must be one of/)
  for (const from of ['halo@laju.id', 'Toko Laju <halo@laju.id>']) {
    equal(parseSettings({ MAIL_FROM: from }).mailFrom, from)
  }
  for (const from of ['halo', 'a <b@c', 'a\nb@c', '<a@b> x']) {
    match(problemsOf({ MAIL_FROM: from })[0] ?? '', /^MAIL_FROM /)
  }
  match(problemsOf({ SMTP_URL: 'http://u:p@x' })[0] ?? '', /^SMTP_URL is "http:\/\/…@x" but/)
})

test('settings: a cluster: NATS joins processes, Redis their brokers (D33)', () => {
  equal(parseSettings({}).natsUrl, null)
  const nats = 'nats://laju:secret@a.example.id:4222, tls://b.example.id:4222'
  equal(parseSettings({ NATS_URL: nats }).natsUrl, nats)
  for (const wrong of ['redis://laju:secret@x', 'nats://a:4222,', 'a:4222']) {
    const [problem = ''] = problemsOf({ NATS_URL: wrong })
    match(problem, /^NATS_URL is .* but must be an address like nats:/)
    doesNotMatch(problem, /secret/)
  }
  equal(parseSettings({}).redisUrl, null)
  const redis = 'rediss://laju:secret@redis.example.id:6380'
  equal(parseSettings({ REDIS_URL: redis }).redisUrl, redis)
  const [problem = ''] = problemsOf({ REDIS_URL: 'http://laju:secret@x' })
  match(problem, /^REDIS_URL is "http:\/\/…@x" but must be an address like redis/)
})

test('settings: master key of the demo: made once, for its owner only (D34)', t => {
  const folder = temporary(t)
  const settings = parseSettings({ DATA_DIR: folder })
  const first = masterKey(settings)
  equal(first.length, 32)
  deepEqual(masterKey(settings), first)
  equal(statSync(join(folder, 'master.key')).mode & 0o777, 0o600)
  notEqual(
    masterKey(parseSettings({ DATA_DIR: temporary(t) })).toString('hex'),
    first.toString('hex'),
  )
})

test('settings: master key: hex and base64 say the same, a damaged file is told (D34)', t => {
  const base64 = Buffer.from(secret, 'hex').toString('base64')
  deepEqual(parseSettings({ MASTER_KEY: base64 }).masterKey, parseSettings(production).masterKey)
  const folder = temporary(t)
  writeFileSync(join(folder, 'master.key'), 'torn')
  throws(() => masterKey(parseSettings({ DATA_DIR: folder })), /master\.key is not 32 bytes/)
})

test('settings: .env: read, and the environment wins', t => {
  const folder = temporary(t)
  writeFileSync(join(folder, '.env'), 'PORT=3100\nMQTT_PORT=1999\n')
  const settings = loadSettings(folder, { PORT: '3200' })
  deepEqual([settings.port, settings.mqttPort], [3200, 1999])
})

test('settings: .env.example: every setting, no other, each with a comment (D35)', () => {
  const text = readFileSync(join(import.meta.dirname, '..', '.env.example'), 'utf8')
  const blocks = text.split('\n\n').map(block => block.trim().split('\n'))
  const names = blocks.flatMap(block => block.filter(line => !line.startsWith('#')))
  deepEqual(names.map(line => line.split('=')[0]).sort(), [...settingNames].sort())
  for (const block of blocks) ok(block[0]?.startsWith('# '), `no comment above ${block[0]}`)
  const example = Object.fromEntries(names.map(line => line.split('=', 2) as [string, string]))
  deepEqual(parseSettings(example), parseSettings({}), 'the example states the defaults')
})

function temporary(t: { after(work: () => void): void }): string {
  const folder = mkdtempSync(join(tmpdir(), 'laju-settings-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return folder
}

test('settings: traces: none without a collector; with one, the names that OpenTelemetry uses (D31)', () => {
  const endpoint = 'http://127.0.0.1:4318'
  equal(parseSettings({ OTEL_TRACES_SAMPLER_ARG: '1' }).traces, null)
  deepEqual(parseSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }).traces, {
    ...{ endpoint, headers: {}, serviceName: 'laju', ratio: 0.01 },
  })
  const told = parseSettings({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Basic%20YTpi, x-scope = a=b',
    OTEL_SERVICE_NAME: 'toko-1',
    OTEL_TRACES_SAMPLER_ARG: '.25',
  })
  const headers = { authorization: 'Basic YTpi', 'x-scope': 'a=b' }
  deepEqual(told.traces, { endpoint, headers, serviceName: 'toko-1', ratio: 0.25 })
  deepEqual(told.notices, [])
  for (const ratio of ['0', '1', '0.5', '1.0', '0.000001']) {
    deepEqual(problemsOf({ OTEL_TRACES_SAMPLER_ARG: ratio }), [], ratio)
  }
})

test('settings: traces: what is wrong is told, a header never (D31)', () => {
  for (const ratio of ['1.5', '-1', '2', 'all', '1e-3', '0,5', 'NaN']) {
    match(problemsOf({ OTEL_TRACES_SAMPLER_ARG: ratio })[0] ?? '', /from 0 \(none\) to 1/, ratio)
  }
  for (const headers of ['rahasia', 'x=%E0%A4%A', 'x=a%0D%0Arahasia: 1', 'x y=rahasia']) {
    const [problem = ''] = problemsOf({ OTEL_EXPORTER_OTLP_HEADERS: headers })
    match(problem, /^OTEL_EXPORTER_OTLP_HEADERS is not a list of headers/)
    ok(!problem.includes('rahasia'))
  }
  const [address = ''] = problemsOf({ OTEL_EXPORTER_OTLP_ENDPOINT: 'tcp://a:rahasia@host:4318' })
  ok(address !== '' && !address.includes('rahasia'), address)
  equal(problemsOf({ OTEL_SERVICE_NAME: 'two words' }).length, 1)
})
