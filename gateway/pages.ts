/**
 * The web page's files, read once at the start and served from memory.
 *
 * GU1. Only known kinds of files are served, under a policy that allows nothing from elsewhere and
 *      nothing inline.
 * GU2. Each file carries a digest as its ETag; a browser that has it gets 304.
 * GU3. A worker that keeps an area's files on the device begins with their names and with a digest
 *      of all of them: whatever changes in one of them makes another worker.
 * GU4. Text goes packed to who takes gzip, with an ETag of its own; it is packed once, when it is
 *      asked for first.
 * GU5. Areas that begin alike have one page between them, each with its own name in it.
 * GU6. Whoever types a slash behind the name of an area or of `/docs` is led to its page, with
 *      whatever else he asked.
 */

import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { HttpStatus } from './answer.ts'
import { takesGzip } from './printed.ts'

export type Page = {
  readonly path: string
  readonly type: string
  readonly bytes: Buffer
  readonly headers: Readonly<Record<string, string>>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Where a person comes in. */
const doors: Readonly<Record<string, readonly string[]>> = {
  '/ui/index.html': ['/'],
  '/ui/kotak/index.html': ['/kotak'],
  '/ui/nomor/index.html': ['/nomor', '/nomor/'],
}

/** Areas that begin alike: one page, with the name of each in it. */
const template = '/ui/kit/area.html'
const areas = ['app', 'toko', 'kantor'] as const

/** Workers, at the height from which they see their area, and what they keep of it. */
const workers: Readonly<Record<string, { readonly at: string; readonly keeps: RegExp }>> = {
  '/ui/nomor/worker.js': {
    at: '/nomor-worker.js',
    keeps: /^\/nomor\/?$|^\/ui\/(?:nomor|kit|lib)\/|^\/ui\/base\.css$/,
  },
}

/** Modules of others that pages import, as they came: nothing is built. */
const borrowed: Readonly<Record<string, string>> = {
  '/ui/lib/qrcode.mjs': 'qrcode-generator',
}

export function readPages(folder: string, publicUrl: string): readonly Page[] {
  let names: readonly string[]
  try {
    names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  const pages: Page[] = []
  for (const name of names) {
    const type = types[extname(name)]
    if (type === undefined || name.split(sep).some(part => part.startsWith('.'))) continue
    const file = join(folder, name)
    const bytes = readFileSync(file)
    const path = `/ui/${relative(folder, file).split(sep).join('/')}`
    if (path === template) {
      pages.push(...areas.map(area => areaOf(area, bytes, publicUrl)))
      continue
    }
    const page = { type, bytes, headers: headersOf(bytes, publicUrl) }
    pages.push({ path, ...page })
    for (const door of doors[path] ?? []) pages.push({ path: door, ...page })
  }
  for (const [path, name] of Object.entries(borrowed)) {
    const bytes = readFileSync(new URL(import.meta.resolve(name)))
    pages.push({ path, type: types['.mjs']!, bytes, headers: headersOf(bytes, publicUrl) })
  }
  return [...pages, ...pages.flatMap(page => workerOf(page, pages, publicUrl))]
}

/** Names that a person types, behind which a slash would else lead nowhere. */
export function unslashed(pages: readonly Page[]): readonly string[] {
  const paths = new Set([...pages.map(({ path }) => path), '/docs'])
  return [...paths].filter(path => /^\/[a-z]+$/.test(path) && !paths.has(`${path}/`))
}

function areaOf(area: string, begin: Buffer, publicUrl: string): Page {
  const bytes = Buffer.from(begin.toString().replaceAll('{area}', area))
  const headers = headersOf(bytes, publicUrl)
  return { path: `/${area}`, type: types['.html']!, bytes, headers }
}

/** The page is a worker's text: with what it keeps, at the height from which it works. */
function workerOf({ path, type, bytes }: Page, pages: readonly Page[], publicUrl: string): Page[] {
  const worker = workers[path]
  if (worker === undefined) return []
  const kept = pages.filter(one => one.path !== path && worker.keeps.test(one.path))
  const files = kept.map(one => one.path).sort()
  const version = hash(
    'sha256',
    kept
      .map(one => one.headers['ETag'])
      .sort()
      .join(),
    'hex',
  )
  const shell = JSON.stringify({ version: version.slice(0, 20), files })
  const whole = Buffer.concat([Buffer.from(`const shell = ${shell}\n\n`), bytes])
  return [{ path: worker.at, type, bytes: whole, headers: headersOf(whole, publicUrl) }]
}

type Chosen = {
  readonly status: HttpStatus
  readonly body: Buffer
  readonly headers: Page['headers']
}

/** Not modified, or the file; packed where `accept` names gzip. */
export function choose(page: Page, ifNoneMatch: string, accept = ''): Chosen {
  const { bytes, headers } = takesGzip(accept) && isText.test(page.type) ? packedOf(page) : page
  return ifNoneMatch.includes(headers['ETag']!)
    ? { status: 304, body: nothing, headers }
    : { status: 200, body: bytes, headers }
}

const isText = /^text\/|json|svg/
const packedPages = new WeakMap<Buffer, Pick<Page, 'bytes' | 'headers'>>()

function packedOf({ bytes, headers }: Page): Pick<Page, 'bytes' | 'headers'> {
  const known = packedPages.get(bytes)
  if (known !== undefined) return known
  const made = {
    bytes: gzipSync(bytes),
    headers: {
      ...headers,
      ETag: headers['ETag']!.replace(/"$/, '-gzip"'),
      'Content-Encoding': 'gzip',
    },
  }
  packedPages.set(bytes, made)
  return made
}

const nothing = Buffer.alloc(0)

/** What every page of ours is served under. */
export function headersOf(bytes: Buffer, publicUrl: string): Record<string, string> {
  const socket = publicUrl.replace(/^http/, 'ws')
  return {
    'Cache-Control': 'no-cache',
    Vary: 'Accept-Encoding',
    ETag: `"${hash('sha256', bytes, 'hex').slice(0, 20)}"`,
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src 'self' ${socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  }
}
