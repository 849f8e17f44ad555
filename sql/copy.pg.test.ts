import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { after, test } from 'node:test'
import pg from 'pg'
import { testDatabase } from '../deploy/testing/database.ts'
import { blanked, copyIn, copyOptions, jsonOf, nothing, quoted, separator } from './copy.ts'

const database = await testDatabase({ empty: true })
const client = new pg.Client({ connectionString: database.url })
client.on('error', () => {})
await client.connect()
await client.query(`create table word (n integer primary key check (n <> 13), text text)`)
after(async () => {
  await client.end()
  await database.drop()
})

const copyWords = `copy word (n, text) from stdin ${copyOptions}`
const row = (n: number | string, text: string | null): string =>
  `${n}${separator}${text === null ? nothing : quoted(text)}\n`
const words = async (): Promise<unknown[]> =>
  (await client.query('select text from word order by n')).rows.map(one => one.text)
const empty = () => client.query('truncate word')

test('copy: words of others: they come back as they were (Q20)', async () => {
  await empty()
  const given = [
    '',
    'plain',
    'a, "b"',
    "it's \\ \\N \\.",
    '{"a":"\\u0000"}',
    'é — 語 😀',
    ' two ',
    null,
  ]
  await copyIn(client, copyWords, given.map((text, n) => row(n, text)).join(''))
  deepEqual(await words(), given)
})

test('copy: control characters: blanks, and no row breaks (Q20)', async () => {
  await empty()
  const given = ['a\tb', 'a\nb\r', 'a\u0000b', 'a\u0001b', '\u0002', '\u0003', '\\.\n']
  await copyIn(client, copyWords, given.map((text, n) => row(n, text)).join(''))
  deepEqual(await words(), ['a b', 'a b ', 'a b', 'a b', ' ', ' ', '\\. '])
  deepEqual(await words(), given.map(blanked))
})

test('copy: JSON: whatever was said, Postgres takes it, and only that is lost (Q20)', async () => {
  for (const [said, kept] of [
    ['a\0b', 'a\ufffdb'],
    ['\0\0', '\ufffd\ufffd'],
    ['half \ud800 and \udc00', 'half \ufffd and \ufffd'],
    ['whole \u{1f4a1}', 'whole \u{1f4a1}'],
    ['\\u0000', '\\u0000'],
    ['\\\0', '\\\ufffd'],
    ['\u0001\n"', '\u0001\n"'],
  ] as const) {
    const text = jsonOf({ said })
    const { rows } = await client.query('select $1::jsonb ->> $2 as kept', [text, 'said'])
    equal(rows[0].kept, kept, JSON.stringify(said))
  }
})

test('copy: it resolves: all rows are there, for everybody (Q20)', async () => {
  await empty()
  const many = Array.from({ length: 20_000 }, (_, n) => row(n + 100, `word ${n}`)).join('')
  await copyIn(client, copyWords, many)
  const other = new pg.Client({ connectionString: database.url })
  await other.connect()
  const { rows } = await other.query('select count(*)::int as count from word')
  await other.end()
  equal(rows[0].count, 20_000)
})

test('copy: one bad row: rejected with the server’s error, and nothing is left (Q20)', async () => {
  await empty()
  const refused = (rows: string) => copyIn(client, copyWords, rows)
  await rejects(refused(row(1, 'a') + row(13, 'b')), { code: '23514' })
  await rejects(refused(row(1, 'a') + row(1, 'b')), { code: '23505' })
  await rejects(refused(row(1, 'a') + row('x', 'b')), { code: '22P02' })
  await rejects(refused(`${row(1, 'a')}2\n`), { code: '22P04' })
  deepEqual(await words(), [])
  await copyIn(client, copyWords, row(1, 'after all that'))
  deepEqual(await words(), ['after all that'])
})

test('copy: statements before it: one write with it, whichever of them fails (Q20)', async () => {
  await empty()
  await copyIn(client, `insert into word values (0, 'before'); ${copyWords}`, row(1, 'a'))
  deepEqual(await words(), ['before', 'a'])
  const failing = `insert into word values (2, 'c'); ${copyWords}`
  await rejects(copyIn(client, failing, row(13, 'b')), { code: '23514' })
  await rejects(copyIn(client, `select 1 / 0; ${copyWords}`, row(3, 'd')), { code: '22012' })
  await rejects(copyIn(client, `nonsense; ${copyWords}`, row(3, 'd')), { code: '42601' })
  deepEqual(await words(), ['before', 'a'])
})

test('copy: bytes of a binary stream: taken as they are (Q20)', async () => {
  await empty()
  const header = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1')
  const one = Buffer.from('0002000000040000002a0000000461e29882', 'hex')
  const end = Buffer.from('ffff', 'hex')
  const binary = 'copy word (n, text) from stdin with (format binary)'
  await copyIn(client, binary, Buffer.concat([header, one, end]))
  deepEqual(await words(), ['a☂'])
  await rejects(copyIn(client, binary, Buffer.concat([header, one])), (cause: Error) => {
    match(cause.message, /unexpected EOF|duplicate key/)
    return true
  })
})

test('copy: the connection is lost in the middle: it rejects and does not hang (Q20)', async () => {
  await empty()
  const doomed = new pg.Client({ connectionString: database.url })
  doomed.on('error', () => {})
  await doomed.connect()
  const { rows } = await doomed.query('select pg_backend_pid() as pid')
  await client.query('begin')
  await client.query('lock table word in access exclusive mode')
  const copying = rejects(copyIn(doomed, copyWords, row(1, 'a')))
  const waits = 'select 1 from pg_locks where pid = $1 and not granted'
  while ((await client.query(waits, [rows[0].pid])).rows.length === 0);
  await client.query('select pg_terminate_backend($1)', [rows[0].pid])
  await copying
  await client.query('rollback')
  deepEqual(await words(), [])
  await doomed.end().catch(() => {})
})
