import { expect, it } from 'vitest'
import { explainMissing } from '../../../local/setup/system.ts'
import { requirements } from '../../../scripts/bootstrap/requirements.mjs'

it('a missing requirement is explained by what was found and the command that brings it', () => {
  const missing = [
    { requirement: requirements.java, found: '11.0.2 is too old' },
    { requirement: requirements.maven, found: 'not found' },
  ]
  expect(explainMissing(missing, { manager: 'apt', root: false, debian: true }).split('\n')).toEqual([
    'Darkroom needs something that is not on this machine:',
    '  Java 17 or later (11.0.2 is too old): sudo apt-get install -y default-jre-headless',
    '  Maven (not found): sudo apt-get install -y maven',
    '`npm run doctor` checks everything.',
  ])
})
