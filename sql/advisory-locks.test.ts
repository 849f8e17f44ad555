import { deepEqual, equal } from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { classOf, oneOf } from './advisory-locks.ts'

const root = join(import.meta.dirname, '..')
const rooms = ['engine', 'actors', 'services', 'gateway', 'broker', 'sql', 'deploy', 'bench']
const files = rooms
  .flatMap(room =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' }).map(
      name => `${room}/${name}`,
    ),
  )
  .filter(path => /\.(?:ts|mjs|sql)$/.test(path) && !/\.(?:test|fixture)\.ts$/.test(path))
  .map(path => ({ path, text: readFileSync(join(root, path), 'utf8') }))

test('advisory locks: no two meanings share a class, nor a key within one (ALK1)', () => {
  const single = Object.values(oneOf).map(pair => pair.join())
  equal(new Set(single).size, single.length)
  const many = Object.values<number>(classOf)
  equal(new Set(many).size, many.length)
  deepEqual(
    Object.values(oneOf).filter(([of]) => many.includes(of)),
    [],
  )
})

test('advisory locks: what SQL takes is named, and nobody else writes a number (ALK2)', () => {
  const named = new Set([
    ...Object.values(oneOf).map(pair => pair.join()),
    ...Object.values(classOf).map(String),
  ])
  const taken = files
    .filter(({ path }) => path.endsWith('.sql'))
    .flatMap(({ text }) => [
      ...text.matchAll(/pg_(?:try_)?advisory\w*\((\d+), *(\d+)\)/g),
      ...text.matchAll(/classid = (\d+)/g),
    ])
    .map(([, of, key]) => (key === undefined ? of! : `${of},${key}`))
  deepEqual([...new Set(taken)].sort(), ['7221,1', '7221,5', '7222', '7226,1'])
  deepEqual(
    taken.filter(one => !named.has(one)),
    [],
  )
  const elsewhere = files
    .filter(({ path }) => path.endsWith('.ts') && path !== 'sql/advisory-locks.ts')
    .filter(({ text }) => /pg_(?:try_)?advisory\w*\((?!\$)/.test(text))
    .map(({ path }) => path)
  // The lock of a cluster for tests is not in a database of ours.
  deepEqual(elsewhere, ['deploy/testing/database.ts'])
})
