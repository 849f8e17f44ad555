/** Selects that narrow a list, with words to look for: asked for when somebody stops typing. */

import { filters, input } from './cells.js'

const pauseMs = 300

export function seeking(query, { name = 'cari', label, ...attributes }, rows, again) {
  const bar = filters(query, rows, again)
  const value = query.get(name) ?? ''
  const search = input(name, label, { type: 'search', maxlength: 100, value, ...attributes })
  const sought = () => search.control.value.trim()
  bar.node.prepend(search.node)
  let timer = 0
  search.control.addEventListener('input', () => {
    clearTimeout(timer)
    timer = setTimeout(again, pauseMs)
  })
  return {
    ...bar,
    search,
    sought,
    values: () => ({ ...bar.values(), [name]: sought() }),
    isNarrow: () => bar.isNarrow() || sought() !== '',
  }
}
