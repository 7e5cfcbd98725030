/** Where images come in: people, the API, its firewall, the producer, and the web application. */
import type { Construct } from 'constructs'
import { openApiDocument } from '../contract/openapi.ts'
import { callbackPage } from '../contract/web.ts'
import { layout, topics } from '../platform.ts'
import type { ConsoleStack } from './console.ts'
import { ApiStage } from './constructs/api-stage.ts'
import { Firewall } from './constructs/firewall.ts'
import { PlatformFunction } from './constructs/function.ts'
import { PlatformStack } from './constructs/platform-stack.ts'
import { RestApi } from './constructs/rest-api.ts'
import { UserPool } from './constructs/user-pool.ts'
import { WebApp } from './constructs/web-app.ts'
import { UploadsFromPages, WebFiles } from './constructs/web-files.ts'
import type { FoundationStack } from './foundation.ts'
import type { LakeStack } from './lake.ts'
import type { NetworkStack } from './network.ts'
import type { StreamStack } from './stream.ts'

export type IngestProps = {
  readonly foundation: FoundationStack
  readonly network: NetworkStack
  readonly lake: LakeStack
  readonly stream: StreamStack
  readonly console: ConsoleStack
}

export class IngestStack extends PlatformStack {
  readonly upload: PlatformFunction<'upload'>
  readonly images: PlatformFunction<'images'>
  readonly changes: PlatformFunction<'changes'>
  /** Without it nobody's token has a scope. */
  readonly scopes: PlatformFunction<'scopes'>
  readonly stage: ApiStage
  readonly firewall: Firewall

  constructor(scope: Construct, props: IngestProps) {
    super(scope, 'ingest', props.foundation.config)
    const { logKey } = props.foundation
    const { lake } = props
    const document = openApiDocument()

    this.upload = new PlatformFunction(this, {
      name: 'upload',
      logKey,
      network: props.network.forFunctions,
      environment: (grantee) => ({
        ...lake.bucket.grant(grantee, {
          read: [layout.images],
          // Presigned parts carry the permission of whoever signs them.
          write: [layout.images],
          parts: [layout.images],
          list: true,
        }),
        ...lake.ledger.grant(grantee, {
          read: true,
          insert: true,
          update: true,
          remove: true,
          // For the quota.
          indexes: ['byOwner'],
        }),
        ...props.stream.cluster.grantPublish(grantee, [topics.images]),
        IMAGES_TOPIC: topics.images.name,
      }),
    })
    this.images = new PlatformFunction(this, {
      name: 'images',
      logKey,
      environment: (grantee) => ({
        ...lake.bucket.grant(grantee, {
          // Presigned links carry the permission of whoever signs them.
          read: [layout.images, layout.receipts],
          // Receipts are written and never deleted: not by a function.
          write: [layout.runs, layout.receipts],
          erase: [layout.images, layout.metadata],
          list: true,
        }),
        ...lake.ledger.grant(grantee, { read: true, update: true, remove: true, indexes: ['byOwner', 'byContent'] }),
        // Entries that wait for a receipt are read, and taken away when they have theirs.
        ...lake.runs.grant(grantee, { read: true, insert: true, remove: true }),
        ...lake.receiptKey.grantSign(grantee),
      }),
    })

    this.changes = new PlatformFunction(this, {
      name: 'changes',
      logKey,
      environment: (grantee) => ({
        ...lake.bucket.grant(grantee, { read: [layout.images] }),
        ...lake.ledger.grant(grantee, { read: true, indexes: ['byChange'] }),
      }),
    })

    this.scopes = new PlatformFunction(this, { name: 'scopes', logKey, environment: () => ({}) })
    const userPool = new UserPool(this, 'people', { scopesFunction: this.scopes })
    const api = new RestApi(this, 'api', {
      answers: { upload: this.upload, images: this.images, changes: this.changes, ...props.console.answers },
      userPool,
    })
    this.stage = new ApiStage(this, 'stage', { api, logKey })
    this.firewall = new Firewall(this, 'firewall', { stage: this.stage, document })

    const web = new WebApp(this, 'web', {
      stage: this.stage,
      document,
      accessLog: lake.accessLog,
      origins: {
        // Keys and the discovery document come from the pool's issuer, tokens from the sign-in page's origin.
        identity: `https://cognito-idp.${this.config.region}.amazonaws.com ${userPool.signInOrigin}`,
        lake: `https://${lake.bucket.domainName}`,
      },
    })
    const clientId = userPool.addWebClient(web.origin, callbackPage)
    new WebFiles(this, 'web-files', {
      bucket: web.bucket,
      identity: { issuer: userPool.issuer, clientId },
      databricks: this.config.databricks,
    })
    new UploadsFromPages(this, 'uploads-from-pages', { lake: lake.bucket, origin: web.origin })
  }
}
