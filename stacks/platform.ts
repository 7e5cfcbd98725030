/** The whole platform of one environment: which stacks there are, and which stands on which. */
import type { App } from 'cdktf'
import type { CloudConfig } from '../environments.ts'
import { ConsoleStack } from './console.ts'
import { addDatabricks } from './databricks.ts'
import { FoundationStack } from './foundation.ts'
import { IngestStack } from './ingest.ts'
import { LakeStack } from './lake.ts'
import { NetworkStack } from './network.ts'
import { ObservabilityStack } from './observability.ts'
import { ProcessingStack } from './processing.ts'
import { RetentionStack } from './retention.ts'
import { StreamStack } from './stream.ts'

/** Adds the stacks in the order in which they are deployed. @returns those that others may stand on */
export function addPlatform(app: App, config: CloudConfig) {
  const foundation = new FoundationStack(app, config)
  const network = new NetworkStack(app, { foundation })
  const lake = new LakeStack(app, { foundation })
  const stream = new StreamStack(app, { foundation, network })
  const processing = new ProcessingStack(app, { foundation, network, lake, stream })
  const retention = new RetentionStack(app, { foundation, lake })
  const console = new ConsoleStack(app, { foundation, network, lake, stream, processing })
  const ingest = new IngestStack(app, { foundation, network, lake, stream, console })
  const functions = [
    ingest.upload,
    ingest.images,
    ingest.changes,
    ingest.scopes,
    processing.process,
    processing.republish,
    retention.purge,
    ...Object.values(console.answers),
    console.measure,
  ]
  new ObservabilityStack(app, {
    foundation,
    processing,
    observed: { stage: ingest.stage, cluster: stream.cluster, processor: processing.process, functions },
  })
  addDatabricks(app, { foundation, network, lake })
  return { foundation, network, lake, stream, processing, retention, console, ingest }
}
