// What the machine itself must have: how to see whether it is there, and what exactly to install where it is not.
// Plain JavaScript, because `npm run doctor` tells it before any package is there.
import { existsSync, readFileSync } from 'node:fs'
import { run } from './command.mjs'

/**
 * @typedef {object} Verdict
 * @property {boolean} ok
 * @property {string} found the version found, or what is wrong
 *
 * @typedef {'npm start' | 'npm test' | 'npm run notebooks' | 'npm run bench'} Command
 *
 * @typedef {object} Requirement
 * @property {string} title
 * @property {readonly Command[]} neededBy
 * @property {() => Promise<Verdict>} probe
 * @property {{ apt?: string, dnf?: string, brew?: string, otherwise: string }} get packages of each system
 */

/** What a command prints of its version, on whichever output; undefined when it is not there or fails. */
async function printed(/** @type {string} */ command, /** @type {readonly string[]} */ ...args) {
  /** @type {string[]} */
  const lines = []
  try {
    await run(command, args, { onLine: (line) => lines.push(line) })
    return lines.join('\n')
  } catch {
    return undefined
  }
}

/**
 * The verdict on a version number.
 * @param {string | undefined} text what the command printed
 * @param {RegExp} pattern whose first group is the version
 * @param {string} atLeast as `17` or `3.10`
 * @returns {Verdict}
 */
export function versionVerdict(text, pattern, atLeast) {
  if (text === undefined) return { ok: false, found: 'not found' }
  const found = pattern.exec(text)?.[1]
  if (found === undefined) return { ok: false, found: 'does not tell its version' }
  const least = atLeast.split('.').map(Number)
  const parts = found.split('.').map(Number)
  const first = least.findIndex((part, index) => (parts[index] ?? 0) !== part)
  const ok = first === -1 || (parts[first] ?? 0) > (least[first] ?? 0)
  return { ok, found: ok ? found : `${found} is too old` }
}

const browsers = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * Where a command lies, by the PATH.
 * @param {string} name
 */
const which = async (name) => (await printed('sh', '-c', `command -v ${name}`))?.trim()

/** The browser for the browser tests, as an absolute path. */
export async function findChromium() {
  for (const name of browsers) {
    const path = await which(name)
    if (path) return path
  }
}

/** Go builds the S3 gateway. Since 1.21 it fetches the toolchain that a module asks for. */
const goProbe = async () => versionVerdict(await printed('go', 'version'), /go([\d.]+)/, '1.21')

/** Python with what `python3 -m venv` needs; Debian ships that apart. */
async function pythonProbe() {
  const verdict = versionVerdict(await printed('python3', '--version'), /Python ([\d.]+)/, '3.10')
  if (!verdict.ok || (await printed('python3', '-c', 'import venv, ensurepip')) !== undefined) return verdict
  return { ok: false, found: `${verdict.found} without venv` }
}

/** @satisfies {Record<string, Requirement>} */
export const requirements = {
  node: {
    title: 'Node 20 or later',
    neededBy: ['npm start', 'npm test', 'npm run notebooks'],
    probe: async () => versionVerdict(process.version, /v([\d.]+)/, '20'),
    get: { brew: 'node', otherwise: 'Node 20 or later from https://nodejs.org' },
  },
  npm: {
    title: 'npm',
    neededBy: ['npm start', 'npm test', 'npm run notebooks'],
    probe: async () => versionVerdict(await printed('npm', '--version'), /([\d.]+)$/, '9'),
    get: { apt: 'npm', brew: 'node', otherwise: 'npm, which comes with Node from https://nodejs.org' },
  },
  java: {
    title: 'Java 17 or later',
    neededBy: ['npm start', 'npm test'],
    probe: async () => versionVerdict(await printed('java', '-version'), /version "([\d.]+)/, '17'),
    get: {
      apt: 'default-jre-headless',
      dnf: 'java-17-openjdk-headless',
      brew: 'openjdk@17',
      otherwise: 'a JDK 17 or later, such as Temurin from https://adoptium.net',
    },
  },
  maven: {
    title: 'Maven',
    neededBy: ['npm start', 'npm test'],
    probe: async () => versionVerdict(await printed('mvn', '--version'), /Apache Maven ([\d.]+)/, '3.6.3'),
    get: { apt: 'maven', dnf: 'maven', brew: 'maven', otherwise: 'Maven from https://maven.apache.org' },
  },
  go: {
    title: 'Go 1.21 or later',
    neededBy: ['npm start', 'npm test'],
    probe: goProbe,
    get: {
      dnf: 'golang',
      brew: 'go',
      otherwise: 'Go from https://go.dev/dl, or Python 3 with venv, which can bring it',
    },
  },
  python: {
    title: 'Python 3.10 or later with venv',
    neededBy: ['npm test', 'npm run notebooks'],
    probe: pythonProbe,
    get: { apt: 'python3 python3-venv', dnf: 'python3', brew: 'python', otherwise: 'Python from https://python.org' },
  },
  chromium: {
    title: 'Chromium',
    neededBy: ['npm test'],
    probe: async () => {
      const path = await findChromium()
      return { ok: path !== undefined, found: path ?? 'not found' }
    },
    get: {
      apt: 'chromium fonts-liberation',
      dnf: 'chromium',
      brew: '--cask chromium',
      otherwise: 'Chromium or Google Chrome, on the PATH',
    },
  },
  imagemagick: {
    title: 'ImageMagick 6.9 or later, a peer to measure against',
    neededBy: ['npm run bench'],
    probe: async () => versionVerdict(await printed('/usr/bin/convert', '-version'), /ImageMagick ([\d.]+)/, '6.9'),
    // The second package brings AVIF.
    get: {
      apt: 'imagemagick libmagickcore-6.q16-6-extra',
      dnf: 'ImageMagick',
      otherwise: 'ImageMagick as /usr/bin/convert',
    },
  },
}

/** @typedef {keyof typeof requirements} RequirementName */

/**
 * What says which packages to install: the system's package manager, and whether we may call it ourselves.
 * @typedef {{ manager: 'apt' | 'dnf' | 'brew' | undefined, root: boolean, debian: boolean }} System
 * @returns {System}
 */
export function thisSystem() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
  const manager =
    process.platform === 'darwin'
      ? 'brew'
      : existsSync('/usr/bin/apt-get')
        ? 'apt'
        : existsSync('/usr/bin/dnf')
          ? 'dnf'
          : undefined
  return { manager, root: process.getuid?.() === 0, debian: /^ID=["']?debian/m.test(release) }
}

const installWith = { apt: 'apt-get install -y', dnf: 'dnf install -y', brew: 'brew install' }

/**
 * The exact words that bring a requirement: a command where the system's packages have it.
 * @param {Requirement} requirement
 * @param {System} system
 */
export function howToGet({ get }, { manager, root }) {
  const packages = manager && get[manager]
  if (!packages) return `install ${get.otherwise}`
  return `${root || manager === 'brew' ? '' : 'sudo '}${installWith[manager]} ${packages}`
}
