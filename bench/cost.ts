/** `npm run cost`: what a million images cost on AWS, line by line, beside others. */
import { parseArgs } from 'node:util'
import { costOfAMillion, onDemandCost, peerCosts } from './cost/model.ts'
import { lookedUp } from './cost/prices.ts'

const help = `Prints what a million images cost on AWS, from counted calls and list prices (${lookedUp}).

  npm run cost -- [--original-mb N] [--renditions-mb N] [--upload-seconds N] [--process-seconds N]

  --original-mb      size of an original (default 3)
  --renditions-mb    size of what is made from it (default 1)
  --upload-seconds   function time to take one in (default 0.02)
  --process-seconds  function time to process one (default 1)
  --help             this text

Left out, because it costs the same however many images come: brokers, endpoints, keys, firewall (docs/deploy.md).`

const { values } = parseArgs({
  options: {
    'original-mb': { type: 'string', default: '3' },
    'renditions-mb': { type: 'string', default: '1' },
    'upload-seconds': { type: 'string', default: '0.02' },
    'process-seconds': { type: 'string', default: '1' },
    help: { type: 'boolean', short: 'h' },
  },
})

function positive(name: Exclude<keyof typeof values, 'help'>): number {
  const number = Number(values[name])
  if (number > 0) return number
  console.error(`--${name} takes a number above 0, not ${values[name]}\n\n${help}`)
  process.exit(2)
}

function print() {
  const assumed = {
    originalMB: positive('original-mb'),
    renditionsMB: positive('renditions-mb'),
    uploadSeconds: positive('upload-seconds'),
    processSeconds: positive('process-seconds'),
    batch: 20,
  }
  const lines = costOfAMillion(assumed)
  const row = (what: string, dollars: number) => console.log(`${`$${dollars.toFixed(2)}`.padStart(10)}  ${what}`)
  console.log(`A million images of ${assumed.originalMB} MB, in batches of ${assumed.batch}; prices of ${lookedUp}\n`)
  for (const { what, dollars } of lines) row(what, dollars)
  row(
    'Darkroom, all of it',
    lines.reduce((sum, { dollars }) => sum + dollars, 0),
  )
  console.log('\nFor comparison: four renditions of each, nothing kept, nothing purged\n')
  row("AWS's Dynamic Image Transformation, each rendition asked for once", onDemandCost(assumed))
  for (const { what, dollars } of peerCosts()) row(what, dollars)
}

if (values.help) console.log(help)
else print()
