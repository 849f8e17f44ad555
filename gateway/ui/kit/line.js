/** One fact in a list of facts: its name, and what it is. */

import { h } from './dom.js'

export const line = (name, ...value) => h('div', null, h('dt', null, name), h('dd', null, value))
