import { equal, throws } from 'node:assert/strict'
import { test } from 'node:test'
import { addressFor, safeInteger } from './database.ts'

test('database: a bigint: is a safe integer or an error (Q1)', () => {
  equal(safeInteger('9007199254740991'), Number.MAX_SAFE_INTEGER)
  equal(safeInteger('-5'), -5)
  throws(() => safeInteger('9007199254740992'), RangeError)
})

test('database: an address over a socket: is written so that URL can read it (Q3)', () => {
  const address = (url: string) => addressFor(url, 'x')
  equal(
    address('postgresql://user@/laju?host=/run/pg&port=5433'),
    'postgresql://user@%2Frun%2Fpg:5433/laju?application_name=x',
  )
  equal(address('postgres:///laju?host=/run/pg'), 'postgres://%2Frun%2Fpg/laju?application_name=x')
  equal(
    address('postgresql://user:p%40ss@%2Frun%2Fpg:5433/laju'),
    'postgresql://user:p%40ss@%2Frun%2Fpg:5433/laju?application_name=x',
  )
  equal(
    address('postgres://user:word@db:5432/laju?sslmode=require'),
    'postgres://user:word@db:5432/laju?sslmode=require&application_name=x',
  )
})
