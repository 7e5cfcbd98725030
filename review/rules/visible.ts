/** Everything is there to be seen: what no rule can look into is a finding itself. */
import { moduleType } from '../infrastructure.ts'
import type { Rule } from '../rule.ts'

/** Providers whose resources the rules know; the last are Terraform's own, which make nothing. */
const known = /^(aws_|databricks_|terraform_data$|random_|time_|module$)/

/** They hold resources in a text of their own. */
const boxes = ['aws_cloudformation_stack', 'aws_cloudformation_stack_set', 'aws_cloudcontrolapi_resource']

export const visibilityRules: readonly Rule[] = [
  {
    id: 'visible/no-modules',
    title: 'Resources are made by our constructs, not by modules',
    severity: 'high',
    why: 'The review reads resources; what a module makes, and what its next version makes, it does not see.',
    source: 'docs/review.md; Terraform language, "Module blocks"',
    fix: 'Write a construct in stacks/constructs/',
    applies: [moduleType],
    check: ({ args }) => `takes what it makes from elsewhere (${args.source})`,
  },
  {
    id: 'visible/known-kinds',
    title: 'Resources are of kinds that rules know',
    severity: 'high',
    why: 'A bucket from another provider, or in a CloudFormation template, is a bucket that no rule looks at.',
    source: 'docs/review.md',
    fix: 'Use the AWS and Databricks providers’ own resources',
    applies: ['*'],
    check: ({ type }) => (!known.test(type) || boxes.includes(type)) && `is of a kind that no rule knows (${type})`,
  },
  {
    id: 'visible/no-scripts',
    title: 'A deployment runs no scripts of its own',
    severity: 'medium',
    why: 'A provisioner does what it likes with the deployment’s rights, and no plan shows it.',
    source: 'Terraform language, "Provisioners": a last resort',
    fix: 'Use a resource; or a function that the deployment calls, as for topics',
    applies: ['*'],
    check: ({ args }) => args.provisioner !== undefined && 'runs a script when it is made or destroyed',
  },
]
