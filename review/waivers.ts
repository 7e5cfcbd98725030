/**
 * What a check asks and we do not do, for a time, with somebody's name to it. At most fifteen: the sixteenth is a sign that
 * something should be fixed. A waiver that has expired, or that nothing needs any more, fails the review.
 */
export type Waiver = {
  /** Our constructs' paths without the environment; `*` stands for any part of one. */
  readonly resource: string
  /** Ids of the checks that this one reason answers. */
  readonly checks: readonly string[]
  /** Who answers for it. */
  readonly owner: string
  readonly reason: string
  /** The last day on which it holds, `YYYY-MM-DD`; a year ahead at most. */
  readonly expires: string
}

/** More would make the list a way to switch checks off. */
export const mostWaivers = 15

export const waivers: readonly Waiver[] = [
  {
    resource: '*/group',
    checks: ['CKV_AWS_338'],
    owner: 'retention',
    reason:
      'A year of logs breaks the promise: they name images, so they end after three days (logs/group-expires-in-time)',
    expires: '2027-05-31',
  },
  {
    resource: '*',
    checks: ['CKV_AWS_21', 'CKV_AWS_144', 'CKV_AWS_120', 'CKV_AWS_225'],
    owner: 'retention',
    reason:
      'Replicas, versions and cached answers are copies that the purge does not know; the lake alone is versioned, and purged by version',
    expires: '2027-05-31',
  },
  {
    resource: '*/bucket',
    checks: ['CKV2_AWS_62'],
    owner: 'processing',
    reason:
      'A notification by which writing calls a writer is the loop that recursion/* forbids; the upload publishes its event',
    expires: '2027-05-31',
  },
  {
    resource: 'ingest/*',
    checks: ['CKV_AWS_86', 'CKV2_AWS_4', 'CKV2_AWS_31'],
    owner: 'ingest',
    reason:
      'Logs of CloudFront, the firewall and the gateway’s execution hold addresses and tokens; the stage’s access log has what is needed and names nobody',
    expires: '2027-05-31',
  },
  {
    resource: '*-function/function',
    checks: ['CKV_AWS_116'],
    owner: 'processing',
    reason:
      'A dead-letter queue takes asynchronous calls only. The processor’s failures go to the failures bucket; the clock calls again; the API’s callers get the error',
    expires: '2027-05-31',
  },
  {
    resource: '*-function/function',
    checks: ['CKV_AWS_117'],
    owner: 'network',
    reason:
      'Only functions that speak to the brokers stand in the VPC; the others reach AWS’s own APIs by their roles, and nothing else',
    expires: '2027-05-31',
  },
  {
    resource: '*/bucket',
    checks: ['CKV_AWS_145'],
    owner: 'lake',
    reason:
      'The access log and the pages hold no images: S3’s own key keeps log delivery and CloudFront simple. Buckets with images are held to a key of ours by encryption/bucket',
    expires: '2027-05-31',
  },
  {
    resource: '*-function/function',
    checks: ['CKV_AWS_272'],
    owner: 'delivery',
    reason:
      'Only the deployment’s role may change code, from reproducible zips; signing them needs a profile in each account',
    expires: '2027-02-28',
  },
  {
    resource: '*-function/function',
    checks: ['CKV_AWS_173'],
    owner: 'delivery',
    reason:
      'Variables hold names of resources and no secrets (encryption/no-secrets-in-variables), and AWS encrypts them',
    expires: '2027-05-31',
  },
  {
    resource: 'ingest/web/distribution',
    checks: ['CKV_AWS_310', 'CKV_AWS_374'],
    owner: 'ingest',
    reason: 'The pages are static files that S3 keeps in three zones, and people may sign in from any country',
    expires: '2027-05-31',
  },
  {
    resource: 'ingest/*',
    checks: ['CKV_AWS_68', 'CKV2_AWS_47', 'CKV2_AWS_77'],
    owner: 'ingest',
    reason:
      'The firewall, with the rules against Log4j, stands before the API; before it are static files only. The list of anonymous addresses would turn away people behind a VPN',
    expires: '2027-05-31',
  },
  {
    resource: 'ingest/*',
    checks: ['CKV_AWS_174', 'CKV2_AWS_42', 'CKV_AWS_259'],
    owner: 'ingest',
    reason:
      'Without a domain of one’s own there is CloudFront’s certificate only; with one, reach/edge-speaks-tls asks for TLS 1.2. Preloading is for the domain’s owner to promise',
    expires: '2027-05-31',
  },
  {
    resource: 'ingest/stage/stage',
    checks: ['CKV2_AWS_51'],
    owner: 'ingest',
    reason: 'Its integrations are functions, which no client certificate reaches, and browsers have none',
    expires: '2027-05-31',
  },
  {
    resource: '*network/*',
    checks: ['CKV2_AWS_5', 'CKV_AWS_394'],
    owner: 'network',
    reason:
      'checkov follows neither references into other stacks, where the groups are attached, nor element(): zones are the first three by name, and new ones come last',
    expires: '2027-05-31',
  },
  {
    resource: 'databricks-account/network/*',
    checks: ['CKV_AWS_24', 'CKV_AWS_25', 'CKV_AWS_260'],
    owner: 'databricks',
    reason:
      'Nodes of one cluster speak to each other on all ports, within their own security group; checkov overlooks that the rule names it. reach/groups-let-nobody-in looks at addresses',
    expires: '2027-05-31',
  },
]
