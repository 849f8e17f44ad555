/**
 * Comma-separated text as spreadsheets write and read it (RFC 4180). Some part cells by semicolons:
 * whoever reads says which it is.
 *
 *   text ─▶ records with the line each began on, or where it stopped making sense
 *
 * KAF1. Fields may be quoted and then hold commas, quotes and line ends; a byte order mark, line
 *       ends of any system and blank lines are no content.
 * KAF2. What a spreadsheet would take for a formula goes out with an apostrophe before it, and
 *       comes in again without: a cell means the same on the way back. Numbers are left alone.
 * RSL1. Records are handed on while the text is read, in one pass whatever stands in it: a large
 *       file neither waits for its end nor keeps anybody waiting.
 * KAF3. A quote that is never closed, or is followed by more than the separator, is told with its
 *       line.
 */

export type CsvRecord = { readonly line: number; readonly cells: readonly string[] }
export type CsvProblem = { readonly line: number; readonly problem: 'quote' | 'too_many_lines' }

type Separator = ',' | ';'

export function parseCsv(
  text: string,
  linesMax: number,
  separator: Separator = ',',
): readonly CsvRecord[] | CsvProblem {
  const records: CsvRecord[] = []
  for (const one of csvRecords(text, linesMax, separator)) {
    if ('problem' in one) return one
    records.push(one)
  }
  return records
}

/** One after the other, as they are wanted; a problem is the last one. */
export function* csvRecords(
  text: string,
  linesMax: number,
  separator: Separator = ',',
): Generator<CsvRecord | CsvProblem, void> {
  const ends = cellEnds[separator]
  let count = 0
  let line = 1
  let at = text.startsWith('\ufeff') ? 1 : 0
  while (at < text.length) {
    const began = line
    const cells: string[] = []
    for (;;) {
      if (text[at] === '"') {
        let cell = ''
        for (;;) {
          const close = text.indexOf('"', at + 1)
          if (close < 0) {
            yield { line: began, problem: 'quote' }
            return
          }
          cell += text.slice(at + 1, close)
          at = close + 1
          if (text[at] !== '"') break
          cell += '"'
        }
        line += cell.split('\n').length - 1
        if (at < text.length && text[at] !== separator && !/[\r\n]/.test(text[at]!)) {
          yield { line, problem: 'quote' }
          return
        }
        cells.push(tamed(cell))
      } else {
        ends.lastIndex = at
        const end = ends.exec(text)?.index ?? text.length
        cells.push(tamed(text.slice(at, end)))
        at = end
      }
      if (text[at] !== separator) break
      at++
    }
    if (text[at] === '\r') at++
    if (text[at] === '\n') at++
    line++
    if (cells.length === 1 && cells[0]!.trim() === '') continue
    if (count++ === linesMax) {
      yield { line: began, problem: 'too_many_lines' }
      return
    }
    yield { line: began, cells }
  }
}

const cellEnds = { ',': /[,\r\n]/g, ';': /[;\r\n]/g } as const

export function printCsv(rows: readonly (readonly string[])[]): string {
  return rows.map(cells => `${cells.map(printed).join(',')}\r\n`).join('')
}

const risky = /^'*[=+\-@\t\r]/
const isNumber = /^-?\d+$/

function printed(cell: string): string {
  const safe = risky.test(cell) && !isNumber.test(cell) ? `'${cell}` : cell
  // Excel where the comma is for cents parts cells by semicolons.
  return /[",;\r\n]/.test(safe) || safe.trim() !== safe ? `"${safe.replaceAll('"', '""')}"` : safe
}

const tamed = (cell: string): string => (/^'+[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell)
