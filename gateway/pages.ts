/**
 * The web page's files, read once at the start and served from memory.
 *
 * GU1. Only known kinds of files are served, under a policy that allows nothing from elsewhere and
 *      nothing inline.
 * GU2. Each file carries a digest as its ETag; a browser that has it gets 304.
 */

import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import type { HttpStatus } from './answer.ts'

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
const doors: Readonly<Record<string, string>> = {
  '/ui/index.html': '/',
  '/ui/app/index.html': '/app',
  '/ui/kotak/index.html': '/kotak',
  '/ui/toko/index.html': '/toko',
  '/ui/kantor/index.html': '/kantor',
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
    const page = { type, bytes, headers: headersOf(bytes, publicUrl) }
    pages.push({ path, ...page })
    const door = doors[path]
    if (door !== undefined) pages.push({ path: door, ...page })
  }
  for (const [path, name] of Object.entries(borrowed)) {
    const bytes = readFileSync(new URL(import.meta.resolve(name)))
    pages.push({ path, type: types['.mjs']!, bytes, headers: headersOf(bytes, publicUrl) })
  }
  return pages
}

/** Not modified, or the file. */
export function choose(page: Page, ifNoneMatch: string): { status: HttpStatus; body: Buffer } {
  return ifNoneMatch.includes(page.headers['ETag']!)
    ? { status: 304, body: nothing }
    : { status: 200, body: page.bytes }
}

const nothing = Buffer.alloc(0)

/** What every page of ours is served under. */
export function headersOf(bytes: Buffer, publicUrl: string): Record<string, string> {
  const socket = publicUrl.replace(/^http/, 'ws')
  return {
    'Cache-Control': 'no-cache',
    ETag: `"${hash('sha256', bytes, 'hex').slice(0, 20)}"`,
    'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; manifest-src 'self'; connect-src 'self' ${socket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
  }
}
