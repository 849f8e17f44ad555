/**
 * One small drawing per moment: hello, waiting, success, over. They are part of the first files,
 * so nothing is loaded for them; they move by nomor.css alone, and stand still for whoever asks for
 * it.
 */

const drawings = {
  hello: `
    <ellipse class="ground" cx="110" cy="146" rx="70" ry="6"/>
    <g class="phone"><rect class="body" x="78" y="26" width="64" height="114" rx="14"/>
      <rect class="glass" x="85" y="38" width="50" height="88" rx="6"/>
      <path class="ink" d="M103 32h14"/></g>
    <g class="bubble one"><path class="leaf" d="M22 50h66a12 12 0 0 1 12 12v16a12 12 0 0 1-12 12H52l-14 13v-13H22a12 12 0 0 1-12-12V62a12 12 0 0 1 12-12z"/>
      <path class="dots" d="M30 70h.01M46 70h.01M62 70h.01M78 70h.01"/></g>
    <g class="bubble two"><path class="sun" d="M146 74h44a11 11 0 0 1 11 11v12a11 11 0 0 1-11 11h-4v11l-12-11h-28a11 11 0 0 1-11-11V85a11 11 0 0 1 11-11z"/>
      <path class="tick" d="M158 91l7 7 13-14"/></g>
    <path class="spark" d="M166 40v12m-6-6h12M40 22v8m-4-4h8"/>`,
  waiting: `
    <circle class="ring" cx="110" cy="78" r="44"/>
    <circle class="ring late" cx="110" cy="78" r="44"/>
    <rect class="body" x="86" y="36" width="48" height="86" rx="12"/>
    <rect class="glass" x="92" y="46" width="36" height="64" rx="5"/>
    <path class="dots beat" d="M100 78h.01M110 78h.01M120 78h.01"/>`,
  success: `
    <path class="spark" d="M52 44v14m-7-7h14M170 34v12m-6-6h12M164 118v10m-5-5h10M48 112v8m-4-4h8"/>
    <circle class="coin" cx="110" cy="78" r="46"/>
    <path class="tick draw" d="M88 79l16 16 29-32"/>`,
  over: `
    <ellipse class="ground" cx="110" cy="142" rx="56" ry="6"/>
    <g class="sway"><circle class="body" cx="110" cy="80" r="50"/>
      <circle class="glass" cx="110" cy="80" r="39"/>
      <path class="ink hand" d="M110 56v24l15 10"/></g>
    <g class="shield"><path class="leaf" d="M150 92l24 8v16c0 15-10 24-24 29-14-5-24-14-24-29v-16z"/>
      <path class="tick" d="M139 118l8 8 14-15"/></g>`,
}

export function scene(name) {
  const markup = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 220 156">${drawings[name]}</svg>`
  const svg = document.importNode(
    new DOMParser().parseFromString(markup, 'image/svg+xml').documentElement,
    true,
  )
  svg.setAttribute('class', `scene ${name}`)
  svg.setAttribute('aria-hidden', 'true')
  return svg
}
