/**
 * What Databricks calls its own in each region of AWS: services behind private link, and the buckets that a cluster
 * must reach. From Databricks' page "IP addresses and domains for Databricks services and assets".
 */
import { ConfigError } from '../../../config.ts'

/** The account in which Databricks runs its control plane, everywhere but in GovCloud. */
export const databricksAccount = '414351767826'

export type Region = {
  /** Endpoint services: the REST API and web application, and the relay through which clusters are steered. */
  readonly api: string
  readonly relay: string
  /** Where clusters bring their logs. */
  readonly logBucket: string
  /** Where clusters fetch the runtime. */
  readonly artifactBuckets: readonly string[]
}

/** Endpoint service of the API, of the relay, and the place that Databricks calls its buckets by. */
const known: Readonly<Record<string, readonly [api: string, relay: string, place: string]>> = {
  'ap-northeast-1': ['02691fd610d24fd64', '02aa633bda3edbec0', 'tokyo'],
  'ap-northeast-2': ['0babb9bde64f34d7e', '0dc0e98a5800db5c4', 'seoul'],
  'ap-south-1': ['0dbfe5d9ee18d6411', '03fd4d9b61414f3de', 'mumbai'],
  'ap-southeast-1': ['02535b257fc253ff4', '0557367c6fc1a0c5c', 'singapore'],
  'ap-southeast-2': ['0b87155ddd6954974', '0b4a72e8f825495f6', 'sydney'],
  'ap-southeast-3': ['07a698e7e9ccfd04a', '025ca447c232c6a1b', 'jakarta'],
  'ca-central-1': ['0205f197ec0e28d65', '0c4e25bdbcbfbb684', 'montreal'],
  'eu-central-1': ['081f78503812597f7', '08e5dfca9572c85c4', 'frankfurt'],
  'eu-west-1': ['0da6ebf1461278016', '09b4eb2bc775f4e8c', 'ireland'],
  'eu-west-2': ['01148c7cdc1d1326c', '05279412bf5353a45', 'london'],
  'eu-west-3': ['008b9368d1d011f37', '005b039dd0b5f857d', 'paris'],
  'sa-east-1': ['0bafcea8cdfe11b66', '0e61564963be1b43f', 'saopaulo'],
  'us-east-1': ['09143d1e626de2f04', '00018a8c3ff62ffdf', 'virginia'],
  'us-east-2': ['041dc2b4d7796b8d3', '090a8fab0d73e39a6', 'ohio'],
  'us-west-2': ['0129f463fcfbc46c5', '0158114c0c730c3bb', 'oregon'],
}

/** @throws ConfigError where Databricks has no private link that we know of */
export function databricksRegion(region: string): Region {
  const found = known[region]
  if (!found) {
    throw new ConfigError(
      `DARKROOM_AWS_REGION: Databricks' private link in ${region} is not known; it is in ${Object.keys(known).join(', ')}`,
    )
  }
  const [api, relay, place] = found
  const service = (id: string) => `com.amazonaws.vpce.${region}.vpce-svc-${id}`
  return {
    api: service(api),
    relay: service(relay),
    logBucket: `databricks-prod-storage-${place}`,
    artifactBuckets: [
      `databricks-prod-artifacts-${region}`,
      ...(region === 'us-west-2' ? ['databricks-update-oregon'] : []),
    ],
  }
}
