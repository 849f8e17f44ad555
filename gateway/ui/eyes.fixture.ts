/**
 * What a test looks for in a page. These run there, where there are no types; each lists what
 * breaks its rule.
 */

export const tooWide = `document.documentElement.scrollWidth > innerWidth ? [document.documentElement.scrollWidth] : []`

export const tooSmall = `[...document.querySelectorAll('a, button, input, select')]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.9)
  .map(e => e.outerHTML)`

export const tooFaint = `(() => {
  const parts = css => (css.match(/[\\d.]+/g) ?? []).map(Number)
  const light = ([r, g, b]) => [r, g, b]
    .map(v => v / 255)
    .map(v => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0)
  const under = e => {
    for (let at = e; at; at = at.parentElement) {
      const [r, g, b, a = 1] = parts(getComputedStyle(at).backgroundColor)
      if (a === 1) return [r, g, b]
    }
    return [255, 255, 255]
  }
  const solid = e => (e ? Number(getComputedStyle(e).opacity) * solid(e.parentElement) : 1)
  const faint = []
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim() !== '')
    if (!own || !e.checkVisibility() || e.matches('.unseen, .skip, option')) continue
    const style = getComputedStyle(e)
    const below = under(e)
    const above = parts(style.color).map((v, i) => below[i] + (v - below[i]) * solid(e))
    const [x, y] = [light(above), light(below)].sort((a, b) => b - a)
    const ratio = (x + 0.05) / (y + 0.05)
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5)) {
      faint.push(e.className + ' ' + e.textContent + ' ' + ratio.toFixed(2))
    }
  }
  return faint
})()`
