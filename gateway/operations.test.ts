import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, test } from 'node:test'
import { meanings } from './answer.ts'
import {
  type Described,
  describedOf,
  documentOf,
  methodOf,
  nameOf,
  refusal,
  refusalsOf,
  toldOf,
} from './openapi.ts'
import { digiflazzClient, otomaxMember } from './operations/dialects.ts'
import { answers } from './operations.fixture.ts'
import { isPage, isSoundbox, operations, undescribed } from './operations.ts'
import {
  bornAt,
  digiflazzCard,
  keyCard,
  memberCard,
  plain,
  Stage,
  send,
} from './scripted.fixture.ts'
import { topicText } from './text/docs.id.ts'

const stages: Stage[] = []
after(() => Promise.all(stages.map(stage => stage.close())))

type Role = 'reseller' | 'admin' | 'finance' | 'support'

async function stageOf(role: Role = 'admin', now: () => number = Date.now): Promise<Stage> {
  const demo = { userId: 'u', username: 'demo', level: 1 }
  const stage = await Stage.open(
    {
      ...answers,
      'identity.key': ({ keyId }) => (keyId === 'key-1' ? keyCard({ role }) : null),
      'identity.digiflazz': () => digiflazzCard(digiflazzClient),
      'identity.member': () => memberCard(otomaxMember),
    },
    { demo, now },
  )
  stages.push(stage)
  return stage
}

const rowsOf = (stage: Stage): readonly Described[] => describedOf(operations, stage.table)

function requestOf({ verb, path, bodyType, example }: Described) {
  const { params, query, body } = example
  let address = path
  for (const name in params) address = address.replace(`{${name}}`, params[name]!)
  const asked = new URLSearchParams(query).toString()
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return {
    method: methodOf(verb).toUpperCase(),
    path: asked === '' ? address : `${address}?${asked}`,
    ...(text === undefined ? {} : { body: text }),
    headers: { 'content-type': bodyType ?? 'application/json' },
  }
}

test('operations: every example: answered in the shape that its row says (GQ1)', async () => {
  const stage = await stageOf()
  for (const row of rowsOf(stage)) {
    const name = nameOf(row)
    const ask = row.signed ? send : plain
    const { status, headers, text } = await ask(stage, requestOf(row))
    equal(status, 200, `${name}: ${text}`)
    const { type, shape } = toldOf(row)
    equal(headers.get('content-type')?.split(';')[0], type, name)
    const told = type === 'application/json' ? JSON.parse(text) : text
    const read = shape.safeParse(told)
    ok(read.success, `${name}: ${read.error?.message}`)
    // What the shape does not name would be missing in what was read.
    deepEqual(read.data, told, name)
  }
})

test('operations: every signed door: a stranger is refused in the one shape (GQ1)', async () => {
  const stage = await stageOf()
  for (const row of rowsOf(stage).filter(one => one.signed)) {
    const { status, body } = await plain(stage, requestOf(row))
    equal(status, 401, nameOf(row))
    ok(refusal.strict().safeParse(body).success, nameOf(row))
  }
})

test('operations: a door for some: the others are refused, as the document says (OAB1)', async () => {
  for (const role of ['reseller', 'finance', 'support', 'admin'] as const) {
    const stage = await stageOf(role)
    for (const row of rowsOf(stage).filter(one => one.signed)) {
      const { status } = await send(stage, requestOf(row))
      equal(status, row.roles?.includes(role) === false ? 403 : 200, `${role}: ${nameOf(row)}`)
    }
  }
})

test('operations: the gateway’s table: every door has its row or a reason, every row a door (GQ2)', async () => {
  const stage = await stageOf()
  const doors = stage.table
    .filter(({ path }) => !isPage(path) && !isSoundbox(path))
    .map(({ verb, path }) => `${verb} ${path}`)
  const named = [...operations.map(one => one.at), ...Object.keys(undescribed)]
  deepEqual([...new Set(named)].length, named.length)
  deepEqual(named.toSorted(), doors.toSorted())
  const signed = stage.table.filter(({ access }) => access.signed)
  deepEqual(
    signed.filter(({ verb, path }) => `${verb} ${path}` in undescribed),
    [],
  )
})

