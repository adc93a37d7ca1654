/** The console's services: the name of each, what it is called, and its home page. */

/**
 * The services by the names of their AWS CLI commands, with the few names that people use instead: the name that AWS uses (`Amazon EC2` is
 * `EC2`), and the path of the home page if it is not `NAME/home`, from the links in AWS's documentation. A `global` service has
 * one console for all regions. This is not a complete list: any other page has a path.
 */
const services: Readonly<Record<string, readonly [title: string, path?: string, scope?: "global"]>> = {
  acm: ["Certificate Manager"],
  apigateway: ["API Gateway"],
  appsync: ["AppSync"],
  athena: ["Athena"],
  backup: ["Backup"],
  batch: ["Batch"],
  bedrock: ["Bedrock"],
  billing: ["Billing and Cost Management", "billing/home", "global"],
  ce: ["Cost Explorer", "cost-management/home", "global"],
  cloudformation: ["CloudFormation"],
  cloudfront: ["CloudFront", "cloudfront/v4/home", "global"],
  cloudshell: ["CloudShell"],
  cloudtrail: ["CloudTrail"],
  cloudwatch: ["CloudWatch"],
  codeartifact: ["CodeArtifact", "codesuite/codeartifact/home"],
  codebuild: ["CodeBuild", "codesuite/codebuild/home"],
  codecommit: ["CodeCommit", "codesuite/codecommit/home"],
  codedeploy: ["CodeDeploy", "codesuite/codedeploy/home"],
  codepipeline: ["CodePipeline", "codesuite/codepipeline/home"],
  cognito: ["Cognito"],
  config: ["Config"],
  controltower: ["Control Tower"],
  directconnect: ["Direct Connect", "directconnect/v2/home"],
  dms: ["Database Migration Service", "dms/v2/home"],
  dynamodb: ["DynamoDB", "dynamodbv2/home"],
  ec2: ["EC2"],
  ecr: ["Elastic Container Registry"],
  ecs: ["Elastic Container Service"],
  efs: ["Elastic File System"],
  eks: ["Elastic Kubernetes Service"],
  elasticache: ["ElastiCache"],
  elasticbeanstalk: ["Elastic Beanstalk"],
  emr: ["EMR"],
  events: ["EventBridge"],
  firehose: ["Data Firehose"],
  fsx: ["FSx"],
  glue: ["Glue"],
  guardduty: ["GuardDuty"],
  health: ["Health Dashboard", "health/home", "global"],
  iam: ["IAM", "iam/home", "global"],
  kafka: ["Managed Streaming for Apache Kafka", "msk/home"],
  kinesis: ["Kinesis"],
  kms: ["Key Management Service"],
  lambda: ["Lambda"],
  logs: ["CloudWatch Logs", "cloudwatch/home#logsV2:log-groups"],
  opensearch: ["OpenSearch Service", "aos/home"],
  organizations: ["Organizations", "organizations/home", "global"],
  ram: ["Resource Access Manager"],
  rds: ["RDS"],
  redshift: ["Redshift", "redshiftv2/home"],
  route53: ["Route 53", "route53/v2/home", "global"],
  s3: ["S3"],
  sagemaker: ["SageMaker AI"],
  secretsmanager: ["Secrets Manager"],
  securityhub: ["Security Hub"],
  servicecatalog: ["Service Catalog"],
  servicequotas: ["Service Quotas"],
  ses: ["Simple Email Service"],
  sns: ["Simple Notification Service", "sns/v3/home"],
  sqs: ["Simple Queue Service", "sqs/v3/home"],
  ssm: ["Systems Manager", "systems-manager/home"],
  sso: ["IAM Identity Center", "singlesignon/home"],
  stepfunctions: ["Step Functions", "states/home"],
  support: ["Support Center", "support/home", "global"],
  transfer: ["Transfer Family"],
  trustedadvisor: ["Trusted Advisor", "trustedadvisor/home", "global"],
  vpc: ["VPC"],
  waf: ["WAF and Shield", "wafv2/homev2", "global"],
  workspaces: ["WorkSpaces", "workspaces/v2/home"],
  xray: ["X-Ray"],
};

export const consoleServices: ReadonlyMap<string, { title: string; path: string; isGlobal: boolean }> = new Map(
  Object.entries(services).map(([name, [title, path = `${name}/home`, scope]]) => [
    name,
    { title, path, isGlobal: scope !== undefined },
  ]),
);

/** The page of a service: its path, with the region that it shows if one is known. Undefined for text that is not a service's name. */
export function servicePage(name: string, region: string | undefined): { path: string; isGlobal: boolean } | undefined {
  const service = consoleServices.get(name);
  if (!service) return undefined;
  const { path, isGlobal } = service;
  const [page, fragment] = path.split("#");
  const query = isGlobal || region === undefined ? "" : `?region=${region}`;
  return { path: `${page}${query}${fragment === undefined ? "" : `#${fragment}`}`, isGlobal };
}
