/**
 * A QR, drawn here: what it says leaves for nobody.
 *
 * WPD1. What is drawn can be read back, down to the last sign.
 */

import qrcode from '../lib/qrcode.mjs'

/** What readers need around it. */
const quiet = 4

/** `label` is what it is called for whoever can't see it. */
export function qrDrawing(content, label) {
  const code = qrcode(0, 'M')
  code.addData(content)
  code.make()
  const modules = code.getModuleCount()
  const size = modules + 2 * quiet
  let path = ''
  for (let y = 0; y < modules; y++) {
    for (let x = 0; x < modules; x++) {
      if (!code.isDark(y, x)) continue
      let width = 1
      while (x + width < modules && code.isDark(y, x + width)) width++
      path += `M${x + quiet} ${y + quiet}h${width}v1h-${width}z`
      x += width - 1
    }
  }
  const svg = node('svg', {
    ...{ viewBox: `0 0 ${size} ${size}`, class: 'qr', role: 'img', 'aria-label': label },
    'shape-rendering': 'crispEdges',
  })
  // Styles may round its width to whole modules, so that all of them are of one size.
  svg.style.setProperty('--modules', `${size}px`)
  svg.append(
    node('rect', { width: size, height: size, fill: '#fff' }),
    node('path', { d: path, fill: '#000' }),
  )
  return svg
}

function node(tag, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}
