import { deepEqual, equal } from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { csvRecords, parseCsv, printCsv } from './csv.ts'

const cellsOf = (text: string) => {
  const parsed = parseCsv(text, 1_000)
  return 'problem' in parsed ? parsed : parsed.map(({ cells }) => cells)
}

test('csv: any table: comes back cell by cell as it went (KAF1) (KAF2)', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc
      .array(fc.constantFrom('"', ',', '\n', '\r', "'", '=', '+', '-', '@', '\t', 'a', ' '))
      .map(letters => letters.join('')),
  )
  // A line of one empty cell is a blank line, which is no content.
  const row = fc.array(cell, { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), rows => {
      deepEqual(cellsOf(printCsv(rows)), rows)
      deepEqual(cellsOf(`\ufeff${printCsv(rows)}`), rows)
    }),
    { numRuns: 500 },
  )
})

test('csv: line ends of any system, blank lines, no last line end (KAF1)', () => {
  const rows = [
    ['a', 'b'],
    ['1', ''],
    ['', '2'],
  ]
  for (const end of ['\n', '\r\n', '\r']) {
    deepEqual(cellsOf(['a,b', '', '1,', ',2'].join(end)), rows)
  }
  deepEqual(cellsOf(''), [])
})

test('csv: parted by semicolons: commas are content (KAF1)', () => {
  const parsed = parseCsv('a;b\n"1;2";3,00\n', 10, ';')
  deepEqual('problem' in parsed ? parsed : parsed.map(({ cells }) => cells), [
    ['a', 'b'],
    ['1;2', '3,00'],
  ])
  deepEqual(parseCsv('"a",b', 10, ';'), { line: 1, problem: 'quote' })
})

test('csv: lines are counted as an editor does, quoted line ends included (KAF1)', () => {
  const parsed = parseCsv('a,b\n"one\ntwo",1\n\nlast,2\n', 10)
  deepEqual('problem' in parsed ? parsed : parsed.map(({ line }) => line), [1, 2, 5])
})

test('csv: formulas: neutral for a spreadsheet, numbers stay numbers (KAF2)', () => {
  deepEqual(
    ['=1+1', '+62', '-300', '@SUM', "'=x", '-', '"', '\tx', 'plain'].map(cell =>
      printCsv([[cell]]).trimEnd(),
    ),
    ["'=1+1", "'+62", '-300', "'@SUM", "''=x", "'-", '""""', "'\tx", 'plain'],
  )
})

test('csv: a semicolon in a cell: quoted, whichever a spreadsheet parts by (KAF1)', () => {
  equal(printCsv([['Toko A;B', 'x']]), '"Toko A;B",x\r\n')
  deepEqual(cellsOf(printCsv([['Toko A;B', 'x']])), [['Toko A;B', 'x']])
})

test('csv: quotes that make no sense, and too much: told with their line (KAF3)', () => {
  deepEqual(cellsOf('a\n"open'), { line: 2, problem: 'quote' })
  deepEqual(cellsOf('a\nb\n"x"y'), { line: 3, problem: 'quote' })
  deepEqual(parseCsv('1\n2\n3', 2), { line: 3, problem: 'too_many_lines' })
})

test('csv: records: handed on before the text is read to its end (RSL1)', () => {
  const records = csvRecords('a,b\n1,2\n"open', 10)
  deepEqual(records.next().value, { line: 1, cells: ['a', 'b'] })
  deepEqual(records.next().value, { line: 2, cells: ['1', '2'] })
  deepEqual([...records], [{ line: 3, problem: 'quote' }])
})

test('csv: eight megabytes of whatever hurts: one pass (RSL1)', { timeout: 120_000 }, () => {
  const bytes = 8 * 1024 * 1024
  for (const [piece, end] of [
    ['a,b,c\n', ''],
    ['"",', '\n'],
    ['""', '"'],
    ['"\n', '"'],
    ["'''", '\n'],
    ['\r', ''],
    [' ', ''],
    [',', ''],
    ['"x', ''],
  ] as const) {
    const text = piece.repeat(Math.floor(bytes / piece.length)) + end
    let cells = 0
    for (const one of csvRecords(text, Number.MAX_SAFE_INTEGER)) {
      cells += 'cells' in one ? one.cells.length : 1
    }
    equal(Number.isSafeInteger(cells), true)
  }
})
