/** The scheduled job that makes the aggregates anew, so that they say nothing of images that are gone. */
import { Job } from '@cdktf/provider-databricks/lib/job/index.js'
import { Permissions } from '@cdktf/provider-databricks/lib/permissions/index.js'
import { Construct } from 'constructs'
import { analytics, retention } from '../../../platform.ts'
import type { PlatformStack } from '../platform-stack.ts'
import type { AnalyticsCatalog } from './analytics-catalog.ts'
import { clusterSettings } from './cluster-settings.ts'
import type { LakeOnCluster } from './lake-access.ts'
import type { WorkspaceCode } from './workspace-code.ts'

export type RefreshJobProps = {
  readonly lake: LakeOnCluster
  readonly catalog: AnalyticsCatalog
  readonly code: WorkspaceCode
  readonly analysts: string
}

const code = `/Workspace${analytics.folder}`

/** After this VACUUM, ours or that of Databricks's predictive optimization, may take away what was replaced. */
const week = `interval ${retention.images / 86_400_000} days`
const forgettingTables = {
  'spark.databricks.delta.properties.defaults.deletedFileRetentionDuration': week,
  'spark.databricks.delta.properties.defaults.logRetentionDuration': week,
}

export class RefreshJob extends Construct {
  constructor(stack: PlatformStack, id: string, props: RefreshJobProps) {
    super(stack, id)
    const settings = clusterSettings(stack, props.lake)
    const job = new Job(this, 'job', {
      name: stack.named('refresh-reports'),
      description: 'Makes the tables of aggregates anew from what the lake still holds',
      maxConcurrentRuns: 1,
      timeoutSeconds: 3000,
      schedule: { quartzCronExpression: analytics.refresh, timezoneId: 'UTC', pauseStatus: 'UNPAUSED' },
      parameter: [
        { name: 'LAKE_ROOT', default: props.lake.root },
        { name: 'SCHEMA', default: props.catalog.reports },
      ],
      jobCluster: [
        {
          jobClusterKey: 'refresh',
          newCluster: {
            ...settings,
            sparkConf: { ...settings.sparkConf, ...forgettingTables },
            // Of one principal, the job's: this mode sees the catalog, and mounts as well.
            dataSecurityMode: 'SINGLE_USER',
            numWorkers: 1,
          },
        },
      ],
      task: [
        {
          taskKey: 'refresh',
          jobClusterKey: 'refresh',
          maxRetries: 1,
          sparkPythonTask: {
            pythonFile: `${code}/jobs/refresh_reports.py`,
            source: 'WORKSPACE',
            parameters: [`${code}/src`, '{{job.parameters.LAKE_ROOT}}', '{{job.parameters.SCHEMA}}'],
          },
        },
      ],
      tags: { project: 'darkroom', environment: stack.config.environment },
      dependsOn: [...props.code.files],
    })
    new Permissions(this, 'permissions', {
      jobId: job.id,
      accessControl: [{ groupName: props.analysts, permissionLevel: 'CAN_VIEW' }],
    })
  }
}
