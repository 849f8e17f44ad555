import { deepEqual, ok } from 'node:assert/strict'
import { test } from 'node:test'
import { acquirerForm, bankForm, readFile } from './recon-file.ts'

const day = '2026-10-14'
const bank = (text: string) => readFile({ day, text }, bankForm)
const acquirer = (text: string) => readFile({ day, text }, acquirerForm)
const rowsOf = <T>(told: { readonly rows: readonly T[] } | object): readonly T[] => {
  ok('rows' in told, JSON.stringify(told))
  return told.rows as readonly T[]
}
const flawOf = (told: object): unknown => {
  ok('refused' in told && 'details' in told, JSON.stringify(told))
  deepEqual(told.refused, 'STATEMENT_UNREADABLE')
  return told.details
}
const head = 'date,description,reference,debit,credit'

test('file: a heading without what is needed: refused with the columns (DKR1)', () => {
  for (const [text, columns] of [
    ['Tanggal,Keterangan,Referensi,Debet,Kredit', ['date', 'reference', 'debit', 'credit']],
    ['<html>not found</html>', ['date', 'reference', 'debit', 'credit']],
    ['date,description,reference,debit', ['credit']],
    ['date,reference,debit,debit,credit', ['debit']],
  ] as const) {
    deepEqual(flawOf(bank(`${text}\n${day},x,X-9,9000,0\n`)), {
      ...{ line: 1, problem: 'heading', columns },
    })
  }
  deepEqual(flawOf(acquirer('id,net\nA,1')), {
    ...{ line: 1, problem: 'heading', columns: ['reference / rrn', 'amount / gross'] },
  })
  deepEqual(flawOf(acquirer('')), { line: 1, problem: 'empty' })
  deepEqual(rowsOf(bank(head)), [], 'a day on which nothing was')
})

test('file: a row of another width, or without a day: refused with its line (DKR1)', () => {
  const good = `${day},x,X-9,9000,0`
  for (const [row, problem] of [
    [`${good},0`, 'width'],
    [`${day},x,X-9,9000`, 'width'],
    [',x,X-9,9000,0', 'date'],
    [`${day},x,X-9,9.000,0`, 'debit'],
    [`${day},x,X-9,0,-5`, 'credit'],
    [`${day},x,${'X'.repeat(201)},9000,0`, 'reference'],
    [`${day},x,X\0,9000,0`, 'reference'],
  ] as const) {
    deepEqual(flawOf(bank([head, good, row].join('\n'))), { line: 3, problem })
  }
  deepEqual(flawOf(acquirer('paid_at,rrn,gross\n,R1,5\n')), { line: 2, problem: 'date' })
  deepEqual(flawOf(acquirer('rrn,gross,net\nR1,5,\n')), { line: 2, problem: 'net' })
})

test('file: moments: as a clock in Jakarta shows them, wherever the server stands (DKR2)', () => {
  const told = (moment: string) => bank(`${head}\n${moment},x,X-9,100,0`)
  for (const moment of [
    ...[day, `${day} 20:15:00`, `${day}T20:15:00`, `${day} 23:59`, `${day} 00:00:00.5`],
    ...[`${day}T16:59:59Z`, '2026-10-13T17:00:00.000Z', `${day}T23:59:59+07:00`],
    ...['2026-10-15T00:30:00+09:00', '2026-10-13 17:00:00 +00:00'],
  ]) {
    deepEqual(rowsOf(told(moment)).length, 1, moment)
  }
  for (const moment of [`${day}T17:00:00Z`, '2026-10-15 00:00:00', '2026-10-13']) {
    const read = told(moment)
    deepEqual('others' in read && read.others, 1, moment)
  }
  for (const moment of [
    ...['07/08/2026', '14-10-2026', '10/14/2026', '20261014', '14 Oct 2026', '2026-02-30'],
    ...['2026-02-30 10:00', `${day} 25:00`, `${day} 8pm`, `${day}T10:00:00+7`, '2026-10', 'x'],
  ]) {
    deepEqual(flawOf(told(moment)), { line: 2, problem: 'date' }, moment)
  }
})

test('file: as Excel writes it: semicolons, cents after a comma, blank rows (DKR3)', () => {
  deepEqual(
    rowsOf(bank('date;description;reference;debit;credit\n2026-10-14;"A;B";X;9000,00;\n;;;;')),
    [{ reference: 'X', description: 'A;B', debit: 9_000, credit: 0 }],
  )
})

test('file: a report without what will be paid: unknown, not nothing (DKR4)', () => {
  const one = { reference: 'R1', type: 'payment', amount: 5_000 }
  deepEqual(rowsOf(acquirer('reference,amount\nR1,5000\n')), [{ ...one, net: null }])
  deepEqual(rowsOf(acquirer('rrn,gross,net\nR1,5000,0\n')), [{ ...one, net: 0 }])
})

test('file: a refund takes back, with whichever sign its net is written (DKR5)', () => {
  const nets = (text: string) => rowsOf(acquirer(text)).map(row => row.net)
  const head = 'rrn,type,gross,net\n'
  deepEqual(nets(`${head}R1,payment,5000,4965\nR2,REFUND,5000,4965\n`), [4_965, -4_965])
  deepEqual(nets(`${head}R1,Refund,-5000,-4965\nR2,payment,-700,695\n`), [-4_965, -695])
  deepEqual(nets(`${head}R1,refund,5000,0\n`), [0])
  deepEqual(nets('rrn,type,gross\nR1,refund,5000\n'), [null])
})
