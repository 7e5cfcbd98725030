import { describe, expect, it } from 'vitest'
import { baseUrl, createApp } from '../../../functions/shared/http.ts'
import { regionOf } from '../../../functions/shared/kafka.ts'
import { createLogger } from '../../../functions/shared/log.ts'
import { apiEvent } from '../../support/api-event.ts'

async function addressFor(headers: Record<string, string>): Promise<string> {
  const app = createApp(createLogger())
  app.get('/images', (context) => context.text(baseUrl(context)))
  const event = apiEvent({ method: 'GET', path: '/images', headers })
  return (await app.request('/images', { headers: { host: 'api.test', ...headers } }, { event })).text()
}

describe('the address in answers', () => {
  it('has the stage where people reach the gateway itself', async () => {
    expect(await addressFor({ 'x-forwarded-proto': 'https' })).toBe('https://api.test/v1')
  })

  it("is CloudFront's, without the stage, where it stands before the gateway", async () => {
    expect(await addressFor({ 'x-forwarded-host': 'photos.example.org' })).toBe('https://photos.example.org')
  })
})

describe('the region that a Kafka token is signed for', () => {
  it.each([
    ['b-1.darkroomprod.x1y2z3.c4.kafka.eu-central-1.amazonaws.com:9098', 'eu-central-1'],
    ['boot-abc.c2.kafka-serverless.us-west-2.amazonaws.com:9098', 'us-west-2'],
  ])('is that of the brokers %s', (brokers, region) => {
    expect(regionOf(brokers)).toBe(region)
  })

  it('is not guessed for brokers that are not MSK', () => {
    expect(() => regionOf('127.0.0.1:9092')).toThrow('not MSK')
  })
})
