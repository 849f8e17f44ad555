/**
 * Numbers over days or names, drawn as bars, with the same numbers in a table beside them.
 *
 * WKC1. Whatever is drawn stands in the table, too: to ears the drawing is one sentence.
 * WKC2. A loss hangs below the line; the scale always holds zero, so that lengths may be compared.
 */

import { h } from './dom.js'

const space = 'http://www.w3.org/2000/svg'
const width = 640
const height = 220
const foot = 36
const head = 14
/** Names below bars: more of them can't be read. */
const namesMax = 8

/**
 * `rows`: `{ name, short, values }`; `series`: `{ name, say }`, one for each value of a row, `say`
 * turns a value into words.
 */
export function chart({ title, summary, rows, series, first }) {
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, title, series.length > 1 && legend(series)),
    rows.length === 0 ? null : drawing(rows, summary),
    table({ title, rows, series, first }),
  )
}

const legend = series =>
  h(
    'span',
    { class: 'legend' },
    series.map(({ name }, n) =>
      h('span', null, h('i', { class: `s${n}`, 'aria-hidden': 'true' }), name),
    ),
  )

function drawing(rows, summary) {
  const all = rows.flatMap(row => row.values)
  const most = niceAbove(Math.max(1, ...all))
  const least = Math.min(0, ...all) < 0 ? -niceAbove(-Math.min(...all)) : 0
  const high = height - foot - head
  const yOf = value => head + ((most - value) / (most - least)) * high
  const svg = node('svg', {
    ...{ viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': summary },
  })
  const zero = yOf(0)
  svg.append(node('line', { class: 'axis', x1: 0, x2: width, y1: zero, y2: zero }))
  const slot = width / rows.length
  const bar = Math.min(46, (slot * 0.72) / rows[0].values.length)
  const every = Math.ceil(rows.length / namesMax)
  for (const [place, { short, values }] of rows.entries()) {
    const middle = slot * (place + 0.5)
    for (const [n, value] of values.entries()) {
      const y = Math.min(yOf(value), zero)
      const tall = Math.abs(yOf(value) - zero)
      const x = middle + (n - values.length / 2) * bar
      svg.append(
        node('rect', {
          ...{ class: `s${n}${value < 0 ? ' loss' : ''}`, x: x + 1, y, rx: 3 },
          ...{ width: Math.max(1, bar - 2), height: value === 0 ? 0 : Math.max(1, tall) },
        }),
      )
    }
    if (place % every !== 0) continue
    const name = node('text', { x: middle, y: height - 9, 'text-anchor': 'middle' })
    name.textContent = short
    svg.append(name)
  }
  return svg
}

/** The next round number. */
export function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map(step => step * power).find(step => step >= value)
}

const table = ({ title, rows, series, first }) =>
  h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'group', 'aria-label': title },
    h(
      'table',
      null,
      h('caption', { class: 'unseen' }, title),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          h('th', { scope: 'col' }, first),
          series.map(({ name }) => h('th', { scope: 'col' }, name)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(({ name, values }) =>
          h(
            'tr',
            null,
            h('th', { scope: 'row' }, name),
            values.map((value, n) => h('td', null, series[n].say(value))),
          ),
        ),
      ),
    ),
  )

function node(name, attributes) {
  const made = document.createElementNS(space, name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value))
  return made
}
