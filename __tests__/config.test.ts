import { describe, expect, it } from 'vitest'
import { ConfigError, chosenEnvironment, cloudConfig, environmentNames } from '../config.ts'

const refusal = (environment: string, variables: Record<string, string> = {}): Error => {
  try {
    cloudConfig(environment, variables)
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was refused')
}

describe('an environment', () => {
  it.each(environmentNames)('%s is known by its name', (name) => {
    expect(cloudConfig(name, {}).environment).toBe(name)
  })

  it.each(['production', 'Prod', 'PROD', '', 'local', 'toString'])(
    '"%s" is unknown, and no other is taken for it',
    (name) => {
      const error = refusal(name)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error.message).toContain('dev, staging, prod')
    },
  )

  it('is dev where none is chosen', () => {
    expect(chosenEnvironment({})).toBe('dev')
    expect(chosenEnvironment({ DARKROOM_ENV: 'prod' })).toBe('prod')
  })

  it('protects data in prod only', () => {
    expect(environmentNames.filter((name) => cloudConfig(name, {}).protectData)).toEqual(['prod'])
  })
})

describe('a variable of the shell', () => {
  it.each([
    ['DARKROOM_AWS_REGION', 'frankfurt'],
    ['DARKROOM_AWS_ACCOUNT', '12345'],
    ['DARKROOM_AWS_ENDPOINT', 'localhost:5000'],
    ['DARKROOM_STREAM', 'kinesis'],
    ['DARKROOM_GATEWAY_ID', 'my api'],
    ['DARKROOM_CERTIFICATE_ARN', 'arn:aws:acm:eu-central-1:123456789012:certificate/x'],
    ['DARKROOM_ALARM_EMAIL', 'somebody'],
    ['DARKROOM_MONTHLY_BUDGET', '-1'],
    ['DARKROOM_LOG_LEVEL', 'TRACE'],
  ])('%s that does not fit is an error that names it', (name, value) => {
    const error = refusal('dev', { [name]: value })
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toContain(name)
  })

  it.each([
    [{ DARKROOM_GATEWAY_ID: 'abcdef1234' }, 'DARKROOM_GATEWAY_ROOT'],
    [{ DARKROOM_GATEWAY_ROOT: 'abcdef1234' }, 'DARKROOM_GATEWAY_ID'],
    [{ DARKROOM_DOMAIN: 'photos.example.org' }, 'DARKROOM_CERTIFICATE_ARN'],
  ])('that means something only with another asks for it: %o', (variables, missing) => {
    expect(refusal('dev', variables).message).toContain(missing)
  })

  it('that is empty counts as absent', () => {
    expect(cloudConfig('dev', { DARKROOM_STATE_BUCKET: '', DARKROOM_STREAM: '' })).toEqual(cloudConfig('dev', {}))
  })

  it('overrides what the environment says', () => {
    expect(cloudConfig('prod', { DARKROOM_MONTHLY_BUDGET: '10', DARKROOM_STREAM: 'express' })).toMatchObject({
      monthlyBudget: 10,
      stream: { kind: 'express' },
    })
  })
})
