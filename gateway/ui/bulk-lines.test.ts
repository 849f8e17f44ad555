import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'

type Row = { n: number; code: string; number: string; price: number; problem: string | null }
type Shelf = ReadonlyMap<string, object>
const file = new URL('./app/bulk-lines.js', import.meta.url).href
const { readLines }: { readLines: (typed: string, byCode: Shelf) => Row[] } = await import(file)

const product = (code: string, more: object = {}) =>
  [code, { code, name: code, price: 11_150, open: true, type: 'prepaid', ...more }] as const
const shelf = new Map<string, object>([
  product('XLD10'),
  product('xld25', { price: 26_150 }),
  product('TUTUP', { open: false }),
  product('PLN', { type: 'postpaid' }),
])
const problems = (typed: string) => readLines(typed, shelf).map(row => [row.n, row.problem])

test('bulk lines: product and number in either order, whatever stands between them (WUN3)', () => {
  const typed = 'XLD10 087812345678\r\n\n0878-1234-5679;XLD25\n"xld10","+62 878 1234 5670"'
  deepEqual(
    readLines(typed, shelf).map(({ n, code, number, price }) => [n, code, number, price]),
    [
      [1, 'XLD10', '087812345678', 11_150],
      [3, 'xld25', '087812345679', 26_150],
      [4, 'XLD10', '+6287812345670', 11_150],
    ],
  )
})

test('bulk lines: what is not understood is named, and nothing is guessed (WUN1)', () => {
  const typed = [
    ...['XLD10 0878', 'XLD1 0878', 'XLD10', 'TUTUP 0878', 'PLN 5300', 'XLD10 08/7'],
    ...['xld10 0878', 'XLD10 08'],
  ]
  deepEqual(problems(typed.join('\n')), [
    [1, null],
    [2, 'unknown'],
    [3, 'unreadable'],
    [4, 'closed'],
    [5, 'bill'],
    [6, 'number'],
    [7, 'twice'],
    [8, 'number'],
  ])
})

test('bulk lines: a first line that names columns is left out, another is not (WUN2)', () => {
  deepEqual(problems('product_code,destination\nXLD10,0878'), [[2, null]])
  deepEqual(problems('XLD10,0878\nproduct_code,destination'), [
    [1, null],
    [2, 'unknown'],
  ])
  equal(readLines('\n \n', shelf).length, 0)
})