test('operations: the soundbox line: every door stands in its guide, with who may come (GQ2)', async () => {
  const stage = await stageOf()
  const guide = await readFile(new URL('../docs/soundbox.md', import.meta.url), 'utf8')
  const missing = stage.table
    .filter(({ path }) => isSoundbox(path))
    .map(({ verb, path }) => `| \`${methodOf(verb).toUpperCase()} ${path}\` `)
    .filter(row => !guide.includes(row))
  deepEqual(missing, [])
})

test('operations: names: one for each, and every chapter is in use (GQ2)', () => {
  const names = operations.map(nameOf)
  deepEqual(new Set(names).size, names.length)
  deepEqual(new Set(operations.map(one => one.topic)), new Set(Object.keys(topicText)))
})

type Document = {
  readonly paths: Record<
    string,
    Record<string, { responses: Record<string, object>; requestBody?: unknown }>
  >
  readonly components: { readonly responses: Record<string, object> }
}

const documentFor = (rows: readonly Described[]) =>
  documentOf(rows, { url: 'http://x', version: '1' }) as Document

test('openapi: needed fields: leaving one out is refused, so the shape is the code’s (GN1)', async () => {
  const stage = await stageOf()
  const rows = rowsOf(stage)
  const described = documentFor(rows).paths['/api/v1/transactions']!['post']!.requestBody as {
    content: { 'application/json': { schema: { required: string[]; properties: object } } }
  }
  const { required, properties } = described.content['application/json'].schema
  deepEqual(required, ['ref_id', 'product_code', 'destination'])
  ok(Object.keys(properties).length > required.length)
  const whole = rows.find(one => one.id === 'place')!
  for (const name of required) {
    const { [name]: _, ...rest } = whole.example.body as Record<string, unknown>
    const { body } = await send(stage, { ...requestOf(whole), body: JSON.stringify(rest) })
    equal(body['error_code'], 'VALIDATION_FAILED')
  }
})

test('openapi: refusals: stand under the status that they are answered with (GN2)', async () => {
  const rows = rowsOf(await stageOf())
  const { paths } = documentFor(rows)
  for (const row of rows) {
    const statuses = Object.keys(paths[row.path]![methodOf(row.verb)]!.responses)
    const meant = new Set(['200', ...refusalsOf(row).map(code => String(meanings[code].http))])
    deepEqual(new Set(statuses), meant)
  }
})

test('openapi: usual refusals: written once, and every pointer leads somewhere (OAC1)', async () => {
  const { paths, components } = documentFor(rowsOf(await stageOf()))
  const told = Object.values(paths['/api/v1/balance']!['get']!.responses).slice(0)
  const pointers = told.flatMap(one => ('$ref' in one ? [String(one.$ref)] : []))
  ok(pointers.length >= 4)
  for (const pointer of pointers) {
    match(pointer, /^#\/components\/responses\//)
    ok(components.responses[pointer.split('/').at(-1)!] !== undefined, pointer)
  }
})

test('dialects: the examples: proven by their signs, and answered as is said (OAE1)', async () => {
  const stage = await stageOf('reseller', () => bornAt)
  const dialects = rowsOf(stage).filter(one => one.path.startsWith('/h2h/'))
  for (const row of dialects) {
    const { text } = await plain(stage, requestOf(row))
    if (row.told?.example !== undefined) equal(text, row.told.example, nameOf(row))
    ok(
      !/tidak cocok|Signature|Otentikasi|DITOLAK|tidak dikenal/i.test(text),
      `${nameOf(row)}: ${text}`,
    )
  }
})
