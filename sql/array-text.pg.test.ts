import { deepEqual, equal } from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { testDatabase } from '../deploy/testing/database.ts'
import { arrayText } from './array-text.ts'
import { openDatabase, sql, z } from './database.ts'

const database = await testDatabase()
const db = await openDatabase(database.url)
const bare = new pg.Client({ connectionString: database.url })
await bare.connect()
after(async () => {
  await bare.end()
  await db.end()
  await database.drop()
})

const hard = ['', 'null', 'NULL', '"', '\\', '{}', ',', ' ', "'", '\n', '\\x41', 'a"b\\c', '0812 3']
/** No text of Postgres holds a NUL or half a character. */
const text = fc.oneof(
  fc.constantFrom(...hard),
  fc
    .string({ unit: 'grapheme' })
    .map(one => one.replaceAll('\0', ' '))
    .filter(one => one.isWellFormed()),
)

test('array text: any text and nothing: Postgres reads the same back (QAT1)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { maxLength: 12 }), async values => {
      const { rows } = await bare.query('select $1::text[] as ours, $2::text[] as theirs', [
        arrayText(values),
        values,
      ])
      deepEqual(rows[0].ours, values)
      deepEqual(rows[0].theirs, values)
    }),
    { numRuns: 300 },
  )
})

test('array text: numbers, truth, bytes, arrays of arrays: as node-postgres says them (QAT1)', async () => {
  const bytes = [Buffer.from('00ff22', 'hex'), Buffer.from('"\\')]
  for (const [type, values] of [
    ['int8', [1, -2, 9_007_199_254_740_991, 0]],
    ['int8', ['4611686018427387904', 12n]],
    ['float8', [1.5, -0.25, 1e21, 1_763_700_000_123]],
    ['bool', [true, false, null]],
    ['bytea', bytes],
    [
      'int4',
      [
        [1, 2],
        [3, 4],
      ],
    ],
    [
      'text',
      [
        ['a', 'b "c"'],
        ['', 'd'],
      ],
    ],
    ['text', []],
  ] as const) {
    const asked = `select $1::${type}[] is not distinct from $2::${type}[] as same`
    const { rows } = await bare.query(asked, [arrayText(values as never), values])
    equal(rows[0].same, true, `${type} ${arrayText(values as never)}`)
  }
})

test('array text: through the pool: rows of a pile arrive as they were (QAT1)', async () => {
  const rows = hard.map((word, index) => [index, word, index % 2 === 0])
  const row = z.object({ place: z.number(), word: z.string(), even: z.boolean() })
  const told = await db.pool.any(sql.type(row)`
    select place, word, even
      from ${sql.unnest(rows, ['int4', 'text', 'bool'])} as told (place, word, even)
     where word = any(${sql.array([...hard], 'text')}) order by place`)
  deepEqual(
    told.map(({ place, word, even }) => [place, word, even]),
    rows,
  )
})
